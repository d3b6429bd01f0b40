"""A time as a person types it, in the region's zone. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"(\d{1,2})[:. ](\d{2})")
_DAY_AND_CLOCK = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{2}|\d{4}))?[ ,]+(\d{1,2})[:. ](\d{2})")
_CENTURY = 100
# Clocks on desks and walls run ahead: so near to come is now, not yesterday.
_NEARLY_NOW = timedelta(minutes=5)


def read_local_time(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the instant that a typed time means.

    Args:
        text: `14:05` (today, or yesterday where that is yet to come), `21.11 14:05` (of this year, or the last where
            the day is yet to come) or `21.11.2026 14:05`. What is at most five minutes ahead is now.
        zone: The region's.
        now: The present instant, aware.

    Returns:
        The instant in UTC, which may lie in the future where the text names this day or a year; None where it is no
        time.
    """
    here, words = now.astimezone(zone), text.strip()
    try:
        if match := _CLOCK.fullmatch(words):
            at = here.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
            return _nearly(at, now) if at - now <= _NEARLY_NOW else (at - timedelta(days=1)).astimezone(UTC)
        if match := _DAY_AND_CLOCK.fullmatch(words):
            day, month, year, hour, minute = match.groups()
            at = datetime(_year(year, here.year), int(month), int(day), int(hour), int(minute), tzinfo=zone)
            is_last_year = year is None and at.date() > here.date()
            return _nearly(at.replace(year=at.year - 1) if is_last_year else at, now)
    except (ValueError, OverflowError):
        return None
    return None


def _nearly(at: datetime, now: datetime) -> datetime:
    """Return an instant in UTC, for one that is just ahead the present minute: the same for a form sent twice."""
    return (now.replace(second=0, microsecond=0) if now < at <= now + _NEARLY_NOW else at).astimezone(UTC)


def _year(text: str | None, present: int) -> int:
    if text is None:
        return present
    return int(text) if int(text) >= _CENTURY else present // _CENTURY * _CENTURY + int(text)
