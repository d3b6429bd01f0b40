"""Read models against the oracle: random facts, random moments, zones and days that are hard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS, build_snapshot, build_values
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests import facts_factory as facts
from tests import oracle
from tests.random_facts import MIDDLES, NOTHING, histories
from tests.shown import differences, shown_numbers

KINDS_OF_APPEALS = {"rating", "topics", "week", "source_table", "area_facts"}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'svodka.sqlite3'}")
    migrate(opened)
    yield opened
    opened.close()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories())
@example(history=(NOTHING, "UTC", MIDDLES[0]))
def test_every_number_equals_the_oracle_for_any_history_zone_and_moment(database, history):
    """Shares, median, mean, counts and flows agree with pandas to the last appeal, also on days of 23 and 25 hours."""
    truth, zone, now = history
    profile = facts.small_profile(zone)
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        values = build_values(connection, profile, now, set(ChangeKind))
    assert not differences(shown_numbers(values), oracle.compute(truth, profile, now))


def test_an_empty_database_shows_no_data_and_never_a_zero_share(database):
    """Without any appeal shares, medians, means and what is open are None, and all read models still answer."""
    with database.write() as connection:
        facts.put_facts(connection, facts.small_profile(), NOTHING)
    with database.read() as connection:
        values = build_values(connection, facts.small_profile(), MIDDLES[0], set(ChangeKind))
    numbers = shown_numbers(values)
    assert set(values) == {model.stem for model in READ_MODELS}
    for kpi in ("in_time", "response_minutes", "satisfaction", "open_now", "overdue_now"):
        assert numbers[kpi] is None
    assert numbers["week_ago_received_full_hours"] is None
    assert values["map"].steps == (0.0, 0.5, 1.0, 2.0, 4.0)
    assert values["sources"].sources[0].last_complete_at is None


@pytest.mark.parametrize(
    ("kind", "stems"),
    [
        (ChangeKind.INCIDENT, {"map", "incidents", "incident_list", "source_table"}),
        (ChangeKind.SOURCE, {"sources", "source_table", "incident_list"}),
        (ChangeKind.APPEAL, {"open", "flow", "map", "sectors", "feed"} | KINDS_OF_APPEALS),
        (ChangeKind.ANSWER, {"in_time", "response", "satisfaction"}),
        (
            ChangeKind.TICK,
            {"in_time", "response", "open", "satisfaction", "flow", "map", "sectors", "feed"} | KINDS_OF_APPEALS,
        ),
    ],
)
def test_a_change_asks_only_for_the_values_that_it_concerns(database, kind, stems):
    """An incident does not compute the median anew."""
    with database.read() as connection:
        assert set(build_values(connection, facts.small_profile(), MIDDLES[0], {kind})) == stems
        assert build_values(connection, facts.small_profile(), MIDDLES[0], set()) == {}


def test_the_snapshot_holds_the_newest_rows_and_every_open_incident_gravest_first(database):
    """Rows stand by (feed_at, id) and are cut to the limit; closed incidents are absent; points are snapped."""
    start = MIDDLES[0]
    base = {"channel": "chat", "sector": "roads", "area": None, "status": "new", "answered_at": None, "due_at": None}
    told = [
        base | {"received_at": start - timedelta(minutes=n // 2), "rating": None, "lat": 54.12345, "lon": 86.98765}
        for n in range(TABLE_LIMITS["appeals"] + 20)
    ]
    incident = {"area": None, "lat": None, "lon": None}
    open_ones = [
        incident | {"level": "mild", "is_open": True, "started_at": start},
        incident | {"level": "grave", "is_open": True, "started_at": start - timedelta(hours=9)},
        incident | {"level": "grave", "is_open": False, "started_at": start},
        incident | {"level": "grave", "is_open": True, "started_at": start - timedelta(hours=2)},
    ]
    profile = facts.small_profile()
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": told, "incidents": open_ones})
    with database.read() as connection:
        page = build_snapshot(connection, profile, ManualClock(start), "an-epoch", 7, EVERYTHING)
    rows = page.tables["appeals"]
    assert len(rows) == TABLE_LIMITS["appeals"]
    assert [row.id for row in rows[:3]] == [2, 1, 4]
    assert list(rows) == sorted(rows, key=lambda row: (row.feed_at, row.id), reverse=True)
    assert {(row.lat, row.lon) for row in rows} == {(54.123, 86.988)}
    assert [row.id for row in page.tables["incidents"]] == [4, 2, 1]
    assert (page.epoch, page.seq, page.at, page.limits) == ("an-epoch", 7, start, TABLE_LIMITS)


def test_the_shades_of_the_map_follow_the_days_before_today(database):
    """A flood of today changes colours, not their meaning; tomorrow it counts as one of the days before."""
    now = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    row = {"channel": "chat", "sector": "roads", "status": "new", "answered_at": None, "due_at": None, "rating": None}
    usual = [
        row | {"area": area, "received_at": now - timedelta(days=days, minutes=number)}
        for days in range(1, 9)
        for area, n in (("north-town", 10), ("nowhere", 30))
        for number in range(n)
    ]
    flood = [row | {"area": "north-town", "received_at": now - timedelta(minutes=n)} for n in range(90)]
    profile = facts.small_profile()
    with database.write() as connection:
        truth = {"appeals": [*usual, *flood], "incidents": [], "history_from": now - timedelta(days=9)}
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        today, tomorrow = (
            build_values(connection, profile, at, {ChangeKind.TICK})["map"].steps
            for at in (now, now + timedelta(days=1))
        )
    # 10 a day of 55,450 residents: 1.8; with the flood in the week 21 a day, 3.9. "nowhere" has no population.
    assert today == (0.0, 1.0, 2.0, 4.0, 8.0)
    assert tomorrow == (0.0, 2.0, 4.0, 8.0, 16.0)


def test_the_sector_of_other_topics_comes_last_however_many_it_has(database):
    """«Прочие» is no trade: it does not lead the list of sectors."""
    row = {"channel": "chat", "area": None, "status": "new", "answered_at": None, "due_at": None, "rating": None}
    told = [row | {"sector": sector, "received_at": MIDDLES[0]} for sector in ("other", "other", "other", "roads")]
    with database.write() as connection:
        facts.put_facts(connection, facts.small_profile(), {"appeals": told, "incidents": []})
    with database.read() as connection:
        sectors = build_values(connection, facts.small_profile(), MIDDLES[0], {ChangeKind.TICK})["sectors"].sectors
    assert [(count.sector, count.open) for count in sectors] == [("roads", 1), ("housing", 0), ("other", 3)]
