"""What the page «Пульт» says of a wall: names of scenes and panels, times, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from callbacks.operating import Desk
from layouts.controller import ids
from layouts.controller.parts import Ahead, Band, Choice, Now, ScreenNow
from svodka.director.plan import Wall
from svodka.director.preview import Shown
from svodka.director.stage import Stage
from svodka.scenes.model import Scene, parse_ref

LOOK_AHEAD = timedelta(hours=24)
_SOON = timedelta(minutes=5)
_TICK_H = 3
_PICTURES_N = 5
_MINUTE_S = 60


class WallWords:
    """Words for one answer of the page.

    Args:
        desk: The language, the region and its scenes.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._word = desk.words.word
        self._is_english = desk.words.language == "en"
        self._names = {sector.id: sector.short_name for sector in desk.profile.sectors}
        self._names |= {area.id: area.short_name for area in desk.profile.areas}

    def wall(self, wall: Wall) -> str:
        """Return a wall's name."""
        return wall.name_en if self._is_english else wall.name

    def screens(self, n: int) -> list[dict[str, str]]:
        """Return the choice of screens."""
        every = {"label": self._word("controller.all_screens"), "value": ""}
        return [every, *({"label": self._screen(str(number)), "value": str(number)} for number in range(1, n + 1))]

    def scene(self, reference: str) -> str:
        """Return the title of a scene, with what it is of."""
        ref = parse_ref(reference)
        scene = self._desk.scenes.scenes.get(ref.scene) if ref is not None else None
        if ref is None or scene is None:
            return reference
        title = self._title(scene)
        return title if ref.argument is None else f"{title} · {self._names.get(ref.argument, ref.argument)}"

    def now(self, stage: Stage, taker: tuple[str, str, str | None] | None) -> Now:
        """Return what a wall shows; `taker`: level, kind and area of the incident that has taken it over."""
        screens = stage.screens.items()
        is_one = len(stage.screens) == 1
        return Now(
            screens=tuple(
                ScreenNow(number="" if is_one else self._screen(number), title=self.scene(reference))
                for number, reference in screens
            ),
            why=self._why(stage, taker),
            until=self._until(stage),
            moment=self._moment(stage),
            notes=tuple(self._notes(stage)),
        )

    def alert(self, stage: Stage) -> str:
        """Return what asks for a decision: a hold that ends soon, incidents that wait for its end."""
        said = []
        if stage.held_until is not None and stage.held_until - self._desk.clock.now() <= _SOON:
            said.append(self._word("controller.hold_ends").format(time=self._time(stage.held_until)))
        if stage.waiting_n:
            said.append(self._word("controller.waiting").format(n=stage.waiting_n))
        return " ".join(said)

    def scenes(self, stage: Stage | None) -> dict[str, list[Choice]]:
        """Return the scenes that can be chosen, by what they take ("", `sector`, `area`)."""
        shown = set() if stage is None else {reference.partition(":")[0] for reference in stage.screens.values()}
        found: dict[str, list[Choice]] = {"": [], "sector": [], "area": []}
        book = self._desk.scenes
        for scene in sorted(book.scenes.values(), key=lambda scene: scene.id != book.first):
            choice = Choice(
                id=scene.id + (ids.OF_ARGUMENT if scene.takes else ""),
                title=self._title(scene),
                is_on=scene.id in shown,
            )
            found[scene.takes or ""].append(choice)
        return found

    def panels(self, stage: Stage | None) -> list[Choice]:
        """Return the kinds of panel on the wall now; the one that is pointed at points at nothing."""
        if stage is None:
            return []
        references = [parse_ref(reference) for reference in stage.screens.values()]
        scenes = [self._desk.scenes.scenes.get(ref.scene) for ref in references if ref is not None]
        kinds = dict.fromkeys(panel.kind for scene in scenes if scene is not None for panel in scene.panels)
        found = [
            Choice(id=kind, title=self._word(f"panel.{kind}.title"), is_on=stage.pointed == kind) for kind in kinds
        ]
        return [*found, Choice(id="", title=self._word("controller.point_none"), is_on=False)] if found else []

    def ahead(self, wall: str, shown: Sequence[Shown]) -> Ahead:
        """Return the next hours."""
        start = shown[0].from_at
        playlists = self._desk.director.plan.playlists
        bands = []
        for playlist, group in groupby(shown, key=lambda each: each.playlist):
            each = list(group)
            name = playlists[playlist].name_en if self._is_english else playlists[playlist].name
            bands.append(
                Band(
                    title=name,
                    from_share=(each[0].from_at - start) / LOOK_AHEAD,
                    to_share=(each[-1].to_at - start) / LOOK_AHEAD,
                )
            )
        pictures = [(self._time(each.from_at), self._titles(each.screens)) for each in shown[1 : 1 + _PICTURES_N]]
        label = "; ".join(f"{self._time(start + band.from_share * LOOK_AHEAD)} {band.title}" for band in bands)
        name = self.wall(self._desk.director.plan.walls[wall])
        return Ahead(bands=tuple(bands), hours=self._hours(start), pictures=tuple(pictures), label=f"{name}: {label}")

    def _hours(self, start: datetime) -> tuple[tuple[str, float], ...]:
        local = start.astimezone(self._desk.profile.zone)
        first = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        ticks = [first + timedelta(hours=number) for number in range(24)]
        return tuple((f"{tick:%H}", (tick - local) / LOOK_AHEAD) for tick in ticks if tick.hour % _TICK_H == 0)

    def _why(self, stage: Stage, taker: tuple[str, str, str | None] | None) -> str:
        playlists = self._desk.director.plan.playlists
        known = playlists.get(stage.playlist)
        name = "" if known is None else known.name_en if self._is_english else known.name
        return self._word(f"controller.why.{stage.why}").format(playlist=name, incident=self._incident(taker))

    def _incident(self, taker: tuple[str, str, str | None] | None) -> str:
        if taker is None:
            return ""
        levels = {level.id: level.short_name for level in self._desk.profile.levels}
        kinds = {kind.id: kind.short_name for kind in self._desk.profile.incident_kinds}
        level, kind, area = taker
        place = self._names.get(area or "", self._word("incidents.no_area"))
        return f"{levels.get(level, level)}, {kinds.get(kind, kind)}, {place}"

    def _until(self, stage: Stage) -> str:
        if stage.until is None or stage.next is None:
            return self._word("controller.forever")
        left_s = max(0, round((stage.until - self._desk.clock.now()).total_seconds()))
        left = f"{left_s // _MINUTE_S}:{left_s % _MINUTE_S:02}"
        following = self._titles(tuple(stage.next.values()))
        return self._word("controller.until").format(time=self._time(stage.until), left=left, next=following)

    def _moment(self, stage: Stage) -> str:
        origin = stage.origin
        if origin.kind == "live":
            return ""
        at = "" if origin.at is None else f"{origin.at.astimezone(self._desk.profile.zone):%d.%m.%Y %H:%M}"
        page = "" if origin.page is None else str(origin.page)
        return self._word(f"controller.moment.{origin.kind}").format(what=" ".join(filter(None, (at, page)))) + " "

    def _notes(self, stage: Stage) -> list[str]:
        notes = []
        if stage.message:
            notes.append(self._word("controller.note.message").format(text=stage.message))
        if stage.zoom:
            notes.append(self._word("controller.note.zoom").format(area=self._names.get(stage.zoom, stage.zoom)))
        if stage.pointed:
            notes.append(self._word("controller.note.point").format(panel=self._word(f"panel.{stage.pointed}.title")))
        if stage.dim:
            notes.append(self._word("controller.note.dim").format(percent=stage.dim))
        if stage.mirrored:
            notes.append(self._word("controller.note.mirrored"))
        return notes

    def _title(self, scene: Scene) -> str:
        return (scene.title_en or scene.title) if self._is_english else scene.title

    def _titles(self, screens: tuple[str, ...]) -> str:
        return ", ".join(dict.fromkeys(self.scene(reference) for reference in screens))

    def _screen(self, number: str) -> str:
        return self._word("controller.screen").format(n=number)

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self._desk.profile.zone):%H:%M:%S}"
