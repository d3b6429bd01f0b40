"""Alerts from the simulator to the database: stored once, placed in their municipality, closed when cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from datasources.registry import build_connector, check_against
from simulator.history import History
from simulator.truth import truth_incidents
from svodka.domain.reasons import AreaReason, Outcome
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.tables import incidents
from tests.contracts.twins import Simulated, load_twins, simulated_region

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
VENDOR = Path(__file__).resolve().parents[2] / "assets" / "vendor"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    migrate(opened)
    yield opened
    opened.close()


def test_alerts_are_stored_once_placed_and_closed(database, tmp_path):
    with simulated_region() as region:
        region.clock.set(NOW)
        source = next(twin.source for twin in load_twins() if twin.source.url.endswith("/alerts.atom"))
        _store_and_compare(database, tmp_path, region, source)


def _store_and_compare(database: Database, home: Path, region: Simulated, source: SourceConfig) -> None:
    profile, clock, history = region.profile, region.clock, region.history
    check_against(source, profile)
    classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, VENDOR)))
    connector = build_connector(source, clock, simulator_url=region.url)
    try:
        first = run_cycle(database, classifier, source, connector, clock)
        again = run_cycle(database, classifier, source, connector, clock)
        assert not first.failed
        assert first.outcomes[Outcome.STORED] == first.read_n - first.skipped.total() > 3
        assert +again.outcomes == {Outcome.DUPLICATE: first.outcomes[Outcome.STORED]}, "a replay adds nothing"
        _compare(database, history, clock.now())
        for _ in range(8):
            clock.advance(seconds=3600)
            report = run_cycle(database, classifier, source, connector, clock)
            assert not report.failed
            _compare(database, history, clock.now())
    finally:
        connector.close()


def _compare(database: Database, history: History, now: datetime) -> None:
    with database.read() as connection:
        rows = connection.execute(sa.select(incidents).where(incidents.c.is_open)).mappings().all()
    truth = {row["foreign_id"]: row for row in truth_incidents(history, now)}
    stored = {row["foreign_id"].partition("|")[2].removesuffix(".0"): row for row in rows}
    assert stored.keys() == truth.keys()
    for key, row in stored.items():
        true = truth[key]
        assert (row["kind"], row["area"]) == (true["kind"], true["area"])
        assert row["area_reason"] == AreaReason.SOURCE_NAME
        assert row["started_at"] - true["started_at"] == timedelta(0)
