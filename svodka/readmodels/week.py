"""Appeals received and answered by local day, beside the week before (неделя). Source: docs/kpi.md, `day_…`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from svodka.domain.hours import day_start
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import WeekValue
from svodka.readmodels.windows import Span

_WEEK_DAYS = 7
_DAYS = 2 * _WEEK_DAYS + 1  # today, the seven days before it, and the seven before those
_DAY = timedelta(days=1)


def compute_week(moment: Moment, scope: Scope) -> WeekValue:
    """Return today and the seven local days before it, each beside the same day of the week before.

    Args:
        moment: The moment.
        scope: Of one area, one sector, both, or the whole region.
    """
    windows, zone = moment.windows, moment.profile.zone
    days = [windows.day - (_DAYS - 1 - number) * _DAY for number in range(_DAYS)]
    begins = [day_start(day, zone) for day in days]
    borders = [*begins, windows.today.to_at]
    span = borders[0], borders[-1]
    hourly = moment.facts(scope.extent).by_instant(("received", *span), ("answered", *span))
    received, answered = (
        [n if moment.is_covered(Span(begin, begin)) else None for begin, n in zip(begins, found, strict=True)]
        for found in (_by_day(hours, borders) for hours in hourly)
    )
    return WeekValue(
        days=tuple(days[_WEEK_DAYS:]),
        received=tuple(received[_WEEK_DAYS:]),
        answered=tuple(answered[_WEEK_DAYS:]),
        week_ago_received=tuple(received[: _WEEK_DAYS + 1]),
        received_7_days=_total(received[_WEEK_DAYS:-1]),
        answered_7_days=_total(answered[_WEEK_DAYS:-1]),
        before_7_days=_total(received[:_WEEK_DAYS]),
    )


def _total(counted: Sequence[int | None]) -> int | None:
    known = [n for n in counted if n is not None]
    return sum(known) if len(known) == len(counted) else None


def _by_day(hours: Mapping[datetime, int], borders: Sequence[datetime]) -> list[int]:
    """Return how many there were from each border to the next."""
    found = [0] * (len(borders) - 1)
    for at, n in hours.items():
        found[bisect_right(borders, at) - 1] += n
    return found
