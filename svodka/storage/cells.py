"""How many appeals lie in each cell of a fixed grid of the map: what is drawn stays bounded, however many there are.

Counted from the facts now and then by whoever ticks (`svodka.ingest.cells`), never while a frame is made: a new appeal
is a row and a mark at once, and in its cell soon after. Why: docs/adr/0231-cells-are-counted-now-and-then.md.

A cell is `STEP` degrees high and twice as wide, about 900 m by 1 km in the middle of Russia: coarser than the points
that rows have, so that it tells nobody's address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.domain.hours import hour_start
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.tables import Instant, appeals, map_cells, map_counts
from svodka.storage.upsert import upsert

STEP = 1 / 128
NOWHERE = -1
Period = Literal["day", "week"]
PERIODS: dict[Period, timedelta] = {"day": timedelta(hours=24), "week": timedelta(hours=168)}
_HOUR = timedelta(hours=1)


class Cell(NamedTuple):
    """Some appeals of one area and sector: those in one cell, or (`NOWHERE` twice) those without a point.

    `lat_step` counts cells from the south pole, `lon_step` from the date line. An area that is not known is "".
    """

    lat_step: int
    lon_step: int
    area: str
    sector: str


@lru_cache(maxsize=2)
def _count_statement(dialect: str) -> sa.Select[Any]:
    def whole(steps: sa.ColumnElement[float]) -> sa.ColumnElement[int]:
        # SQLite cuts what PostgreSQL would round; it has no floor everywhere. Nothing here is below 0.
        return sa.cast(steps if dialect == "sqlite" else sa.func.floor(steps), sa.Integer)

    columns = appeals.c
    key = (
        sa.func.coalesce(whole((columns.lat + 90.0) * (1 / STEP)), NOWHERE),
        sa.func.coalesce(whole((columns.lon + 180.0) * (0.5 / STEP)), NOWHERE),
        sa.func.coalesce(columns.area, ""),
        columns.sector,
    )
    return (
        sa.select(*key, sa.func.count())
        .where(
            columns.feed_at >= sa.bindparam("from_at", type_=Instant),
            columns.feed_at < sa.bindparam("to_at", type_=Instant),
        )
        .group_by(*(sa.literal_column(str(place)) for place in range(1, 5)))
    )


def count_cells(connection: Connection, period: Period, now: datetime, zone: ZoneInfo) -> dict[Cell, int]:
    """Return the appeals that have their place in the feed in the window around `now`, by cell; none is 0.

    Args:
        connection: A read transaction.
        period: Which window: day or week, as docs/kpi.md defines them.
        now: The product's clock, aware.
        zone: The region's zone.
    """
    to_at = hour_start(now, zone) + _HOUR
    window = {"from_at": to_at - PERIODS[period], "to_at": to_at}
    found = connection.execute(_count_statement(connection.dialect.name), window)
    return {Cell(*key): n for *key, n in found.all()}


def save_cells(connection: Connection, period: Period, counts: dict[Cell, int], counted_at: datetime) -> None:
    """Store what was counted; cells that are as before are not written.

    Args:
        connection: A writing transaction.
        period: Which window was counted.
        counts: From `count_cells`.
        counted_at: When.
    """
    before = {Cell(*key): n for *key, n in connection.execute(_ALL, {"period": period}).all()}
    news = {cell: n for cell, n in counts.items() if before.get(cell) != n}
    news |= dict.fromkeys((cell for cell, n in before.items() if n and cell not in counts), 0)
    rows = [{"period": period, **cell._asdict(), "n": n} for cell, n in sorted(news.items())]
    upsert(connection, map_cells, rows, replace=("n",))
    upsert(connection, map_counts, [{"period": period, "counted_at": counted_at}], replace=("counted_at",))


def publish_cells(connection: Connection, period: Period, counted_at: datetime) -> None:
    """Tell the change log, in the transaction of `save_cells`."""
    append_changes(connection, [Draft(kind=ChangeKind.CELLS, key=period)], counted_at)


def load_counted_at(connection: Connection) -> dict[str, datetime]:
    """Return when each window was last counted; what never was is absent."""
    return dict(connection.execute(_COUNTED_AT).all())


def load_cells(
    connection: Connection, period: Period, *, area: str | None = None, sector: str | None = None
) -> dict[tuple[int, int], int]:
    """Return how many appeals lie in each cell as it was last counted; `(NOWHERE, NOWHERE)` are those without a point.

    Args:
        connection: A read transaction.
        period: Of which window.
        area: Slug of the only area; None: all.
        sector: Slug of the only sector; None: all.
    """
    parameters = {"period": period, "area": area, "sector": sector}
    statement = _cells_statement(of_area=area is not None, of_sector=sector is not None)
    rows = connection.execute(statement, {name: value for name, value in parameters.items() if value is not None})
    return {(lat_step, lon_step): int(n) for lat_step, lon_step, n in rows.all()}


_ALL = sa.select(*(map_cells.c[name] for name in Cell._fields), map_cells.c.n).where(
    map_cells.c.period == sa.bindparam("period")
)
_COUNTED_AT = sa.select(map_counts.c.period, map_counts.c.counted_at)


@lru_cache(maxsize=4)
def _cells_statement(*, of_area: bool, of_sector: bool) -> sa.Select[Any]:
    columns = map_cells.c
    only = [columns.period == sa.bindparam("period"), columns.n > 0]
    only += [columns.area == sa.bindparam("area")] if of_area else []
    only += [columns.sector == sa.bindparam("sector")] if of_sector else []
    key = (columns.lat_step, columns.lon_step)
    return sa.select(*key, sa.func.sum(columns.n)).where(*only).group_by(*key).order_by(*key)
