"""`python app.py replay`, killed and started again, ends with the tables of a run that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.sources import load_source
from svodka.storage.tables import appeals
from tests.table_dump import assert_same_tables, dump_tables

ROOT = Path(__file__).resolve().parents[2]
POLLS = 240
SOURCE_TOML = """
[provenance]
source = "invented for a test"
date = "2026-01-01"

[[source]]
id = "duty"
name = "Duty"
connector = "http_json"
records = "incidents"
url = "{simulator}/feed.json"
interval_s = 600
ageing_s = 1200
stale_s = 2400
dead_s = 7200
close_after_missing_polls = 3

[source.params]
records = ""
lists_all_open = true

[source.params.fields]
id = ["id"]
started_at = "began"
updated_at = "changed"
status = "stage"
title = "what"

[source.params.statuses]
new = "new"
work = "in_work"
done = "closed"
"""


@pytest.fixture
def recording(tmp_path):
    """A feed of our own invention: incidents that come, change, flicker, go backwards, end and vanish."""
    draw = random.Random(7)
    begins_at = datetime(2026, 1, 1, tzinfo=UTC)
    living: dict[str, dict] = {}
    lines = []
    for n in range(POLLS):
        now = begins_at + timedelta(minutes=10 * n)
        for k in range(draw.randrange(4)):
            living[f"{n}-{k}"] = {"id": f"{n}-{k}", "began": now.isoformat(), "stage": "new", "what": "x" * k}
        for one in living.values():
            if draw.random() < 0.3:
                one |= {"stage": draw.choice(["new", "work", "done"]), "changed": now.isoformat()}
        for key in [key for key in living if draw.random() < 0.05]:
            del living[key]
        named = [one for one in living.values() if draw.random() > 0.1]
        bad = [{"id": f"bad-{n % 5}", "began": "yesterday"}] if n % 7 == 0 else []
        told = [] if n % 31 == 30 else [*named, *bad]
        lines.append(json.dumps({"captured_at": now.isoformat(), "payload": told}))
    (tmp_path / "feed.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "source.toml").write_text(SOURCE_TOML, encoding="utf-8")
    return tmp_path / "feed.jsonl"


def start(recording, home, url):
    return subprocess.Popen(
        [sys.executable, "app.py", "replay", str(recording), "--source", str(recording.parent / "source.toml")],
        cwd=ROOT,
        env={**os.environ, "SVODKA_HOME": str(home), "SVODKA_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def kill_after(process, url, polls):
    """Kill -9 as soon as so many polls are committed: the process is then in the middle of some later one.

    One open connection looks every few milliseconds; a look that took longer would come when all is over.
    """
    database, pause = open_database(url), threading.Event()
    migrate(database)

    def polls_done():
        with database.read() as connection:
            return load_source(connection, "duty").polls_total

    try:
        while polls_done() < polls:
            assert process.poll() is None, "it ended before it could be killed"
            pause.wait(0.002)
        process.kill()
        process.communicate()
        assert polls_done() < POLLS, "killed too late to prove anything"
    finally:
        database.close()


def test_a_replay_that_is_killed_twice_ends_with_the_same_tables(recording, tmp_path, database_url):
    """Kill -9 after 20 and after 60 of 240 polls; facts, versions, quarantine, cursor and log are equal row by row."""
    undisturbed_url = f"sqlite:///{tmp_path / 'undisturbed.sqlite3'}"
    whole = finish(start(recording, tmp_path / "home", undisturbed_url))
    assert (whole["polls"], whole["failed"], whole["resumed_after"]) == (POLLS, 0, None)
    assert min(whole[key] for key in ("stored", "updated", "duplicates", "closed", "vanished", "open")) > 0
    for polls in (20, 60):
        kill_after(start(recording, tmp_path / "home", database_url), database_url, polls)
    rest = finish(start(recording, tmp_path / "home", database_url))
    assert 0 < rest["polls"] <= POLLS - 60
    assert rest["resumed_after"] is not None
    assert (rest["open"], rest["tables"]) == (whole["open"], whole["tables"])
    dumps = []
    for url in (undisturbed_url, database_url):
        database = open_database(url)
        dumps.append(dump_tables(database))
        database.close()
    assert_same_tables(*dumps)
    assert finish(start(recording, tmp_path / "home", database_url))["polls"] == 0


def test_times_without_a_zone_are_in_the_zone_of_the_source_on_both_sides(tmp_path, sqlite_url):
    """A request of 10:00 in New York arrives when it is 10:00 there and not five hours early, as if from the future."""
    (tmp_path / "town.json").write_text(
        json.dumps(
            [{"service_request_id": "1", "status": "open", "requested_datetime": "2026-03-01 10:00:00", "lat": None}]
        ),
        encoding="utf-8",
    )
    (tmp_path / "source.toml").write_text(
        """
[provenance]
source = "invented for a test"
date = "2026-01-01"

[[source]]
id = "town"
name = "Town"
connector = "open311"
records = "appeals"
channel = "pos"
url = "{simulator}/open311/town/v2"
time_zone = "America/New_York"
interval_s = 600
ageing_s = 1200
stale_s = 2400
dead_s = 7200
""",
        encoding="utf-8",
    )
    process = start(tmp_path / "town.json", tmp_path / "home", sqlite_url)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    told = json.loads(out)
    assert (told["stored"], told["quarantined"]) == (1, {})
    assert [json.loads(line)["event"] for line in err.splitlines()].count("cycle") == told["polls"]
    database = open_database(sqlite_url)
    with database.read() as connection:
        [received_at] = connection.scalars(sa.select(appeals.c.received_at))
    database.close()
    assert received_at == datetime(2026, 3, 1, 15, tzinfo=UTC)


def test_unusable_arguments_are_one_sentence(recording, tmp_path, sqlite_url):
    """No traceback for a recording that is not there."""
    process = start(recording.with_name("nothing.jsonl"), tmp_path / "home", sqlite_url)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "Traceback" not in err
    assert "nothing.jsonl" in err
