"""Invented facts for benchmarks: 800 appeals a day up to a standing moment, about 90 % of them done.

Source: nobody; the numbers are of a middle-sized region's order.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import sqlalchemy as sa

from svodka.profiles.model import Profile
from svodka.storage.database import Connection
from svodka.storage.rollups import rebuild_rollups
from svodka.storage.sources import SourceHealth, save_source
from svodka.storage.tables import appeals, counters

NOW = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
PER_DAY = 800


def put_appeals(connection: Connection, profile: Profile, appeals_n: int) -> None:
    """Put invented appeals and what was read of their sources into empty tables."""
    chance = Random(1)  # noqa: S311 - invented facts, no secret
    topics, areas, channels = profile.topics, profile.areas, profile.channels
    rows = []
    for number in range(1, appeals_n + 1):
        received_at = NOW - timedelta(days=(appeals_n - number + chance.random()) / PER_DAY)
        answered_at = received_at + timedelta(hours=chance.expovariate(1 / 40))
        is_open = answered_at > NOW
        topic = chance.choice(topics)
        rows.append({
            "id": number, "source_id": "s", "foreign_id": str(number), "channel": chance.choice(channels).id,
            "sector": topic.sector, "topic": topic.id, "topic_reason": "other", "area": chance.choice(areas).id,
            "area_reason": "unknown", "body": None, "status": "in_work" if is_open else "answered",
            "is_open": is_open, "received_at": received_at, "feed_at": received_at, "updated_at": None,
            "answered_at": None if is_open else answered_at, "due_at": received_at + timedelta(hours=96),
            "due_basis": "record", "due_norm": None, "rating": None if is_open else chance.choice([None, 3, 5]),
            "lat": 54.0, "lon": 86.0, "point_state": "as_given", "moved": False, "repeat_of": None,
            "text": "A text of the usual length, " * 8, "fingerprint": str(number), "version": 1,
            "valid_at": received_at, "known_at": received_at,
        })  # fmt: skip
    connection.execute(sa.insert(appeals), rows)
    connection.execute(sa.update(counters).values(value=appeals_n).where(counters.c.name == "appeal_id"))
    for source in profile.sources:
        covered_from_at = NOW - timedelta(days=appeals_n / PER_DAY)
        save_source(connection, SourceHealth(source_id=source.id, covered_from_at=covered_from_at))
    rebuild_rollups(connection, profile.zone)
