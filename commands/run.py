"""`python app.py`: everything on this machine, under one supervisor.

The broker, in a demonstration the simulator, one poller process and one web process are children: none of them
shares an interpreter lock with the push, and each is started again when it dies.
"""

from __future__ import annotations

import argparse
import math
import sys
import threading
from collections.abc import Callable

import structlog

from callbacks.assets import VENDOR
from commands.checks import (
    ensure_home,
    ensure_host_allowed,
    ensure_port_free,
    ensure_sources_usable,
    find_free_port,
    is_answering,
)
from commands.children import Child, Failures, end_all, restart_pause_s, stop_requested
from commands.pulse import HUNG_AFTER_S, Silence
from svodka.domain.clock import SystemClock, clock_from_spec, monotonic_s
from svodka.domain.errors import StartError
from svodka.domain.masking import mask
from svodka.geography.geometry import ensure_geometry
from svodka.observability.logs import configure_logs
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.realtime.lockfile import LockFile
from svodka.realtime.relay import connect_redis
from svodka.security.links import LinkBook
from svodka.settings import Settings, child_environment
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.provenance import ensure_same_kind

_TEND_S = 0.2
_ASK_BROKER_EVERY_S = 5.0
_SIMULATOR_LIMIT_S = 15.0
_SIMULATE = "simulate"
_PLACEHOLDER = "{simulator}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything is a setting."""
    del parser


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run until a signal ends it.

    Returns:
        0 after a clean end.

    Raises:
        StartError: Something is not as it must be; nothing has been started.
    """
    del args
    configure_logs(settings.log_level, "run", SystemClock().now, mask)
    stop = stop_requested()
    ensure_home(settings.home)
    lock = LockFile(settings.home / "svodka.lock")
    if not lock.take():
        message = f"Svodka is running already with SVODKA_HOME={settings.home}."
        raise StartError(message)
    try:
        ensure_port_free(settings.host, settings.port)
        profile = load_profile(settings.profile, settings.sources)
        ensure_sources_usable(profile, settings.folders)
        if settings.redis_url:
            connect_redis(settings.redis_url).close()  # connects to nothing yet; refuses what is no address
        clock_from_spec(settings.clock)  # refused here, before anything starts, when it is none
        token = _prepare(settings, profile)
        ensure_geometry(settings.home, profile, VENDOR, created_at=SystemClock().now())
        _Supervisor(settings, profile, stop).run(token)
    finally:
        lock.give_back()
    return 0


def _prepare(settings: Settings, profile: Profile) -> str:
    """Bring the database up to date; return the token of the operator's link."""
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        ensure_same_kind(database, profile.sources)
        links = LinkBook(database)
        ensure_host_allowed(settings, links)
        return links.create_start_link()
    finally:
        database.close()


class _Supervisor:
    def __init__(self, settings: Settings, profile: Profile, stop: threading.Event) -> None:
        self._settings = settings
        self._stop = stop
        self._broker = _own_broker(settings)
        self._broker_failures, self._broker_started_s = Failures(), 0.0
        self._broker_silence = Silence(monotonic_s(), 3 * _ASK_BROKER_EVERY_S)
        self._ask_broker_at_s = 0.0
        self._children: list[Child] = []
        self._simulator_port = find_free_port() if any(_PLACEHOLDER in s.url for s in profile.sources) else None
        self._log = structlog.get_logger().bind(part="supervisor")

    def run(self, token: str) -> None:
        """Start the children and tend them until the end is asked for."""
        try:
            if self._broker is not None:
                self._start_broker(self._broker)
            self._children = self._plan()
            announced = False
            while not self._stop.is_set():
                self._tend_broker()
                for child in self._children:
                    child.tend()
                if not announced and is_answering(self._settings.port):
                    announced = True
                    self._announce(token)
                self._stop.wait(_TEND_S)
        finally:
            # Those who poll the simulator end before it, or its end would be noted as the failure of all sources.
            end_all(child for child in self._children if child.word != _SIMULATE)
            end_all(child for child in self._children if child.word == _SIMULATE)
            if self._broker is not None:
                self._broker.stop()

    def _plan(self) -> list[Child]:
        settings, port = self._settings, self._simulator_port
        redis_url = settings.redis_url or (self._broker.url if self._broker else "")
        environment = child_environment(
            settings, redis_url=redis_url, simulator_url=f"http://127.0.0.1:{port}" if port else settings.simulator_url
        )
        poll = Child("poll", [], environment, may_start=_once_answering(port), watched=True)
        web = Child("web", [], environment, watched=True)
        if port is None:
            return [poll, web]
        simulate = Child(_SIMULATE, ["--port", str(port), "--day"], environment)
        return [simulate, poll, web]

    def _tend_broker(self) -> None:
        now_s = monotonic_s()
        if self._broker is None:
            return
        if self._broker.is_alive():
            self._watch_broker(self._broker, now_s)
            return
        if now_s < self._broker_failures.not_before_s:
            return
        self._log.warning("broker_died", again_in_s=self._broker_failures.note(now_s, self._broker_started_s))
        try:
            self._start_broker(self._broker)
        except (StartError, OSError):  # a full disk, too: the walls look at the log once a second without it
            self._log.warning("broker_does_not_start", exc_info=True)

    def _watch_broker(self, broker: Broker, now_s: float) -> None:
        """Kill a broker that runs and does not answer; the next look starts another."""
        if now_s < self._ask_broker_at_s:
            return
        self._ask_broker_at_s = now_s + _ASK_BROKER_EVERY_S
        silent_s = self._broker_silence.note(now_s, is_heard=broker.answers())
        if silent_s > HUNG_AFTER_S:
            self._log.error("broker_hung", silent_s=round(silent_s, 1))
            broker.kill()

    def _start_broker(self, broker: Broker) -> None:
        self._broker_started_s = monotonic_s()
        broker.start()
        self._broker_silence = Silence(monotonic_s(), 3 * _ASK_BROKER_EVERY_S)

    def _announce(self, token: str) -> None:
        url = self._settings.public_urls[0]
        sys.stdout.write(f"Svodka: {url}/wall\nOperator's link, for one use: {url}/link/{token}\n")
        sys.stdout.flush()


def longest_pause_s() -> float:
    """Return how long after a child's death at most it is started again, when it had not died before.

    Looks come every so often: one notices the death, the first one after the pause starts the child.
    """
    return _TEND_S + math.ceil(restart_pause_s(1) / _TEND_S) * _TEND_S


def _own_broker(settings: Settings) -> Broker | None:
    if settings.redis_url:
        return None
    binary = find_broker_binary()
    if binary is None:
        structlog.get_logger().warning("no_broker", meaning="changes reach the walls once a second")
        return None
    return Broker(settings.home / "broker", binary)


def _once_answering(port: int | None) -> Callable[[], bool]:
    """Return the condition that the simulator answers, or has had its time."""
    deadline_s = monotonic_s() + _SIMULATOR_LIMIT_S
    return lambda: port is None or is_answering(port) or monotonic_s() > deadline_s
