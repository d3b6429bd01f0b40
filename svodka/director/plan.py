"""The plan of the walls as `walls.toml` says it: playlists, when which of them plays, and what interrupts them. Pure.

Lengths of time are milliseconds of the product's clock, times of day minutes since local midnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

DAY_MIN = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_KINDS = (*WEEKDAYS, "workday", "day-off")
Theme = Literal["dark", "light", "night"]
_SATURDAY = 5
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
T = TypeVar("T")


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything in a plan."""


class When(_Part, frozen=True):
    """A condition; every part that is given must hold.

    Attributes:
        rank: An incident of this rank or graver (1 is the gravest) is open.
        overdue_above: More appeals than this are open after their term.
        source_silent: A source is stale or dead.
    """

    rank: int | None = None
    overdue_above: int | None = None
    source_silent: bool = False


class Step(_Part, frozen=True):
    """A line of a playlist: a scene for each screen, the last one for all further screens.

    A scene is a reference (`overview`, `sector:housing`); `sector:*` is each sector in turn, `area:worst-3` the three
    areas with the most overdue appeals. `length_ms` is of each scene that it becomes.
    """

    scenes: tuple[str, ...]
    length_ms: int
    when: When = When()


class Playlist(_Part, frozen=True):
    """Steps that follow one another, without end."""

    id: str
    name: str
    name_en: str
    steps: tuple[Step, ...]


class Span(_Part, frozen=True):
    """A span of the day, on some days. One that ends before it begins goes past midnight and belongs to its evening.

    `days` empty: on every day. `from_min` equal to `to_min`: the whole day.
    """

    from_min: int = 0
    to_min: int = 0
    days: tuple[str, ...] = ()


class Rule(_Part, frozen=True):
    """Which playlist plays in a span."""

    span: Span
    playlist: str


class Dimming(_Part, frozen=True):
    """By how much the wall is dimmed in a span, percent."""

    span: Span
    percent: int


class Colouring(_Part, frozen=True):
    """The theme of a span."""

    span: Span
    theme: Theme


class Takeover(_Part, frozen=True):
    """What an incident of `rank` or graver does to the wall.

    Attributes:
        scene: What is shown; `area:*` is the incident's area.
        screens: On which screens, from 1; empty: on all.
        length_ms: For how long; ends sooner when the incident does, never before the minimum dwell.
        breaks_hold: Whether it interrupts a wall that is held or shows something that is not live.
        begun_within: An incident that was already older than this when we first heard of it takes nothing over.
    """

    rank: int
    scene: str
    screens: tuple[int, ...]
    length_ms: int
    breaks_hold: bool
    begun_within: timedelta


