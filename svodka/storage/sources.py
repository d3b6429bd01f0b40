"""Cursor and health of every source.

The cursor moves only in the transaction that stores what it passed, so a crash repeats a page and loses none.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import sources
from svodka.storage.upsert import insert_if_absent, upsert

_ALL = sa.select(sources)


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `sources`.

    Attributes:
        cursor: Where the next poll goes on; None before the first.
        last_attempt_at: Last poll, good or not.
        last_success_at: Last poll that was answered and committed.
        last_complete_at: Last poll after which nothing was waiting; ages count from here.
        source_time_at: The source's own clock at the last success.
        lag_s: How far that clock was behind ours, at least 0.
        failures_n: Failed polls in a row.
        error_kind: Class of the present error, "" where there is none.
        error_text: Its text.
        next_poll_at: When the next poll is planned.
        polls_total: Polls, pages and failures counted singly.
        read_total: Records read, readable or not, repeats included.
        records_total: Different appeals or incidents stored.
        quarantined_total: Different records put into quarantine.
        empty_polls_n: Complete answers without any record in a row.
        empty_since_at: When the first of them came.
        covered_from_at: Beginning of the span that was read: the first good poll less the source's `backfill_h`, or
            what an operator had read anew.
        paused_at, paused_by: Since when an operator wants it left alone, and who; None: it is polled.
        begin_at: From when it is being read anew; None: it is not, or that is done.
        quarantined_n: How many of its records are in quarantine.
    """

    source_id: str
    cursor: str | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_complete_at: datetime | None = None
    source_time_at: datetime | None = None
    lag_s: float | None = None
    failures_n: int = 0
    error_kind: str = ""
    error_text: str = ""
    next_poll_at: datetime | None = None
    polls_total: int = 0
    read_total: int = 0
    records_total: int = 0
    quarantined_total: int = 0
    empty_polls_n: int = 0
    empty_since_at: datetime | None = None
    covered_from_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: str = ""
    begin_at: datetime | None = None
    quarantined_n: int = 0


def load_source(connection: Connection, source_id: str) -> SourceHealth:
    """Return cursor and health of a source; one that was never polled has neither."""
    row = connection.execute(sa.select(sources).where(sources.c.source_id == source_id)).mappings().one_or_none()
    return SourceHealth(source_id=source_id) if row is None else SourceHealth(**row)


def lock_source(connection: Connection, source_id: str) -> SourceHealth:
    """Return cursor and health of a source and keep other writers from it until the transaction ends.

    The row is made first where there is none: a row that is not there cannot be locked.
    """
    query = sa.select(sources).where(sources.c.source_id == source_id).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        insert_if_absent(connection, sources, msgspec.structs.asdict(SourceHealth(source_id=source_id)))
        row = connection.execute(query).mappings().one()
    return SourceHealth(**row)


def load_sources(connection: Connection) -> dict[str, SourceHealth]:
    """Return cursor and health of every source that was ever polled, by id."""
    return {row["source_id"]: SourceHealth(**row) for row in connection.execute(_ALL).mappings().all()}


def save_source(connection: Connection, health: SourceHealth) -> None:
    """Write cursor and health of a source."""
    columns = tuple(column.name for column in sources.columns if column.name != "source_id")
    upsert(connection, sources, [msgspec.structs.asdict(health)], replace=columns)


def save_next_poll_at(connection: Connection, source_id: str, next_poll_at: datetime) -> None:
    """Note when the next poll of a source is planned."""
    connection.execute(sa.update(sources).where(sources.c.source_id == source_id).values(next_poll_at=next_poll_at))
