"""What a wall is told of itself: the value `stage`, made of its state and its plan. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from svodka.director.care import shift_at
from svodka.director.facts import Facts
from svodka.director.layers import left_of_top
from svodka.director.machine import Machine
from svodka.director.plan import Theme
from svodka.director.state import Chosen, Hold, Origin, State, Takeover, Vision

Why = Literal["playlist", "chosen", "takeover", "held"]


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stem `stage`: what stands on one wall.

    Attributes:
        wall: Its id.
        rev: Counts what was shown and commanded; a command names the one that the person saw.
        screens: Scene reference by number of the screen, from "1".
        since: Since when.
        until: When it ends by itself; None: a wall of one scene.
        next: What follows then.
        why: What decides: `held` also for a moment that is not the present one.
        held: Whether somebody holds the wall; it may lie under a takeover.
        held_until: When that ends by itself.
        taken_by: Id of the incident that took the wall over.
        waiting_n: Incidents that will take over when they may.
        playlist: Id of the playlist that plays, or is interrupted.
        can_undo: Whether the last command can be taken back.
        pointed: Kind of panel that is pointed at.
        zoom: Slug of the area that the map shows.
        dim: Percent, 0..80.
        message: A line of text for those in the room.
        vision: `low`: larger and plainer.
        mirrored: Whether columns go from right to left.
        shift: Offset of the picture in pixels of the scene (see `svodka.director.care`).
        origin: Of which moment it is.
    """

    wall: str
    rev: int
    screens: dict[str, str]
    since: datetime
    until: datetime | None
    next: dict[str, str] | None
    why: Why
    held: bool
    held_until: datetime | None
    taken_by: int | None
    waiting_n: int
    playlist: str
    can_undo: bool
    pointed: str | None
    zoom: str | None
    dim: int
    message: str
    theme: Theme
    vision: Vision
    mirrored: bool
    shift: tuple[int, int]
    origin: Origin


def make_stage(machine: Machine, state: State, facts: Facts) -> Stage:
    """Return what a wall is told at the instant of its state.

    Args:
        machine: Of the wall.
        state: Brought to the present.
        facts: What follows depends on conditions as they are now.
    """
    plan, wall, at = machine.plan, machine.wall, state.at
    screens, origin = state.shown
    following = machine.end_top(state, facts).shown[0]
    goes_on = following != screens or state.top is not None
    return Stage(
        wall=wall.id,
        rev=state.rev,
        screens=_by_number(screens),
        since=state.since,
        until=at + timedelta(milliseconds=left_of_top(state)) if goes_on else None,
        next=_by_number(following) if goes_on else None,
        why=_why(state),
        held=state.hold is not None,
        held_until=None if state.hold is None else at + timedelta(milliseconds=state.hold.left_ms),
        taken_by=state.takeover.incident.id if state.takeover is not None and state.top is state.takeover else None,
        waiting_n=len(state.waiting),
        playlist=state.playlist,
        can_undo=state.before is not None,
        pointed=state.pointed.text if state.pointed else None,
        zoom=state.zoom,
        dim=state.dim.value if state.dim else plan.dim_at(wall, at),
        message=state.message.text if state.message else "",
        theme=plan.theme_at(wall, at) if state.theme is None else msgspec.convert(state.theme.text, Theme),
        vision="normal" if state.vision is None else "low",
        mirrored=plan.is_mirrored(wall, at),
        shift=shift_at(at) if wall.is_shifted else (0, 0),
        origin=origin,
    )


def nothing_yet(wall: str, now: datetime) -> Stage:
    """Return what a wall is told that nobody has brought forward yet: no screens, all else as without a director."""
    return Stage(
        wall=wall,
        rev=0,
        screens={},
        since=now,
        until=None,
        next=None,
        why="playlist",
        held=False,
        held_until=None,
        taken_by=None,
        waiting_n=0,
        playlist="",
        can_undo=False,
        pointed=None,
        zoom=None,
        dim=0,
        message="",
        theme="dark",
        vision="normal",
        mirrored=False,
        shift=(0, 0),
        origin=Origin(kind="live"),
    )


def _by_number(screens: tuple[str, ...]) -> dict[str, str]:
    return {str(number): scene for number, scene in enumerate(screens, start=1)}


def _why(state: State) -> Why:
    match state.top:
        case Takeover():
            return "takeover"
        case Hold():
            return "held"
        case Chosen():
            return "chosen"
        case _:
            return "playlist"
