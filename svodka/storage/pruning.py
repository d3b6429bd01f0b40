"""Keeps the change log short: it serves delivery, and a browser that was away for longer takes a snapshot.

What was said of sources is packed here too, hour by hour.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import structlog

from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.storage.change_log import PRUNE_STEP, prune_changes
from svodka.storage.database import Database
from svodka.storage.source_states import pack_states

PRUNE_EVERY_S = 5.0
_MAX_STEPS = 25  # of one look: enough for 10,000 lines a second


class Pruning:
    """Removes lines that are older than they need to be.

    Args:
        database: Whose log.
        clock: The product's clock, by which lines are dated.
        kept_h: For how many hours lines are kept.
    """

    def __init__(self, database: Database, clock: Clock, kept_h: float) -> None:
        self._database, self._clock, self._kept = database, clock, timedelta(hours=kept_h)
        self._packed_at: datetime | None = None
        self._log = structlog.get_logger().bind(part="pruning")

    def run(self) -> None:
        """Prune, or leave it to the next time when the database cannot be written."""
        with contextlib.suppress(StorageUnavailableError):
            self.prune()

    def prune(self) -> int:
        """Remove what is too old, in steps between which others may write.

        Returns:
            How many lines went.

        Raises:
            StorageUnavailableError: The database cannot be written; the next call goes on.
        """
        removed_n = 0
        for _ in range(_MAX_STEPS):
            with self._database.write() as connection:
                step_n = prune_changes(connection, self._clock.now() - self._kept)
            removed_n += step_n
            if step_n < PRUNE_STEP:
                break
        self._pack()
        self._log.debug("log_pruned", n=removed_n)
        return removed_n

    def _pack(self) -> None:
        """Pack what was said of sources, once an hour: before, there is no whole hour more."""
        now = self._clock.now()
        hour_at = now.replace(minute=0, second=0, microsecond=0)
        if hour_at == self._packed_at:
            return
        for _ in range(_MAX_STEPS):
            with self._database.write() as connection:
                if not pack_states(connection, now):
                    self._packed_at = hour_at
                    return
