"""The simulator's alerts through the real connector over real HTTP, against what is true in the simulated region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from datasources.registry import build_connector
from simulator.alerts import SENDER, UNREADABLE_N
from simulator.history import History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from simulator.truth import truth_incidents
from svodka.domain.clock import ManualClock
from svodka.domain.records import Completeness, IncidentRecord
from svodka.profiles.model import SourceConfig
from tests.unit.simulated_profile import invented_profile

START = datetime(2026, 11, 18, 6, tzinfo=UTC)
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor")


class Region24h:
    """A day of the invented region, polled every half an hour of it at one address."""

    def __init__(self) -> None:
        profile = invented_profile()
        self.clock = ManualClock(START)
        self.history = History(Region(profile, load_simulation(profile), 7))
        self.server = SimulatorServer(RegionSite(self.history), self.clock)
        self.url = self.server.start()
        ranked = sorted(profile.levels, key=lambda level: level.rank)
        self.params = {
            "kinds": {f"kind={kind.id}": kind.id for kind in profile.incident_kinds},
            "http": {"allow_private": True},
            "levels": [{"level": level.id, "severity": SEVERITIES[min(level.rank, 4) - 1 :][:1]} for level in ranked],
        }

    def source(self, address: str) -> SourceConfig:
        return SourceConfig(
            id="alerts",
            name="Alerts",
            connector="cap",
            records="incidents",
            url=f"{self.url}/{address}",
            interval_s=60,
            ageing_s=120,
            stale_s=300,
            dead_s=900,
            params=self.params,
        )


@pytest.fixture(scope="module")
def region() -> Iterator[Region24h]:
    running = Region24h()
    yield running
    running.server.stop()


@pytest.mark.parametrize("address", ["alerts.atom", "alerts-index.atom", "alerts-rough.atom"])
def test_alerts_of_a_day_become_the_incidents_that_are_true(address, region):
    """After each poll what is open is what is open in the region, graded, placed and dated as there; ends are told."""
    known: dict[str, IncidentRecord] = {}
    cursor, changed, ended = None, 0, 0
    for half_hour in range(48):
        region.clock.set(START + timedelta(minutes=30 * half_hour))
        now = region.clock.now()
        connector = build_connector(region.source(address), region.clock)  # as after a restart
        complete = False
        while not complete:
            result = connector.poll(cursor)
            cursor, complete = result.cursor, result.completeness is Completeness.COMPLETE
            for record in result.records:
                before = known.get(record.foreign_id)
                changed += before is not None and before.updated_at != record.updated_at
                ended += before is not None and before.status.is_open and not record.status.is_open
                known[record.foreign_id] = record
            if address == "alerts-rough.atom":
                assert len(result.rejected) == UNREADABLE_N
            else:
                assert result.rejected == ()
        connector.close()
        truth = {f"{SENDER}|{row['foreign_id']}.0": row for row in truth_incidents(region.history, now)}
        told = {key: record for key, record in known.items() if record.status.is_open}
        assert told.keys() == truth.keys(), now
        for key, record in told.items():
            row = truth[key]
            assert (record.kind, record.level) == (row["kind"], row["level"])
            assert (record.started_at, record.updated_at) == (row["started_at"], row["updated_at"])
    places = {
        each.incident.id: each.incident
        for each in region.history.incidents(now=now, closed_since=START - timedelta(hours=3))
    }
    for key, record in known.items():
        incident = places[key.removeprefix(f"{SENDER}|").removesuffix(".0")]
        assert abs(record.point.lat - incident.lat) < 0.011
        assert abs(record.point.lon - incident.lon) < 0.011
        assert record.area_name == incident.area_name
    assert changed > 10
    assert ended > 3
