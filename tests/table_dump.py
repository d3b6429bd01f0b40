"""All tables of a database as plain values, to compare one database with another."""

from __future__ import annotations

import sqlalchemy as sa

from svodka.storage.database import Database
from svodka.storage.tables import metadata

# The epoch is random and the leases name processes; everything else must be the same.
_UNLIKE = {"meta", "leases"}


def dump_tables(database: Database) -> dict[str, list[tuple]]:
    """Return every row of every table, in the order of its primary key."""
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
            if table.name not in _UNLIKE
        }


def assert_same_tables(one: dict[str, list[tuple]], other: dict[str, list[tuple]]) -> None:
    """Compare table by table, so that a difference names its place and not a megabyte of rows."""
    assert one.keys() == other.keys()
    for name, rows in one.items():
        assert len(rows) == len(other[name]), f"{name}: {len(rows)} rows and {len(other[name])}"
        for row, other_row in zip(rows, other[name], strict=True):
            assert row == other_row, name
