"""A private copy of the facts in memory, with the product's own tables: what the time machine computes values from.

Rows come from the product's database as its driver gives them, without a Python object for each: most of the past is
as it is now. Texts, foreign ids and fingerprints are left out: no value needs them, and they are most of the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from svodka.analytics.rollups import STANDING, Cell, Counts, compute_difference
from svodka.profiles.model import Profile
from svodka.storage.database import Connection, Database, copy_memory, open_memory
from svodka.storage.facts import StoredAppeal, StoredIncident
from svodka.storage.records import save_appeals, save_incidents
from svodka.storage.rollups import add_to_rollups
from svodka.storage.sources import SourceHealth
from svodka.storage.tables import (
    Instant,
    appeals,
    incidents,
    map_cells,
    map_counts,
    rollup_answer_minutes,
    rollup_counts,
    sources,
)
from svodka.storage.upsert import among, chunks, upsert

_TABLES = (appeals, incidents, rollup_counts, rollup_answer_minutes, sources, map_cells, map_counts)
_EMPTY = frozenset({"text", "title", "fingerprint", "foreign_id", "repeat_of"})
_BATCH = 5000
_MICROSECONDS = 1_000_000


class Replica:
    """The facts of one instant.

    Args:
        profile: The region.
        database: Its tables, in memory.
    """

    def __init__(self, profile: Profile, database: Database | None = None) -> None:
        self._profile = profile
        self.database = database or open_memory()
        if database is None:
            with self.database.write() as connection:
                for table in _TABLES:
                    connection.execute(CreateTable(_bare(table)))

    def copy(self) -> Replica:
        """Return another replica of the same facts."""
        return Replica(self._profile, copy_memory(self.database))

    def close(self) -> None:
        """Give its memory back."""
        self.database.close()

    def fill(self, table: sa.Table, rows: Iterable[Sequence[tuple[Any, ...]]]) -> int:
        """Put rows of `read_rows` into an empty table; return how many."""
        marks = ", ".join("?" for _ in table.columns)
        statement = f"INSERT INTO {table.name} VALUES ({marks})"  # noqa: S608 - our own names
        n = 0
        with self.database.write() as connection:
            for batch in rows:
                connection.exec_driver_sql(statement, list(batch))
                n += len(batch)
        return n

    def put(self, told_appeals: Sequence[StoredAppeal], told_incidents: Sequence[StoredIncident]) -> None:
        """Put rows that are no copies; before `finish`."""
        with self.database.write() as connection:
            save_appeals(connection, map(_slim, told_appeals))
            save_incidents(connection, map(_slim_incident, told_incidents))

    def finish(self, counted_from: datetime) -> None:
        """Make indexes and rollups, once everything is there.

        Args:
            counted_from: Hours before it are left out of the rollups: nothing that is asked reaches back so far.
        """
        with self.database.write() as connection:
            for table in _TABLES:
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    index.create(connection)
            add_to_rollups(connection, _count(connection, self._profile, counted_from))
            connection.execute(sa.text("ANALYZE"))

    def change(self, told_appeals: Sequence[StoredAppeal], told_incidents: Sequence[StoredIncident]) -> None:
        """Put later facts in the place of earlier ones, and keep the rollups up with them."""
        with self.database.write() as connection:
            known = load_facts(connection, [facts.id for facts in told_appeals])
            save_appeals(connection, map(_slim, told_appeals))
            save_incidents(connection, map(_slim_incident, told_incidents))
            pairs = ((known.get(facts.id), facts) for facts in told_appeals)
            add_to_rollups(connection, compute_difference(pairs, self._profile.zone))

    def set_sources(self, healths: Iterable[SourceHealth]) -> None:
        """Say how every source stands; who is not named has never been read."""
        with self.database.write() as connection:
            connection.execute(sa.delete(sources))
            upsert(connection, sources, [msgspec.structs.asdict(health) for health in healths])


def load_facts(connection: Connection, ids: Sequence[int]) -> dict[int, StoredAppeal]:
    """Return appeals by our id; those that are not known are absent."""
    found: dict[int, StoredAppeal] = {}
    for some in chunks(ids):
        for row in connection.execute(sa.select(appeals).where(among(connection, appeals.c.id, some))).mappings():
            found[row["id"]] = StoredAppeal(**row)
    return found


def load_incident_facts(connection: Connection, ids: Sequence[int]) -> dict[int, StoredIncident]:
    """Return incidents by our id; those that are not known are absent."""
    found: dict[int, StoredIncident] = {}
    for some in chunks(ids):
        query = sa.select(incidents).where(among(connection, incidents.c.id, some))
        for row in connection.execute(query).mappings():
            found[row["id"]] = StoredIncident(**row)
    return found


def read_rows(
    connection: Connection,
    table: sa.Table,
    where: sa.ColumnElement[bool],
    *,
    instead: dict[str, sa.ColumnElement[Any]] | None = None,
    note: Callable[[int], None] = lambda _n: None,
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Give the rows of a table of facts as a replica keeps them.

    Args:
        connection: A read transaction of the product's database.
        table: The table.
        where: Which rows.
        instead: What stands in place of a column.
        note: Told after each batch how many rows were read so far.

    Yields:
        Batches of rows.
    """
    columns = [_column(connection, column, (instead or {}).get(column.name)) for column in table.columns]
    statement = sa.select(*columns).where(where).execution_options(yield_per=_BATCH)
    n = 0
    for batch in connection.execute(statement).partitions(_BATCH):
        n += len(batch)
        yield [tuple(row) for row in batch]
        note(n)


