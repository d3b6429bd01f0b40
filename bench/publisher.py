"""The process that makes events happen: it commits appeals through the product's ingest and has them announced.

    python -m bench.publisher --home FOLDER --sources FILE --redis URL --to product|peers

It is what `python app.py poll` is to the product, without sources to ask: ingest, relay, ticker, heartbeat. An
event's t0 is the moment after its transaction committed; its number is counted through all publishers of an
installation. Peers get the very same work: the same commit, and then one plain message on Redis that holds all they
have to show, so that they need to read no database. Orders come as JSON lines on standard input, answers go as JSON
lines to standard output.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import redis
import sqlalchemy as sa

from bench.grid import MARKS_N, Box, point_of
from bench.installation import Installation, keep_sources_fresh
from svodka.domain.clock import SystemClock
from svodka.domain.codec import decode_as, encode, encode_text
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, Point
from svodka.ingest.commit import commit_page
from svodka.ingest.ticker import Ticker
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.realtime.loops import Loop, switch_promptly
from svodka.realtime.relay import Relay
from svodka.settings import read_settings
from svodka.storage.database import Database, open_database
from svodka.storage.heartbeat import append_heartbeat
from svodka.storage.tables import counters
from tests.e2e.product import ROOT
from tests.ingest_factory import PlainClassifier, page

CHANNEL = "bench:events"
NEWEST_KEY = "bench:newest"
_HEARTBEAT_EVERY_S = 10
_POLL_EVERY_S = 5


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to publish.

    Attributes:
        rate: Events a second.
        seconds: For how long.
        page_n: Events of one commit. Commits of one event come at random moments (a Poisson process), because even
            steps would fall into step with the screen's; commits of many come in even steps.
    """

    rate: float
    seconds: float
    page_n: int = 1


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published.

    Attributes:
        first_n: Number of the first event.
        stamps: t0 of every event in their order, seconds since 1970.
        late_s: By how much the publisher fell behind its own plan at worst.
    """

    first_n: int
    stamps: list[float]
    late_s: float


class Events:
    """Commits numbered events."""

    def __init__(
        self, database: Database, profile: Profile, box: Box, last_n: int, announce: Callable[[list[int]], None]
    ) -> None:
        self._database, self._profile, self._box, self._announce = database, profile, box, announce
        self._classifier = PlainClassifier(profile)
        self._sources = [source for source in profile.sources if source.records == "appeals"]
        self._last_n = last_n

    def publish(self, order: Order) -> Published:
        """Publish as ordered and return when the last event is committed."""
        chance = Random(self._last_n)  # noqa: S311 - moments, no secret
        spacing_s = order.page_n / order.rate
        first_n, stamps, late_s = self._last_n + 1, [], 0.0
        pages_n = round(order.rate * order.seconds / order.page_n)
        due_s = time.monotonic()
        for _ in range(pages_n):
            due_s += chance.expovariate(1 / spacing_s) if order.page_n == 1 else spacing_s
            if (wait_s := due_s - time.monotonic()) > 0:
                time.sleep(wait_s)
            late_s = max(late_s, -wait_s)
            stamps.extend([self._commit(order.page_n)] * order.page_n)
        return Published(first_n=first_n, stamps=stamps, late_s=late_s)

    def _commit(self, page_n: int) -> float:
        numbers = list(range(self._last_n + 1, self._last_n + page_n + 1))
        now = datetime.now(UTC)
        source = self._sources[numbers[0] % len(self._sources)]
        records = [self._record(n, now + timedelta(microseconds=i)) for i, n in enumerate(numbers)]
        result = page(*records, completeness=Completeness.PARTIAL, lists_all_open=False)
        commit_page(self._database, self._classifier, source, result, now)
        at_s = time.time()
        self._announce(numbers)
        self._last_n = numbers[-1]
        return at_s

    def _record(self, n: int, at: datetime) -> AppealRecord:
        topics, areas = self._profile.topics, self._profile.areas
        lat, lon = point_of(n, self._box)
        return AppealRecord(
            foreign_id=f"event-{n}",
            received_at=at,
            status=AppealStatus.NEW,
            topic_code=topics[n % len(topics)].id,
            area_name=areas[n % len(areas)].id,
            due_at=at + timedelta(hours=96),
            point=Point(lat, lon),
        )


class PeerWire:
    """Tells peers of events, and keeps what a peer that starts anew reads: the newest thousand."""

    def __init__(self, url: str, profile: Profile, box: Box, last_n: int) -> None:
        self._redis = redis.Redis.from_url(url)
        self._profile, self._box = profile, box
        with self._redis.pipeline() as pipe:
            pipe.delete(NEWEST_KEY)
            pipe.lpush(NEWEST_KEY, *(encode(self._told(n)) for n in range(last_n + 1 - MARKS_N, last_n + 1)))
            pipe.execute()

    def announce(self, numbers: list[int]) -> None:
        """Publish events as one message."""
        told = [self._told(n) for n in numbers]
        with self._redis.pipeline() as pipe:
            pipe.publish(CHANNEL, encode(told))
            pipe.lpush(NEWEST_KEY, *map(encode, told[-MARKS_N:])).ltrim(NEWEST_KEY, 0, MARKS_N - 1)
            pipe.execute()

    def _told(self, n: int) -> dict[str, object]:
        topics, areas = self._profile.topics, self._profile.areas
        lat, lon = point_of(n, self._box)
        return {
            "n": n,
            "at": f"{datetime.now(self._profile.zone):%H:%M}",
            "hour": datetime.now(self._profile.zone).hour,
            "topic": topics[n % len(topics)].short_name,
            "area": areas[n % len(areas)].short_name,
            "lat": lat,
            "lon": lon,
        }


class Upkeep(Loop):
    """What a poll process does beside its events: complete polls, ticks and heartbeats."""

    def __init__(self, database: Database, profile: Profile, told: Callable[[], None]) -> None:
        super().__init__("upkeep", 1.0)
        self._database, self._profile, self._told = database, profile, told
        self._clock = SystemClock()
        self._ticker = Ticker(database, profile, self._clock)
        self._round = 0

    def step(self) -> None:
        """Do what is due in this second."""
        now = self._clock.now()
        if self._round % _HEARTBEAT_EVERY_S == 0:
            with self._database.write() as connection:
                append_heartbeat(connection, now)
        if self._round % _POLL_EVERY_S == 1:
            keep_sources_fresh(self._database, self._profile, now)
        self._ticker.tick()
        self._round += 1
        self._told()


class Publisher:
    """The publisher as a child of a benchmark."""

    def __init__(self, installation: Installation, redis_url: str, to: str) -> None:
        words = ["--home", str(installation.home), "--sources", str(installation.sources), "--redis", redis_url]
        words += ["--to", to, "--box", encode_text(installation.box), "--before", str(installation.appeals_n)]
        self._log = (installation.folder / "publisher.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.publisher", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._answer: Published | None = None
        self._read()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def begin(self, order: Order) -> None:
        """Have an order carried out."""
        assert self._process.stdin is not None
        self._answer = None
        self._process.stdin.write(encode(order) + b"\n")
        self._process.stdin.flush()
        threading.Thread(target=self._take, daemon=True).start()

    def ended(self) -> Published | None:
        """Return what was published, None while the order is being carried out."""
        return self._answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _take(self) -> None:
        self._answer = decode_as(self._read(), Published)

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the publisher ended; see publisher.log"
        return line


def main() -> None:
    """Carry out orders until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--home", "--sources", "--redis", "--box"):
        parser.add_argument(name, required=True)
    parser.add_argument("--before", type=int, required=True, help="appeals before the first event")
    parser.add_argument("--to", choices=("product", "peers"), required=True)
    options = parser.parse_args()
    switch_promptly()  # as a poll process does
    profile = load_profile(read_settings({}).profile, options.sources)
    database = open_database(f"sqlite:///{Path(options.home) / 'svodka.sqlite3'}")
    box = decode_as(options.box, Box)
    with database.read() as connection:
        stored = connection.scalar(sa.select(counters.c.value).where(counters.c.name == "appeal_id"))
    last_n = int(stored or 0) - options.before
    if options.to == "product":
        relay = Relay(database, options.redis)
        loops: list[Loop] = [relay, Upkeep(database, profile, relay.kick)]
        events = Events(database, profile, box, last_n, lambda _: relay.kick())
    else:
        loops = []
        events = Events(database, profile, box, last_n, PeerWire(options.redis, profile, box, last_n).announce)
    for loop in loops:
        loop.start()
    print('"ready"', flush=True)
    for line in sys.stdin:
        print(encode_text(events.publish(decode_as(line, Order))), flush=True)
    for loop in reversed(loops):
        loop.stop()
    database.close()


if __name__ == "__main__":
    main()
