"""The synthetic heartbeat: a line of the change log that shows the whole way from a poller to the screens is alive.

It tells of no fact. Where the newest one stands is kept beside the log (`svodka.storage.log_state`).
"""

from __future__ import annotations

from datetime import datetime

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.tables import meta
from svodka.storage.upsert import upsert

SEQ_KEY = "heartbeat_seq"
_LINE_KEY = "heartbeat"


def append_heartbeat(connection: Connection, now: datetime) -> int:
    """Put one heartbeat into the log inside a writing transaction; return its number."""
    seq = append_changes(connection, [Draft(kind=ChangeKind.HEARTBEAT, key=_LINE_KEY)], now)
    upsert(connection, meta, [{"key": SEQ_KEY, "value": str(seq)}], replace=("value",))
    return seq
