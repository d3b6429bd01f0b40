"""Two web and two poll processes on one PostgreSQL and one Redis: what no browser may notice of it.

Real processes of `python app.py`, two sources in this process that tell of something new with every answer, and
models of browsers on both web servers. Pollers are killed and stopped, a web process is killed and started again.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from svodka.domain import codec
from svodka.ingest.polling import lease_name
from svodka.ingest.tenure import LEASE_S
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.storage.database import open_database
from svodka.storage.tables import appeal_versions, appeals, incidents, leases
from tests.contracts.hostile import DATE, HostileServer, hostile_server
from tests.e2e.processes import wait_until
from tests.e2e.product import Product
from tests.profile_factory import write_profile
from tests.wall_models import WallModel

INTERVAL_S = 0.5
ANSWER_S = 0.1
READ_S = 2.0
NOTICED_S = 3.0  # renewing every three seconds: how late a free lease may be noticed
MARGIN_S = 4.0  # processes of a busy machine
LIMIT_S = 90.0
SOURCES = """
[provenance]
source = "invented for tests"
date = "2026-01-01"
[[source]]
id = "letters"
name = "Letters"
connector = "http_json"
records = "appeals"
channel = "web"
url = "{url}/letters"
interval_s = 0.5
ageing_s = 20
stale_s = 40
dead_s = 600
[source.params]
statuses = {{ new = "new", answered = "answered" }}
[source.params.fields]
id = ["id"]
started_at = "at"
status = "status"
text = "text"
[source.params.http]
read_s = 2.0
allow_private = true
[[source]]
id = "duty"
name = "Duty"
connector = "http_json"
records = "incidents"
url = "{url}/duty"
interval_s = 0.5
ageing_s = 20
stale_s = 40
dead_s = 600
close_after_missing_polls = 3
[source.params]
lists_all_open = true
status_default = "in_work"
[source.params.fields]
id = ["id"]
started_at = "at"
[source.params.http]
read_s = 2.0
allow_private = true
"""


class Sources:
    """Two feeds; each answer takes a moment and is written down with the time of its question.

    Attributes:
        spans: (source, asked, answered) in seconds of the monotonic clock.
        told: Ids of all letters that ever stood in an answer.
    """

    def __init__(self, server: HostileServer) -> None:
        self.url = server.url
        self.spans: list[tuple[str, float, float]] = []
        self.told: set[str] = set()
        self.hold = threading.Event()
        self.held = threading.Event()
        self.release = threading.Event()
        self.is_answered = False
        self._n = 0
        self._began = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)
        self._lock = threading.Lock()
        server.behaviour = self._answer

    def _answer(self, handler) -> None:
        began = time.monotonic()
        source = handler.path.strip("/")
        with self._lock:
            body = codec.encode(self._letters() if source == "letters" else self._duty())
        handler.server.ended.wait(ANSWER_S)
        if source == "letters" and self.hold.is_set() and not self.held.is_set():
            self.held.set()
            self.release.wait(LIMIT_S)
        else:
            self.spans.append((source, began, time.monotonic()))
        handler.head(200, Content_Type="application/json", Content_Length=str(len(body)), Date=DATE)
        handler.wfile.write(body)

    def _letters(self) -> list[dict[str, str]]:
        """Return the newest letters, one new with every answer; the first changes when the test says so."""
        self._n += 1
        listed = [0, *range(max(1, self._n - 30), self._n + 1)]
        rows = [
            {"id": f"letter-{n}", "at": self._at(n), "text": f"about n. {n}",
             "status": "answered" if n == 0 and self.is_answered else "new"}
            for n in listed
        ]  # fmt: skip
        self.told |= {row["id"] for row in rows}
        return rows

    def _duty(self) -> list[dict[str, str]]:
        """Return what is open now: each incident stands in a few answers and then is over."""
        n = len(self.spans)
        return [{"id": f"duty-{i}", "at": self._at(i)} for i in range(max(0, n - 40) // 8, n // 8 + 1)]

    def _at(self, n: int) -> str:
        return (self._began + timedelta(milliseconds=10 * n)).isoformat()

    def asked_n(self, source: str) -> int:
        return sum(name == source for name, *_ in self.spans)

    def overlaps(self) -> list[tuple[float, float]]:
        """Return the times at which a source was asked though its last answer was still on its way."""
        found = []
        for source in ("letters", "duty"):
            spans = sorted((began, ended) for name, began, ended in self.spans if name == source)
            found += [(one[1], other[0]) for one, other in pairwise(spans) if other[0] < one[1]]
        return found


class Region:
    """Two of each."""

    def __init__(self, folder, database_url, sources) -> None:
        self.sources = sources
        self.broker = Broker(folder / "redis", find_broker_binary())
        self.broker.start()
        self.database = open_database(database_url)
        path = folder / "sources.toml"
        path.write_text(SOURCES.format(url=sources.url), encoding="utf-8")
        self._folder = folder
        self._settings = {
            "profile": str(write_profile(folder / "profile")),
            "sources": str(path),
            "database_url": database_url,
            "redis_url": self.broker.url,
        }
        self.products: list[Product] = []
        self.models: list[WallModel] = []

    def start(self, word) -> Product:
        folder = self._folder / f"{word}-{len(self.products)}"
        folder.mkdir()
        self.products.append(Product(folder, words=(word,), **self._settings).start())
        return self.products[-1]

    def start_poller(self) -> Product:
        """Start a poller and wait until it asks for leases."""
        product = self.start("poll")
        wait_until(lambda: '"polling"' in product.read_output(), LIMIT_S, f"polls\n{product.read_output()}")
        return product

    def holder_of(self, source) -> int | None:
        """Return the process that holds a source's lease."""
        with self.database.read() as connection:
            told = connection.scalar(sa.select(leases.c.holder).where(leases.c.name == lease_name(source)))
        return int(told.split(":")[1]) if told else None

    def wait_for_more(self, source, n) -> None:
        target = self.sources.asked_n(source) + n
        wait_until(lambda: self.sources.asked_n(source) >= target, LIMIT_S, f"{source} is asked\n{self.outputs()}")

    def wait_equal(self) -> None:
        """Wait until all models stand at one number, and see that they are one state and the database's."""

        def is_so() -> bool:
            return len({model.position for model in self.models}) == 1

        wait_until(is_so, LIMIT_S, f"all at one number: {[model.position for model in self.models]}")

    def outputs(self) -> str:
        return "\n".join(product.read_output(1500) for product in self.products)

    def close(self) -> None:
        for model in self.models:
            model.close()
        for product in self.products:
            product.close()
        self.database.close()
        self.broker.stop()


