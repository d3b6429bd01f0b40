"""An installation of the product filled for a measurement: SQLite with many appeals, sources that stay fresh.

Facts are invented. The newest 1,000 were received within the last 50 minutes and stand on the grid of `bench.grid`;
the others spread over the weeks before at 800 a day, nine of ten of them answered. Twelve incidents are open.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from bench.grid import MARKS_N, Box, point_of
from svodka.domain.records import IncidentRecord, IncidentStatus, Point
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.commit import commit_page
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings
from svodka.storage.database import Connection, Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.rollups import ensure_rollups, rebuild_rollups
from svodka.storage.tables import appeals, counters
from tests.e2e.product import ROOT
from tests.ingest_factory import PlainClassifier, page

APPEALS_N = 100_000
QUICK_APPEALS_N = 20_000
INCIDENTS_N = 12
_PER_DAY = 800
_NEWEST_SPAN = timedelta(minutes=50)
_VENDOR = ROOT / "assets" / "vendor"


class Installation:
    """A filled home of the product.

    Args:
        folder: An empty folder of its own.
        appeals_n: How many appeals the database holds before the measurement.

    Attributes:
        box: Where the marks stand, in degrees (west, south, east, north).
        open_n: Open appeals before the measurement; every event adds one.
    """

    def __init__(self, folder: Path, appeals_n: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(mode=0o700, parents=True)
        self.sources = write_sources(folder)
        self.profile = load_profile(read_settings({}).profile, str(self.sources))
        self.appeals_n = appeals_n
        self.database_url = f"sqlite:///{self.home / 'svodka.sqlite3'}"
        geometry = ensure_geometry(self.home, self.profile, _VENDOR)
        self.box: Box = geometry.bounds
        database = open_database(self.database_url)
        try:
            self.open_n = self._fill(database)
        finally:
            database.close()

    def number_of(self, appeal_id: int) -> int:
        """Return the number of the event that an appeal is, by our id."""
        return appeal_id - self.appeals_n

    def _fill(self, database: Database) -> int:
        migrate(database)
        now = datetime.now(UTC)
        ensure_rollups(database, self.profile.zone, now)
        with database.write() as connection:
            fill_appeals(connection, self.profile, self.appeals_n, self.box, now)
            rebuild_rollups(connection, self.profile.zone)
        commit_incidents(database, self.profile, self.box, now)
        keep_sources_fresh(database, self.profile, now)
        with database.read() as connection:
            query = sa.select(sa.func.count()).where(appeals.c.is_open == sa.true())
            return int(connection.scalar(query) or 0)


def write_sources(folder: Path) -> Path:
    """Write the demonstration's sources with limits of freshness that outlast a measurement; return the file."""
    text = (ROOT / "profiles" / read_settings({}).profile / "sources.toml").read_text(encoding="utf-8")
    for name, limit_s in (("ageing_s", 900), ("stale_s", 1800), ("dead_s", 3600)):
        text = re.sub(rf"(?m)^{name}\s*=.*$", f"{name} = {limit_s}", text)
    path = folder / "sources.toml"
    path.write_text(text.replace("{simulator}", "http://127.0.0.1:9"), encoding="utf-8")
    return path


def fill_appeals(connection: Connection, profile: Profile, appeals_n: int, box: Box, now: datetime) -> None:
    """Put invented appeals into the tables; the newest 1,000 are events -999 to 0 of the grid and open."""
    chance = Random(1)  # noqa: S311 - invented facts, no secret
    sources = [source for source in profile.sources if source.records == "appeals"]
    rows: list[dict[str, Any]] = []
    for number in range(1, appeals_n + 1):
        n = number - appeals_n
        is_newest = n > -MARKS_N
        age = _NEWEST_SPAN * (-n / MARKS_N) if is_newest else _NEWEST_SPAN + timedelta(days=(-n - MARKS_N) / _PER_DAY)
        received_at = now - age - timedelta(seconds=2)
        answered_at = received_at + timedelta(hours=chance.expovariate(1 / 40))
        is_open = is_newest or answered_at > now
        source, topic = chance.choice(sources), chance.choice(profile.topics)
        lat, lon = point_of(n, box)
        rows.append({
            "id": number, "source_id": source.id, "foreign_id": f"before-{number}", "channel": source.channel,
            "sector": topic.sector, "topic": topic.id, "topic_reason": "other",
            "area": chance.choice(profile.areas).id, "area_reason": "unknown", "body": None,
            "status": "in_work" if is_open else "answered", "is_open": is_open, "received_at": received_at,
            "feed_at": received_at, "updated_at": None, "answered_at": None if is_open else answered_at,
            "due_at": received_at + timedelta(hours=96), "due_basis": "record", "due_norm": None,
            "rating": None if is_open else chance.choice([None, 3, 5]), "lat": lat, "lon": lon,
            "point_state": "as_given", "moved": False, "repeat_of": None, "text": "A text of the usual length, " * 8,
            "fingerprint": str(number), "version": 1, "valid_at": received_at, "known_at": received_at,
        })  # fmt: skip
    connection.execute(sa.insert(appeals), rows)
    connection.execute(sa.update(counters).values(value=appeals_n).where(counters.c.name == "appeal_id"))


def commit_incidents(database: Database, profile: Profile, box: Box, now: datetime) -> None:
    """Open twelve incidents through the product's own ingest."""
    source = next(source for source in profile.sources if source.records == "incidents")
    levels, kinds = profile.levels, profile.incident_kinds
    records = []
    for number in range(INCIDENTS_N):
        lat, lon = point_of(number * 7 + 3, box)
        records.append(
            IncidentRecord(
                foreign_id=f"incident-{number}",
                started_at=now - timedelta(minutes=10 * number + 5),
                status=IncidentStatus.IN_WORK,
                kind=kinds[number % len(kinds)].id,
                level=levels[number % len(levels)].id,
                affected_n=100 * number,
                area_name=profile.areas[number % len(profile.areas)].id,
                point=Point(lat, lon),
            )
        )
    commit_page(database, PlainClassifier(profile), source, page(*records), now)


def keep_sources_fresh(database: Database, profile: Profile, now: datetime) -> None:
    """Note a complete poll without news for every source, as the pollers do every few seconds."""
    classifier = PlainClassifier(profile)
    for source in profile.sources:
        commit_page(database, classifier, source, page(lists_all_open=False), now)
