"""Where people complain: appeals of 24 hours by area, per 10,000 residents (карта). Source: docs/kpi.md, `area_…`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from svodka.domain.hours import day_start
from svodka.profiles.model import Area, Profile
from svodka.readmodels.history import load_history_from
from svodka.readmodels.shades import compute_steps
from svodka.readmodels.values import AreaValue, MapValue
from svodka.readmodels.windows import Windows, compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import open_now, received

_RESIDENTS = 10_000
_USUAL_DAYS = 7
_DAY = timedelta(days=1)


def compute_map(connection: Connection, profile: Profile, now: datetime) -> MapValue:
    """Return every area of the profile with its appeals of 24 hours and its open incidents, and the shades' bounds."""
    windows = compute_windows(now, profile.zone)
    span = windows.last_24_hours
    by_area = received.count_received_by_area(connection, span.from_at, span.to_at)
    incidents = Counter[str | None]()
    for area, _, n in open_now.count_open_incidents(connection):
        incidents[area] += n
    areas = tuple(
        AreaValue(
            area=area.id,
            received=by_area.get(area.id, 0),
            per_10k=_per_10k(area, by_area.get(area.id, 0)),
            open_incidents=incidents[area.id],
        )
        for area in profile.areas
    )
    total = sum(by_area.values())
    return MapValue(
        areas=areas,
        steps=compute_steps(_usual_per_10k(connection, profile, windows)),
        received=total,
        unknown_area=total - sum(area.received for area in areas),
    )


def _per_10k(area: Area, count: int) -> float | None:
    return count * _RESIDENTS / area.population if area.population else None


def _usual_per_10k(connection: Connection, profile: Profile, windows: Windows) -> float | None:
    """Return what the region received per 10,000 residents and day over the local days before today.

    Areas without a known population are left out on both sides.

    Returns:
        The rate; None where the history holds no whole day or no population is known.
    """
    week_at = day_start(windows.day - _USUAL_DAYS * _DAY, profile.zone)
    first = load_history_from(connection, profile)
    from_at = max(week_at, first) if first is not None else windows.day_at
    days = (windows.day_at - from_at) / _DAY
    known = {area.id: area.population for area in profile.areas if area.population}
    if days < 1 or not known:
        return None
    count = received.count_received(connection, from_at, windows.day_at, areas=known)
    return count * _RESIDENTS / (sum(known.values()) * days)
