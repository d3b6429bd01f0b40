"""Ratings, topics, weeks, sources, facts of areas against their oracle: many appeals, hard borders, both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from svodka.profiles.model import Topic
from svodka.readmodels.area_facts import compute_area_facts
from svodka.readmodels.incident_list import compute_incident_list
from svodka.readmodels.keys import Scope
from svodka.readmodels.map import compute_map
from svodka.readmodels.moment import Moment
from svodka.readmodels.rating import KPIS, compute_rating
from svodka.readmodels.source_table import compute_source_table
from svodka.readmodels.topics import compute_topics, decide_trend
from svodka.readmodels.week import compute_week
from svodka.scenes.kinds import RATING_KPIS, SHADED_KPIS
from svodka.storage.sources import SourceHealth, save_source
from svodka.storage.tables import incidents
from tests import facts_factory as facts
from tests import oracle_kinds as oracle
from tests.random_facts import borders
from tests.shown import differences

NOW = datetime(2026, 3, 5, 7, 30, 20, tzinfo=UTC)
# Ordinary days with all of the past known, a day of 25 hours with a part of it, and an offset of half an hour without.
MOMENTS = [
    ("Asia/Novokuznetsk", NOW, NOW - timedelta(days=40)),
    ("Europe/Berlin", datetime(2026, 10, 28, 1, 10, tzinfo=UTC), datetime(2026, 10, 20, 9, 12, tzinfo=UTC)),
    ("Asia/Kolkata", NOW, None),
]
SCOPES = [
    Scope(),
    Scope(period="week"),
    Scope(sector="roads"),
    Scope(area="north-town", period="week"),
    Scope(area="south-district", sector="housing"),
]
TOPICS = {"housing": ("heating", "water"), "roads": ("potholes",), "other": ("other",)}


def small_profile(zone):
    profile = facts.small_profile(zone)
    return type(profile)(
        **{name: getattr(profile, name) for name in profile.__struct_fields__ if name != "topics"},
        topics=(*profile.topics, Topic(id="water", sector="housing", name="Water", short_name="Water")),
    )


def make_history(seed, zone, now, history_from):
    """Return a month of appeals, a third of them at borders of the moment's windows."""
    random_ = random.Random(seed)
    ends = borders(now, zone)

    def instant():
        if random_.random() < 0.35:
            return random_.choice(ends) + timedelta(seconds=random_.choice([0, 0, -1, 1]))
        return now - timedelta(seconds=random_.randrange(17 * 86400))

    told = []
    for _ in range(700):
        sector = random_.choice(facts.SECTORS)
        status = random_.choice(["new", "in_work", "answered", "answered", "answered", "rejected"])
        is_done = status in {"answered", "rejected"}
        received_at = instant()
        told.append(
            {
                "channel": random_.choice(facts.CHANNELS),
                "sector": sector,
                "topic": random_.choice(TOPICS[sector]),
                "area": random_.choice(["north-town", "north-town", "south-district", "nowhere", None]),
                "status": status,
                "received_at": received_at,
                "feed_at": received_at if random_.random() < 0.8 else instant(),
                "answered_at": instant() if is_done and random_.random() < 0.95 else None,
                "due_at": instant() if random_.random() < 0.6 else None,
                "rating": random_.randint(1, 5) if is_done and random_.random() < 0.4 else None,
            }
        )
    return {"appeals": told, "incidents": [], "history_from": history_from}


def shown_rating(value):
    numbers = {}
    for row in value.rows:
        for name in ("", "_n", "_previous", "_rank"):
            shown = getattr(row, name[1:] or "value")
            numbers[f"rating_{value.kpi}{name}:{row.area}"] = shown
    return numbers


def shown_topics(value):
    numbers = {"topics_received": value.received, "topics_change": value.change}
    for row in value.topics:
        numbers |= {f"topic_received:{row.topic}": row.received, f"topic_change:{row.topic}": row.change}
    return numbers


