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
        for now in moments():
            region.poll_at(now)
            expected = oracle.compute(region.truth(), profile, now)
            with database.read() as connection:
                shown = shown_numbers(build_values(connection, profile, now, set(ChangeKind)))
            assert not differences(shown, expected), now
            compared += len(expected)
    database.close()
    assert compared > MOMENTS_N * 200
