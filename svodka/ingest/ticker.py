"""The passing of time as a change: what it alone altered goes into the log like anything else.

Read models depend on `now`: a term ends, an hour or day begins, an appeal leaves "the last 60 minutes", a source
grows old. The ticker is asked about once a second and puts one TICK into the log when any of this happened since the
last one. It remembers nothing: when it last did stands in the database, so a restart neither repeats nor loses any.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.domain.clock import Clock
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.domain.hours import hour_start
from svodka.profiles.model import Profile, SourceConfig
from svodka.settings.crash import crash_here
from svodka.storage.database import Connection, Database
from svodka.storage.log_state import load_log_state
from svodka.storage.queries import ticks
from svodka.storage.sources import load_sources
from svodka.storage.tick import append_tick

_HOUR = timedelta(hours=1)


class Ticker:
    """Looks whether time changed anything, and says so in the change log."""

    def __init__(self, database: Database, profile: Profile, clock: Clock) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock

    def tick(self) -> bool:
        """Put one TICK into the log if time alone changed something since the last one.

        Two tickers at once, while a lease changes hands, may both put one: the second tells nothing new.

        Returns:
            Whether a TICK was put.

        Raises:
            StorageUnavailableError: The database cannot be reached; the next call makes up for it.
        """
        now = self._clock.now()
        with self._database.read() as connection:
            if not self._has_changed(connection, now):
                return False
        crash_here("tick_before")
        with self._database.write() as connection:
            append_tick(connection, now)
        crash_here("tick_after")
        return True

    def _has_changed(self, connection: Connection, now: datetime) -> bool:
        last = load_log_state(connection).tick_at
        if last is None:
            return True
        # A clock that was set back has changed what lies between just as well.
        from_at, to_at = min(last, now), max(last, now)
        zone = self._profile.zone
        return (
            hour_start(from_at, zone) != hour_start(to_at, zone)
            or ticks.has_term_ended(connection, from_at, to_at)
            or ticks.has_feed_row_in(connection, from_at - _HOUR, to_at - _HOUR)
            or ticks.has_awaited_feed_row_in(connection, from_at, to_at)
            or self._has_source_aged(connection, from_at, to_at)
        )

    def _has_source_aged(self, connection: Connection, from_at: datetime, to_at: datetime) -> bool:
        completed = {
            health.source_id: health.last_complete_at
            for health in load_sources(connection).values()
            if health.last_complete_at is not None
        }
        return any(
            _state_at(source, completed[source.id], max(from_at, completed[source.id]))
            is not _state_at(source, completed[source.id], max(to_at, completed[source.id]))
            for source in self._profile.sources
            if source.id in completed
        )


def _state_at(source: SourceConfig, completed_at: datetime, at: datetime) -> State:
    limits = Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
    return decide_source_state((at - completed_at).total_seconds(), limits)
