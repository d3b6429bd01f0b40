"""What time alone changed since it was last told."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import Instant, appeals

_AREA, _SECTOR = appeals.c.area, appeals.c.sector
_ENDED_TERMS = (
    sa.select(_AREA, _SECTOR)
    .where(
        appeals.c.is_open == sa.true(),
        appeals.c.due_at >= sa.bindparam("from_at", type_=Instant),
        appeals.c.due_at < sa.bindparam("to_at", type_=Instant),
    )
    .distinct()
)
_PASSED_FEED = sa.union(
    *(
        sa.select(_AREA, _SECTOR).where(
            appeals.c.feed_at > sa.bindparam(f"after{word}", type_=Instant),
            appeals.c.feed_at <= sa.bindparam(f"upto{word}", type_=Instant),
        )
        for word in ("", "_hour")
    )
)


def has_term_ended(connection: Connection, from_at: datetime, to_at: datetime) -> bool:
    """Return whether the term of an appeal that is open ended in [from_at, to_at)."""
    columns = appeals.c
    return _exists(connection, columns.is_open == sa.true(), columns.due_at >= from_at, columns.due_at < to_at)


def has_feed_row_in(connection: Connection, after: datetime, upto: datetime) -> bool:
    """Return whether an appeal has its place in the feed in (after, upto]."""
    columns = appeals.c
    return _exists(connection, columns.feed_at > after, columns.feed_at <= upto)


def has_awaited_feed_row_in(connection: Connection, after: datetime, upto: datetime) -> bool:
    """Return whether an appeal was known before the time of its receipt, which lies in (after, upto]."""
    columns = appeals.c
    return _exists(connection, columns.feed_at > after, columns.feed_at <= upto, columns.known_at < columns.feed_at)


def find_ended_terms(connection: Connection, from_at: datetime, to_at: datetime) -> frozenset[tuple[str | None, str]]:
    """Return area and sector of the open appeals whose term ended in [from_at, to_at)."""
    rows = connection.execute(_ENDED_TERMS, {"from_at": from_at, "to_at": to_at}).all()
    return frozenset((area, sector) for area, sector in rows)


def find_passed_feed(
    connection: Connection, after: datetime, upto: datetime, hour: timedelta
) -> frozenset[tuple[str | None, str]]:
    """Return area and sector of the appeals whose place in the feed lies in (after, upto], or an hour before."""
    spans = {"after": after, "upto": upto, "after_hour": after - hour, "upto_hour": upto - hour}
    return frozenset((area, sector) for area, sector in connection.execute(_PASSED_FEED, spans).all())


def _exists(connection: Connection, *conditions: sa.ColumnElement[bool]) -> bool:
    statement = sa.select(sa.literal(1)).select_from(appeals).where(*conditions).limit(1)
    return connection.execute(statement).first() is not None
