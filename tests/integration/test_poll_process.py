"""`python app.py poll` as a process: it ends cleanly, and another takes over from one that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from svodka.domain.clock import monotonic_s
from svodka.storage.database import open_database
from svodka.storage.heartbeat import load_heartbeat_seq
from tests.contracts.hostile import HostileServer, answer, hostile_server
from tests.e2e.processes import wait_until
from tests.profile_factory import write_profile

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
            return load_heartbeat_seq(connection)
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


def test_an_unusable_source_is_one_clear_sentence(start):
    process = start(SVODKA_SIMULATOR_URL="ftp://nowhere")
    _, log = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert "Traceback" not in log
    assert "source 'feed': url is not an http or https address" in log
