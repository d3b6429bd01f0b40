"""The heartbeat's line in the log, where the newest one stands, and when the next one is written."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from structlog.testing import capture_logs

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.ingest.heartbeat import Heartbeat
from svodka.readmodels.registry import READ_MODELS
from svodka.storage.change_log import load_changes
from svodka.storage.database import Database
from svodka.storage.heartbeat import append_heartbeat
from svodka.storage.log_state import load_log_state

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_heartbeat_is_a_line_and_the_newest_is_known(database: Database):
    with database.read() as connection:
        assert load_log_state(connection).heartbeat_seq == 0
    for _ in range(2):
        with database.write() as connection:
            seq = append_heartbeat(connection, NOW)
    with database.read() as connection:
        assert load_log_state(connection).heartbeat_seq == seq
        assert [change.kind for change in load_changes(connection, 0, seq)] == [ChangeKind.HEARTBEAT] * 2


def test_no_value_of_the_wall_is_computed_for_a_heartbeat():
    assert not [model.stem for model in READ_MODELS if ChangeKind.HEARTBEAT in model.kinds]


def test_a_line_every_ten_real_seconds_and_the_first_at_once(database: Database):
    """Asked every second, a little early or late, for 35 seconds; each line is published at once."""
    published, now_s = [], [0.0]
    heartbeat = Heartbeat(database, ManualClock(NOW), lambda: published.append(now_s[0]), now_s=lambda: now_s[0])
    for second in range(36):
        now_s[0] = second + (-0.2 if second % 2 == 0 else 0.2)
        heartbeat.beat()
    assert published == [-0.2, 9.8, 19.8, 29.8]
    with database.read() as connection:
        assert load_log_state(connection).heartbeat_seq == 4


def test_a_database_that_takes_no_line_is_told_once_and_asked_again(database: Database):
    """Nothing is published for a line that was not written; the first good write is told too."""
    published = []
    heartbeat = Heartbeat(database, ManualClock(NOW), lambda: published.append(1))
    there, nowhere = database.engine, sa.create_engine("sqlite:////nowhere/at/all")
    with capture_logs() as said:
        database.engine = nowhere
        for _ in range(3):
            heartbeat.beat()
        assert published == []
        database.engine = there
        heartbeat.beat()
    assert published == [1]
    assert [entry["event"] for entry in said] == ["database_away", "database_back"]
