"""INSERT … ON CONFLICT in the two dialects, many rows at once, and lists longer than one statement takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from svodka.domain import codec
from svodka.storage.database import Connection
from svodka.storage.tables import Instant, microseconds

T = TypeVar("T")
Column = tuple[Any, ...]
Row = dict[str, Any] | msgspec.Struct
IN_LIST_MAX = 1000  # far below the limits of both databases (SQLite 32,766, PostgreSQL 65,535 parameters)


def upsert(
    connection: Connection,
    table: sa.Table,
    rows: Sequence[Row],
    *,
    replace: tuple[str, ...] = (),
    add: tuple[str, ...] = (),
) -> None:
    """Insert rows, or change those whose primary key is there already; one statement for all rows.

    Args:
        connection: A writing transaction.
        table: The table; its primary key decides.
        rows: Values of every column, by key or as fields; none is allowed, two of one key are not. On PostgreSQL,
            order them by key where two writers may meet: rows are locked in this order, and two orders are a deadlock.
        replace: Columns that take the new value; columns named nowhere keep what they have.
        add: Columns to which the new value is added.
    """
    if rows:
        _execute(connection, _bulk(connection.dialect, table, replace, add), rows)


def insert_many(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that are new: values of every column, by key or as fields; none is allowed."""
    if rows:
        _execute(connection, _bulk(connection.dialect, table, (), ()), rows)


def insert_if_absent(connection: Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row unless one with a key of it is there already; return whether it was inserted."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    # Not by the number of rows: PostgreSQL's driver gives none for an insertion.
    done = connection.execute(make(table).values(row).on_conflict_do_nothing().returning(sa.literal(1)))
    return done.first() is not None


def among(connection: Connection, column: sa.Column[T], values: Sequence[T]) -> sa.ColumnElement[bool]:
    """Return `column` is one of `values`, of which SQLite takes at most `IN_LIST_MAX` at once.

    PostgreSQL gets them as the rows of one parameter. Where it does not know a table yet (nobody has analysed it since
    it was empty), it reads all rows of a source, and would compare each of them with each value of a list: half a
    second for a page of 500 against 10,000 rows. Rows it puts into a hash table, or looks up one by one.
    """
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    rows = sa.func.unnest(sa.bindparam(None, list(values), type_=postgresql.ARRAY(column.type)))
    return column.in_(sa.select(rows))


def chunks(items: Sequence[T], size: int = IN_LIST_MAX) -> Iterator[Sequence[T]]:
    """Give `items` in pieces of at most `size`.

    Yields:
        The pieces in order.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]


class _Bulk(msgspec.Struct, frozen=True):
    """A statement as the driver takes it, for many rows; SQLAlchemy's own way takes longer than the database.

    Attributes:
        sql: Its text.
        names: The columns in their order.
        convert: Place and function of each column whose values are not taken as they are.
        as_json: Whether all rows are one parameter, an array of objects, instead of one set of parameters each:
            PostgreSQL then runs one statement, and nothing is dumped value by value.
    """

    sql: str
    names: tuple[str, ...]
    convert: tuple[tuple[int, Callable[[Column], Column]], ...]
    as_json: bool


def _execute(connection: Connection, bulk: _Bulk, rows: Sequence[Row]) -> None:
    # Column by column: a function for each value of each row takes longer than the database does.
    pick: Callable[[Any], Column] = (itemgetter if isinstance(rows[0], dict) else attrgetter)(*bulk.names)
    columns = list(zip(*map(pick, rows), strict=True))
    for place, convert in bulk.convert:
        columns[place] = convert(columns[place])
    parameters = list(zip(*columns, strict=True))
    if bulk.as_json:
        objects = [dict(zip(bulk.names, values, strict=True)) for values in parameters]
        connection.exec_driver_sql(bulk.sql, (codec.encode_text(objects),))
    else:
        connection.exec_driver_sql(bulk.sql, parameters)


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Column], Column] | None:
    """Return what turns a column's values into the driver's, None where they are taken as they are."""
    if isinstance(kind, sa.Boolean):
        return None  # both drivers take truth values
    if isinstance(kind, Instant) and dialect.name == "sqlite":
        return microseconds
    each = kind.bind_processor(dialect)
    return None if each is None else lambda column: tuple(map(each, column))


@lru_cache(maxsize=64)
def _bulk(dialect: Dialect, table: sa.Table, replace: tuple[str, ...], add: tuple[str, ...]) -> _Bulk:
    as_json = dialect.name != "sqlite"
    names = tuple(column.name for column in table.columns)
    converters = ((place, _converter(table.c[name].type, dialect)) for place, name in enumerate(names))
    columns, key = ", ".join(names), ", ".join(column.name for column in table.primary_key.columns)
    rows = f"VALUES ({', '.join('?' for _ in names)})"
    if as_json:
        rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table.name}, %s)"  # noqa: S608 - our own names
    changes = ", ".join(
        [f"{name} = excluded.{name}" for name in replace]
        + [f"{name} = {table.name}.{name} + excluded.{name}" for name in add]
    )
    conflict = f" ON CONFLICT ({key}) DO UPDATE SET {changes}" if changes else ""
    return _Bulk(
        sql=f"INSERT INTO {table.name} ({columns}) {rows}{conflict}",
        names=names,
        convert=tuple((place, function) for place, function in converters if function is not None),
        as_json=as_json,
    )
