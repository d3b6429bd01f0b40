"""Where a wall stands: layers over the playlist, each with the time it has left. Pure.

Nothing but `at` is an instant: a wall that nobody advanced for a while, a clock that was set back, and an undone
command need no arithmetic of their own. Times are milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from svodka.director.facts import OpenIncident

Screens = tuple[str, ...]  # a scene reference for each screen
Vision = Literal["normal", "low"]


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of which moment the wall shows what it shows, where that is not the present one.

    Attributes:
        kind: `still` and `briefing` name a stored moment by `id`; `archive` computes the state at `at`.
        page: Page of a briefing, from 1.
        basis: As it was seen then, or as it is known now.
        speed: How fast an archive plays, 0 standing; counted from `since`.
    """

    kind: Literal["live", "still", "archive", "briefing"]
    id: str | None = None
    page: int | None = None
    at: datetime | None = None
    basis: Literal["seen", "is"] | None = None
    speed: float | None = None
    since: datetime | None = None
    is_exercise: bool | None = None


LIVE = Origin(kind="live")


class _Layer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what lies over the playlist."""

    screens: Screens
    left_ms: int


class Chosen(_Layer, frozen=True):
    """What somebody chose, for a while."""


class Hold(_Layer, frozen=True):
    """What stays until its time runs out or somebody lets go."""

    origin: Origin = LIVE


class Takeover(_Layer, frozen=True):
    """What an incident brought up."""

    incident: OpenIncident
    breaks_hold: bool


class TimedText(msgspec.Struct, frozen=True, kw_only=True):
    """A text that ends by itself."""

    text: str
    left_ms: int


class TimedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number that ends by itself."""

    value: int
    left_ms: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where a wall stands.

    Attributes:
        at: Until when this is worked out, aware.
        rev: Counts what was shown and commanded.
        commanded_rev: `rev` after the last command.
        commanded_by: Whose it was: id of an access link.
        own_from_rev: `rev` before the first of that person's commands between which nothing else came.
        playlist, item, sub: Where the playlist is: its step (-1: none could be shown) and which of its scenes.
        steps: What the present step became.
        left_ms: What is left of the scene of the playlist; stands still while a layer lies over it.
        shown_ms: For how long the glass has shown what it shows.
        since: Since when.
        waiting: Incidents that will take over when they may, the gravest first.
        announced: Open incidents that have had, or needed, no takeover: id to the gravest rank so far.
        pointed: Kind of panel that is pointed at.
        zoom: Slug of the area that the map shows.
        dim, theme, vision: What somebody wants instead of the plan.
        before: Where the wall stood before the last command; None when that can no longer be undone.
        changed: What that command changed: undoing it leaves everything else as it is.
        undo_ms: How long it can be undone.
    """

    at: datetime
    rev: int
    commanded_rev: int
    commanded_by: str = ""
    own_from_rev: int = 0
    playlist: str
    item: int
    sub: int
    steps: tuple[Screens, ...]
    left_ms: int
    shown_ms: int
    since: datetime
    chosen: Chosen | None = None
    takeover: Takeover | None = None
    hold: Hold | None = None
    waiting: tuple[OpenIncident, ...] = ()
    announced: dict[str, int] = {}
    pointed: TimedText | None = None
    zoom: str | None = None
    message: TimedText | None = None
    dim: TimedNumber | None = None
    theme: TimedText | None = None
    vision: TimedText | None = None
    before: State | None = None
    changed: tuple[str, ...] = ()
    undo_ms: int = 0

    @property
    def top(self) -> Takeover | Hold | Chosen | None:
        """The layer that is seen; None: the playlist is."""
        if self.takeover is not None and (self.hold is None or self.takeover.breaks_hold):
            return self.takeover
        return self.hold or self.chosen

    @property
    def shown(self) -> tuple[Screens, Origin]:
        """What the glass shows."""
        top = self.top
        if top is None:
            return self.steps[self.sub], LIVE
        return top.screens, top.origin if isinstance(top, Hold) else LIVE
