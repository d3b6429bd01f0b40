"""Many rows at once: what goes in comes out, and what a column cannot hold is refused, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.records import load_appeals
from svodka.storage.tables import change_log, rollup_counts, sources
from svodka.storage.upsert import insert_many, upsert
from tests.ingest_factory import T0

HOSTILE = 'a\\b "c" {d,NULL} %s ? 😀 \t'


def cell(name, n):
    return {"series": "received", "at": T0 + timedelta(microseconds=7), "name": name, "n": n}


def read(database, table):
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def test_rows_are_inserted_added_up_and_replaced(database):
    """Texts, microseconds and numbers come back as they were."""
    with database.write() as connection:
        upsert(connection, rollup_counts, [], add=("n",))
        upsert(connection, rollup_counts, [cell("", 1), cell(HOSTILE, 2**31 - 2)], add=("n",))
        upsert(connection, rollup_counts, [cell("", -3), cell(HOSTILE, 1)], add=("n",))
    assert read(database, rollup_counts) == [cell("", -2), cell(HOSTILE, 2**31 - 1)]
    with database.write() as connection:
        upsert(connection, rollup_counts, [cell("", 40)], replace=("n",))
    assert read(database, rollup_counts) == [cell("", 40), cell(HOSTILE, 2**31 - 1)]


def test_nothing_whole_and_broken_numbers_keep_their_value(database):
    """A fraction, a whole number in a column of fractions, and None."""
    columns = {column.name: None for column in sources.columns} | {
        "error_kind": "",
        "error_text": HOSTILE,
        "paused_by": "",
    }
    totals = ("polls_total", "read_total", "records_total", "quarantined_total")
    numbers = dict.fromkeys(("failures_n", "quarantined_n", *totals), 0)
    rows = [
        {**columns, **numbers, "empty_polls_n": 0, "source_id": name, "lag_s": lag_s}
        for name, lag_s in (("a", 0.1 + 0.2), ("b", 3), ("c", None))
    ]
    with database.write() as connection:
        upsert(connection, sources, rows, replace=("lag_s",))
    assert [row["lag_s"] for row in read(database, sources)] == [0.1 + 0.2, 3.0, None]
    assert read(database, sources)[0]["error_text"] == HOSTILE


def test_an_instant_without_a_zone_is_refused(database):
    """It would be wrong by the region's offset."""
    with database.write() as connection, pytest.raises(ValueError, match="naive"):
        append_changes(connection, [Draft(kind=ChangeKind.TICK, key="clock")], T0.replace(tzinfo=None))


def test_a_number_that_is_taken_is_refused(database):
    """Nothing is written over."""
    row = {"seq": 1, "at": T0, "kind": "tick", "key": "clock", "payload": "{}"}
    with database.write() as connection:
        insert_many(connection, change_log, [row])
        with pytest.raises(sa.exc.IntegrityError):
            insert_many(connection, change_log, [row])
        connection.rollback()


def test_known_appeals_are_looked_up_also_in_a_table_that_nobody_has_analysed(postgres_database):
    """A page against a table filled within its first minute: not each row compared with each id of the page."""
    told = []

    def note(_connection, _cursor, *said):
        if said[0].startswith("SELECT appeals."):
            told.append(said[:2])

    sa.event.listen(postgres_database.engine, "before_cursor_execute", note)
    with postgres_database.read() as connection:
        assert load_appeals(connection, "a", [f"n{number}" for number in range(500)]) == {}
        [(statement, parameters)] = told
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
    assert "unnest" in statement
    assert "= ANY" not in plan, plan
