"""The watchdog's two halves: a child shows that it lives, the supervisor notices when it no longer does.

A child writes a byte a second into a pipe from its own machinery (in `web` a greenlet, in `poll` a job of the
scheduler), and only while its loops move. A process that is stopped, deadlocked or whose scheduler has died writes
nothing, though it exists. Neither disk nor network nor database is in the way: their failures are no reason to
end a process, and the time for which a transaction waits is no time in which a loop stands still.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import structlog

from svodka.realtime.loops import Loop
from svodka.storage.database import Database

BEAT_EVERY_S = 1.0
HUNG_AFTER_S = 30.0
# Migrations and recomputed rollups come before the first beat, and take as long as they take.
NEVER_BEGAN_AFTER_S = 1800.0
LOOP_LIMIT_S = 120.0
# Longer than the supervisor's own waits (a broker that does not start: svodka.realtime.broker, 10 s, twice), so that
# they reset nobody's silence; and shorter than HUNG_AFTER_S, so that nobody is killed for a machine that was suspended.
_OWN_STANDSTILL_S = 25.0
_READ_BYTES = 4096


class Alive:
    """The child's half.

    Args:
        write_fd: End of the pipe that the supervisor gave; None: nobody watches.
        loops: What must move besides whoever calls `beat`.
        databases: What they may wait for, for any time.
        limit_s: For how long they may stand still otherwise.
    """

    def __init__(
        self,
        write_fd: int | None,
        loops: Sequence[Loop],
        databases: Sequence[Database] = (),
        *,
        limit_s: float = LOOP_LIMIT_S,
    ) -> None:
        self._write_fd = write_fd
        self._loops = tuple(loops)
        self._databases = tuple(databases)
        self._limit_s = limit_s
        self._stuck: tuple[str, ...] = ()
        self._log = structlog.get_logger().bind(part="watchdog")

    def beat(self) -> None:
        """Write a byte, unless a loop stands still."""
        waited_s = max((database.longest_s() for database in self._databases), default=0.0)
        stuck = tuple(loop.name for loop in self._loops if loop.still_s() - waited_s > self._limit_s)
        if stuck != self._stuck:
            self._log.warning("loops_stand_still", loops=list(stuck))
        self._stuck = stuck
        if stuck or self._write_fd is None:
            return
        try:
            os.write(self._write_fd, b".")
        except OSError:  # the pipe is full because nobody reads, or the supervisor is gone: it will see to that
            return


class AliveLoop(Loop):
    """Calls `Alive.beat` once a second in a thread of its own; under gevent a greenlet."""

    def __init__(self, alive: Alive) -> None:
        super().__init__("alive", BEAT_EVERY_S)
        self._alive = alive

    def step(self) -> None:
        """Show that this process runs."""
        self._alive.beat()


class Silence:
    """For how long something has shown no sign of life.

    Args:
        now_s: Seconds of a monotonic clock.
        standstill_s: A longer pause between two looks means that this process itself stood still (stopped, or the
            whole machine was); that time does not count.
    """

    def __init__(self, now_s: float, standstill_s: float) -> None:
        self._last_s = self._looked_s = now_s
        self._standstill_s = standstill_s

    def note(self, now_s: float, *, is_heard: bool) -> float:
        """Note a look and whether there was a sign; return the seconds without one."""
        if is_heard or now_s - self._looked_s > self._standstill_s:
            self._last_s = now_s
        self._looked_s = now_s
        return now_s - self._last_s


class Pulse:
    """The supervisor's half for one life of one child: the pipe and when something last came through it."""

    def __init__(self, now_s: float) -> None:
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self.write_fd, False)
        self._began = False
        self._silence = Silence(now_s, _OWN_STANDSTILL_S)

    def was_passed_on(self) -> None:
        """Close the end that the child has now."""
        os.close(self.write_fd)

    def silent_s(self, now_s: float) -> float:
        """Take what came and look how long ago the last of it did.

        Args:
            now_s: Seconds of a monotonic clock.

        Returns:
            Seconds without a byte.
        """
        is_heard = self._take()
        self._began = self._began or is_heard
        return self._silence.note(now_s, is_heard=is_heard)

    @property
    def limit_s(self) -> float:
        """How long a silence may last."""
        return HUNG_AFTER_S if self._began else NEVER_BEGAN_AFTER_S

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._read_fd)

    def _take(self) -> bool:
        try:
            return bool(os.read(self._read_fd, _READ_BYTES))
        except BlockingIOError:
            return False
