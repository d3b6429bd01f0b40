"""Cells of the map: nothing of the facts is lost in them, and they are told to those who show them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import floor
from random import Random

import pytest

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.ingest.cells import COUNT_EVERY, CellCounter
from svodka.readmodels.clusters import MAX_CELLS, compute_clusters
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.windows import compute_windows
from svodka.storage.cells import load_counted_at
from svodka.storage.change_log import load_changes, load_head
from tests.facts_factory import AREAS, SECTORS, put_facts, small_profile

NOW = datetime(2026, 3, 5, 7, 31, tzinfo=UTC)
PROFILE = small_profile("Asia/Kolkata")  # hours begin at half past
PLAIN = {"status": "new", "channel": "portal", "due_at": None, "answered_at": None, "rating": None}


def make_appeals(appeals_n, chance):
    """Return appeals of nine days, one in five without a point, one in ten without an area."""
    made = []
    for _ in range(appeals_n):
        point = {"lat": chance.uniform(52, 57), "lon": chance.uniform(84, 90)} if chance.random() < 0.8 else {}
        area = chance.choice(AREAS) if chance.random() < 0.9 else None
        received_at = NOW - timedelta(hours=chance.uniform(-0.4, 9 * 24))
        made.append(PLAIN | point | {"area": area, "sector": chance.choice(SECTORS), "received_at": received_at})
    return made


@pytest.fixture
def facts(database):
    appeals = make_appeals(1500, Random(4))
    with database.write() as connection:
        put_facts(connection, PROFILE, {"appeals": appeals, "incidents": []})
    return appeals


def read(database, now=NOW, **scope):
    with database.read() as connection:
        return compute_clusters(Moment(connection, PROFILE, now), Scope(**scope))


def span_of(period, now=NOW):
    windows = compute_windows(now, PROFILE.zone)
    return windows.last_24_hours if period == "day" else windows.last_168_hours


@pytest.mark.parametrize(
    "scope", [{}, {"period": "week"}, {"area": AREAS[0]}, {"period": "week", "sector": SECTORS[1]}]
)
def test_the_cells_of_any_scope_add_up_to_its_appeals_with_a_point(database, facts, scope):
    """On SQLite and on PostgreSQL, cell by cell, against a count with Python alone."""
    CellCounter(database, PROFILE, ManualClock(NOW)).look()
    found = read(database, **scope)
    span = span_of(scope.get("period", "day"))
    mine = [
        appeal
        for appeal in facts
        if span.from_at <= appeal["received_at"] < span.to_at
        and all(appeal[name] == scope[name] for name in scope if name != "period")
    ]
    placed = [appeal for appeal in mine if "lat" in appeal]
    expected = Counter(
        (floor((appeal["lat"] + 90) / found.step), floor((appeal["lon"] + 180) / (2 * found.step))) for appeal in placed
    )
    assert {(lat, lon): n for lat, lon, n in found.cells} == expected
    assert (found.placed, found.unplaced) == (len(placed), len(mine) - len(placed))
    assert found.counted_at == NOW
    assert 0 < len(found.cells) <= MAX_CELLS


def test_a_whole_week_of_scattered_appeals_is_no_more_than_can_be_drawn(database, facts):
    """Cells grow until they are few, and none is lost by it."""
    CellCounter(database, PROFILE, ManualClock(NOW)).look()
    week = read(database, period="week")
    assert len(week.cells) <= MAX_CELLS
    assert week.step > read(database, area=AREAS[1]).step
    assert sum(n for _, _, n in week.cells) == week.placed


def test_before_the_first_count_nothing_is_claimed(database, facts):
    """No cell and no instant: a page says that it was not counted yet."""
    assert read(database).counted_at is None
    assert read(database).cells == ()


def test_what_left_the_window_or_moved_is_gone_from_its_cell(database, facts):
    """A second count replaces the first, and says so in the log once for each window."""
    clock = ManualClock(NOW)
    counter = CellCounter(database, PROFILE, clock)
    counter.look()
    with database.read() as connection:
        head = load_head(connection)
    counter.look()
    clock.advance(seconds=COUNT_EVERY.total_seconds() - 1)
    counter.look()
    with database.read() as connection:
        assert load_head(connection) == head, "not before its time"
    later = NOW + timedelta(hours=3)
    clock.advance(seconds=(later - clock.now()).total_seconds())
    moved = [appeal | {"lat": 53.0, "lon": 85.0} for appeal in facts]
    with database.write() as connection:
        put_facts(connection, PROFILE, {"appeals": moved, "incidents": []})
    CellCounter(database, PROFILE, clock).look()  # a poller that has just started rests from nothing
    span = span_of("day", later)
    found = read(database, later)
    assert [n for _, _, n in found.cells] == [
        sum(span.from_at <= appeal["received_at"] < span.to_at for appeal in facts)
    ]
    with database.read() as connection:
        told = load_changes(connection, head, load_head(connection))
        assert load_counted_at(connection) == {"day": later, "week": later}
    assert [(change.kind, change.key) for change in told] == [(ChangeKind.CELLS, "day"), (ChangeKind.CELLS, "week")]


def test_a_count_that_took_long_is_not_repeated_at_once(database, facts, monkeypatch):
    """At most a fiftieth of the time is spent counting."""
    clock = ManualClock(NOW)
    elapsed = {"s": 0.0}

    def passing():
        elapsed["s"] += 10.0  # every look at it takes ten seconds: so does a count
        return elapsed["s"]

    monkeypatch.setattr("svodka.ingest.cells.monotonic_s", passing)
    counter = CellCounter(database, PROFILE, clock)
    counter.look()
    clock.advance(seconds=120)
    counter.look()
    with database.read() as connection:
        assert load_counted_at(connection)["day"] == NOW
    elapsed["s"] += 500.0
    counter.look()
    with database.read() as connection:
        assert load_counted_at(connection)["day"] == NOW + timedelta(seconds=120)


def test_a_clock_that_was_set_back_has_other_windows(database, facts):
    """What was counted in a future that no longer is is counted anew."""
    clock = ManualClock(NOW)
    CellCounter(database, PROFILE, clock).look()
    clock = ManualClock(NOW - timedelta(days=1))
    CellCounter(database, PROFILE, clock).look()
    assert read(database).counted_at == NOW - timedelta(days=1)
