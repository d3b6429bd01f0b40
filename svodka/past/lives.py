"""How it was, as far as is known now: the life of a record from everything that was ever told of it. Pure.

Facts told at once say what is known; a life says when each of them began. Its rules (docs/time-machine.md):

- What and where a record is (received, topic, area, channel, term; kind, place) is what was said of it last: a
  correction corrects the past too.
- Versions follow each other in *spells*, open or over. The last word of a spell that is over says when it began (the
  answer, the end); an open one begins when it was first said to be so. Where spells contradict each other, what was
  learnt later holds from its beginning on.
- Between its receipt and the first thing told of it, a record was new.
- Everything is known when it begins: nothing is told as news of a later instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

import msgspec

from svodka.domain.records import AppealStatus, IncidentStatus
from svodka.storage.facts import StoredAppeal, StoredIncident

S = TypeVar("S", StoredAppeal, StoredIncident)
Life = list[tuple[datetime, S]]


def compute_appeal_life(states: Sequence[StoredAppeal]) -> Life[StoredAppeal]:
    """Return from when on which facts were so, in the order of time.

    Args:
        states: The facts after each version that was applied, in the order in which they were learnt; at least one.
    """
    final = states[-1]
    base = msgspec.structs.replace(final, feed_at=final.received_at, known_at=final.received_at)
    life: Life[StoredAppeal] = []
    if not states[0].is_open:
        life.append((base.received_at, _appeal_then(base, states[0], AppealStatus.NEW)))
    for spell in _spells(states):
        first, last = spell[0], spell[-1]
        if first.is_open:
            began_at = base.received_at if first is states[0] else first.valid_at
            steps = [(first if n == 0 else state, state.valid_at) for n, state in enumerate(spell)]
        else:
            began_at = last.answered_at or first.valid_at
            steps = [(last, began_at)]
        _add(life, began_at, base.received_at, [(_appeal_then(base, state), at) for state, at in steps])
    return life


def compute_incident_life(states: Sequence[StoredIncident]) -> Life[StoredIncident]:
    """Return from when on which facts were so; as `compute_appeal_life`. Level and numbers are those said by then."""
    final = states[-1]
    life: Life[StoredIncident] = []
    if not states[0].is_open:
        life.append((final.started_at, _incident_then(final, states[0], IncidentStatus.NEW)))
    for spell in _spells(states):
        first, last = spell[0], spell[-1]
        if first.is_open:
            began_at = final.started_at if first is states[0] else first.valid_at
            steps = [(state, state.valid_at) for state in spell]
        else:
            began_at = last.closed_at or first.valid_at
            steps = [(last, began_at)]
        _add(life, began_at, final.started_at, [(_incident_then(final, state), at) for state, at in steps])
    return [(at, _known_by(at, facts)) for at, facts in life]


def state_at(life: Life[S], at: datetime) -> S | None:
    """Return the facts of a life at an instant; None: it had not begun."""
    found: S | None = None
    for from_at, facts in life:
        if from_at > at:
            break
        found = facts
    return found


def _spells(states: Sequence[S]) -> Iterator[list[S]]:
    for _, spell in groupby(states, key=lambda state: state.is_open):
        yield list(spell)


def _add(life: Life[S], began_at: datetime, born_at: datetime, steps: Sequence[tuple[S, datetime]]) -> None:
    """Put a spell behind what was learnt before it, in place of all of that which it contradicts."""
    began_at = max(began_at, born_at)
    _cut(life, began_at)
    for n, (facts, valid_at) in enumerate(steps):
        at = began_at if n == 0 else max(began_at, valid_at)
        _cut(life, at)
        life.append((at, facts))


def _cut(life: Life[S], from_at: datetime) -> None:
    while life and life[-1][0] >= from_at:
        life.pop()


def _appeal_then(base: StoredAppeal, state: StoredAppeal, status: AppealStatus | None = None) -> StoredAppeal:
    """Return the last word on an appeal with the stage that it had."""
    is_open = state.is_open if status is None else status.is_open
    return msgspec.structs.replace(
        base,
        status=state.status if status is None else status.value,
        is_open=is_open,
        answered_at=None if is_open else state.answered_at,
        rating=state.rating,
    )


def _incident_then(
    final: StoredIncident, state: StoredIncident, status: IncidentStatus | None = None
) -> StoredIncident:
    """Return the last word on an incident with the stage, level and number that it had."""
    is_open = state.is_open if status is None else status.is_open
    return msgspec.structs.replace(
        final,
        status=state.status if status is None else status.value,
        is_open=is_open,
        close_reason=None if is_open else state.close_reason,
        closed_at=None if is_open else state.closed_at,
        level=state.level,
        affected_n=state.affected_n,
        updated_at=state.updated_at,
        known_at=final.started_at,
    )


def _known_by(at: datetime, facts: StoredIncident) -> StoredIncident:
    is_later = facts.updated_at is not None and facts.updated_at > at
    return msgspec.structs.replace(facts, updated_at=None) if is_later else facts
