"""What came in and what was answered, by local hour, channel and area."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.tables import appeals, rollup_hour


class HourCounts(msgspec.Struct, frozen=True, kw_only=True):
    """One local hour of one channel."""

    hour_at: datetime
    channel: str
    received: int
    answered: int


def load_hours_by_channel(connection: sa.Connection, from_at: datetime, to_at: datetime) -> list[HourCounts]:
    """Return the local hours that begin in [from_at, to_at), by channel; hours without anything are absent."""
    columns = rollup_hour.c
    rows = connection.execute(
        sa.select(columns.hour_at, columns.channel, sa.func.sum(columns.received), sa.func.sum(columns.answered))
        .where(columns.hour_at >= from_at, columns.hour_at < to_at)
        .group_by(columns.hour_at, columns.channel)
    )
    return [
        HourCounts(hour_at=hour_at, channel=channel, received=int(received), answered=int(answered))
        for hour_at, channel, received, answered in rows
    ]


def count_received_by_area(connection: sa.Connection, from_at: datetime, to_at: datetime) -> dict[str, int]:
    """Return how many were received in the local hours that begin in [from_at, to_at), by area ("": not determined)."""
    columns = rollup_hour.c
    rows = connection.execute(
        sa.select(columns.area, sa.func.sum(columns.received))
        .where(columns.hour_at >= from_at, columns.hour_at < to_at)
        .group_by(columns.area)
    )
    return {area: int(n) for area, n in rows}


def count_received(connection: sa.Connection, from_at: datetime, to_at: datetime, *, areas: Collection[str]) -> int:
    """Return how many were received in these areas in the local hours that begin in [from_at, to_at)."""
    columns = rollup_hour.c
    statement = sa.select(sa.func.coalesce(sa.func.sum(columns.received), 0)).where(
        columns.hour_at >= from_at, columns.hour_at < to_at, columns.area.in_(sorted(areas))
    )
    return int(connection.execute(statement).scalar_one())


def count_feed_since(connection: sa.Connection, after: datetime, upto: datetime) -> int:
    """Return how many appeals have their place in the feed in (after, upto]."""
    columns = appeals.c
    statement = sa.select(sa.func.count()).where(columns.feed_at > after, columns.feed_at <= upto)
    return int(connection.execute(statement).scalar_one())
