"""Rollups kept up page by page equal rollups rebuilt from the facts."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svodka.domain.records import AppealStatus
from svodka.ingest.commit import commit_page
from svodka.storage.change_log import load_head
from svodka.storage.rollups import compute_rollups, ensure_rollups, load_rollups, rebuild_rollups
from svodka.storage.tables import meta, rollup_answer_minutes, rollup_counts
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, page, tiny_profile

offsets = st.integers(-5000, 0).map(lambda n: T0 + timedelta(minutes=n, seconds=n % 60))
records = st.builds(
    appeal,
    foreign_id=st.sampled_from("abcdef"),
    received_at=offsets,
    updated_at=st.none() | offsets,
    answered_at=st.none() | offsets,
    due_at=st.none() | offsets,
    status=st.sampled_from(list(AppealStatus)),
    topic_code=st.sampled_from(["cold-flat", "pothole", "?"]),
    area_name=st.sampled_from([None, "north", "south"]),
    channel=st.sampled_from([None, "phone"]),
    rating=st.none() | st.integers(0, 6),
)
histories = st.lists(st.lists(records, max_size=8), min_size=1, max_size=6)


@pytest.mark.parametrize("zone", ["Asia/Novokuznetsk", "Asia/Kolkata"])
def test_rollups_of_any_history_equal_rollups_rebuilt_from_its_facts(database, zone):
    """Random pages of stored, updated, late, reversed and repeated appeals, each history in a source of its own."""
    classifier = PlainClassifier(tiny_profile(zone))
    numbers = count()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=histories)
    def run(history):
        source = appeal_source(f"portal-{next(numbers)}")
        for n, told in enumerate(history):
            commit_page(database, classifier, source, page(*told), T0 + timedelta(minutes=n))
        with database.read() as connection:
            assert load_rollups(connection) == compute_rollups(connection, classifier.profile.zone)

    run()
    with database.read() as connection:
        kept_up = load_rollups(connection)
    assert kept_up
    with database.write() as connection:
        connection.execute(sa.update(rollup_counts).values(n=rollup_counts.c.n + 7))
        connection.execute(sa.delete(rollup_answer_minutes))
        rebuild_rollups(connection, classifier.profile.zone)
    with database.read() as connection:
        assert load_rollups(connection) == kept_up


def test_a_region_that_moves_to_another_zone_has_its_hours_counted_anew(database):
    """Once, and told to the walls; the same zone again, and a database without facts, cost nothing."""
    at_home, half_an_hour_off = tiny_profile("Asia/Novokuznetsk"), tiny_profile("Asia/Kolkata")
    assert not ensure_rollups(database, at_home.zone, T0)
    told = [appeal("a"), appeal("b", status=AppealStatus.ANSWERED, answered_at=T0 - timedelta(minutes=20))]
    commit_page(database, PlainClassifier(at_home), appeal_source(), page(*told), T0)
    with database.read() as connection:
        before, head = load_rollups(connection), load_head(connection)
    assert not ensure_rollups(database, at_home.zone, T0)
    assert ensure_rollups(database, half_an_hour_off.zone, T0)
    assert not ensure_rollups(database, half_an_hour_off.zone, T0)
    with database.read() as connection:
        assert load_rollups(connection) == compute_rollups(connection, half_an_hour_off.zone) != before
        assert load_head(connection) == head + 1


def test_a_database_of_unknown_zone_is_counted_anew_once(database):
    """One that was filled before its zone was noted may hold the hours of any."""
    profile = tiny_profile()
    commit_page(database, PlainClassifier(tiny_profile("Asia/Kolkata")), appeal_source(), page(appeal("a")), T0)
    assert ensure_rollups(database, profile.zone, T0)
    with database.read() as connection:
        assert load_rollups(connection) == compute_rollups(connection, profile.zone)


def test_what_an_older_program_counted_is_counted_anew_once(database):
    """Its note names the zone alone; its tables held other cells."""
    profile = tiny_profile()
    commit_page(database, PlainClassifier(profile), appeal_source(), page(appeal("a")), T0)
    with database.write() as connection:
        connection.execute(sa.delete(rollup_counts))
        connection.execute(sa.insert(meta).values(key="rollup_zone", value=profile.zone.key))
    assert ensure_rollups(database, profile.zone, T0)
    assert not ensure_rollups(database, profile.zone, T0)
    with database.read() as connection:
        assert load_rollups(connection) == compute_rollups(connection, profile.zone)
