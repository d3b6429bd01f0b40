"""How long a snapshot and the values take over a given number of appeals.

    python -m bench.read_models [--appeals 100000] [--url sqlite:////tmp/….sqlite3]

Facts are invented: 800 appeals a day up to a standing moment, about 90 % of them done.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.ingest.ticker import Ticker
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.readmodels.registry import READ_MODELS, build_snapshot, build_values
from svodka.storage.database import Connection, Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.rollups import rebuild_rollups
from svodka.storage.tables import appeals, counters

NOW = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
PER_DAY = 800
ROUNDS = 25


def fill(connection: Connection, profile: Profile, appeals_n: int) -> None:
    """Put invented appeals into the tables."""
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
    rebuild_rollups(connection, profile.zone)


def measure(name: str, work: Callable[[], object]) -> None:
    """Print how long some work takes: by the clock, and of this process's CPU, which a busy machine does not blur."""
    taken, cpu = [], []
    for _ in range(ROUNDS):
        began, cpu_began = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - cpu_began) * 1000)
    figures = [statistics.median(taken), min(taken), statistics.median(cpu)]
    print(f"{name:24} median {figures[0]:7.2f} ms   best {figures[1]:7.2f} ms   CPU {figures[2]:7.2f} ms")


def run(database: Database, profile: Profile, appeals_n: int) -> None:
    """Fill the database and measure."""
    migrate(database)
    with database.write() as connection:
        fill(connection, profile, appeals_n)
    with database.read() as connection:
        for model in READ_MODELS:
            measure(model.stem, lambda model=model: model.compute(connection, profile, NOW))
        for kind in ChangeKind:
            measure(f"values of {kind.value}", lambda kind=kind: build_values(connection, profile, NOW, {kind}))
        measure("all values", lambda: build_values(connection, profile, NOW, set(ChangeKind)))
        measure("snapshot", lambda: build_snapshot(connection, profile, ManualClock(NOW), "e", 0))
    ticker = Ticker(database, profile, ManualClock(NOW))
    ticker.tick()
    measure("ticker, nothing to tell", ticker.tick)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appeals", type=int, default=100_000)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(options.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        run(opened, load_profile("kuzbass"), options.appeals)
        opened.close()
