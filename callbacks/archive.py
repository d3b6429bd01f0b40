"""Callbacks of the page «Машина времени». Where it stands is in the browser's own state; playing is counted from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import dash
import msgspec
from dash import ALL, Input, Output, State, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.operating import Desk
from callbacks.past import read_instant
from layouts.pages import archive as page
from svodka.director.commands import Answer, Resume, Show
from svodka.director.state import Origin
from svodka.domain.hours import day_start, local_day
from svodka.domain.local_time import read_local_time
from svodka.past.archive import Basis, find_first_at
from svodka.profiles.model import Profile
from svodka.storage.database import Database
from svodka.storage.queries.past import DayIncident, load_day_incidents
from svodka.storage.source_states import load_first_at

_BEGIN_BACK = timedelta(hours=1)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_EVENTS_N = 60
_HELD_S = 3600


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the page stands.

    Attributes:
        at: The instant, or while it plays the one at `since`.
        since: Since when it plays, by the product's clock; None: it stands.
    """

    at: datetime
    basis: Basis = Basis.SEEN
    scene: str = ""
    speed: int = 60
    since: datetime | None = None
    is_exercise: bool = False

    def now(self, present: datetime) -> datetime:
        """Return the instant that is shown at the present one."""
        if self.since is None:
            return self.at
        return min(self.at + max(present - self.since, timedelta()) * self.speed, present)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the day around an instant.

    Attributes:
        first_at: Since when there is an archive; None: there is none.
        sources_at: Since when it is known how sources stood.
        incidents: What began on it.
    """

    first_at: datetime | None
    sources_at: datetime | None
    incidents: list[DayIncident]


def load_day(database: Database, profile: Profile, basis: Basis, from_at: datetime) -> Day:
    """Return what is known of a day that begins at an instant.

    Raises:
        StorageUnavailableError: The database does not answer.
    """
    with database.read() as connection:
        return Day(
            first_at=find_first_at(connection, profile, basis),
            sources_at=load_first_at(connection),
            incidents=load_day_incidents(connection, from_at, from_at + _DAY, _EVENTS_N),
        )


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    Machine(desk).wire(app)


class Machine:
    """The callbacks of the page.

    Args:
        desk: Who asks, and the walls.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._word, self._zone = desk, desk.words.word, desk.profile.zone

    def wire(self, app: dash.Dash) -> None:
        """Register them."""
        app.callback(
            Output(page.SCENE, "options"),
            Output(page.SCENE, "value"),
            Output(page.WALL, "options"),
            Output(page.WALL, "value"),
            Input(page.WALL, "id"),
        )(self.offer)
        app.callback(
            Output(page.STATE, "data"),
            Output(page.SAID, "children"),
            Output(page.FIELD, "value"),
            Output(page.SLIDER, "value"),
            Input(page.PLAY, "n_clicks"),
            Input(page.PRESENT, "n_clicks"),
            Input(page.GO, "n_clicks"),
            Input(page.FIELD, "n_submit"),
            Input(page.SLIDER, "value"),
            Input(page.BASIS, "value"),
            Input(page.SCENE, "value"),
            Input(page.SPEED, "value"),
            Input(page.EXERCISE, "value"),
            Input({"type": page.STEP, "minutes": ALL}, "n_clicks"),
            Input({"type": page.MARK, "at": ALL}, "n_clicks"),
            State(page.FIELD, "value"),
            State(page.STATE, "data"),
        )(self.move)
        app.callback(
            Output(page.FRAME, "src"),
            Output(page.PLAY, "children"),
            Output(page.PLAY, "aria-pressed"),
            Output(page.TICK, "disabled"),
            Output(page.STRIP, "children"),
            Output(page.EVENTS, "children"),
            Output(page.DAY, "children"),
            Output(page.NOTE, "children"),
            Output(page.CLOCK, "children"),
            Output(page.CURSOR, "style"),
            Input(page.STATE, "data"),
            prevent_initial_call=True,
        )(self.show)
        app.callback(
            Output(page.CLOCK, "children", allow_duplicate=True),
            Output(page.CURSOR, "style", allow_duplicate=True),
            Input(page.TICK, "n_intervals"),
            State(page.STATE, "data"),
            prevent_initial_call=True,
        )(self.tick)
        app.callback(
            Output(page.SHOWN, "children"),
            Input(page.SHOW, "n_clicks"),
            Input(page.BACK, "n_clicks"),
            State(page.WALL, "value"),
            State(page.STATE, "data"),
            prevent_initial_call=True,
        )(self.direct)

    def offer(self, _id: object) -> tuple[Any, ...]:
        """Offer the scenes and walls that there are."""
        scenes = [{"value": ref, "label": title} for ref, title in self._scene_titles()]
        is_english = self._desk.words.language == "en"
        plans = self._desk.director.plan.walls.values()
        walls = [{"value": wall.id, "label": wall.name_en if is_english else wall.name} for wall in plans]
        return scenes, scenes[0]["value"] if scenes else None, walls, walls[0]["value"] if walls else None

    def move(self, *words: Any) -> tuple[Any, ...]:  # noqa: ANN401 - what Dash sends
        """Find the instant and the way it is shown from what a person did."""
        *_, basis, scene, speed, exercise, _steps, _marks, typed, told = words
        slider = words[4]
        present = self._desk.clock.now()
        place = read_place(told, present)
        here = place.now(present)
        at, said = self._find(here, present, slider, typed)
        if at is None and said is None:
            raise PreventUpdate
        is_playing = place.since is not None
        if ctx.triggered_id == page.PLAY:
            is_playing = not is_playing
        elif at is not None and at >= present - _MINUTE:
            is_playing = False
        moved = at if at is not None else here
        basis = Basis(basis) if basis in set(Basis) else Basis.SEEN
        day = self._desk.ask(load_day, self._desk.profile, basis, self._day_at(moved))
        if day.first_at is not None and moved < day.first_at:
            moved = day.first_at.replace(microsecond=0) + timedelta(seconds=1)  # browsers know milliseconds
            said = self._too_early(basis, moved) if told is not None else ""
        place = Place(
            at=moved,
            basis=basis,
            scene=scene if isinstance(scene, str) else "",
            speed=int(speed) if str(speed) in {str(each) for each in page.SPEEDS} else page.SPEEDS[0],
            since=present if is_playing else None,
            is_exercise="exercise" in (exercise or []),
        )
        return msgspec.to_builtins(place), said or "", self._text(moved), self._minute_of(moved)

    def _too_early(self, basis: Basis, since: datetime) -> str:
        """Say when the archive begins, and where the other basis goes further back that it does."""
        word = "past.refused.before"
        if basis is Basis.SEEN:
            other = self._desk.ask(load_day, self._desk.profile, Basis.IS, self._day_at(since))
            if other.first_at is not None and other.first_at < since - _MINUTE:
                word = "archive.before_seen"
        return self._word(word).format(since=self._text(since))

    def show(self, told: object) -> tuple[Any, ...]:
        """Show where the page stands."""
        present = self._desk.clock.now()
        place = read_place(told, present)
        from_at = self._day_at(place.at)
        day = self._desk.ask(load_day, self._desk.profile, place.basis, from_at)
        is_unknown = place.basis is Basis.SEEN and (day.sources_at is None or place.at < day.sources_at)
        since = self._text(day.sources_at) if day.sources_at is not None else "—"
        return (
            frame_address(place, self._desk.clock.rate),
            self._word("archive.play" if place.since is None else "archive.pause"),
            "false" if place.since is None else "true",
            place.since is None,
            [self._bar(one, from_at, min(present, from_at + _DAY)) for one in day.incidents],
            [self._event(one) for one in day.incidents] or html.P(self._word("archive.calm"), className="desk-quiet"),
            self._word("archive.events_of").format(day=f"{from_at.astimezone(self._zone):%d.%m.%Y}"),
            self._word("archive.sources_unknown").format(since=since) if is_unknown else "",
            self._clock(place.now(present)),
            self._cursor(place.now(present)),
        )

    def tick(self, _n: object, told: object) -> tuple[Any, ...]:
        """Go on with what plays."""
        present = self._desk.clock.now()
        at = read_place(told, present).now(present)
        return self._clock(at), self._cursor(at)

    def direct(self, _show: object, _back: object, wall: object, told: object) -> str:
        """Have a wall show what the page shows, or what it showed before."""
        present = self._desk.clock.now()
        place = read_place(told, present)
        if not isinstance(wall, str):
            raise PreventUpdate
        if ctx.triggered_id == page.BACK:
            answer = self._desk.direct(wall, Resume(), None)
        else:
            origin = Origin(
                kind="archive",
                at=place.now(present),
                basis=place.basis.value,
                speed=float(place.speed) if place.since is not None else 0.0,
                since=present,
                is_exercise=place.is_exercise,
            )
            scenes = (place.scene,) if place.scene else ()
            answer = self._desk.direct(wall, Show(origin=origin, for_s=_HELD_S, scenes=scenes), None)
        done = "archive.back_done" if ctx.triggered_id == page.BACK else "archive.shown"
        key = done if answer is Answer.DONE else "archive.not_shown"
        return f"{self._desk.time_text()} {self._word(key)}"

    def _find(
        self, here: datetime, present: datetime, slider: object, typed: object
    ) -> tuple[datetime | None, str | None]:
        """Return the instant that was asked for, None where it stays; and what is to be said of it."""
        trigger: Any = ctx.triggered_id
        wanted: datetime | None = here
        if isinstance(trigger, dict):
            if not ctx.triggered[0]["value"]:  # buttons that were drawn anew
                return None, None
            marked = read_instant(trigger["at"]) if trigger["type"] == page.MARK else None
            wanted = marked or here + trigger.get("minutes", 0) * _MINUTE
        elif trigger == page.SLIDER:
            wanted = self._day_at(here) + (slider if isinstance(slider, int) else 0) * _MINUTE
        elif trigger == page.PRESENT:
            wanted = present
        elif trigger in {page.GO, page.FIELD}:
            wanted = read_local_time(typed if isinstance(typed, str) else "", self._zone, present)
        if wanted is None:
            return here, self._word("archive.unreadable")
        return (wanted, "") if wanted <= present else (present, self._word("past.refused.future"))

    def _scene_titles(self) -> Iterator[tuple[str, str]]:
        """Give reference and title of everything that can be shown, the first scene first."""
        book = self._desk.scenes
        profile = self._desk.profile
        names = {area.id: area.short_name for area in profile.areas}
        names |= {sector.id: sector.short_name for sector in profile.sectors}
        for scene in sorted(book.scenes.values(), key=lambda scene: scene.id != book.first):
            title = (scene.title_en or scene.title) if self._desk.words.language == "en" else scene.title
            if scene.takes is None:
                yield scene.id, title
            for argument in book.arguments(scene):
                yield f"{scene.id}:{argument}", f"{title} · {names.get(argument, argument)}"

    def _bar(self, one: DayIncident, from_at: datetime, upto: datetime) -> Component:
        left = (one.started_at - from_at) / _DAY * 100
        ended_at = min(one.closed_at or upto, upto)
        width = max(0.4, min(100 - left, (ended_at - one.started_at) / _DAY * 100))
        style = {"left": f"{left:.2f}%", "width": f"{width:.2f}%"}
        return html.Div(className=f"archive-bar archive-bar--{self._tone(one)}", style=style)

    def _event(self, one: DayIncident) -> Component:
        names = {kind.id: kind.name for kind in self._desk.profile.incident_kinds}
        areas = {area.id: area.short_name for area in self._desk.profile.areas}
        levels = {level.id: level.short_name for level in self._desk.profile.levels}
        where = areas.get(one.area or "", self._word("reason.area.unknown"))
        text = f"{names.get(one.kind, one.kind)} · {where} · {levels.get(one.level, one.level)}"
        return html.Button(
            [html.Span(f"{one.started_at.astimezone(self._zone):%H:%M}", className="archive-at"), html.Span(text)],
            id={"type": page.MARK, "at": one.started_at.isoformat()},
            type="button",
            className="archive-event",
        )

    def _tone(self, one: DayIncident) -> str:
        return next((level.tone for level in self._desk.profile.levels if level.id == one.level), "info")

    def _day_at(self, at: datetime) -> datetime:
        return day_start(local_day(at, self._zone), self._zone)

    def _minute_of(self, at: datetime) -> int:
        return min(page.DAY_MIN - 1, (at - self._day_at(at)) // _MINUTE)

    def _text(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d.%m.%Y %H:%M}"

    def _cursor(self, at: datetime) -> dict[str, str]:
        return {"left": f"{(at - self._day_at(at)) / _DAY * 100:.2f}%"}

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d.%m.%Y %H:%M:%S}"


def read_place(told: object, present: datetime) -> Place:
    """Return where a page stands by what its browser kept; where that is nothing, an hour ago."""
    begin = Place(at=(present - _BEGIN_BACK).replace(second=0, microsecond=0))
    try:
        place = msgspec.convert(told, Place)
    except msgspec.ValidationError:
        return begin
    return place if place.at.tzinfo is not None else begin


def frame_address(place: Place, rate: float) -> str:
    """Return the address of the wall's page that shows what a page stands at; `rate` is that of the product's clock."""
    words = {"scene": place.scene, "at": place.at.isoformat(), "basis": place.basis.value}
    if place.is_exercise:
        words["exercise"] = "1"
    if place.since is not None:
        words["speed"] = f"{place.speed * rate:g}"
    return f"/wall?{urlencode(words)}"
