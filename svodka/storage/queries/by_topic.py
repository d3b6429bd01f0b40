"""How many appeals of each topic were received, of the region, one area, one sector or both.

A row that no correction touched was received at its place in the feed, so an index finds it; the few others are looked
for by their corrected receipt.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals

_COLUMNS = appeals.c
_EMPTY = sa.literal_column("''", sa.String)


def count_by_topic(
    connection: sa.Connection,
    spans: tuple[tuple[datetime, datetime], ...],
    *,
    area: str | None = None,
    sector: str | None = None,
) -> tuple[dict[str, int], ...]:
    """Return how many appeals were received in each half-open span, by topic; topics without any are absent."""
    parameters: dict[str, object] = {}
    for number, (from_at, to_at) in enumerate(spans):
        parameters |= {f"from_{number}": from_at, f"to_{number}": to_at}
    parameters |= {name: value for name, value in (("area", area), ("sector", sector)) if value is not None}
    statement = _statement(len(spans), of_area=area is not None, of_sector=sector is not None)
    found: tuple[dict[str, int], ...] = tuple({} for _ in spans)
    for number, topic, n in connection.execute(statement, parameters):
        found[number][topic] = found[number].get(topic, 0) + int(n)
    return found


@lru_cache(maxsize=16)
def _statement(spans_n: int, *, of_area: bool, of_sector: bool) -> sa.CompoundSelect[Any]:
    names = [name for name, is_asked in (("area", of_area), ("sector", of_sector)) if is_asked]
    by_index = [_COLUMNS[name] == sa.bindparam(name) for name in names]
    # Compared by the bare column SQLite would follow its index through all of the past.
    by_time = [_COLUMNS[name] + _EMPTY == sa.bindparam(name) for name in names]
    return sa.union_all(
        *(
            sa.select(sa.literal_column(str(number), sa.Integer), _COLUMNS.topic, sa.func.count())
            .where(
                at >= sa.bindparam(f"from_{number}", type_=Instant),
                at < sa.bindparam(f"to_{number}", type_=Instant),
                is_such,
                *scoped,
            )
            .group_by(_COLUMNS.topic)
            for number in range(spans_n)
            for at, is_such, scoped in (
                (_COLUMNS.feed_at, _COLUMNS.received_at == _COLUMNS.feed_at, by_index),
                (_COLUMNS.received_at, _COLUMNS.received_at != _COLUMNS.feed_at, by_time),
            )
        )
    )
