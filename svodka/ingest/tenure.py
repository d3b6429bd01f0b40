"""Which sources this process may poll: its leases, renewed before they run out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timedelta

import structlog

from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import StorageUnavailableError
from svodka.settings.crash import crash_here
from svodka.storage.database import Database
from svodka.storage.leases import acquire_leases, release_leases

RENEW_EVERY_S = 3.0
LEASE_S = 3 * RENEW_EVERY_S
_GIVE_UP_LIMIT_S = 1.0


class Tenure:
    """The leases of one process.

    Args:
        database: Where the leases are.
        names: Leases wanted.
        holder: Name of this process, unique among processes.
        machine_clock: The machine's real clock.
    """

    def __init__(self, database: Database, names: Iterable[str], *, holder: str, machine_clock: Clock) -> None:
        self._database = database
        self.names = frozenset(names)
        self._holder = holder
        self._machine_clock = machine_clock
        self._lock = threading.Lock()
        self._held: frozenset[str] = frozenset()
        self._until_s = 0.0
        self._renewing = threading.Lock()
        self._is_over = False
        self._log = structlog.get_logger().bind(part="tenure")

    def renew(self) -> None:
        """Prolong what is held and take what has become free. A failure is not one yet: the lease still runs."""
        with self._renewing:
            if not self._is_over:
                self._renew()

    def _renew(self) -> None:
        begun_s = monotonic_s()
        now = self._machine_clock.now()
        crash_here("lease_before")
        try:
            held = acquire_leases(
                self._database,
                self.names,
                holder=self._holder,
                now=now,
                expires_at=now + timedelta(seconds=LEASE_S),
            )
        except StorageUnavailableError:
            return  # told once by the database
        crash_here("lease_after")
        with self._lock:
            gained, lost = held - self._held, self._held - held
            self._held, self._until_s = held, begun_s + LEASE_S
        if gained or lost:
            self._log.info("leases", gained=sorted(gained), lost=sorted(lost))

    def holds(self, name: str) -> bool:
        """Return whether this process holds `name` now, without asking the database."""
        with self._lock:
            return name in self._held and monotonic_s() < self._until_s

    def give_up(self) -> None:
        """Release everything, for good: a renewal that is under way takes nothing back."""
        self._is_over = True
        if not self._renewing.acquire(timeout=_GIVE_UP_LIMIT_S):
            return  # the database does not answer: the leases run out by themselves
        self._renewing.release()
        with self._lock:
            held, self._held = self._held, frozenset()
        try:
            release_leases(self._database, held, holder=self._holder)
        except StorageUnavailableError:
            self._log.warning("leases_not_released")
