"""Appeals received and answered by local hour, today and a week ago (поток обращений). Source: docs/kpi.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from svodka.domain.hours import day_start, hours_of_day, same_hour_days_earlier
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import ChannelCount, FlowValue
from svodka.readmodels.windows import Span

_WEEK_DAYS = 7
_DAY = timedelta(days=1)


def compute_flow(moment: Moment, scope: Scope) -> FlowValue:
    """Return the hours of today up to the present one, beside the same local hours seven days earlier."""
    windows, zone, facts = moment.windows, moment.profile.zone, moment.facts(scope.extent)
    hours = hours_of_day(windows.day, zone)
    today = windows.today
    earlier = Span(*(day_start(windows.day - days * _DAY, zone) for days in (_WEEK_DAYS, _WEEK_DAYS - 1)))
    came, answered, came_then, answered_then = facts.by_instant(
        ("received", today.from_at, today.to_at),
        ("answered", today.from_at, today.to_at),
        ("received", earlier.from_at, earlier.to_at),
        ("answered", earlier.from_at, earlier.to_at),
    )
    (by_channel,) = facts.by_name(("received_by_channel", today.from_at, today.to_at))
    week_ago = _week_ago(moment, hours, earlier, came_then, answered_then)
    return FlowValue(
        day=windows.day,
        hours=hours,
        received=tuple(came.get(hour, 0) if hour <= windows.hour_at else None for hour in hours),
        answered=tuple(answered.get(hour, 0) if hour <= windows.hour_at else None for hour in hours),
        week_ago_received=week_ago.received,
        week_ago_answered=week_ago.answered,
        received_today=sum(came.values()),
        answered_today=sum(answered.values()),
        received_full_hours=sum(n for hour, n in came.items() if hour < windows.hour_at),
        week_ago_received_full_hours=week_ago.count_received(sum(hour < windows.hour_at for hour in hours)),
        channels=tuple(
            ChannelCount(channel=channel.id, received_today=by_channel.get(channel.id, 0))
            for channel in moment.profile.channels
        ),
    )


class _WeekAgo(msgspec.Struct, frozen=True, kw_only=True):
    """The hours that have the same local time as those of today, in their order; None: nothing is known of them."""

    received: tuple[int | None, ...]
    answered: tuple[int | None, ...]
    is_whole: bool

    def count_received(self, first_n: int) -> int | None:
        """Return how many were received in the first hours; None where the history begins later than that day."""
        return sum(n or 0 for n in self.received[:first_n]) if self.is_whole else None


def _week_ago(
    moment: Moment,
    hours: tuple[datetime, ...],
    earlier: Span,
    came: Mapping[datetime, int],
    answered: Mapping[datetime, int],
) -> _WeekAgo:
    first, zone = moment.history_from, moment.profile.zone
    # Before the history there is nothing to compare with, which is not the same as a quiet hour.
    known = [
        at if at is not None and first is not None and at >= first else None
        for at in (same_hour_days_earlier(hour, _WEEK_DAYS, zone) for hour in hours)
    ]
    return _WeekAgo(
        received=tuple(None if at is None else came.get(at, 0) for at in known),
        answered=tuple(None if at is None else answered.get(at, 0) for at in known),
        is_whole=moment.is_covered(earlier),
    )
