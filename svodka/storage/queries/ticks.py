"""What time alone changed since it was last told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import appeals


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


def _exists(connection: Connection, *conditions: sa.ColumnElement[bool]) -> bool:
    statement = sa.select(sa.literal(1)).select_from(appeals).where(*conditions).limit(1)
    return connection.execute(statement).first() is not None
