"""The line of the change log that says: time has passed. When the newest was written is kept beside the pruned log."""

from __future__ import annotations

from datetime import datetime

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.tables import meta
from svodka.storage.upsert import upsert

AT_KEY = "tick_at"
_LINE_KEY = "clock"


def append_tick(connection: Connection, now: datetime) -> int:
    """Put one TICK into the log inside a writing transaction; return its number."""
    seq = append_changes(connection, [Draft(kind=ChangeKind.TICK, key=_LINE_KEY)], now)
    upsert(connection, meta, [{"key": AT_KEY, "value": now.isoformat()}], replace=("value",))
    return seq
