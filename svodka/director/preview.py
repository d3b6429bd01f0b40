"""Looking ahead: what the same machine will show, if nothing happens and nobody does anything. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from svodka.director.facts import Facts
from svodka.director.machine import Machine
from svodka.director.state import Screens, State

_AT_LEAST = timedelta(milliseconds=1)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a wall shows from an instant to another, and the playlist it belongs to."""

    from_at: datetime
    to_at: datetime
    screens: Screens
    playlist: str


def look_ahead(machine: Machine, state: State, facts: Facts, span: timedelta) -> Iterator[Shown]:
    """Yield what a wall shows in [state.at, state.at + span), in its order.

    Args:
        machine: Of the wall.
        state: Brought to the present.
        facts: Taken as they are for the whole span: open incidents stay open, none comes.
        span: How far.

    Yields:
        Each picture once, however often its time was renewed.
    """
    end = state.at + span
    from_at = state.at
    while state.at < end:
        following = machine.advance(state, min(end, max(machine.next_due(state), state.at + _AT_LEAST)), facts)
        if following.shown != state.shown or following.playlist != state.playlist or following.at >= end:
            yield Shown(from_at=from_at, to_at=following.at, screens=state.shown[0], playlist=state.playlist)
            from_at = following.at
        state = following
