"""The synthetic heartbeat's beginning: every ten real seconds one of the pollers puts a line into the change log.

It takes the road that facts take: the scheduler's thread, a writing transaction, the log, the relay. Where one of them
stands still it does not arrive, and the web processes, which know the time since the newest one, say so.
"""

from __future__ import annotations

from collections.abc import Callable

from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import StorageUnavailableError
from svodka.storage.database import Database
from svodka.storage.heartbeat import append_heartbeat

HEARTBEAT_EVERY_S = 10.0
LOOK_EVERY_S = 1.0


class Heartbeat:
    """Writes the heartbeat of an installation.

    Args:
        database: Whose log.
        clock: The product's clock, for the line's instant.
        after_commit: Has what was committed published at once.
        now_s: A monotonic clock of real seconds; a test passes its own.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        after_commit: Callable[[], None],
        now_s: Callable[[], float] = monotonic_s,
    ) -> None:
        self._database = database
        self._clock = clock
        self._after_commit = after_commit
        self._now_s = now_s
        self._next_s = float("-inf")  # who takes over from a process that ended does not wait
        self.written_n = 0

    def beat(self) -> None:
        """Write a line when one is due; asked every second.

        While the database does not take it there is none, which is what it is for; it is tried again each time.
        """
        begun_s = self._now_s()
        if begun_s < self._next_s:
            return
        try:
            with self._database.write() as connection:
                append_heartbeat(connection, self._clock.now())
        except StorageUnavailableError:
            return  # told once by the database
        self.written_n += 1
        self._next_s = begun_s + HEARTBEAT_EVERY_S - LOOK_EVERY_S / 2  # a look that comes a little early counts
        self._after_commit()