def shown_week(value):
    names = ("received_7_days", "answered_7_days", "before_7_days")
    numbers = {name: getattr(value, name) for name in names}
    for day, came, done, then in zip(value.days, value.received, value.answered, value.week_ago_received, strict=True):
        numbers |= {f"day_received:{day}": came, f"day_answered:{day}": done, f"day_week_ago_received:{day}": then}
    return numbers


@pytest.mark.parametrize("seed", range(len(MOMENTS)))
def test_every_number_equals_the_oracle_in_every_scope(database, seed):
    """Six ratings, topics and days, by area, by sector, over a day and a week, agree with pandas to the last appeal."""
    zone, now, history_from = MOMENTS[seed]
    profile, truth = small_profile(zone), make_history(seed, zone, now, history_from)
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        moment = Moment(connection, profile, now)
        for scope in SCOPES:
            told = oracle.Facts(truth, profile, now, area=scope.area, sector=scope.sector, period=scope.period)
            assert not differences(shown_topics(compute_topics(moment, scope)), oracle.topics(told, scope.sector))
            assert not differences(shown_week(compute_week(moment, scope)), oracle.week(told))
            if scope.area is not None:
                continue
            for kpi in KPIS:
                rated = compute_rating(moment, Scope(sector=scope.sector, period=scope.period, kpi=kpi))
                assert not differences(shown_rating(rated), oracle.rating(told, kpi)), (scope, kpi)


def test_a_scene_may_name_every_kpi_that_areas_are_rated_by():
    """The registry of kinds knows no read model: both lists are one; the map is shaded per 10,000 residents unasked."""
    assert RATING_KPIS == KPIS
    assert {*SHADED_KPIS, "per_10k"} == set(KPIS)


def test_a_map_that_is_shaded_by_a_kpi_shows_the_numbers_of_its_rating(sqlite_database):
    """Every area of the profile with its cases, and bounds that rise."""
    zone, now, history_from = MOMENTS[0]
    profile, truth = small_profile(zone), make_history(7, zone, now, history_from)
    with sqlite_database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with sqlite_database.read() as connection:
        moment = Moment(connection, profile, now)
        assert compute_map(moment, Scope()).by is None
        for kpi in SHADED_KPIS:
            value, rated = compute_map(moment, Scope(kpi=kpi)), compute_rating(moment, Scope(kpi=kpi))
            assert {(row.area, row.value, row.n) for row in value.by.rows} == {
                (row.area, row.value, row.n) for row in rated.rows
            }
            assert (value.by.kpi, value.by.target) == (kpi, rated.target)
            assert list(value.steps) == sorted(set(value.steps))


def put_appeals(database, profile, now, counts):
    """Put so many appeals of each area, answered in time and late."""
    row = {"channel": "chat", "sector": "roads", "rating": None, "status": "answered", "answered_at": now}
    told = [
        row
        | {"area": area, "received_at": now - timedelta(hours=2), "due_at": now + timedelta(hours=1 if kept else -1)}
        for area, in_time, late in counts
        for kept in [True] * in_time + [False] * late
    ]
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": told, "incidents": []})


def test_few_cases_have_a_number_and_no_place(database):
    """19 of 19 in time is not the best of the region; equal numbers share a place; no case is no number."""
    profile = facts.small_profile()
    put_appeals(database, profile, NOW, [("north-town", 15, 5), ("south-district", 19, 0), (None, 3, 0)])
    with database.read() as connection:
        value = compute_rating(Moment(connection, profile, NOW), Scope(kpi="in_time"))
        rates = compute_rating(Moment(connection, profile, NOW), Scope(kpi="per_10k"))
    assert [(row.area, row.value, row.n, row.rank) for row in value.rows] == [
        ("north-town", 0.75, 20, 1),
        ("south-district", 1.0, 19, None),
        ("nowhere", None, 0, None),
    ]
    assert (value.min_n, value.unknown_area, value.target.value) == (20, 3, 0.9)
    assert [(row.area, row.rank) for row in rates.rows] == [
        ("north-town", 1),
        ("south-district", None),
        ("nowhere", None),
    ]
    assert rates.rows[-1].value is None  # nobody gives its population
    put_appeals(database, profile, NOW, [("north-town", 15, 5), ("south-district", 30, 10), ("nowhere", 10, 10)])
    with database.read() as connection:
        value = compute_rating(Moment(connection, profile, NOW), Scope())
    assert [(row.area, row.rank) for row in value.rows] == [("south-district", 1), ("north-town", 1), ("nowhere", 3)]


