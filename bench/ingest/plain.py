"""What the database alone can do: the same rows, in the same pages, by plain INSERTs into one bare table.

The table has the columns of `appeals` and neither key nor index. `core` begins where the product's storage begins, at
Python values with aware instants, and goes through SQLAlchemy's executemany, as a script of ten lines would. `driver`
begins at values as the driver takes them and is the least that any program can take.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from bench.ingest.appeals import PAGE_N
from svodka.storage.database import Database
from svodka.storage.tables import appeals

_BARE = sa.Table("bare", sa.MetaData(), *(sa.Column(column.name, column.type) for column in appeals.columns))


def load_rows(database: Database) -> list[dict[str, Any]]:
    """Return all appeals as rows."""
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(appeals).order_by(appeals.c.id)).mappings()]


def begin(database: Database) -> None:
    """Make the bare table, empty."""
    with database.write() as connection:
        _BARE.drop(connection, checkfirst=True)
        _BARE.create(connection)


def insert_core(database: Database, rows: list[dict[str, Any]]) -> float:
    """Insert a page and commit; return the seconds that it took."""
    began_s = time.perf_counter()
    with database.write() as connection:
        connection.execute(sa.insert(_BARE), rows)
    return time.perf_counter() - began_s


def insert_driver(database: Database, rows: list[tuple[Any, ...]]) -> float:
    """Insert a page of values as the driver takes them and commit; return the seconds that it took."""
    mark = "?" if database.is_sqlite else "%s"
    statement = f"INSERT INTO bare VALUES ({', '.join([mark] * len(_BARE.columns))})"  # noqa: S608 - no value in it
    began_s = time.perf_counter()
    with database.write() as connection:
        connection.exec_driver_sql(statement, rows)
    return time.perf_counter() - began_s


def as_driver_takes(database: Database, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return rows with their values converted."""
    dialect = database.engine.dialect
    steps = [(column.name, column.type.bind_processor(dialect)) for column in _BARE.columns]
    return [tuple(row[name] if step is None else step(row[name]) for name, step in steps) for row in rows]


def pages_of(rows: list[Any]) -> list[list[Any]]:
    """Divide rows as they were divided when they were stored."""
    return [rows[start : start + PAGE_N] for start in range(0, len(rows), PAGE_N)]
