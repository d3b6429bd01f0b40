"""What is true of a simulated region at an instant, as plain rows: for tests that compute the KPIs on their own.

A row says what the simulated systems have told by then, not what the product made of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from simulator.history import History


def truth_appeals(history: History, at: datetime, *, since: datetime) -> list[dict[str, Any]]:
    """Return every appeal that a poller knows at `at` whose first poll reached back to `since`.

    Args:
        history: The simulated region.
        at: The instant, aware.
        since: Begin of the backfill: what last changed before it was never told. Systems with different
            backfills: ask for the longest and drop the rows whose `updated_at` is older than a system's own.

    Returns:
        One dict for each, by last change: foreign_id, system, channel, topic, sector, area (None: the record
        names no place), status, received_at, updated_at, answered_at, due_at (only where the record tells
        one; the norm of the channel is not applied), rating, repeat_of, has_point, accident. Instants are
        aware UTC.
    """
    return [
        {
            "foreign_id": known.appeal.id,
            "system": known.appeal.system,
            "channel": known.appeal.channel,
            "topic": known.appeal.topic,
            "sector": known.appeal.sector,
            "area": known.appeal.area,
            "status": known.state.status.value,
            "received_at": known.appeal.received_at,
            "updated_at": known.state.at,
            "answered_at": known.state.answered_at,
            "due_at": known.state.due_at,
            "rating": known.state.rating,
            "repeat_of": known.appeal.repeat_of,
            "has_point": known.appeal.lat is not None,
            "accident": known.appeal.accident,
        }
        for known in history.changed(None, after=since, before=at, now=at)
    ]


def truth_incidents(history: History, at: datetime, *, closed_within: timedelta = timedelta(0)) -> list[dict[str, Any]]:
    """Return every incident that is open at `at` or ended less than `closed_within` before it.

    Returns:
        One dict for each: foreign_id, feed (`cards` tell the end, from `outages` an ended one vanishes), kind,
        level, area, status, is_open, started_at, updated_at, closed_at (None while open), affected_n, accident.
    """
    return [
        {
            "foreign_id": known.incident.id,
            "feed": known.incident.feed,
            "kind": known.incident.kind,
            "level": known.state.level,
            "area": known.incident.area,
            "status": known.state.status.value,
            "is_open": known.state.status.is_open,
            "started_at": known.incident.started_at,
            "updated_at": known.state.at,
            "closed_at": None if known.state.status.is_open else known.incident.closed_at,
            "affected_n": known.state.affected_n,
            "accident": known.incident.accident,
        }
        for known in history.incidents(now=at, closed_since=at - closed_within)
    ]