@pytest.fixture
def region(tmp_path, postgres_url):
    with hostile_server() as server:
        region = Region(tmp_path, postgres_url, Sources(server))
        try:
            yield region
        finally:
            region.sources.release.set()
            region.close()


def taken_over_within(region, source, before) -> float:
    """Return how long it took until another process held the lease and asked the source."""
    began = time.monotonic()
    wait_until(lambda: region.holder_of(source) not in {None, before}, LIMIT_S, "another holds the lease")
    region.wait_for_more(source, 1)
    return time.monotonic() - began


@pytest.mark.timeout(400)
def test_no_browser_notices_that_there_are_two_of_each(region):
    """Nothing lost or doubled, every source asked by one at a time, whatever process dies or stops."""
    sources = region.sources
    webs = [region.start("web") for _ in range(2)]
    pollers = {product.pid: product for product in (region.start_poller() for _ in range(2))}
    for web in webs:
        wait_until(lambda web=web: web.answers("/healthz"), LIMIT_S, f"served\n{region.outputs()}")
    region.models += [WallModel(web.url) for web in webs for _ in range(3)]
    region.wait_for_more("letters", 5)

    # A poller is killed: the other goes on within a lease.
    first = region.holder_of("letters")
    pollers[first].send(signal.SIGKILL)
    pollers.pop(first).wait_end()
    assert taken_over_within(region, "letters", first) < LEASE_S + NOTICED_S + INTERVAL_S + MARGIN_S
    another = region.start_poller()
    pollers[another.pid] = another
    region.wait_for_more("duty", 4)

    # A poller is stopped with an answer on its way, loses its lease, and goes on: what it holds is old.
    second = region.holder_of("letters")
    sources.hold.set()
    wait_until(sources.held.is_set, LIMIT_S, "an answer is held")
    os.kill(second, signal.SIGSTOP)
    try:
        sources.is_answered = True
        assert taken_over_within(region, "letters", second) < LEASE_S + NOTICED_S + INTERVAL_S + MARGIN_S
        region.wait_for_more("letters", 2)
        sources.release.set()
    finally:
        os.kill(second, signal.SIGCONT)
    region.wait_for_more("letters", 6)
    with region.database.read() as connection:
        columns = appeals.c
        [(first_id, status)] = connection.execute(
            sa.select(columns.id, columns.status).where(columns.foreign_id == "letter-0")
        )
        versions = connection.scalar(sa.select(sa.func.count()).where(appeal_versions.c.appeal_id == first_id))
    assert (status, versions) == ("answered", 2)

    # A web process is killed and started again: its browsers come back to it and miss nothing.
    webs[0].send(signal.SIGKILL)
    webs[0].wait_end()
    region.wait_for_more("letters", 3)
    webs[0].start()
    region.wait_for_more("letters", 4)
    wait_until(lambda: all(model.is_connected for model in region.models), LIMIT_S, "all are back")

    for product in pollers.values():  # nothing new is told any more
        product.send(signal.SIGTERM)
        product.wait_end()
    region.wait_equal()
    check_equal(region)
    assert sources.overlaps() == []


def check_equal(region) -> None:
    """Every model is what every other is and what the database holds; each saw each event, and once."""
    with region.database.read() as connection:
        rows = dict(connection.execute(sa.select(appeals.c.id, appeals.c.foreign_id)).all())
        open_n = connection.scalar(sa.select(sa.func.count()).where(incidents.c.is_open == sa.true()))
        incident_ids = set(connection.scalars(sa.select(incidents.c.id)))
    assert sorted(rows.values()) == sorted(region.sources.told)
    states = [model.state for model in region.models]
    assert all(state.appeals == states[0].appeals for state in states)
    assert all(state.incidents == states[0].incidents for state in states)
    assert all(state.values == states[0].values for state in states)
    assert len(states[0].appeals) == len(rows)
    assert len(states[0].incidents) == open_n
    for model in region.models:
        assert model.seen == {str(id_) for id_ in rows}
        doubled = [key for key, n in Counter(model.applied).items() if n > 1]
        assert doubled == []
        told_later = {str(id_) for id_ in incident_ids if id_ > (model.first_incident or 0)}
        assert model.incidents >= told_later, "what began and ended while the line was gone is told afterwards"
        assert (model.faults, model.unnamed_n) == ([], 0)
        assert model.failing == set(), "a source that one of two can ask is not failing"
