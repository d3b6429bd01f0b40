"""How each kind of fault is done to a stage, and undone. Every `begin` says whether there was anything to disturb."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import redis

from bench.faults.plan import Fault, source_of
from bench.faults.proxy import Mode
from bench.faults.stage import Stage, signal_process

Undo = Callable[[], object]
_HOUR = timedelta(hours=1)
_DATABASE_ERRORS = (psycopg.Error, sqlite3.Error, OSError)


def begin(stage: Stage, fault: Fault) -> Undo | None:
    """Do a fault.

    Returns:
        What undoes it (nothing, for a blow); None where there was nobody to be hit.
    """
    family = fault.kind.partition("_")[0]
    return _FAMILIES[family](stage, fault)


def _nothing() -> None:
    """Undo a blow: there is nothing to undo."""


def _kill(stage: Stage, fault: Fault) -> Undo | None:
    what = fault.kind.removeprefix("kill_")
    if what in {"postgres", "supervisor"}:
        return _nothing if stage.keeper.managed[what].kill() else None
    pid = stage.pid_of(what, fault.target)
    return _nothing if pid is not None and signal_process(pid, signal.SIGKILL) else None


def _stop(stage: Stage, fault: Fault) -> Undo | None:
    return _freeze(stage.pid_of(fault.kind.removeprefix("stop_"), fault.target))


def _freeze(pid: int | None) -> Undo | None:
    if pid is None or not signal_process(pid, signal.SIGSTOP):
        return None
    return lambda: signal_process(pid, signal.SIGCONT)


def _redis(stage: Stage, fault: Fault) -> Undo | None:
    if fault.kind == "redis_stopped":
        return _freeze(stage.pid_of("redis", 0))
    managed = stage.keeper.managed["redis"]
    if fault.kind == "redis_restart":
        return _nothing if managed.send(signal.SIGTERM) else None
    if fault.kind == "redis_restart_empty":
        killed = managed.kill()
        shutil.rmtree(stage.folder / "redis", ignore_errors=True)
        (stage.folder / "redis").mkdir(exist_ok=True)  # a server that died a moment later may have left something
        return _nothing if killed else None
    client = redis.Redis(port=stage.redis_port, socket_timeout=2, socket_connect_timeout=2, retry=None)
    try:
        return _command_redis(client, fault)
    except (redis.RedisError, OSError):
        return None
    finally:
        client.close()


def _command_redis(client: Any, fault: Fault) -> Undo:
    if fault.kind == "redis_flush":
        client.flushall()
        return _nothing
    port = client.connection_pool.connection_kwargs["port"]
    client.config_set("maxmemory", 1)
    client.execute_command("ACL", "SETUSER", "default", "-publish")

    def allow() -> None:
        again = redis.Redis(port=port, socket_timeout=2, socket_connect_timeout=2, retry=None)
        with contextlib.suppress(redis.RedisError, OSError):  # one that was restarted refuses nothing any more
            again.config_set("maxmemory", 0)
            again.execute_command("ACL", "SETUSER", "default", "+publish")
        again.close()

    return allow


def _pubsub(stage: Stage, fault: Fault) -> Undo | None:
    mode: Mode = fault.kind.removeprefix("pubsub_")  # type: ignore[assignment] # one of the three
    for proxy in stage.subscribers:
        proxy.set_mode(mode)

    def undo() -> None:
        for proxy in stage.subscribers:
            proxy.set_mode("")

    return undo


def _database(stage: Stage, fault: Fault) -> Undo | None:
    do: dict[str, Callable[[Stage], Undo | None]] = {
        "database_unreachable": lambda stage: _disturb_database(stage, "refuse"),
        "database_stalled": lambda stage: _disturb_database(stage, "stall"),
        "database_locked": _lock_sqlite,
        "database_read_only": _make_read_only,
        "database_full": _fill_disk,
    }
    return do[fault.kind](stage)


def _disturb_database(stage: Stage, mode: Mode) -> Undo | None:
    proxy = stage.database_proxy
    if proxy is None:
        return None
    proxy.set_mode(mode)
    return lambda: proxy.set_mode("")


def _lock_sqlite(stage: Stage) -> Undo | None:
    """Lock the database from another process's point of view: a writer that does not end."""
    connection = sqlite3.connect(
        stage.home / "svodka.sqlite3", timeout=3, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:
        connection.close()
        return None

    def unlock() -> None:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        connection.close()

    return unlock


def _make_read_only(stage: Stage) -> Undo | None:
    if stage.postgres is None:
        return _make_disk_read_only(stage)
    postgres = stage.postgres

    def switch(value: str) -> None:
        postgres.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        postgres.execute("SELECT pg_reload_conf()")

    try:
        switch("on")
    except _DATABASE_ERRORS:
        return None

    def undo() -> None:
        pause = threading.Event()
        for _ in range(100):  # it may have been killed meanwhile, and must not stay so
            with contextlib.suppress(*_DATABASE_ERRORS):
                switch("off")
                return
            pause.wait(0.2)

    return undo


def _make_disk_read_only(stage: Stage) -> Undo | None:
    """Kill whoever writes there, as a machine does that goes down, and let the disk come back read-only."""
    names = stage.product_names()
    pause = threading.Event()
    for _ in range(20):
        for name in names:
            stage.keeper.managed[name].kill()
        pause.wait(0.05)
        if stage.disk.set_read_only(True):
            return lambda: stage.disk.set_read_only(False)
    return None


def _fill_disk(stage: Stage) -> Undo | None:
    return stage.disk.free if stage.disk.fill() else None


def _source(stage: Stage, fault: Fault) -> Undo | None:
    source = source_of(fault.target)
    stage.systems.manners[source] = fault.kind.removeprefix("source_")
    return lambda: stage.systems.manners.pop(source, None)


def _net(stage: Stage, fault: Fault) -> Undo | None:
    proxies = stage.nets[fault.target]
    if fault.kind == "net_cut":
        for proxy in proxies:
            proxy.cut()
        return _nothing
    modes: dict[str, Mode] = {
        "net_refused": "refuse",
        "net_stalled": "stall",
        "net_delayed": "delay",
        "net_throttled": "throttle",
        "net_sliced": "slice",
    }
    for proxy in proxies:
        proxy.set_mode(modes[fault.kind])

    def undo() -> None:
        for proxy in proxies:
            proxy.set_mode("")

    return undo


def _clock(stage: Stage, fault: Fault) -> Undo | None:
    stage.clock.jump(_HOUR if fault.kind == "clock_forward" else -_HOUR)
    return lambda: stage.clock.jump(timedelta(0))


_FAMILIES: dict[str, Callable[[Stage, Fault], Undo | None]] = {
    "kill": _kill,
    "stop": _stop,
    "redis": _redis,
    "pubsub": _pubsub,
    "database": _database,
    "source": _source,
    "net": _net,
    "clock": _clock,
}
