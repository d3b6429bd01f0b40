"""Looks once an hour whether each source brought about as much as in the same hour of earlier weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.ingest.drift import judge_hour
from svodka.profiles.model import Profile
from svodka.storage.database import Connection, Database
from svodka.storage.notices import Notice, save_notices
from svodka.storage.sources import SourceHealth, load_sources
from svodka.storage.usual import load_hours, prune_hours

LOOK_EVERY_S = 60.0
_HOUR = timedelta(hours=1)
_WEEK, _WEEKS = timedelta(days=7), 8
_DAYS, _MIN_DAYS = 28, 6
_FIRST_WEEKEND_DAY = 5


class HourWatch:
    """Compares the last full hour of every source with earlier ones.

    It remembers in memory which hour it looked at: after a restart it looks once more and says the same.

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

    def look(self) -> None:
        """Look at the hour that ended last, once."""
        now = self._clock.now()
        hour_at = now.replace(minute=0, second=0, microsecond=0) - _HOUR
        if hour_at == self._looked_at:
            return
        try:
            with self._database.write() as connection:
                health = load_sources(connection)
                for source in self._profile.sources:
                    known = health.get(source.id)
                    if known is not None and _speaks_for(known, hour_at + _HOUR):
                        self._judge(connection, source.id, hour_at, now)
                prune_hours(connection, hour_at - (_WEEKS + 1) * _WEEK)
        except StorageUnavailableError:
            return  # told once by the database; the next look makes up for it
        self._looked_at = hour_at

    def _judge(self, connection: Connection, source_id: str, hour_at: datetime, now: datetime) -> None:
        counts = load_hours(connection, source_id, hour_at - _WEEKS * _WEEK)
        samples = choose_samples(counts, hour_at)
        n = counts.get(hour_at, 0)
        kind = judge_hour(n, samples)
        if kind is None:
            return
        usual = sorted(samples)[len(samples) // 2]
        local = hour_at.astimezone(self._profile.zone)
        notice = Notice(
            source_id=source_id,
            kind=kind,
            subject=local.strftime("%d.%m.%Y"),
            detail=f"{local:%H}:00 {n}/{usual}",
            first_seen_at=now,
            last_seen_at=now,
        )
        save_notices(connection, [notice])


def choose_samples(counts: Mapping[datetime, int], hour_at: datetime) -> Sequence[int]:
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
    alike = [counts.get(at, 0) for at in days if at >= first_at and _is_weekend(at) == _is_weekend(hour_at)]
    return alike if len(alike) >= _MIN_DAYS else ()


def _is_weekend(at: datetime) -> bool:
    return at.weekday() >= _FIRST_WEEKEND_DAY


def _speaks_for(health: SourceHealth, until_at: datetime) -> bool:
    """Whether a source was read up to then: of one that is silent or left alone its age tells already."""
    return (
        health.paused_at is None
        and health.begin_at is None
        and health.last_complete_at is not None
        and health.last_complete_at >= until_at
    )
