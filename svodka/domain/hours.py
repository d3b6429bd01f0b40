"""Local hours and days of a region as UTC instants.

An hour is a local hour: where the offset is not whole (Asia/Kolkata) it begins at half past in UTC, and on the day
the clocks change a day has 23 or 25 of them; the hour that comes twice counts as two. Pure.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)


def hour_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the local hour around `at` (aware) began."""
    local = at.astimezone(zone)
    # `fold` is kept, so the second 02:30 of an autumn night falls into the second 02:00.
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def day_start(on: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the local day `on` began (its first one, should midnight come twice)."""
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """Return the local day of `at` (aware)."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=16)
def hours_of_day(on: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the UTC beginnings of all local hours of the day `on`, in order: 24 of them, or 23 or 25."""
    end = day_start(on + timedelta(days=1), zone)
    hours = [day_start(on, zone)]
    # Stepping by real hours and snapping back keeps to hours that a half-hour change of clocks makes longer.
    while (following := hours[-1] + _HOUR) < end:
        snapped = hour_start(following, zone)
        hours.append(snapped if snapped > hours[-1] else hour_start(following + _HOUR, zone))
    return tuple(hour for hour in hours if hour < end)


@lru_cache(maxsize=256)
def same_hour_days_earlier(hour_at: datetime, days: int, zone: ZoneInfo) -> datetime | None:
    """Return the hour with the same local time `days` local days before the hour that began at `hour_at`.

    Args:
        hour_at: A beginning of a local hour, in UTC.
        days: How many local days earlier, 0 or more.
        zone: The region's zone.

    Returns:
        Its beginning in UTC; None where the clocks left that hour out, or where `hour_at` is the second of two
        hours with the same name and the earlier day had only one.
    """
    local = hour_at.astimezone(zone)
    earlier = datetime.combine(local.date() - timedelta(days=days), local.time(), tzinfo=zone).replace(fold=local.fold)
    at = earlier.astimezone(UTC)
    back = at.astimezone(zone)
    exists = back.replace(tzinfo=None, fold=0) == earlier.replace(tzinfo=None, fold=0)
    return at if exists and back.fold == local.fold else None
