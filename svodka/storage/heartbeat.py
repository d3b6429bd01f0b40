"""The synthetic heartbeat: a line of the change log that shows the whole way from a poller to the screens is alive.

It tells of no fact. Where the newest one stands is kept beside the log, so that asking costs one narrow question.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.tables import meta
from svodka.storage.upsert import upsert

_NAME = "heartbeat_seq"
_LINE_KEY = "heartbeat"


def append_heartbeat(connection: Connection, now: datetime) -> int:
    """Put one heartbeat into the log inside a writing transaction; return its number."""
    seq = append_changes(connection, [Draft(kind=ChangeKind.HEARTBEAT, key=_LINE_KEY)], now)
    upsert(connection, meta, [{"key": _NAME, "value": str(seq)}], replace=("value",))
    return seq


def load_heartbeat_seq(connection: Connection) -> int:
    """Return the number of the newest heartbeat, 0 when there has never been one."""
    return int(connection.scalar(sa.select(meta.c.value).where(meta.c.key == _NAME)) or 0)
