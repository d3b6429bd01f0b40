"""The heartbeat's line in the log, and where the newest one stands."""

from datetime import UTC, datetime

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import load_changes
from svodka.storage.database import Database
from svodka.storage.heartbeat import append_heartbeat, load_heartbeat_seq

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_heartbeat_is_a_line_and_the_newest_is_known(database: Database):
    with database.read() as connection:
        assert load_heartbeat_seq(connection) == 0
    for _ in range(2):
        with database.write() as connection:
            seq = append_heartbeat(connection, NOW)
    with database.read() as connection:
        assert load_heartbeat_seq(connection) == seq
        assert [change.kind for change in load_changes(connection, 0, seq)] == [ChangeKind.HEARTBEAT] * 2
