"""Appeals received and answered by local hour, today and a week ago (поток обращений). Source: docs/kpi.md."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import msgspec

from svodka.domain.hours import day_start, hours_of_day, same_hour_days_earlier
from svodka.profiles.model import Profile
from svodka.readmodels.history import load_history_from
from svodka.readmodels.values import ChannelCount, FlowValue
from svodka.readmodels.windows import compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import received

_WEEK_DAYS = 7


def compute_flow(connection: Connection, profile: Profile, now: datetime) -> FlowValue:
    """Return the hours of today up to the present one, beside the same local hours seven days earlier."""
    zone = profile.zone
    windows = compute_windows(now, zone)
    hours = hours_of_day(windows.day, zone)
    today = received.load_hours_by_channel(connection, windows.today.from_at, windows.today.to_at)
    came, answered, by_channel = Counter[datetime](), Counter[datetime](), Counter[str]()
    for line in today:
        came[line.hour_at] += line.received
        answered[line.hour_at] += line.answered
        by_channel[line.channel] += line.received
    week_ago = _load_week_ago(connection, profile, hours, windows.day)
    return FlowValue(
        day=windows.day,
        hours=hours,
        received=tuple(came[hour] if hour <= windows.hour_at else None for hour in hours),
        answered=tuple(answered[hour] if hour <= windows.hour_at else None for hour in hours),
        week_ago_received=week_ago.received,
        week_ago_answered=week_ago.answered,
        received_today=sum(came.values()),
        answered_today=sum(answered.values()),
        received_full_hours=sum(n for hour, n in came.items() if hour < windows.hour_at),
        week_ago_received_full_hours=week_ago.count_received(sum(hour < windows.hour_at for hour in hours)),
        channels=tuple(
            ChannelCount(channel=channel.id, received_today=by_channel[channel.id]) for channel in profile.channels
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


def _load_week_ago(connection: Connection, profile: Profile, hours: tuple[datetime, ...], day: date) -> _WeekAgo:
    zone = profile.zone
    day_at, end_at = (day_start(day - timedelta(days=days), zone) for days in (_WEEK_DAYS, _WEEK_DAYS - 1))
    came, answered = Counter[datetime](), Counter[datetime]()
    for line in received.load_hours_by_channel(connection, day_at, end_at):
        came[line.hour_at] += line.received
        answered[line.hour_at] += line.answered
    first = load_history_from(connection, profile)
    # Before the history there is nothing to compare with, which is not the same as a quiet hour.
    known = [
        at if at is not None and first is not None and at >= first else None
        for at in (same_hour_days_earlier(hour, _WEEK_DAYS, zone) for hour in hours)
    ]
    return _WeekAgo(
        received=tuple(None if at is None else came[at] for at in known),
        answered=tuple(None if at is None else answered[at] for at in known),
        is_whole=first is not None and first <= day_at,
    )
