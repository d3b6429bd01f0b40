"""Public recordings of alerts through the real connectors, against counts made from the bytes without an XML parser.

The recordings are read from ../shared/data and are no part of the repository.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.corpus.counts import count_alerts
from bench.corpus.files import ATTACKS, BUSH_FIRES, QUAKES
from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.errors import SourceContractBrokenError
from svodka.domain.records import PollResult
from svodka.profiles.model import SourceConfig
from tests.contracts.hostile import answer

ALERTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "alerts"
pytestmark = pytest.mark.skipif(not ALERTS.exists(), reason="recordings of ../shared/data are absent")

GEOJSON = {
    "usgs_earthquakes_2018-02_vega_BSD3.geojson": QUAKES,
    "geojson_feeds_Apache2/usgs_earthquakes-1.json": QUAKES,
    "geojson_feeds_Apache2/nsw_rfs_incidents-1.json": BUSH_FIRES,
    "geojson_feeds_Apache2/nsw_rfs_incidents-2.json": BUSH_FIRES,
}


def _read(server, path: Path, connector: str, **params: object) -> PollResult:
    source = SourceConfig(
        id="recorded",
        name="Recorded",
        connector=connector,
        records="incidents",
        url="{simulator}/" + path.name,
        interval_s=5,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        time_zone="Australia/Sydney",
        params=params,
    )
    content_type = "application/json" if path.suffix in {".json", ".geojson"} else "text/xml"
    server.behaviour = answer(path.read_bytes(), content_type=content_type)
    built = build_connector(source, ManualClock(datetime(2026, 11, 21, 6, tzinfo=UTC)), simulator_url=server.url)
    try:
        return built.poll(None)
    finally:
        built.close()


def _xml_files() -> list[Path]:
    folders = ("cap_google_Apache2", "gdacs_Apache2")
    return [path for folder in folders for path in sorted((ALERTS / folder).glob("*"))] if ALERTS.exists() else []


@pytest.mark.attack(57)
@pytest.mark.parametrize("path", _xml_files(), ids=lambda path: path.name)
def test_every_recorded_alert_goes_through_and_the_two_attacks_are_refused(path, server):
    """Every alert in the bytes is an incident or set aside with a reason; an entry without one is set aside."""
    if path.name in ATTACKS:
        with pytest.raises(SourceContractBrokenError, match="document type, entities or outside references"):
            _read(server, path, "cap")
        return
    result = _read(server, path, "cap")
    told = count_alerts(path)
    unreadable = 1 if path.name == "bushfire_invalid.edxlde" else 0  # an alert of which a comment is all that is left
    assert len(result.records) == told.records_n - unreadable
    assert len(result.rejected) == told.unreadable_n + unreadable
    assert result.read_n == len(result.records) + len(result.rejected)
    assert len({record.foreign_id for record in result.records}) == len(result.records)


def test_the_recordings_are_counted_whole(server):
    """Files, entries, alerts and entries without an alert, over all."""
    files = [path for path in _xml_files() if path.name not in ATTACKS]
    counts = [count_alerts(path) for path in files]
    totals = [sum(told.rows_n for told in counts), sum(told.records_n for told in counts)]
    assert (len(files), *totals, sum(told.unreadable_n for told in counts)) == (38, 94, 84, 10)


def test_recorded_places_and_grades_are_read(server):
    """Against what stands in the bytes: a point for each georss:point, a level for each colour."""
    path = ALERTS / "gdacs_Apache2" / "gdacs-rss-24h.xml"
    text = path.read_text(encoding="utf-8-sig")
    records = _read(server, path, "cap").records
    assert sum(record.point is not None for record in records) == text.count("<georss:point>")
    colours = re.findall(r"<gdacs:alertlevel>(\w+)<", text)
    named = {"Green": "low", "Orange": "high", "Red": "critical"}
    assert [record.level for record in records] == [named[colour] for colour in colours]


@pytest.mark.parametrize("name", sorted(GEOJSON))
def test_recorded_geojson_feeds_of_alerts_go_through_by_a_field_map(name, server):
    path = ALERTS / name
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    result = _read(
        server,
        path,
        "http_json",
        records="features",
        fields=GEOJSON[name],
        status_default="in_work",
        time_formats=["%d/%m/%Y %I:%M:%S %p"],
    )
    assert (len(result.records), result.rejected) == (len(features), ())
    assert result.read_n == len(features)
    assert sum(record.point is not None for record in result.records) == len(features)
