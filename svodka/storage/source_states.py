"""What the wall said of every source and when: written with each poll that changes it, for the time machine.

One row for each poll while it is young; a whole hour of rows becomes one packed row soon after, which loses nothing:
the instants of polls are most of it, and pack to about a tenth. Nothing here is read by the live road.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from svodka.domain import codec
from svodka.storage.database import Connection
from svodka.storage.sources import SourceHealth
from svodka.storage.tables import EPOCH, Instant, source_state_hours, source_states
from svodka.storage.upsert import upsert

KEPT_D = 92
PACKED_AFTER = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)
_COLUMNS, _PACKED = source_states.c, source_state_hours.c


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of a source from `at` on; fields as in `svodka.storage.sources.SourceHealth`."""

    source_id: str
    at: datetime
    last_attempt_at: datetime | None
    last_complete_at: datetime | None
    last_success_at: datetime | None
    lag_s: float | None
    failures_n: int
    error_kind: str
    next_poll_at: datetime | None
    records_total: int
    quarantined_total: int
    quarantined_n: int
    paused: bool
    covered_from_at: datetime | None


_FIELDS = SourceState.__struct_fields__
_INSTANTS = frozenset(column.name for column in _COLUMNS if isinstance(column.type, Instant))
_REPLACED = tuple(name for name in _FIELDS if name not in {"source_id", "at"})


def note_state(connection: Connection, health: SourceHealth, now: datetime) -> None:
    """Keep what is said of a source from now on; inside the transaction that changed it."""
    state = SourceState(
        source_id=health.source_id,
        at=now,
        last_attempt_at=health.last_attempt_at,
        last_complete_at=health.last_complete_at,
        last_success_at=health.last_success_at,
        lag_s=health.lag_s,
        failures_n=health.failures_n,
        error_kind=health.error_kind,
        next_poll_at=health.next_poll_at,
        records_total=health.records_total,
        quarantined_total=health.quarantined_total,
        quarantined_n=health.quarantined_n,
        paused=health.paused_at is not None,
        covered_from_at=health.covered_from_at,
    )
    upsert(connection, source_states, [state], replace=_REPLACED)


def note_next_poll_at(connection: Connection, source_id: str, next_poll_at: datetime) -> None:
    """Add to what is said of a source when its next poll is planned: that is known a moment after its poll."""
    newest = sa.select(sa.func.max(_COLUMNS.at)).where(_COLUMNS.source_id == source_id).scalar_subquery()
    connection.execute(
        sa.update(source_states)
        .where(_COLUMNS.source_id == source_id, _COLUMNS.at == newest)
        .values(next_poll_at=next_poll_at)
    )


def load_states(connection: Connection, source_ids: Iterable[str], at: datetime) -> dict[str, SourceState]:
    """Return what was said of sources at an instant, by id; one of which nothing is known then is absent."""
    found: dict[str, SourceState] = {}
    for source_id in source_ids:
        state = _load_young(connection, source_id, at) or _load_packed(connection, source_id, at)
        if state is not None:
            found[source_id] = state
    return found


def load_first_at(connection: Connection) -> datetime | None:
    """Return since when what was said of sources is known; None: of none, at no time."""
    firsts: list[datetime | None] = [connection.scalar(sa.select(sa.func.min(_COLUMNS.at)))]
    hour_at = connection.scalar(sa.select(sa.func.min(_PACKED.hour_at)))
    if hour_at is not None:  # of that hour nothing may be known but its end
        pieces = connection.execute(sa.select(_PACKED.source_id, _PACKED.packed).where(_PACKED.hour_at == hour_at))
        firsts += [max(unpack(*piece)[0].at, hour_at) for piece in pieces.all()]
    return min((at for at in firsts if at is not None), default=None)