def _column(
    connection: Connection, column: sa.Column[Any], instead: sa.ColumnElement[Any] | None
) -> sa.ColumnElement[Any]:
    """Return a column as SQLite takes it, without a conversion of each value in Python."""
    if column.name in _EMPTY:
        return sa.literal_column("NULL" if column.nullable else "''").label(column.name)
    shown = column if instead is None else instead
    if isinstance(column.type, Instant):
        if connection.dialect.name == "postgresql":
            shown = sa.cast(sa.extract("epoch", shown) * _MICROSECONDS, sa.BigInteger)
        return sa.type_coerce(shown, sa.BigInteger).label(column.name)
    return sa.type_coerce(shown, sa.Integer).label(column.name) if isinstance(column.type, sa.Boolean) else shown


def _bare(table: sa.Table) -> sa.Table:
    """Return the table without what only writers need: nobody asks a replica by foreign id."""
    bare = table.to_metadata(sa.MetaData())
    for constraint in [one for one in bare.constraints if isinstance(one, sa.UniqueConstraint)]:
        bare.constraints.remove(constraint)
    return bare


def _slim(facts: StoredAppeal) -> StoredAppeal:
    return msgspec.structs.replace(facts, text="", fingerprint="", foreign_id="", repeat_of=None)


def _slim_incident(facts: StoredIncident) -> StoredIncident:
    return msgspec.structs.replace(facts, title="", fingerprint="", foreign_id="")


class _Counted(msgspec.Struct):
    """The columns of an appeal that the rollups look at (`svodka.analytics.rollups.AppealFacts`)."""

    received_at: datetime
    feed_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    due_basis: str
    due_norm: str | None
    is_open: bool
    rating: int | None
    area: str | None
    sector: str
    channel: str


def _count(connection: Connection, profile: Profile, counted_from: datetime) -> Counts:
    """Return the rollups: cells of hours from the appeals that have one in sight, what stands by one question."""
    columns = appeals.c
    in_sight = sa.or_(*(columns[name] >= counted_from for name in ("received_at", "feed_at", "answered_at")))
    rows = connection.execute(sa.select(*(columns[name] for name in _Counted.__struct_fields__)).where(in_sight))
    counts = compute_difference(((None, _Counted(*row)) for row in rows), profile.zone)
    for cell in [cell for cell in counts if isinstance(cell, Cell) and cell.at == STANDING]:
        del counts[cell]
    is_open = sa.case((columns.is_open == sa.true(), 1), else_=0)
    with_term = sa.case((sa.and_(columns.is_open == sa.true(), columns.due_at.is_not(None)), 1), else_=0)
    standing = sa.select(columns.sector, sa.func.count(), sa.func.sum(is_open), sa.func.sum(with_term))
    for sector, known_n, open_n, with_term_n in connection.execute(standing.group_by(columns.sector)):
        counts[Cell("known", STANDING, sector)] = known_n
        counts[Cell("open", STANDING, sector)] = int(open_n)
        counts[Cell("open_with_term", STANDING, sector)] = int(with_term_n)
    return counts
