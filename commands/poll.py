"""`python app.py poll`: one poller process. It reads sources, keeps the ticker going and publishes what it committed.

Several may run: leases in the database give each source, and the ticker, to one of them.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from commands.checks import ensure_home
from commands.directing import LEASE as DIRECTOR
from commands.directing import Directing
from commands.metrics_server import MetricsServer
from commands.process_metrics import process_metrics, tell_poller
from commands.pulse import BEAT_EVERY_S, Alive
from datasources.registry import anew_from, begins_at, build_connector, check_against, is_pushed
from svodka.domain.clock import Clock, SystemClock, clock_from_spec, monotonic_s
from svodka.domain.errors import StartError, StorageUnavailableError
from svodka.domain.masking import mask
from svodka.domain.records import Connector
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.cells import LOOK_EVERY_S as CELLS_LOOK_EVERY_S
from svodka.ingest.cells import CellCounter
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.ingest.earlier import ensure_problems
from svodka.ingest.heartbeat import LOOK_EVERY_S, Heartbeat
from svodka.ingest.hour_watch import LOOK_EVERY_S as HOUR_LOOK_EVERY_S
from svodka.ingest.hour_watch import HourWatch
from svodka.ingest.polling import CycleOutcome, Errand, Feed, Poller, lease_name
from svodka.ingest.telemetry import PollTelemetry
from svodka.ingest.tenure import Tenure
from svodka.ingest.ticker import Ticker
from svodka.ingest.wishes import LOOK_EVERY_S as WISH_LOOK_EVERY_S
from svodka.ingest.wishes import WishKeeper
from svodka.observability.logs import configure_logs
from svodka.observability.metrics import Metrics
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile
from svodka.realtime.loops import Loop, switch_promptly
from svodka.realtime.relay import Relay
from svodka.settings import Settings
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.provenance import ensure_same_kind
from svodka.storage.pruning import PRUNE_EVERY_S, Pruning
from svodka.storage.rollups import ensure_rollups
from svodka.storage.source_states import note_next_poll_at
from svodka.storage.sources import save_next_poll_at

_VENDOR = Path(__file__).resolve().parents[1] / "assets" / "vendor"
_TICKER, _HEARTBEAT = "ticker", "heartbeat"
_TICK_EVERY_S = 1.0
_STOP_LIMIT_S = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything is a setting."""
    del parser


def _make_ready(database: Database, profile: Profile, clock: Clock) -> None:
    """Bring the database to what this program expects of it."""
    migrate(database)
    ensure_same_kind(database, profile.sources)
    ensure_rollups(database, profile.zone, clock.now())
    ensure_problems(database, profile, clock.now())