class Wall(_Part, frozen=True):
    """One wall.

    Attributes:
        screens_n: How many screens it has; they switch together.
        home: What is shown where nothing else can be.
        dwell_ms: For how long a scene stays at least, but for a takeover or a person.
        chosen_ms: For how long a scene that somebody chose stays.
        playlist: Plays where no rule does.
        rules: The first that matches decides.
        takeovers: The first whose rank reaches the incident decides.
        mirrored: When the layout is mirrored.
        is_shifted: Whether the picture moves once a minute (`svodka.director.care`).
    """

    id: str
    name: str
    name_en: str
    screens_n: int
    home: str
    dwell_ms: int
    chosen_ms: int
    playlist: str
    rules: tuple[Rule, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    mirrored: tuple[Span, ...] = ()
    dims: tuple[Dimming, ...] = ()
    themes: tuple[Colouring, ...] = ()
    is_shifted: bool = True

    def takeover_of(self, rank: int) -> Takeover | None:
        """Return what an incident of this rank does, None where it does nothing."""
        return next((takeover for takeover in self.takeovers if rank <= takeover.rank), None)


class Plan(_Part, frozen=True):
    """All walls of an installation.

    Attributes:
        holidays: Days off besides Saturdays and Sundays.
        working: Saturdays and Sundays that are working days.
        arguments: What `*` stands for, by what a scene takes (`sector`, `area`): slugs in the profile's order.
    """

    zone: ZoneInfo
    walls: dict[str, Wall]
    playlists: dict[str, Playlist]
    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()
    arguments: dict[str, tuple[str, ...]] = {}

    def playlist_at(self, wall: Wall, at: datetime) -> str:
        """Return the id of the playlist that the schedule wants at an instant (aware)."""
        return next((rule.playlist for rule in wall.rules if self._is_in(rule.span, at)), wall.playlist)

    def is_mirrored(self, wall: Wall, at: datetime) -> bool:
        """Return whether the layout is mirrored at an instant."""
        return any(self._is_in(span, at) for span in wall.mirrored)

    def dim_at(self, wall: Wall, at: datetime) -> int:
        """Return by how many percent the plan dims at an instant."""
        return next((dim.percent for dim in wall.dims if self._is_in(dim.span, at)), 0)

    def theme_at(self, wall: Wall, at: datetime) -> Theme:
        """Return the theme that the plan wants at an instant."""
        return next((each.theme for each in wall.themes if self._is_in(each.span, at)), "dark")

    def next_boundary(self, wall: Wall, at: datetime) -> datetime:
        """Return the next instant after `at` at which the plan may want something else, at most an hour ahead."""
        spans = [rule.span for rule in wall.rules] + list(wall.mirrored)
        spans += [dim.span for dim in wall.dims] + [each.span for each in wall.themes]
        today = at.astimezone(self.zone).date()
        found = at + _HOUR
        for minute in {0, *(edge for span in spans for edge in (span.from_min, span.to_min))}:
            for day in (today, today + _DAY):
                edge = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone).astimezone(UTC)
                if at < edge < found:
                    found = edge
        return found

    def _is_in(self, span: Span, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute, day = local.hour * 60 + local.minute, local.date()
        if span.from_min < span.to_min:
            return span.from_min <= minute < span.to_min and self._is_day(span.days, day)
        if minute >= span.from_min:
            return self._is_day(span.days, day)
        return minute < span.to_min and self._is_day(span.days, day - _DAY)

    def _is_day(self, kinds: Sequence[str], day: date) -> bool:
        if not kinds:
            return True
        is_off = day in self.holidays or (day.weekday() >= _SATURDAY and day not in self.working)
        return WEEKDAYS[day.weekday()] in kinds or ("day-off" if is_off else "workday") in kinds


def stretch(plan: Plan, rate: float) -> Plan:
    """Return a plan whose lengths of time fit a clock that runs `rate` times as fast: people watch in real seconds."""
    if rate <= 1:
        return plan

    def longer(ms: int) -> int:
        return round(ms * rate)

    replace = msgspec.structs.replace
    walls = {
        wall.id: replace(
            wall,
            dwell_ms=longer(wall.dwell_ms),
            chosen_ms=longer(wall.chosen_ms),
            takeovers=tuple(replace(each, length_ms=longer(each.length_ms)) for each in wall.takeovers),
        )
        for wall in plan.walls.values()
    }
    playlists = {
        playlist.id: replace(
            playlist, steps=tuple(replace(step, length_ms=longer(step.length_ms)) for step in playlist.steps)
        )
        for playlist in plan.playlists.values()
    }
    return replace(plan, walls=walls, playlists=playlists)


def references(plan: Plan) -> Iterable[tuple[str, str]]:
    """Yield where in the plan a scene is named, and its reference.

    Yields:
        A place as messages name it, and a reference, patterns included.
    """
    for playlist in plan.playlists.values():
        for number, step in enumerate(playlist.steps, start=1):
            for scene in step.scenes:
                yield f"playlist {playlist.id}: step {number}", scene
    for wall in plan.walls.values():
        yield f"wall {wall.id}: home", wall.home
        for takeover in wall.takeovers:
            yield f"wall {wall.id}: takeover", takeover.scene
