"""A real poller, a real database, a real clock: an incident is on the wall within two seconds and gives it back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from svodka.director.stage import Stage
from svodka.domain.codec import decode_as, encode
from svodka.storage.database import open_database
from svodka.storage.tables import incidents
from svodka.storage.walls import load_stage
from tests.contracts.hostile import answer, hostile_server
from tests.e2e.processes import wait_until
from tests.profile_factory import write_profile

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 40
TAKEOVER_S = 2
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
[source.params.levels]
red = "grave"
[source.params.fields]
id = ["id"]
started_at = "at"
level = "level"
"""
WALLS = f"""
[provenance]
source = "invented for tests"
date = "2026-01-01"
[[wall]]
id = "main"
name = "Стена"
name_en = "Wall"
playlist = "day"
min_dwell_s = 1
[[wall.takeover]]
level = "grave"
scene = "second"
seconds = {TAKEOVER_S}
[[playlist]]
id = "day"
name = "День"
name_en = "Day"
[[playlist.step]]
scenes = ["overview"]
seconds = 600
[[playlist.step]]
scenes = ["second"]
seconds = 600
"""


@pytest.fixture
def started(tmp_path):
    """Return the feed of a running poller, and its database."""
    for name, text in (("sources.toml", SOURCES), ("walls.toml", WALLS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    profile = write_profile(tmp_path / "profile")
    shutil.copy(profile / "scenes" / "overview.toml", profile / "scenes" / "second.toml")
    with hostile_server() as feed:
        feed.behaviour = answer(b"[]")
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("SVODKA_")},
            "SVODKA_HOME": str(tmp_path / "home"),
            "SVODKA_PROFILE": str(profile),
            "SVODKA_SOURCES": str(tmp_path / "sources.toml"),
            "SVODKA_WALLS": str(tmp_path / "walls.toml"),
            "SVODKA_SIMULATOR_URL": feed.url,
        }
        process = subprocess.Popen(
            [sys.executable, "app.py", "poll"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        file = tmp_path / "home" / "svodka.sqlite3"
        try:
            wait_until(lambda: file.exists() and len(feed.paths) > 2, LIMIT_S, "the poller reads its feed")
            database = open_database(f"sqlite:///{file}")
            yield feed, database
            database.close()
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=10)
            finally:
                process.kill()


def test_an_incident_is_on_the_wall_within_two_seconds_and_gives_it_back(started):
    """Counted from the instant at which it was stored; afterwards the interrupted scene has the time it had left."""
    feed, database = started

    def stage() -> Stage:
        with database.read() as connection:
            return decode_as(load_stage(connection, "main"), Stage)

    def shown() -> str:
        with database.read() as connection:
            told = load_stage(connection, "main")
        return decode_as(told, Stage).screens["1"] if told else ""

    wait_until(lambda: shown() == "overview", LIMIT_S, "the wall plays")
    before = stage()
    now = datetime.now(UTC)
    feed.behaviour = answer(encode([{"id": "i1", "at": now.isoformat(), "level": "red"}]))
    wait_until(lambda: shown() == "second", LIMIT_S, "the incident takes over")
    taken, seen_at = stage(), datetime.now(UTC)
    with database.read() as connection:
        known_at = connection.scalar(sa.select(incidents.c.known_at))
    print(f"\ntold after {(taken.since - known_at).total_seconds():.3f} s, read after {seen_at - known_at}")  # noqa: T201
    assert (taken.why, taken.taken_by) == ("takeover", 1)
    assert seen_at - known_at < timedelta(seconds=2)
    wait_until(lambda: shown() == "overview", LIMIT_S, "the wall is given back")
    back = stage()
    assert back.since - taken.since >= timedelta(seconds=TAKEOVER_S)
    assert abs((back.until - before.until) - (back.since - taken.since)) < timedelta(milliseconds=5)