def pack_states(connection: Connection, now: datetime) -> bool:
    """Pack the oldest hour of rows that is over for long, and forget what was so more than `KEPT_D` days ago.

    Args:
        connection: A writing transaction.
        now: The product's clock, aware.

    Returns:
        Whether an hour was packed: then there may be another.
    """
    _forget(connection, _hour_of(now - timedelta(days=KEPT_D)))
    oldest = connection.execute(
        sa.select(_COLUMNS.source_id, _COLUMNS.at).order_by(_COLUMNS.at, _COLUMNS.source_id).limit(1)
    ).first()
    if oldest is None or _hour_of(oldest.at) + _HOUR > now - PACKED_AFTER:
        return False
    hour_at = _hour_of(oldest.at)
    mine = (_COLUMNS.source_id == oldest.source_id, _COLUMNS.at >= hour_at, _COLUMNS.at < hour_at + _HOUR)
    young = [SourceState(**row) for row in connection.execute(sa.select(source_states).where(*mine)).mappings()]
    states = {state.at: state for state in [*_load_hour(connection, oldest.source_id, hour_at), *young]}
    _save_hour(connection, oldest.source_id, hour_at, [states[at] for at in sorted(states)])
    connection.execute(sa.delete(source_states).where(*mine))
    return True


def _forget(connection: Connection, before: datetime) -> None:
    """Forget what was said before an hour, but for the last word on each source: at that hour it still held."""
    hours = sa.select(_PACKED.source_id, sa.func.max(_PACKED.hour_at)).where(_PACKED.hour_at < before)
    for source_id, hour_at in connection.execute(hours.group_by(_PACKED.source_id)).all():
        last = _load_hour(connection, source_id, hour_at)[-1]
        _save_hour(connection, source_id, before, [last, *_load_hour(connection, source_id, before)])
    connection.execute(sa.delete(source_state_hours).where(_PACKED.hour_at < before))


def _save_hour(connection: Connection, source_id: str, hour_at: datetime, states: Sequence[SourceState]) -> None:
    connection.execute(sa.delete(source_state_hours).where(_PACKED.source_id == source_id, _PACKED.hour_at == hour_at))
    connection.execute(sa.insert(source_state_hours).values(source_id=source_id, hour_at=hour_at, packed=pack(states)))


def pack(states: Sequence[SourceState]) -> bytes:
    """Return states of one source as one piece, column by column; instants as steps from one to the next."""
    columns = []
    for name in _FIELDS[1:]:
        values = [getattr(state, name) for state in states]
        columns.append(_steps(values) if name in _INSTANTS else values)
    return zlib.compress(codec.encode(columns), 9)


def unpack(source_id: str, packed: bytes) -> list[SourceState]:
    """Return the states that `pack` took."""
    columns = codec.decode(zlib.decompress(packed))
    values = [
        _unstep(column) if name in _INSTANTS else column for name, column in zip(_FIELDS[1:], columns, strict=True)
    ]
    return [
        SourceState(source_id=source_id, **dict(zip(_FIELDS[1:], row, strict=True)))
        for row in zip(*values, strict=True)
    ]


def _load_young(connection: Connection, source_id: str, at: datetime) -> SourceState | None:
    query = (
        sa.select(source_states)
        .where(_COLUMNS.source_id == source_id, _COLUMNS.at <= at)
        .order_by(_COLUMNS.at.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else SourceState(**row)


def _load_packed(connection: Connection, source_id: str, at: datetime) -> SourceState | None:
    query = (
        sa.select(_PACKED.packed)
        .where(_PACKED.source_id == source_id, _PACKED.hour_at <= at)
        .order_by(_PACKED.hour_at.desc())
        .limit(2)  # of the hour itself perhaps nothing by that instant
    )
    for packed in connection.scalars(query):
        states = [state for state in unpack(source_id, packed) if state.at <= at]
        if states:
            return states[-1]
    return None


def _load_hour(connection: Connection, source_id: str, hour_at: datetime) -> list[SourceState]:
    query = sa.select(_PACKED.packed).where(_PACKED.source_id == source_id, _PACKED.hour_at == hour_at)
    packed = connection.scalar(query)
    return [] if packed is None else unpack(source_id, packed)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _steps(instants: Sequence[datetime | None]) -> list[int | None]:
    steps: list[int | None] = []
    before = 0
    for at in instants:
        if at is None:
            steps.append(None)
            continue
        value = (at - EPOCH) // _MICROSECOND
        steps.append(value - before)
        before = value
    return steps


def _unstep(steps: Sequence[int | None]) -> list[datetime | None]:
    instants: list[datetime | None] = []
    value = 0
    for step in steps:
        if step is None:
            instants.append(None)
            continue
        value += step
        instants.append(EPOCH + value * _MICROSECOND)
    return instants
