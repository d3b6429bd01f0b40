"""The schedule of polls, with the real scheduler, database and HTTP; threads meet at events, never after a pause."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from datasources.registry import build_connector
from svodka.domain.clock import Clock, ScaledClock, SystemClock, monotonic_s
from svodka.ingest.cycle import run_cycle
from svodka.ingest.polling import CycleOutcome, Errand, Feed, Poller, lease_name, real_interval_s
from svodka.ingest.tenure import Tenure
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.sources import load_sources
from tests.contracts import hostile
from tests.contracts.hostile import HostileServer, answer, hostile_server
from tests.ingest_factory import PlainClassifier, tiny_profile

LIMIT_S = 20


class Done(msgspec.Struct):
    """Outcome of a cycle in tests that need no source."""

    error_kind: str = ""
    retry_after_s: float | None = None


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def _source(source_id: str = "calls", *, interval_s: float = 0.2, url: str = "{simulator}") -> SourceConfig:
    return SourceConfig(
        id=source_id,
        name=source_id,
        connector="http_json",
        records="appeals",
        channel="portal",
        url=url,
        interval_s=interval_s,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        params={
            "fields": {"id": ["id"], "started_at": "at"},
            "status_default": "new",
            "http": {"read_s": 30.0, "total_s": 60.0},
        },
    )


class Counted:
    """Counts calls and lets a test wait for the n-th."""

    def __init__(self) -> None:
        self.at_s: list[float] = []
        self._more = threading.Condition()

    def __call__(self) -> None:
        with self._more:
            self.at_s.append(monotonic_s())
            self._more.notify_all()

    def wait_for(self, n: int) -> None:
        with self._more:
            assert self._more.wait_for(lambda: len(self.at_s) >= n, timeout=LIMIT_S), f"{len(self.at_s)} of {n}"


def _poller(
    database: Database,
    sources: list[SourceConfig],
    run: Callable[[Feed], CycleOutcome],
    *,
    holder: str = "one",
    clock: Clock | None = None,
    **more: object,
) -> Poller:
    machine = SystemClock()
    names = [*(lease_name(s.id) for s in sources), "errand"]
    tenure = Tenure(database, names, holder=holder, machine_clock=machine)
    feeds = [Feed(source=source, connector=None, close=lambda: None) for source in sources]
    return Poller(
        feeds=feeds, run=run, tenure=tenure, clock=clock or machine, machine_clock=machine, draw=lambda: 0.0, **more
    )


def test_every_source_is_polled_at_once_and_then_by_its_interval(sqlite):
    polled = {"a": Counted(), "b": Counted()}
    begun_s = monotonic_s()

    def run(feed: Feed) -> Done:
        polled[feed.source.id]()
        return Done()

    poller = _poller(sqlite, [_source("a"), _source("b", interval_s=3600)], run)
    poller.start()
    polled["a"].wait_for(4)
    polled["b"].wait_for(1)
    assert poller.stop(3)
    assert polled["a"].at_s[0] - begun_s < 2
    assert polled["a"].at_s[3] - polled["a"].at_s[0] >= 3 * 0.2 * 0.8 - 0.05
    assert len(polled["b"].at_s) == 1


def test_polls_of_one_source_never_overlap_and_a_slow_source_holds_up_no_other(sqlite):
    release, fast = threading.Event(), Counted()
    inside, most = [0], [0]

    def run(feed: Feed) -> Done:
        if feed.source.id == "fast":
            fast()
            return Done()
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        release.wait(LIMIT_S)
        inside[0] -= 1
        return Done()

    poller = _poller(sqlite, [_source("slow"), _source("fast")], run)
    poller.start()
    fast.wait_for(6)
    assert most == [1]
    release.set()
    assert poller.stop(5)


def test_a_failing_source_is_asked_again_after_a_pause_and_not_before_it_wants(sqlite):
    polled, planned = Counted(), []

    def run(_feed: Feed) -> Done:
        polled()
        return Done(error_kind="SourceUnavailableError", retry_after_s=1.0 if len(polled.at_s) == 1 else None)

    poller = _poller(sqlite, [_source()], run, plan=lambda _source, delay_s: planned.append(delay_s))
    poller.start()
    polled.wait_for(3)
    assert poller.stop(3)
    assert planned[:2] == [1.0, 0.2]
    assert polled.at_s[1] - polled.at_s[0] >= 0.95


def test_a_fault_in_one_cycle_ends_neither_its_job_nor_the_others(sqlite):
    polled = {"a": Counted(), "b": Counted()}

    def run(feed: Feed) -> Done:
        polled[feed.source.id]()
        if feed.source.id == "a":
            message = "a fault of ours"
            raise RuntimeError(message)
        return Done()

    poller = _poller(sqlite, [_source("a"), _source("b")], run)
    poller.start()
    polled["a"].wait_for(3)
    polled["b"].wait_for(3)
    assert poller.stop(3)


def test_of_two_pollers_one_polls_and_the_other_takes_over_when_it_stops(sqlite):
    first, second = Counted(), Counted()
    one = _poller(sqlite, [_source()], lambda _feed: (first(), Done())[1], holder="one")
    two = _poller(sqlite, [_source()], lambda _feed: (second(), Done())[1], holder="two")
    one.start()
    first.wait_for(1)
    two.start()
    first.wait_for(4)
    assert second.at_s == []
    assert one.stop(3)
    polls_of_first = len(first.at_s)
    second.wait_for(2)
    assert two.stop(3)
    assert len(first.at_s) == polls_of_first


def test_an_errand_is_run_by_who_holds_its_lease_and_survives_its_own_faults(sqlite):
    """Two processes want it; the second begins when the first stops. A fault ends neither it nor the polling."""
    ran, polled = {"one": Counted(), "two": Counted()}, Counted()

    def poller(holder: str) -> Poller:
        def run() -> None:
            ran[holder]()
            if len(ran[holder].at_s) == 1:
                message = "a fault of ours"
                raise RuntimeError(message)

        errand = Errand(name="an-errand", every_s=0.1, run=run, lease="errand")
        return _poller(sqlite, [_source()], lambda _feed: (polled(), Done())[1], holder=holder, errands=[errand])

    one, two = poller("one"), poller("two")
    one.start()
    two.start()
    ran["one"].wait_for(4)
    polled.wait_for(2)
    assert ran["two"].at_s == []
    assert one.stop(3)
    ran["two"].wait_for(2)
    assert two.stop(3)


def test_with_an_accelerated_clock_intervals_shrink_but_not_below_a_fifth_of_a_second():
    source = _source(interval_s=60)
    assert real_interval_s(source, 1.0) == 60
    assert real_interval_s(source, 60.0) == 1
    assert real_interval_s(source, 100_000.0) == 0.2
    assert real_interval_s(source, 0.0) == 60
    scaled = ScaledClock(origin=datetime(2026, 1, 1, tzinfo=UTC), real_origin=datetime(2026, 1, 1, tzinfo=UTC), rate=60)
    assert real_interval_s(source, scaled.rate) == 1


def test_real_polls_store_records_note_failures_and_recover(sqlite, server):
    at = SystemClock().now() - timedelta(minutes=5)
    good = answer(msgspec.json.encode([{"id": "1", "at": at}]))
    committed, source, clock = Counted(), _source(), SystemClock()
    connector = build_connector(source, clock, simulator_url=server.url)
    tenure = Tenure(sqlite, [lease_name(source.id)], holder="one", machine_clock=clock)
    classifier = PlainClassifier(tiny_profile())

    def run(feed: Feed) -> CycleOutcome:
        return run_cycle(sqlite, classifier, feed.source, feed.connector, clock)

    poller = Poller(
        feeds=[Feed(source=source, connector=connector, close=connector.close)],
        run=run,
        tenure=tenure,
        clock=clock,
        machine_clock=clock,
        draw=lambda: 0.0,
        after_commit=committed,
    )
    server.behaviour = good
    poller.start()
    committed.wait_for(2)
    server.behaviour = answer(b"", status=503)
    committed.wait_for(len(committed.at_s) + 3)
    with sqlite.read() as connection:
        failing = load_sources(connection)[source.id]
    assert failing.failures_n >= 1
    assert failing.records_total == 1
    server.behaviour = good
    committed.wait_for(len(committed.at_s) + 4)
    assert poller.stop(3)
    with sqlite.read() as connection:
        health = load_sources(connection)[source.id]
    assert (health.failures_n, health.error_kind, health.records_total) == (0, "", 1)


def test_a_poll_that_hangs_does_not_delay_the_end(sqlite, server):
    server.behaviour = hostile.silence
    source, clock, asked = _source(), SystemClock(), threading.Event()
    connector = build_connector(source, clock, simulator_url=server.url)
    tenure = Tenure(sqlite, [lease_name(source.id)], holder="one", machine_clock=clock)

    def run(feed: Feed) -> CycleOutcome:
        return run_cycle(sqlite, PlainClassifier(tiny_profile()), feed.source, feed.connector, clock)

    def hang(handler: hostile.Handler) -> None:
        asked.set()
        hostile.silence(handler)

    server.behaviour = hang
    poller = Poller(
        feeds=[Feed(source=source, connector=connector, close=connector.close)],
        run=run,
        tenure=tenure,
        clock=clock,
        machine_clock=clock,
        draw=lambda: 0.0,
    )
    poller.start()
    assert asked.wait(LIMIT_S)
    begun_s = monotonic_s()
    assert poller.stop(3)
    assert monotonic_s() - begun_s < 3
