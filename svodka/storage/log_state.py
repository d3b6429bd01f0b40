"""Where the change log stands and what is noted beside it, in one question: every round of a gateway begins with it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from svodka.domain.errors import StartError
from svodka.storage import heartbeat, migrate, rollups, tick
from svodka.storage.database import Connection
from svodka.storage.tables import counters, meta

_SEQ = "seq"
_STATEMENT = sa.union_all(
    sa.select(meta.c.key, meta.c.value).where(
        meta.c.key.in_((migrate.EPOCH_KEY, rollups.ZONE_KEY, heartbeat.SEQ_KEY, tick.AT_KEY))
    ),
    sa.select(counters.c.name, sa.cast(counters.c.value, sa.Text)).where(counters.c.name == _SEQ),
)


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """The log of one read transaction.

    Attributes:
        epoch: Its name; numbers of another epoch mean nothing here.
        head: Number of the newest change, 0 when there has never been one.
        heartbeat_seq: Number of the newest heartbeat, 0 when there has never been one.
        tick_at: When the newest TICK was written; None where none ever was.
        counted: How the rollups were counted; None where that was never noted.
    """

    epoch: str
    head: int
    heartbeat_seq: int
    tick_at: datetime | None
    counted: str | None

    def ensure_counted(self, zone: ZoneInfo) -> None:
        """See that what is read from the rollups means what this program takes it for (`rollups.ensure_way`).

        Raises:
            StorageUnavailableError: They were counted otherwise.
        """
        rollups.ensure_way(self.counted, zone)


def load_log_state(connection: Connection) -> LogState:
    """Return where the log of this database stands.

    Raises:
        StartError: The database has never been migrated by this program.
    """
    told: dict[str, str] = dict(connection.execute(_STATEMENT).all())
    if migrate.EPOCH_KEY not in told:
        message = "The database has no epoch: it was not set up by this program."
        raise StartError(message)
    tick_at = told.get(tick.AT_KEY)
    return LogState(
        epoch=told[migrate.EPOCH_KEY],
        head=int(told.get(_SEQ, 0)),
        heartbeat_seq=int(told.get(heartbeat.SEQ_KEY, 0)),
        tick_at=None if tick_at is None else datetime.fromisoformat(tick_at),
        counted=told.get(rollups.ZONE_KEY),
    )
