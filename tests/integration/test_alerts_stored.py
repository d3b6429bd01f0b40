"""Alerts from the simulator to the database: stored once, placed in their municipality, closed when cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from datasources.registry import build_connector, check_against
from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from simulator.truth import truth_incidents
from svodka.domain.clock import ManualClock
from svodka.domain.reasons import AreaReason, Outcome
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.tables import incidents

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
VENDOR = Path(__file__).resolve().parents[2] / "assets" / "vendor"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    migrate(opened)
    yield opened
    opened.close()


def test_alerts_are_stored_once_placed_and_closed(database, tmp_path):
    profile = load_profile("kuzbass")
    clock = ManualClock(NOW)
    history = History(Region(profile, load_simulation(profile), DEFAULT_SEED))
    server = SimulatorServer(RegionSite(history), clock)
    source = SourceConfig(
        id="alerts",
        name="Alerts",
        connector="cap",
        records="incidents",
        url=f"{server.start()}/alerts.atom",
        interval_s=60,
        ageing_s=120,
        stale_s=300,
        dead_s=900,
        params={
            "kinds": {f"kind={kind.id}": kind.id for kind in profile.incident_kinds},
            "http": {"allow_private": True},
        },
    )
    check_against(source, profile)
    classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(tmp_path, profile, VENDOR)))
    connector = build_connector(source, clock)
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
        server.stop()


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