@pytest.mark.parametrize(
    ("now_n", "then_n", "trend"),
    [(5, 0, "new"), (4, 0, "steady"), (0, 0, "steady"), (40, 18, "rising"), (30, 20, "steady"), (18, 40, "falling")],
)
def test_a_topic_is_news_only_when_chance_would_seldom_do_that(now_n, then_n, trend):
    """22 more than 18 is 2.9 deviations; 10 more than 20 is 1.4."""
    assert decide_trend(now_n, then_n) == trend


def test_other_topics_come_last_and_are_never_left_out(database):
    """«Прочие» may be the largest: it is no topic that leads the list, and a sector without it has none."""
    row = {"channel": "chat", "area": None, "status": "new", "answered_at": None, "due_at": None, "rating": None}
    told = [
        row | {"sector": sector, "topic": topic, "received_at": NOW - timedelta(hours=1)}
        for sector, topic, n in (("other", "other", 9), ("roads", "potholes", 2), ("housing", "heating", 4))
        for _ in range(n)
    ]
    profile = facts.small_profile()
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": told, "incidents": []})
    with database.read() as connection:
        moment = Moment(connection, profile, NOW)
        whole, roads = compute_topics(moment, Scope()), compute_topics(moment, Scope(sector="roads"))
    assert [(one.topic, one.received) for one in whole.topics] == [("heating", 4), ("potholes", 2), ("other", 9)]
    assert (whole.has_other, whole.received, whole.change) == (True, 15, None)
    assert ([one.topic for one in roads.topics], roads.has_other) == (["potholes"], False)


def test_an_area_stands_beside_the_region_over_the_same_residents(database):
    """The region's rate leaves out who has no known population on both sides."""
    row = {"channel": "chat", "sector": "roads", "status": "new", "answered_at": None, "due_at": None, "rating": None}
    told = [
        row | {"area": area, "received_at": NOW - timedelta(hours=hours)}
        for area, hours in (("north-town", 1), ("north-town", 50), ("south-district", 2), ("nowhere", 3), (None, 4))
    ]
    profile = facts.small_profile()
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": told, "incidents": []})
    with database.read() as connection:
        moment = Moment(connection, profile, NOW)
        town = compute_area_facts(moment, Scope(area="north-town"))
        week = compute_area_facts(moment, Scope(area="north-town", period="week"))
        nowhere, region = compute_area_facts(moment, Scope(area="nowhere")), compute_area_facts(moment, Scope())
    assert (town.received, town.per_10k) == (1, pytest.approx(10_000 / 48_300))
    assert town.region_per_10k == pytest.approx(2 * 10_000 / 55_450)
    assert (week.received, week.region_per_10k) == (2, pytest.approx(3 * 10_000 / 55_450))
    assert (nowhere.received, nowhere.per_10k) == (1, None)
    assert (region.area, region.received, region.per_10k) == (None, 4, None)


def test_the_week_before_is_compared_with_only_where_it_had_enough_cases(database):
    """Nineteen answers a week ago are no measure; whoever answered after that window's end was silent in it."""
    profile, week = facts.small_profile(), timedelta(days=7)
    row = {"channel": "chat", "sector": "roads", "rating": None, "status": "answered"}
    then = NOW - week
    end = then.replace(minute=0, second=0) + timedelta(hours=1)
    told = [
        row | {"area": area, "received_at": at - timedelta(hours=1), "answered_at": at, "due_at": at}
        for area, at, n in (
            ("north-town", NOW, 25),
            ("south-district", NOW, 25),
            ("nowhere", NOW, 25),
            ("north-town", then, 20),
            ("south-district", then, 19),
            ("nowhere", then, 19),
        )
        for _ in range(n)
    ]
    told.append(row | {"area": "nowhere", "received_at": then, "answered_at": end, "due_at": then})
    truth = {"appeals": told, "incidents": [], "history_from": NOW - 3 * week}
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        value = compute_rating(Moment(connection, profile, NOW), Scope())
    assert {row.area: row.previous for row in value.rows} == {
        "north-town": 1.0,
        "south-district": None,
        "nowhere": 0.95,
    }


