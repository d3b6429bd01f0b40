"""`python app.py poll` as a process: it ends cleanly, and another takes over from one that was killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import msgspec
import pytest

from svodka.domain.clock import SystemClock, monotonic_s
from svodka.observability.catalogue import POLL_METRICS, RELAY_SEQ
from svodka.storage.database import open_database
from svodka.storage.log_state import load_log_state
from tests.contracts.hostile import HostileServer, answer, hostile_server
from tests.e2e.processes import wait_until
from tests.e2e.product import find_free_port
from tests.profile_factory import write_profile
from tests.scrape import scrape

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 40
SOURCES = """
[provenance]
source = "invented for tests"
date = "2026-01-01"
[[source]]
id = "feed"
name = "Feed"
connector = "http_json"
records = "incidents"
url = "{simulator}/feed.json"
interval_s = 0.5
ageing_s = 5
stale_s = 10
dead_s = 60
[source.params]
status_default = "in_work"
[source.params.fields]
id = ["id"]
started_at = "at"
"""


class Asked:
    """A feed that lets a test wait until it was asked by a process."""

    def __init__(self, server: HostileServer) -> None:
        self.server = server
        server.behaviour = answer(b"[]")

    def wait_for_more(self, n: int) -> None:
        target, until_s = len(self.server.paths) + n, monotonic_s() + LIMIT_S
        while len(self.server.paths) < target:
            assert monotonic_s() < until_s, "nobody polls"
            self.server.ended.wait(0.05)


@pytest.fixture
def asked() -> Iterator[Asked]:
    with hostile_server() as server:
        yield Asked(server)


@pytest.fixture
def start(tmp_path: Path, asked: Asked) -> Iterator:
    """Start poll processes on one home; whatever is left at the end is killed."""
    profile = write_profile(tmp_path / "profile")
    sources = tmp_path / "sources.toml"
    sources.write_text(SOURCES, encoding="utf-8")
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("SVODKA_")},
        "SVODKA_HOME": str(tmp_path / "home"),
        "SVODKA_PROFILE": str(profile),
        "SVODKA_SOURCES": str(sources),
        "SVODKA_SIMULATOR_URL": asked.server.url,
    }
    processes: list[subprocess.Popen] = []

    def begin(**more: str) -> subprocess.Popen:
        command = [sys.executable, "app.py", "poll"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment | more, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def load_heartbeat(tmp_path: Path) -> int:
    database = open_database(f"sqlite:///{tmp_path / 'home' / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            return load_log_state(connection).heartbeat_seq
    finally:
        database.close()


def test_a_poller_ends_cleanly_and_quickly_also_while_a_source_hangs(start, asked):
    process = start()
    asked.wait_for_more(2)
    asked.server.behaviour = lambda handler: handler.server.ended.wait(60)
    asked.wait_for_more(1)
    begun_s = monotonic_s()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert monotonic_s() - begun_s < 5
    assert "Traceback" not in log
    assert '"event":"polling_ended"' in log


def test_another_process_takes_over_from_one_that_was_killed(start, asked, tmp_path):
    first = start()
    asked.wait_for_more(2)
    second = start()
    asked.wait_for_more(4)
    first.kill()
    first.wait()
    told = load_heartbeat(tmp_path)
    assert told > 0
    asked.wait_for_more(3)
    wait_until(lambda: load_heartbeat(tmp_path) > told, LIMIT_S, "the second writes the heartbeat")
    second.send_signal(signal.SIGTERM)
    _, log = second.communicate(timeout=LIMIT_S)
    assert second.returncode == 0
    assert "poll:feed" in log


def test_a_port_for_metrics_that_is_in_use_does_not_end_the_polling(start, asked):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(SVODKA_METRICS_PORT=str(taken.getsockname()[1]))
        asked.wait_for_more(2)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert log.count("metrics_not_served") == 1


def test_a_poller_tells_prometheus_what_it_did(start, asked):
    """Good polls, records, one in quarantine, then failures by their kind; on loopback and under its own name only."""
    at = SystemClock().now()
    good, unreadable = {"id": "1", "at": at}, {"id": "2", "at": "yesterday"}
    asked.server.behaviour = answer(msgspec.json.encode([good, unreadable]))
    port = find_free_port()
    process = start(SVODKA_METRICS_PORT=str(port))
    asked.wait_for_more(3)

    def counted(name: str, **labels: str) -> Callable[[], bool]:
        return lambda: bool(scrape(port).value(name, source="feed", **labels))

    wait_until(counted("svodka_records_total", outcome="duplicate"), LIMIT_S, "a second good poll")
    asked.server.behaviour = answer(b"", status=503)
    wait_until(counted("svodka_polls_total", outcome="SourceUnavailableError"), LIMIT_S, "a failed poll")
    told = scrape(port)
    assert told.value("svodka_records_total", source="feed", outcome="stored") == 1
    assert told.value("svodka_quarantined_records_total", source="feed", reason="time_unreadable") >= 1
    assert told.value("svodka_polls_total", outcome="ok") >= 2
    assert told.value("svodka_poll_seconds_count", source="feed") == told.value("svodka_polls_total")
    assert told.value("svodka_lease_held", lease="poll:feed") == 1
    assert told.value("svodka_heartbeats_total") >= 1
    assert told.value("svodka_build_info", process="poll") == 1
    assert {metric.name for metric in POLL_METRICS} - {RELAY_SEQ.name} <= told.names  # there is no broker here
    with pytest.raises(HTTPError, match="400"):
        scrape(port, Host="evil.example")
    with pytest.raises(HTTPError, match="404"):
        scrape(port, "/")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0


def test_an_unusable_source_is_one_clear_sentence(start):
    process = start(SVODKA_SIMULATOR_URL="ftp://nowhere")
    _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert "Traceback" not in log
    assert "source 'feed': url is not an http or https address" in log
