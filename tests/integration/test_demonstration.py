"""The demonstration: what the product's own connectors and classifier read is what the simulator holds true."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datasources.registry import build_connector
from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from simulator.truth import truth_appeals, truth_incidents
from svodka.domain.clock import ManualClock
from svodka.domain.records import AppealRecord, Completeness, IncidentRecord
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile

NOW = datetime(2026, 11, 21, 7, tzinfo=UTC)
STEPS_MIN = (0, 7, 53, 180, 1440)
_SAME = ("status", "received_at", "updated_at", "answered_at", "due_at", "rating", "repeat_of")


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile("kuzbass")


@pytest.fixture(scope="module")
def history(profile: Profile) -> History:
    return History(Region(profile, load_simulation(profile), DEFAULT_SEED))


def read_all(source: SourceConfig, clock: ManualClock, url: str) -> dict[str, AppealRecord | IncidentRecord]:
    """Poll a source at every step until it is complete and keep the newest of each record."""
    connector = build_connector(source, clock, simulator_url=url)
    cursor, newest = None, {}
    for minutes in STEPS_MIN:
        clock.set(NOW + timedelta(minutes=minutes))
        completeness = None
        while completeness is not Completeness.COMPLETE:
            result = connector.poll(cursor)
            assert result.rejected == ()
            assert result.source_time_at == clock.now()
            cursor, completeness = result.cursor, result.completeness
            newest |= {record.foreign_id: record for record in result.records}
    connector.close()
    return newest


def test_what_the_connectors_read_is_what_the_simulator_holds_true(profile, history, tmp_path: Path) -> None:
    """Backfill and later polls together: no record missing, none invented, every field and area the same."""
    clock = ManualClock(NOW)
    server = SimulatorServer(RegionSite(history), clock)
    url = server.start()
    classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(tmp_path, profile, tmp_path)))
    end = NOW + timedelta(minutes=STEPS_MIN[-1])
    try:
        for source in profile.sources:
            assert source.simulated
            records = read_all(source, clock, url)
            if source.records == "appeals":
                overlap = timedelta(seconds=source.params["overlap_s"])
                since = NOW - timedelta(hours=source.backfill_h) - overlap
                rows = {
                    r["foreign_id"]: r
                    for r in truth_appeals(history, end, since=since)
                    if r["channel"] == source.channel
                }
                assert set(records) == set(rows)
                assert len(rows) > 500
                for foreign_id, row in rows.items():
                    record = records[foreign_id]
                    assert {name: getattr(record, name) for name in _SAME} == {name: row[name] for name in _SAME}
                    found = classifier.classify_appeal(record, source)
                    assert (found.topic, found.sector, found.area) == (row["topic"], row["sector"], row["area"])
            else:
                feed = source.url.rsplit("/", 1)[1].split(".")[0]
                rows = {r["foreign_id"]: r for r in truth_incidents(history, end) if r["feed"] == feed}
                assert set(rows) <= set(records)
                for foreign_id, row in rows.items():
                    found = classifier.classify_incident(records[foreign_id], source)
                    record = records[foreign_id]
                    told = (record.status, record.started_at, record.updated_at, record.affected_n)
                    assert told == (row["status"], row["started_at"], row["updated_at"], row["affected_n"])
                    assert (found.kind, found.level, found.area) == (row["kind"], row["level"], row["area"])
    finally:
        server.stop()


def test_the_numbers_of_the_demonstration_are_plausible(profile: Profile, history: History) -> None:
    """Appeals a day, open stock, open incidents and the share in time are what a region may show its governor."""
    norms = {norm.id: norm.hours for norm in profile.norms}
    terms = {channel.id: norms[channel.norm] for channel in profile.channels if channel.norm}
    per_day = [len(history.day((NOW - timedelta(days=back)).date()).appeals) for back in range(14)]
    assert 700 <= sum(per_day) / len(per_day) <= 950
    incidents = [len(truth_incidents(history, NOW - timedelta(hours=5 * step))) for step in range(48)]
    assert 4 <= sum(incidents) / len(incidents) <= 8
    kept = outcomes = 0
    for back in range(7):
        at = NOW - timedelta(days=back)
        rows = truth_appeals(history, at, since=at - timedelta(days=40))
        stock = [row for row in rows if row["answered_at"] is None]
        assert 1000 <= len(stock) <= 2300
        for row in rows:
            due_at = row["due_at"] or row["received_at"] + timedelta(hours=terms[row["channel"]])
            if row["answered_at"] is None:
                outcomes += at - timedelta(hours=24) <= due_at < at
            elif row["answered_at"] >= at - timedelta(hours=24):
                outcomes += 1
                kept += row["answered_at"] <= due_at
    assert 0.85 <= kept / outcomes <= 0.96
