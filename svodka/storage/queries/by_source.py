"""What each source brought."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals, incidents

_FROM, _AFTER, _UPTO = (sa.bindparam(name, type_=Instant) for name in ("from_at", "after", "upto"))
_FIRST = sa.bindparam("first_at", type_=Instant)
_FEED_AT = appeals.c.feed_at


def _sum_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


_APPEALS = (
    sa.select(appeals.c.source_id, _sum_if(_FEED_AT >= _FROM), _sum_if(_FEED_AT > _AFTER))
    .where(_FEED_AT >= _FIRST, _FEED_AT <= _UPTO)
    .group_by(appeals.c.source_id)
)
_INCIDENTS = (
    sa.select(incidents.c.source_id, sa.func.count())
    .where(incidents.c.started_at >= _FROM)
    .group_by(incidents.c.source_id)
)


def count_appeals(
    connection: sa.Connection, from_at: datetime, after: datetime, upto: datetime
) -> dict[str, tuple[int, int]]:
    """Return how many appeals have their place in the feed in [from_at, upto], and in (after, upto], by source."""
    instants = {"from_at": from_at, "after": after, "upto": upto, "first_at": min(from_at, after)}
    rows = connection.execute(_APPEALS, instants)
    return {source_id: (int(today), int(late)) for source_id, today, late in rows}


def count_incidents(connection: sa.Connection, from_at: datetime) -> dict[str, int]:
    """Return how many incidents began at an instant or later, by source."""
    return {source_id: int(n) for source_id, n in connection.execute(_INCIDENTS, {"from_at": from_at})}
