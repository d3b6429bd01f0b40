"""INSERT … ON CONFLICT in the two dialects, and lists longer than one statement takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from svodka.storage.database import Connection

T = TypeVar("T")
IN_LIST_MAX = 1000  # far below the limits of both databases (SQLite 32,766, PostgreSQL 65,535 parameters)


def upsert(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    set_: Callable[[Any], dict[str, Any]],
) -> None:
    """Insert rows, or change those whose primary key is there already; one statement, executed for all rows.

    Args:
        connection: A writing transaction.
        table: The table; its primary key decides.
        rows: Values by column; none is allowed. On PostgreSQL, order them by key where two writers may meet:
            rows are locked in this order, and two orders are a deadlock.
        set_: Gets the row that was to be inserted (`excluded`) and returns the new values of the row that is there.
    """
    if not rows:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=set_(statement.excluded)),
        list(rows),
    )


def chunks(items: Sequence[T], size: int = IN_LIST_MAX) -> Iterator[Sequence[T]]:
    """Give `items` in pieces of at most `size`.

    Yields:
        The pieces in order.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]
