"""Rollup tables: counts that are kept up with every change of the facts, in the same transaction.

Cells that fall back to 0 stay as rows of zeros; they count for nothing and are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from svodka.analytics.rollups import (
    MEASURES,
    Counts,
    HourCell,
    MinutesCell,
    OpenCell,
    compute_difference,
)
from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection, Database
from svodka.storage.facts import StoredAppeal
from svodka.storage.tables import appeals, meta, rollup_answer_minutes, rollup_hour, rollup_open
from svodka.storage.upsert import upsert

_REBUILD_BATCH = 5000
_ZONE_KEY = "rollup_zone"


def add_to_rollups(connection: Connection, counts: Counts) -> None:
    """Add amounts to the cells of the rollups: three statements, whatever the number of appeals.

    Args:
        connection: A writing transaction.
        counts: Amount by cell, see `svodka.analytics.rollups.compute_difference`.
    """
    hours: dict[tuple[Any, ...], dict[str, Any]] = {}
    minutes: list[dict[str, Any]] = []
    opened: list[dict[str, Any]] = []
    for cell, n in sorted(counts.items(), key=_lock_order):
        if isinstance(cell, HourCell):
            row = hours.setdefault(cell[:4], _empty_hour(cell))
            row[cell.measure] += n
        elif isinstance(cell, MinutesCell):
            minutes.append({**cell._asdict(), "n": n})
        else:
            opened.append({**cell._asdict(), "n": n})
    upsert(connection, rollup_hour, list(hours.values()), add=MEASURES)
    upsert(connection, rollup_answer_minutes, minutes, add=("n",))
    upsert(connection, rollup_open, opened, add=("n",))


def load_rollups(connection: Connection) -> Counts:
    """Return all rollups as amounts by cell, without zeros."""
    counts: Counts = Counter()
    for row in connection.execute(sa.select(rollup_hour)).mappings():
        for measure in MEASURES:
            cell = HourCell(row["hour_at"], row["area"], row["sector"], row["channel"], measure)
            counts[cell] = row[measure]
    for row in connection.execute(sa.select(rollup_answer_minutes)).mappings():
        counts[MinutesCell(row["hour_at"], row["minutes"])] = row["n"]
    for row in connection.execute(sa.select(rollup_open)).mappings():
        counts[OpenCell(row["area"], row["sector"], row["channel"])] = row["n"]
    return Counter({cell: n for cell, n in counts.items() if n})


def compute_rollups(connection: Connection, zone: ZoneInfo) -> Counts:
    """Return what the rollups must be according to the facts alone."""
    counts: Counts = Counter()
    last_id = 0
    while rows := _load_batch(connection, last_id):
        counts.update(compute_difference(((None, facts) for facts in rows), zone))
        last_id = rows[-1].id
    return counts


def rebuild_rollups(connection: Connection, zone: ZoneInfo) -> None:
    """Make the rollups anew from the facts (see `ensure_rollups`)."""
    for table in (rollup_hour, rollup_answer_minutes, rollup_open):
        connection.execute(sa.delete(table))
    add_to_rollups(connection, compute_rollups(connection, zone))


def ensure_rollups(database: Database, zone: ZoneInfo, now: datetime) -> bool:
    """Make the rollups anew where they were counted by the hours of another zone; called by whoever starts to write.

    Args:
        database: An open, migrated database.
        zone: The region's zone.
        now: The product's clock, aware.

    Returns:
        Whether they were made anew.

    Raises:
        StorageUnavailableError: The database cannot be reached or written.
    """
    with database.write() as connection:
        if not database.is_sqlite:
            # Nobody may add to the facts between counting them and writing the counts.
            connection.execute(sa.text("LOCK TABLE appeals IN SHARE ROW EXCLUSIVE MODE"))
        known = connection.scalar(sa.select(meta.c.value).where(meta.c.key == _ZONE_KEY))
        if known == zone.key:
            return False
        upsert(connection, meta, [{"key": _ZONE_KEY, "value": zone.key}], replace=("value",))
        if connection.scalar(sa.select(appeals.c.id).limit(1)) is None:
            return False
        rebuild_rollups(connection, zone)
        # To the walls it is as if time had passed: every number of appeals is computed anew.
        append_changes(connection, [Draft(kind=ChangeKind.TICK, key=_ZONE_KEY)], now)
    return True


def _load_batch(connection: Connection, after_id: int) -> Sequence[StoredAppeal]:
    query = sa.select(appeals).where(appeals.c.id > after_id).order_by(appeals.c.id).limit(_REBUILD_BATCH)
    return [StoredAppeal(**row) for row in connection.execute(query).mappings()]


def _empty_hour(cell: HourCell) -> dict[str, Any]:
    return {
        "hour_at": cell.hour_at,
        "area": cell.area,
        "sector": cell.sector,
        "channel": cell.channel,
        **dict.fromkeys(MEASURES, 0),
    }


def _lock_order(item: tuple[HourCell | MinutesCell | OpenCell, int]) -> tuple[Any, ...]:
    cell = item[0]
    return (len(cell), *cell)
