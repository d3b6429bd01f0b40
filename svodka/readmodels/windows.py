"""Spans of time that the numbers of docs/kpi.md rest on. Pure.

Source: docs/kpi.md, "Terms". All spans are half-open; hours are local hours of the region, spans of hours elapsed time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from svodka.domain.hours import day_start, hour_start, local_day
from svodka.readmodels.keys import Period

_HOUR = timedelta(hours=1)
_WEEK = timedelta(days=7)


class Span(msgspec.Struct, frozen=True):
    """The instants of [from_at, to_at)."""

    from_at: datetime
    to_at: datetime

    def week_earlier(self) -> Span:
        """Return the span 168 hours earlier."""
        return Span(self.from_at - _WEEK, self.to_at - _WEEK)


class Windows(msgspec.Struct, frozen=True, kw_only=True):
    """The spans around one `now`.

    Attributes:
        hour_at: H, beginning of the present local hour.
        day: The present local day.
        day_at: D, its beginning.
        last_24_hours: [H − 23 h, H + 1 h), the "day window".
        last_168_hours: [H − 167 h, H + 1 h), the "week window".
        today: [D, H + 1 h).
    """

    hour_at: datetime
    day: date
    day_at: datetime
    last_24_hours: Span
    last_168_hours: Span
    today: Span

    def of_period(self, period: Period) -> Span:
        """Return the window of a scope."""
        return self.last_24_hours if period == "day" else self.last_168_hours


def compute_windows(now: datetime, zone: ZoneInfo) -> Windows:
    """Return the spans around `now` (aware) in the region's zone."""
    hour_at = hour_start(now, zone)
    end = hour_at + _HOUR
    day = local_day(now, zone)
    day_at = day_start(day, zone)
    return Windows(
        hour_at=hour_at,
        day=day,
        day_at=day_at,
        last_24_hours=Span(end - 24 * _HOUR, end),
        last_168_hours=Span(end - 168 * _HOUR, end),
        today=Span(day_at, end),
    )
