"""The numbers are right: a generated week, polled over HTTP, against pandas and the simulator's own records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from svodka.domain.changes import ChangeKind
from svodka.profiles.reader import load_profile
from svodka.readmodels.registry import build_values
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests import facts_factory as facts
from tests import oracle
from tests.polled_region import polled_region
from tests.shown import differences, shown_numbers

WEEK_START = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # a local Monday's midnight, seven hours ahead of UTC
MOMENTS_N = 20


def moments() -> list[datetime]:
    chance = Random("moments of a week")
    return sorted(WEEK_START + timedelta(seconds=chance.uniform(0, 7 * 86_400)) for _ in range(MOMENTS_N))


@pytest.mark.timeout(400)
def test_at_twenty_moments_of_a_week_every_number_equals_pandas(sqlite_url, tmp_path):
    """Sources, connectors, ingest, rollups and read models together tell the truth of the simulated region."""
    profile = load_profile("kuzbass")
    database = open_database(sqlite_url)
    migrate(database)
    compared = 0
    with polled_region(database, profile, WEEK_START, tmp_path) as region:
        region.poll_at(WEEK_START)
        for moment in moments():
            now = region.settled(moment)
            region.poll_at(now)
            expected = oracle.compute(region.truth(), profile, now)
            with database.read() as connection:
                shown = shown_numbers(build_values(connection, profile, now, set(ChangeKind)))
            assert not differences(shown, expected), now
            compared += len(expected)
    database.close()
    assert compared > MOMENTS_N * 200


def _random_truth(chance: Random, now: datetime) -> dict[str, list[dict[str, object]]]:
    """Return three weeks of invented appeals and a few incidents, in the oracle's form."""

    def at(latest_h: float = 0.0, earliest_h: float = 500.0) -> datetime:
        return now - timedelta(seconds=round(chance.uniform(latest_h, earliest_h) * 3600))

    told = []
    for _ in range(600):
        status = chance.choice(["new", "in_work", "answered", "answered", "rejected"])
        done = status in {"answered", "rejected"}
        received_at = at()
        told.append(
            {
                "channel": chance.choice(facts.CHANNELS),
                "sector": chance.choice(facts.SECTORS),
                "area": chance.choice([*facts.AREAS, None]),
                "status": status,
                "received_at": received_at,
                "answered_at": received_at + timedelta(hours=chance.expovariate(1 / 50)) if done else None,
                "due_at": chance.choice([None, received_at + timedelta(hours=72)]),
                "rating": chance.choice([None, 2, 5]) if done else None,
            }
        )
    incidents = [
        {"area": None, "level": chance.choice(facts.LEVELS), "is_open": chance.random() < 0.6, "started_at": at()}
        for _ in range(12)
    ]
    return {"appeals": told, "incidents": incidents, "history_from": now - timedelta(hours=400)}


@pytest.mark.parametrize("zone", ["Asia/Novokuznetsk", "Asia/Kolkata", "Europe/Berlin"])
def test_numbers_are_the_same_on_sqlite_and_postgresql(database, zone):
    """One body of questions, two databases, one oracle; the moments lie around a change of clocks in Europe."""
    now = datetime(2026, 10, 25, 3, 7, 11, tzinfo=UTC)
    chance, profile = Random(zone), facts.small_profile(zone)
    truth = _random_truth(chance, now)
    with database.write() as connection:
        facts.put_facts(connection, profile, truth)
    with database.read() as connection:
        for hours in (-170, -26, -3.4, -1, 0, 5, 20.5):
            moment = now + timedelta(hours=hours)
            shown = shown_numbers(build_values(connection, profile, moment, set(ChangeKind)))
            assert not differences(shown, oracle.compute(truth, profile, moment)), moment
