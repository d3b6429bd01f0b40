"""Small changes of a wall's state that everything else is made of. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from svodka.director.plan import Wall
from svodka.director.state import State, TimedNumber, TimedText

_TIMED = ("pointed", "message", "dim", "theme", "vision")


def put(state: State, **changes: Any) -> State:  # noqa: ANN401 - any field
    """Return a state with some fields changed."""
    return msgspec.structs.replace(state, **changes)


def elapse(state: State, ms: int) -> State:
    """Let time pass in which nothing ends: what is seen, the hold and what ends by itself lose of their time."""
    changes: dict[str, Any] = {
        "at": state.at + timedelta(milliseconds=ms),
        "shown_ms": state.shown_ms + ms,
        "undo_ms": max(0, state.undo_ms - ms),
    }
    for name in _TIMED:
        timed: TimedText | TimedNumber | None = getattr(state, name)
        if timed is not None:
            changes[name] = msgspec.structs.replace(timed, left_ms=timed.left_ms - ms)
    return put(_spend_hold(_spend_top(state, ms), ms), **changes)


def left_of_top(state: State) -> int:
    """Return what is left of what is seen."""
    return state.left_ms if state.top is None else state.top.left_ms


def timers(state: State) -> list[int]:
    """Return what is left of everything that runs besides what is seen; what cannot be undone any more counts too."""
    timed = [getattr(state, name) for name in _TIMED]
    lefts = [each.left_ms for each in (*timed, state.hold) if each is not None]
    return lefts if state.before is None else [*lefts, state.undo_ms]


def drop_ended(state: State) -> State:
    """Take away what has ended and lies beside the layers."""
    ended = [name for name in _TIMED if (each := getattr(state, name)) is not None and each.left_ms <= 0]
    changes: dict[str, Any] = dict.fromkeys(ended)
    if state.before is not None and state.undo_ms <= 0:
        changes["before"] = None
    return put(state, **changes) if changes else state


def settle(before: State, after: State, wall: Wall) -> State:
    """Return `after` as a new picture, where it shows something else than `before`: it stays the minimum dwell."""
    if before.shown == after.shown:
        return after
    after = put(after, rev=before.rev + 1, since=after.at, shown_ms=0, pointed=None, zoom=None)
    return with_top_left(after, max(left_of_top(after), wall.dwell_ms))


def with_top_left(state: State, left_ms: int) -> State:
    """Return a state whose seen layer has so much left."""
    top = state.top
    if top is None:
        return put(state, left_ms=left_ms)
    changed = msgspec.structs.replace(top, left_ms=left_ms)
    if top is state.takeover:
        return put(state, takeover=changed)
    return put(state, hold=changed) if top is state.hold else put(state, chosen=changed)


def _spend_top(state: State, ms: int) -> State:
    if state.top is not None and state.top is state.hold:
        return state  # it always runs: see `_spend_hold`
    return with_top_left(state, left_of_top(state) - ms)


def _spend_hold(state: State, ms: int) -> State:
    if state.hold is None:
        return state
    return put(state, hold=msgspec.structs.replace(state.hold, left_ms=state.hold.left_ms - ms))