def _keep_from_collector() -> None:
    """Leave what stands now to itself: it stays, and the collector would look through it as pages are stored."""
    gc.collect()
    gc.freeze()


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Poll until a signal ends it; return 0."""
    del args
    stopping = _stop_asked_by_signal()
    switch_promptly()
    machine_clock = SystemClock()
    configure_logs(settings.log_level, "poll", machine_clock.now, mask)
    clock = clock_from_spec(settings.clock)
    profile = load_profile(settings.profile, settings.sources)
    feeds = _connect(profile, clock, settings)
    ensure_home(settings.home)
    database = open_database(settings.sqlalchemy_url)
    _make_ready(database, profile, clock)
    finder = AreaFinder(profile, ensure_geometry(settings.home, profile, _VENDOR))
    classifier = Classifier(profile, finder)
    relay = Relay(database, settings.redis_url)
    names = [_TICKER, _HEARTBEAT, DIRECTOR, *(lease_name(feed.source.id) for feed in feeds)]
    tenure = Tenure(database, names, holder=_holder(), machine_clock=machine_clock)
    heartbeat = Heartbeat(database, clock, relay.kick)
    pruning = Pruning(database, clock, settings.log_kept_h)
    ticking = _Ticking(Ticker(database, profile, clock), tenure, relay)
    directing = Directing(profile, clock, settings, database=database, tenure=tenure, relay=relay)
    loops: list[Loop] = [relay, ticking, directing]
    alive = Alive(settings.alive_fd, loops, [database])
    metrics = process_metrics("poll", [database], loops)
    tell_poller(metrics, relay=relay, heartbeat=heartbeat, tenure=tenure)
    telemetry = PollTelemetry(metrics)
    metrics_server = _serve_metrics(settings, metrics)

    def poll_now(source_id: str) -> None:
        poller.poll_now(source_id)

    polled = [feed.source for feed in feeds]
    wishes = WishKeeper(
        database,
        polled,
        clock,
        holds=lambda source_id: tenure.holds(lease_name(source_id)),
        begins_at={source.id for source in polled if begins_at(source)}.__contains__,
        poll_now=poll_now,
        anew_from=anew_from,
    )
    hours = HourWatch(database, profile, clock)
    poller = Poller(
        feeds=feeds,
        run=_poll_runner(database, classifier, clock, settings, telemetry),
        tenure=tenure,
        clock=clock,
        machine_clock=machine_clock,
        draw=random.SystemRandom().random,
        after_commit=relay.kick,
        plan=lambda source, delay_s: _note_plan(database, clock, source, delay_s),
        errands=[
            Errand(name=_HEARTBEAT, every_s=LOOK_EVERY_S, run=heartbeat.beat, lease=_HEARTBEAT),
            Errand(name="pruning", every_s=PRUNE_EVERY_S, run=pruning.run, lease=_TICKER),
            Errand(name="wishes", every_s=WISH_LOOK_EVERY_S, run=wishes.look),
            Errand(
                name="cells",
                every_s=CELLS_LOOK_EVERY_S,
                run=CellCounter(database, profile, clock, relay.kick).look,
                lease=_TICKER,
            ),
            Errand(name="hours", every_s=HOUR_LOOK_EVERY_S, run=hours.look, lease=_TICKER),
            Errand(name="alive", every_s=BEAT_EVERY_S, run=alive.beat),
        ],
    )
    log = structlog.get_logger().bind(part="poll")
    if metrics_server is not None:
        metrics_server.start()
    _keep_from_collector()
    poller.start()
    for loop in loops:
        loop.start()
    log.info("polling", sources=[feed.source.id for feed in feeds])
    stopping.wait()
    ended = poller.stop(_STOP_LIMIT_S)
    for loop in reversed(loops):
        loop.stop(1.0)
    if metrics_server is not None:
        metrics_server.stop()
    database.close()
    log.info("polling_ended", all_cycles_ended=ended)
    if not ended:
        # A thread still hangs in a connection being opened, and the interpreter would wait for it at its end.
        # Nothing is lost: transactions are whole or absent.
        os._exit(0)
    return 0


def _poll_runner(
    database: Database, classifier: Classifier, clock: Clock, settings: Settings, telemetry: PollTelemetry
) -> Callable[[Feed], CycleOutcome]:
    """Return what runs one cycle of a feed and counts it."""

    @contextmanager
    def anew(source: SourceConfig) -> Iterator[Connector]:
        """Read a source for a while by another connector, whose backfill reaches to where an operator said."""
        built = build_connector(source, clock, simulator_url=settings.simulator_url, folders=settings.folders)
        with closing(built) as connector:
            yield connector

    def poll(feed: Feed) -> CycleOutcome:
        begun_s = monotonic_s()
        can_begin = begins_at(feed.source)
        report = run_cycle(database, classifier, feed.source, feed.connector, clock, anew=anew if can_begin else None)
        if not report.paused:
            telemetry.note(report, monotonic_s() - begun_s)
        return report

    return poll


def _serve_metrics(settings: Settings, metrics: Metrics) -> MetricsServer | None:
    """Serve metrics where a port is set; that it is in use is no reason not to poll."""
    if settings.metrics_port is None:
        return None
    try:
        return MetricsServer(settings.metrics_port, metrics.render)
    except StartError as error:
        structlog.get_logger().error("metrics_not_served", part="poll", error=str(error))
        return None


def _stop_asked_by_signal() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    return stopping


class _Ticking(Loop):
    """Asks the ticker once a second while this process holds its lease."""

    def __init__(self, ticker: Ticker, tenure: Tenure, relay: Relay) -> None:
        super().__init__("ticker", _TICK_EVERY_S)
        self._ticker = ticker
        self._tenure = tenure
        self._relay = relay

    def step(self) -> None:
        """Tick, and have a tick published at once."""
        if self._tenure.holds(_TICKER) and self._ticker.tick():
            self._relay.kick()


def _connect(profile: Profile, clock: Clock, settings: Settings) -> list[Feed]:
    feeds: list[Feed] = []
    for source in profile.sources:
        if is_pushed(source):  # the web processes take what comes
            continue
        connector = build_connector(source, clock, simulator_url=settings.simulator_url, folders=settings.folders)
        check_against(source, profile)
        feeds.append(Feed(source=source, connector=connector, close=connector.close))
    return feeds


def _note_plan(database: Database, clock: Clock, source: SourceConfig, delay_s: float) -> None:
    """Note when a failing source will be asked again, in the product's time."""
    next_poll_at = clock.now() + timedelta(seconds=delay_s * max(clock.rate, 1.0))
    try:
        with database.write() as connection:
            save_next_poll_at(connection, source.id, next_poll_at)
            note_next_poll_at(connection, source.id, next_poll_at)
    except StorageUnavailableError:
        return  # the plan is kept by the schedule; the row only shows it


def _holder() -> str:
    """Return a name for this process that no other has, also after a restart under the same number."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(6)}"
