"""When the cells of the map are counted: every 20 s, less often where counting takes long.

What was counted stands in the database with its instant, so a restart neither repeats nor forgets it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import StorageUnavailableError
from svodka.profiles.model import Profile
from svodka.storage.cells import PERIODS, Period, count_cells, load_counted_at, publish_cells, save_cells
from svodka.storage.database import Database

LOOK_EVERY_S = 5.0
COUNT_EVERY = timedelta(seconds=20)
_SHARE = 0.02  # of its time at most is spent counting one window


class CellCounter:
    """Counts each window anew when it is time.

    Args:
        database: The facts.
        profile: The region, whose hours begin the windows.
        clock: The product's clock.
        after_commit: Told of every count.
    """

    def __init__(
        self, database: Database, profile: Profile, clock: Clock, after_commit: Callable[[], None] = lambda: None
    ) -> None:
        self._database, self._profile, self._clock = database, profile, clock
        self._after_commit = after_commit
        self._rests_until_s: dict[Period, float] = {}

    def look(self) -> None:
        """Count what is due; what cannot be counted now is due at the next look."""
        now = self._clock.now()
        try:
            with self._database.read() as connection:
                counted_at = load_counted_at(connection)
            for period in PERIODS:
                if self._is_due(period, counted_at.get(period), now):
                    self._count(period, now)
        except StorageUnavailableError:
            return  # told once by the database

    def _is_due(self, period: Period, counted_at: datetime | None, now: datetime) -> bool:
        if monotonic_s() < self._rests_until_s.get(period, 0.0):
            return False
        # A clock that was set back has other windows.
        return counted_at is None or not timedelta() <= now - counted_at < COUNT_EVERY

    def _count(self, period: Period, now: datetime) -> None:
        begun_s = monotonic_s()
        with self._database.read() as connection:
            counts = count_cells(connection, period, now, self._profile.zone)
        took_s = monotonic_s() - begun_s
        with self._database.write() as connection:
            save_cells(connection, period, counts, now)
            publish_cells(connection, period, now)
        self._rests_until_s[period] = monotonic_s() + took_s / _SHARE
        self._after_commit()
