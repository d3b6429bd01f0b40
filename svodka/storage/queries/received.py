"""How many came within the last while, to the second."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from svodka.analytics.rollups import minute_start
from svodka.storage.tables import appeals, rollup_counts

_MINUTE = timedelta(minutes=1)


def _build_feed_statement() -> sa.Select[int]:
    feed_at, counts = appeals.c.feed_at, rollup_counts.c
    whole = sa.select(sa.func.coalesce(sa.func.sum(counts.n), 0)).where(
        counts.series == "fed", counts.at >= sa.bindparam("first_at"), counts.at < sa.bindparam("last_at")
    )
    before = sa.select(sa.func.count()).where(feed_at > sa.bindparam("after"), feed_at < sa.bindparam("first_at"))
    behind = sa.select(sa.func.count()).where(feed_at >= sa.bindparam("last_at"), feed_at <= sa.bindparam("upto"))
    return sa.select(whole.scalar_subquery() + before.scalar_subquery() + behind.scalar_subquery())


_FEED = _build_feed_statement()


def count_feed_since(connection: sa.Connection, after: datetime, upto: datetime) -> int:
    """Return how many appeals have their place in the feed in (after, upto], at least a minute apart.

    Whole minutes come from the rollup, so that an hour of a flood costs no more than a quiet one.
    """
    first_at, last_at = minute_start(after) + _MINUTE, minute_start(upto)
    parameters = {"after": after, "first_at": first_at, "last_at": last_at, "upto": upto}
    return int(connection.execute(_FEED, parameters).scalar_one())
