"""When each source is polled: one job per source, never overlapping, with pauses after failures.

What one poll does is `svodka.ingest.cycle`'s; this module decides only when. The schedule lives in memory: what
must survive a restart is the cursor, and that is in the database. Everything here runs in real time; with an
accelerated clock the sources' intervals shrink by its rate.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Protocol

import msgspec
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from svodka.domain.clock import Clock
from svodka.domain.records import Connector
from svodka.ingest.backoff import decide_delay_s
from svodka.ingest.tenure import RENEW_EVERY_S, Tenure
from svodka.profiles.model import SourceConfig

MIN_INTERVAL_S = 0.2
_JITTER_SHARE = 0.1


class CycleOutcome(Protocol):
    """What the policy needs to know of a cycle."""

    @property
    def error_kind(self) -> str:
        """Class of the error that ended the cycle, "" where none did."""
        ...

    @property
    def retry_after_s(self) -> float | None:
        """Pause that the source asked for."""
        ...


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One source with its connector; `close` ends a request in flight."""

    source: SourceConfig
    connector: Connector
    close: Callable[[], None]


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the scheduler does besides polling, on its own threads: so it fails when the scheduler does.

    Attributes:
        name: Of the job; no source's lease has this form.
        every_s: Real seconds between two.
        run: Does it; maps the errors that are to be expected by itself.
        lease: The lease without which this process leaves it alone; empty: every process does it.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    lease: str = ""


def real_interval_s(source: SourceConfig, rate: float) -> float:
    """Return seconds of the machine between two polls, given the rate of the product's clock (0: it stands)."""
    return max(MIN_INTERVAL_S, source.interval_s / rate if rate > 1 else source.interval_s)


class Poller:
    """Polls the sources whose leases this process holds.

    Args:
        feeds: What to poll.
        run: Runs one cycle of a feed; maps the errors of sources and of the database by itself.
        tenure: The leases, named as the sources' ids by `lease_name`.
        clock: The product's clock, for its rate.
        machine_clock: The machine's real clock.
        draw: Gives random numbers 0..1.
        after_commit: Called after each good cycle, so that what it brought goes out at once.
        plan: Told when a source will be asked again after a failure (source, real seconds).
        errands: What else the scheduler does.
    """

    def __init__(
        self,
        *,
        feeds: Sequence[Feed],
        run: Callable[[Feed], CycleOutcome],
        tenure: Tenure,
        clock: Clock,
        machine_clock: Clock,
        draw: Callable[[], float],
        after_commit: Callable[[], None] = lambda: None,
        plan: Callable[[SourceConfig, float], None] = lambda _source, _delay_s: None,
        errands: Sequence[Errand] = (),
    ) -> None:
        self._feeds = tuple(feeds)
        self._run = run
        self._tenure = tenure
        self._rate = clock.rate
        self._machine_clock = machine_clock
        self._draw = draw
        self._after_commit = after_commit
        self._plan = plan
        self._errands = tuple(errands)
        self._failures: dict[str, int] = {}
        self._wanted: set[str] = set()
        self._stopping = threading.Event()
        self._working = 0
        self._idle = threading.Condition()
        self._log = structlog.get_logger().bind(part="polling")
        scheduler_log = logging.getLogger("svodka.scheduler")
        # A cycle longer than its interval is skipped, not stacked, and shows in the cycle's own line by its length.
        scheduler_log.setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            logger=scheduler_log,
            # A thread for each job: a source that hangs must not keep the others waiting.
            executors={"default": ThreadPoolExecutor(len(self._feeds) + len(self._errands) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin: every source is polled at once, then by its interval."""
        self._tenure.renew()
        self._scheduler.add_job(self._tenure.renew, IntervalTrigger(seconds=RENEW_EVERY_S), id="tenure")
        now = self._machine_clock.now()
        for feed in self._feeds:
            interval_s = real_interval_s(feed.source, self._rate)
            self._scheduler.add_job(
                self._poll,
                IntervalTrigger(seconds=interval_s, jitter=interval_s * _JITTER_SHARE, timezone=UTC),
                args=[feed],
                id=lease_name(feed.source.id),
                next_run_time=now,
            )
        for errand in self._errands:
            trigger = IntervalTrigger(seconds=errand.every_s, timezone=UTC)
            self._scheduler.add_job(self._run_errand, trigger, args=[errand], id=errand.name, next_run_time=now)
        self._scheduler.start()

    def poll_now(self, source_id: str) -> None:
        """Have a source polled at once; where it is being polled, once more after that."""
        self._wanted.add(source_id)
        if not self._stopping.is_set():
            self._scheduler.modify_job(lease_name(source_id), next_run_time=self._machine_clock.now())

    def stop(self, timeout_s: float) -> bool:
        """End: no new polls, cycles at work may finish, then their requests are cut; leases are given back.

        Args:
            timeout_s: How long to wait for cycles at work, in all.

        Returns:
            Whether all of them ended.
        """
        self._stopping.set()
        self._scheduler.shutdown(wait=False)
        # Most cycles end in a moment; cutting those too would note a failure where there is none.
        ended = self._wait_until_idle(timeout_s / 3)
        for feed in self._feeds:
            feed.close()
        ended = ended or self._wait_until_idle(timeout_s * 2 / 3)
        self._tenure.give_up()
        return ended

    def _wait_until_idle(self, timeout_s: float) -> bool:
        with self._idle:
            return self._idle.wait_for(lambda: self._working == 0, timeout=timeout_s)

    def _poll(self, feed: Feed) -> None:
        source_id = feed.source.id
        self._poll_once(feed)
        while source_id in self._wanted and not self._stopping.is_set():  # wished for meanwhile
            self._poll_once(feed)

    def _poll_once(self, feed: Feed) -> None:
        source_id = feed.source.id
        self._wanted.discard(source_id)
        if self._stopping.is_set() or not self._tenure.holds(lease_name(source_id)):
            return
        try:
            with self._at_work():
                outcome = self._run(feed)
            failed, retry_after_s = bool(outcome.error_kind), outcome.retry_after_s
        except Exception:  # noqa: BLE001 - a fault of ours in one source must end neither its job nor the others'
            self._log.exception("cycle_broke", source=source_id)
            failed, retry_after_s = True, None
        if failed:
            self._back_off(feed.source, retry_after_s)
        else:
            self._failures.pop(source_id, None)
            self._after_commit()

    def _run_errand(self, errand: Errand) -> None:
        if self._stopping.is_set() or (errand.lease and not self._tenure.holds(errand.lease)):
            return
        try:
            with self._at_work():
                errand.run()
        except Exception:  # noqa: BLE001 - a fault of ours in one errand must not end its job
            self._log.exception("errand_broke", errand=errand.name)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._idle:
            self._working += 1
        try:
            yield
        finally:
            with self._idle:
                self._working -= 1
                self._idle.notify_all()

    def _back_off(self, source: SourceConfig, retry_after_s: float | None) -> None:
        if self._stopping.is_set():
            return
        failures_n = self._failures[source.id] = self._failures.get(source.id, 0) + 1
        delay_s = decide_delay_s(
            failures_n=failures_n,
            interval_s=real_interval_s(source, self._rate),
            retry_after_s=retry_after_s,
            draw=self._draw(),
        )
        next_at = self._machine_clock.now() + timedelta(seconds=delay_s)
        self._scheduler.modify_job(lease_name(source.id), next_run_time=next_at)
        self._after_commit()  # a failure changes the source's state on the wall
        self._plan(source, delay_s)


def lease_name(source_id: str) -> str:
    """Return the name of the lease, and of the job, of a source."""
    return f"poll:{source_id}"[:64]
