"""INSERT … ON CONFLICT in the two dialects, and lists longer than one statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
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
    *,
    replace: tuple[str, ...] = (),
    add: tuple[str, ...] = (),
) -> None:
    """Insert rows, or change those whose primary key is there already; one statement, executed for all rows.

    Args:
        connection: A writing transaction.
        table: The table; its primary key decides.
        rows: Values by column; none is allowed. On PostgreSQL, order them by key where two writers may meet:
            rows are locked in this order, and two orders are a deadlock.
        replace: Columns that take the new value; columns named nowhere keep what they have.
        add: Columns to which the new value is added.
    """
    if rows:
        connection.execute(_statement(connection.dialect.name, table, replace, add), list(rows))


def insert_if_absent(connection: Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row unless its primary key is there already."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).values(row).on_conflict_do_nothing())


def chunks(items: Sequence[T], size: int = IN_LIST_MAX) -> Iterator[Sequence[T]]:
    """Give `items` in pieces of at most `size`.

    Yields:
        The pieces in order.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]


@lru_cache(maxsize=64)
def _statement(dialect: str, table: sa.Table, replace: tuple[str, ...], add: tuple[str, ...]) -> sa.Executable:
    # Kept: building and hashing it anew for every page costs more than running it.
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    excluded = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: excluded[name] for name in replace} | {name: table.c[name] + excluded[name] for name in add},
    )
