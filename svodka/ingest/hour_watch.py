"""Looks once an hour whether each source brought about as much as in the same hour of earlier weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.ingest.drift import judge_hour
from svodka.profiles.model import Profile, SourceConfig
from svodka.storage.database import Connection, Database
from svodka.storage.notices import Notice, save_notices
from svodka.storage.sources import SourceHealth, load_sources
from svodka.storage.usual import load_hours, prune_hours

LOOK_EVERY_S = 60.0
_UNWATCHED = timedelta(minutes=5)  # without a look: another process watched meanwhile, or none
_HOUR = timedelta(hours=1)
_WEEK, _WEEKS = timedelta(days=7), 8
_DAYS, _MIN_DAYS = 28, 6
_FIRST_WEEKEND_DAY = 5


class HourWatch:
    """Compares the last full hour of every source with earlier ones.

    A source is judged as soon as it has been read beyond the end of the hour, however seldom it is asked. Of an hour
    in which it was late, left alone or read anew, or which this process did not watch from its beginning, nothing is
    said: what came later was counted later. What it watches it keeps in memory.

    Args:
        database: Where counts and notices are.
        profile: The region, with its sources and its zone.
        clock: The product's clock.
    """

    def __init__(self, database: Database, profile: Profile, clock: Clock) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock
        self._looked_at: datetime | None = None
        self._watched_from = clock.now()
        self._late: set[str] = set()
        self._waiting: set[str] = set()

    def look(self) -> None:
        """Look at how sources are read, and at the hour that ended last: at each source once."""
        now = self._clock.now()
        try:
            with self._database.read() as connection:
                health = load_sources(connection)
            if self._looked_at is None or not timedelta(0) <= now - self._looked_at <= _UNWATCHED:
                self._watched_from, self._late, self._waiting = now, set(), set()
            elif _hour_of(now) != _hour_of(self._looked_at):
                self._begin_hour(_hour_of(now))
            self._looked_at = now
            late = {source.id for source in self._profile.sources if not _is_read(source, health.get(source.id), now)}
            self._late |= late
            self._waiting -= late
            self._judge_read(health, _hour_of(now), now)
        except StorageUnavailableError:
            return  # told once by the database; the next look makes up for it

    def _begin_hour(self, ended_at: datetime) -> None:
        with self._database.write() as connection:
            prune_hours(connection, ended_at - (_WEEKS + 1) * _WEEK - _HOUR)
        is_whole = self._watched_from <= ended_at - _HOUR
        self._waiting = {source.id for source in self._profile.sources} - self._late if is_whole else set()
        self._late = set()

    def _judge_read(self, health: Mapping[str, SourceHealth], ended_at: datetime, now: datetime) -> None:
        """Judge the sources that wait and have been read beyond the end of the hour."""
        ready = {name for name in self._waiting if _is_beyond(health[name], ended_at)}
        if not ready:
            return
        with self._database.read() as connection:
            found = [self._judge(connection, name, ended_at - _HOUR, now) for name in sorted(ready)]
        unusual = [notice for notice in found if notice is not None]
        if unusual:
            with self._database.write() as connection:
                for notice in unusual:
                    save_notices(connection, [notice])
        self._waiting -= ready

    def _judge(self, connection: Connection, source_id: str, hour_at: datetime, now: datetime) -> Notice | None:
        counts = load_hours(connection, source_id, hour_at - _WEEKS * _WEEK)
        samples = choose_samples(counts, hour_at, self._profile.zone)
        n = counts.get(hour_at, 0)
        kind = judge_hour(n, samples)
        if kind is None:
            return None
        usual = sorted(samples)[len(samples) // 2]
        local = hour_at.astimezone(self._profile.zone)
        return Notice(
            source_id=source_id,
            kind=kind,
            subject=local.strftime("%d.%m.%Y"),
            detail=f"{local:%H}:00 {n}/{usual}",
            first_seen_at=now,
            last_seen_at=now,
        )


def choose_samples(counts: Mapping[datetime, int], hour_at: datetime, zone: ZoneInfo) -> Sequence[int]:
    """Return the counts of comparable hours.

    The same hour of earlier weeks; where there are too few, the same hour of earlier days of the same sort (working
    days, weekends). Hours before the first that is known are not taken for empty ones.
    """
    first_at = min(counts, default=hour_at) + _HOUR  # the first is hardly ever whole
    weeks = [hour_at - week * _WEEK for week in range(1, _WEEKS + 1)]
    same_hour = [counts.get(at, 0) for at in weeks if at >= first_at]
    if len(same_hour) >= _MIN_DAYS:
        return same_hour
    days = [hour_at - timedelta(days=day) for day in range(1, _DAYS + 1)]
    alike = [counts.get(at, 0) for at in days if at >= first_at and _is_weekend(at, zone) == _is_weekend(hour_at, zone)]
    return alike if len(alike) >= _MIN_DAYS else ()


def _is_weekend(at: datetime, zone: ZoneInfo) -> bool:
    return at.astimezone(zone).weekday() >= _FIRST_WEEKEND_DAY


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _is_read(source: SourceConfig, health: SourceHealth | None, now: datetime) -> bool:
    """Whether a source is read in time now: what comes late is counted in another hour than it would have been."""
    if health is None or health.last_complete_at is None or health.paused_at is not None or health.begin_at is not None:
        return False
    return now - health.last_complete_at < timedelta(seconds=source.ageing_s)


def _is_beyond(health: SourceHealth, until_at: datetime) -> bool:
    return health.last_complete_at is not None and health.last_complete_at >= until_at