def test_incidents_of_a_scope_are_its_own_and_so_is_the_last_that_ended(database):
    """By area; where a source tells no end, it is when the end was learnt; nothing ended says nothing."""
    profile = facts.small_profile()
    told = [
        {"area": area, "level": level, "is_open": is_open, "started_at": NOW - timedelta(hours=hours)}
        for area, level, is_open, hours in (
            ("north-town", "grave", True, 1),
            ("north-town", "mild", True, 2),
            ("south-district", "mild", True, 3),
            ("north-town", "mild", False, 30),
            ("south-district", "mild", False, 40),
        )
    ]
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": [], "incidents": told})
        ended = sa.update(incidents).where(incidents.c.id == 5)
        connection.execute(ended.values(closed_at=NOW - timedelta(hours=5)))
    with database.read() as connection:
        moment = Moment(connection, profile, NOW)
        whole, town, nowhere = (
            compute_incident_list(moment, scope) for scope in (Scope(), Scope(area="north-town"), Scope(area="nowhere"))
        )
        roads = compute_incident_list(moment, Scope(sector="roads"))
    assert [(count.level, count.open) for count in whole.levels] == [("grave", 1), ("middle", 0), ("mild", 2)]
    assert (whole.open, whole.last_ended_at) == (3, NOW - timedelta(hours=5))
    assert (town.open, town.last_ended_at) == (2, NOW - timedelta(hours=30))
    assert (nowhere.open, nowhere.last_ended_at) == (0, None)
    assert (roads.open, roads.last_ended_at) == (0, None)  # the kind belongs to no sector


def test_the_table_of_sources_counts_what_came_by_the_place_in_the_feed(database):
    """Today from midnight, the hour open at its beginning; a corrected receipt stays where it was first told."""
    profile = facts.small_profile()
    row = {"channel": "chat", "sector": "roads", "area": None, "status": "new", "answered_at": None, "due_at": None}
    midnight = NOW.replace(hour=17, minute=0, second=0) - timedelta(days=1)  # seven hours behind the region
    fed = [midnight, midnight - timedelta(seconds=1), NOW - timedelta(hours=1), NOW - timedelta(minutes=59), NOW]
    fed.append(NOW + timedelta(seconds=1))
    told = [row | {"rating": None, "received_at": NOW - timedelta(days=3), "feed_at": at} for at in fed]
    with database.write() as connection:
        facts.put_facts(connection, profile, {"appeals": told, "incidents": []})
        health = SourceHealth(source_id="portal-main", last_attempt_at=NOW, last_success_at=NOW, quarantined_n=3)
        save_source(connection, health)
    with database.read() as connection:
        (line,) = compute_source_table(Moment(connection, profile, NOW), Scope()).sources
    assert (line.today, line.last_hour, line.quarantined, line.failures) == (4, 2, 3, 0)
    assert line.next_poll_at == NOW + timedelta(seconds=10)


def test_a_source_that_was_never_read_whole_has_no_number_of_what_it_brought(database):
    """Neither 0 today nor 0 in the hour; once it was read, that nothing came is known."""
    profile = facts.small_profile()
    with database.write() as connection:
        save_source(connection, SourceHealth(source_id="portal-main", last_attempt_at=NOW, failures_n=1))
    with database.read() as connection:
        (never,) = compute_source_table(Moment(connection, profile, NOW), Scope()).sources
    with database.write() as connection:
        save_source(connection, SourceHealth(source_id="portal-main", last_attempt_at=NOW, last_complete_at=NOW))
    with database.read() as connection:
        (read,) = compute_source_table(Moment(connection, profile, NOW), Scope()).sources
    assert (never.today, never.last_hour) == (None, None)
    assert (read.today, read.last_hour) == (0, 0)
