"""What the time machine asks of the product's database: rows that are as they were, and versions of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.replica import read_rows
from svodka.storage.tables import appeal_versions, appeals, incident_versions, incidents

Rows = Iterator[Sequence[tuple[Any, ...]]]
_OF = {"appeals": (appeals, appeal_versions), "incidents": (incidents, incident_versions)}
_BORN = {"appeals": "received_at", "incidents": "started_at"}
_ENDED = {"appeals": "answered_at", "incidents": "closed_at"}


class VersionRow(NamedTuple):
    """A version that was applied, with the source of its record."""

    id: int
    source_id: str
    version: int
    known_at: datetime
    fingerprint: str
    facts: str


def load_first_known_at(connection: Connection) -> datetime | None:
    """Return when the first version of anything was learnt; None: nothing ever was."""
    firsts = [connection.scalar(sa.select(sa.func.min(of.c.known_at))) for of in (appeal_versions, incident_versions)]
    return min((at for at in firsts if at is not None), default=None)


def count_facts(connection: Connection) -> int:
    """Return how many appeals are known: what building an archive takes is about in proportion."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(appeals)) or 0)


def read_known(connection: Connection, name: str, at: datetime, note: Callable[[int], None]) -> Rows:
    """Give the rows that have stayed as they are since an instant: nothing was applied to them after it."""
    table, _ = _OF[name]
    return read_rows(connection, table, table.c.known_at <= at, note=note)


def load_known_versions(connection: Connection, name: str, at: datetime) -> Iterator[VersionRow]:
    """Give the versions that were known at an instant of records that were changed after it, by id and version."""
    table, versions = _OF[name]
    return _load(connection, name, table.c.known_at > at, versions.c.known_at <= at)


def load_learnt(connection: Connection, name: str, after: datetime, upto: datetime) -> list[VersionRow]:
    """Return the versions that were learnt in (after, upto], by id and version."""
    _, versions = _OF[name]
    return list(_load(connection, name, versions.c.known_at > after, versions.c.known_at <= upto))


def read_over(connection: Connection, name: str, at: datetime, note: Callable[[int], None]) -> Rows:
    """Give the records that were over by an instant, as far as is known now."""
    table, _ = _OF[name]
    born = table.c[_BORN[name]]
    instead: dict[str, sa.ColumnElement[Any]] = {"known_at": born}
    if name == "appeals":
        instead["feed_at"] = born
    return read_rows(connection, table, _is_over(name, at), instead=instead, note=note)


def load_lives(connection: Connection, name: str, at: datetime, upto: datetime) -> Iterator[VersionRow]:
    """Give all versions of the records that were not over by `at` and had begun by `upto`, by id and version."""
    table, versions = _OF[name]
    begun = table.c[_BORN[name]] <= upto
    return _load(connection, name, sa.not_(_is_over(name, at)), begun, versions.c.version >= 1)


def _is_over(name: str, at: datetime) -> sa.ColumnElement[bool]:
    """Return whether what is known now of a record is that it was over by an instant; never unknown."""
    columns = _OF[name][0].c
    ended_at = sa.func.coalesce(columns[_ENDED[name]], columns.valid_at, type_=columns.valid_at.type)
    return sa.and_(columns.is_open == sa.false(), columns[_BORN[name]] <= at, ended_at <= at)


def _load(connection: Connection, name: str, *where: sa.ColumnElement[bool]) -> Iterator[VersionRow]:
    table, versions = _OF[name]
    key = versions.c[f"{name[:-1]}_id"]
    told = versions.c
    query = (
        sa.select(table.c.id, table.c.source_id, told.version, told.known_at, told.fingerprint, told.facts)
        .join(versions, key == table.c.id)
        .where(told.applied == sa.true(), *where)
        .order_by(table.c.id, told.version)
        .execution_options(yield_per=5000)
    )
    for row in connection.execute(query):
        yield VersionRow(*row)


class DayIncident(NamedTuple):
    """An incident as it is known now; `closed_at` is None while it is open."""

    started_at: datetime
    closed_at: datetime | None
    kind: str
    level: str
    area: str | None


def load_day_incidents(connection: Connection, from_at: datetime, to_at: datetime, limit: int) -> list[DayIncident]:
    """Return the incidents that began in [from_at, to_at), in the order of beginning, the first `limit` of them."""
    columns = incidents.c
    query = (
        sa.select(columns.started_at, columns.closed_at, columns.kind, columns.level, columns.area)
        .where(columns.started_at >= from_at, columns.started_at < to_at)
        .order_by(columns.started_at, columns.id)
        .limit(limit)
    )
    return [DayIncident(*row) for row in connection.execute(query)]
