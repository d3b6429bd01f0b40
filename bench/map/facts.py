"""Invented appeals of one day, scattered around the region's settlements as people live there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from bench.installation import keep_sources_fresh, write_sources
from svodka.domain.clock import SystemClock
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, Point
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.cells import CellCounter
from svodka.ingest.commit import commit_page
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.rollups import ensure_rollups, rebuild_rollups
from svodka.storage.tables import appeals, counters
from tests.e2e.product import ROOT
from tests.ingest_factory import PlainClassifier, page

SCENE = """title = "Карта"
[grid]
columns = ["1fr", 62]
rows = ["1fr"]
[[panel]]
kind = "map"
at = [1, 1]
marks = "clusters"
[[panel]]
kind = "feed"
at = [2, 1]
"""
_DAY = timedelta(hours=23)
_SPREAD = (0.03, 0.05)  # degrees of latitude and longitude around a settlement


def scatter(profile: Profile, points_n: int) -> Iterator[tuple[float, float, str]]:
    """Give points (latitude, longitude) and the area they are in, the same on every run."""
    chance = Random(2)  # noqa: S311 - invented facts, no secret
    weights = [place.population for place in profile.places]
    for place in chance.choices(profile.places, weights, k=points_n):
        yield place.lat + chance.gauss(0, _SPREAD[0]), place.lon + chance.gauss(0, _SPREAD[1]), place.area


class Region:
    """A home of the product with so many appeals of the last day, and a scene whose map shows them as clusters.

    Args:
        folder: An empty folder of its own.
        appeals_n: How many appeals.
    """

    def __init__(self, folder: Path, appeals_n: int) -> None:
        home = folder / "home"
        (home / "scenes").mkdir(mode=0o700, parents=True)
        (home / "scenes" / "bench.toml").write_text(SCENE, encoding="utf-8")
        self.sources = write_sources(folder)
        self.profile = load_profile(read_settings({}).profile, str(self.sources))
        ensure_geometry(home, self.profile, ROOT / "assets" / "vendor")
        self.database = open_database(f"sqlite:///{home / 'svodka.sqlite3'}")
        self._classifier = PlainClassifier(self.profile)
        self._source = next(source for source in self.profile.sources if source.records == "appeals")
        self._points = scatter(self.profile, 10_000)
        self._told_n = 0
        self._fill(appeals_n)

    def _fill(self, appeals_n: int) -> None:
        migrate(self.database)
        now = datetime.now(UTC)
        ensure_rollups(self.database, self.profile.zone, now)
        with self.database.write() as connection:
            put_day(connection, self.profile, appeals_n, now)
            rebuild_rollups(connection, self.profile.zone)
        keep_sources_fresh(self.database, self.profile, now)
        CellCounter(self.database, self.profile, SystemClock()).look()

    @staticmethod
    def now() -> datetime:
        """Return the time of day, as the server of the page has it."""
        return datetime.now(UTC)

    def tell(self) -> None:
        """Commit one new appeal with a point."""
        self._told_n += 1
        lat, lon, area = next(self._points)
        now = datetime.now(UTC)
        record = AppealRecord(
            foreign_id=f"live-{self._told_n}",
            received_at=now,
            status=AppealStatus.NEW,
            topic_code=self.profile.topics[0].id,
            area_name=area,
            due_at=now + timedelta(hours=96),
            point=Point(lat, lon),
        )
        told = page(record, completeness=Completeness.PARTIAL, lists_all_open=False)
        commit_page(self.database, self._classifier, self._source, told, now)


def put_day(connection: sa.Connection, profile: Profile, appeals_n: int, now: datetime) -> None:
    """Put invented appeals of the last day into an empty table, evenly over its hours."""
    source = next(source for source in profile.sources if source.records == "appeals")
    rows: list[dict[str, Any]] = []
    for number, (lat, lon, area) in enumerate(scatter(profile, appeals_n), start=1):
        received_at = now - _DAY * ((appeals_n - number + 0.5) / appeals_n) - timedelta(seconds=2)
        topic = profile.topics[number % len(profile.topics)]
        rows.append({
            "id": number, "source_id": source.id, "foreign_id": f"before-{number}", "channel": source.channel,
            "sector": topic.sector, "topic": topic.id, "topic_reason": "other", "area": area,
            "area_reason": "unknown", "body": None, "status": "in_work", "is_open": True, "received_at": received_at,
            "feed_at": received_at, "updated_at": None, "answered_at": None,
            "due_at": received_at + timedelta(hours=96), "due_basis": "record", "due_norm": None, "rating": None,
            "lat": lat, "lon": lon, "point_state": "as_given", "moved": False, "repeat_of": None,
            "text": "A text of the usual length, " * 8, "fingerprint": str(number), "version": 1,
            "valid_at": received_at, "known_at": received_at,
        })  # fmt: skip
    connection.execute(sa.insert(appeals), rows)
    connection.execute(sa.update(counters).values(value=appeals_n).where(counters.c.name == "appeal_id"))
