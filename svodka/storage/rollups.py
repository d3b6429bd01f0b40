"""Rollup tables: counts that are kept up with every change of the facts, in the same transaction.

Cells that fall back to 0 stay as rows of zeros; they count for nothing and are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from svodka.analytics.rollups import Cell, Counts, MinutesCell, compute_difference
from svodka.domain.changes import ChangeKind
from svodka.domain.errors import StorageUnavailableError
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection, Database
from svodka.storage.facts import StoredAppeal
from svodka.storage.tables import appeals, meta, rollup_answer_minutes, rollup_counts
from svodka.storage.upsert import upsert

_REBUILD_BATCH = 5000
ZONE_KEY = "rollup_zone"
_WAY_OF_COUNTING = 2  # another number: what was counted by an older program is counted anew


def add_to_rollups(connection: Connection, counts: Counts) -> None:
    """Add amounts to the cells of the rollups: two statements, whatever the number of appeals.

    Args:
        connection: A writing transaction.
        counts: Amount by cell, see `svodka.analytics.rollups.compute_difference`.
    """
    # Sorted: two writers that lock the same rows in two orders are a deadlock.
    cells = sorted(cell for cell in counts if isinstance(cell, Cell))
    minutes = sorted(cell for cell in counts if isinstance(cell, MinutesCell))
    upsert(connection, rollup_counts, [{**cell._asdict(), "n": counts[cell]} for cell in cells], add=("n",))
    upsert(connection, rollup_answer_minutes, [{**cell._asdict(), "n": counts[cell]} for cell in minutes], add=("n",))


def load_rollups(connection: Connection) -> Counts:
    """Return all rollups as amounts by cell, without zeros."""
    counts: Counts = Counter()
    for series, at, name, n in connection.execute(sa.select(rollup_counts)):
        counts[Cell(series, at, name)] = n
    for hour_at, minutes, n in connection.execute(sa.select(rollup_answer_minutes)):
        counts[MinutesCell(hour_at, minutes)] = n
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
    for table in (rollup_counts, rollup_answer_minutes):
        connection.execute(sa.delete(table))
    add_to_rollups(connection, compute_rollups(connection, zone))


def ensure_way(known: str | None, zone: ZoneInfo) -> None:
    """See that rollups which were counted in a known way mean what this program takes them for.

    Between a migration and `ensure_rollups` of the first process that writes they are empty, or of another zone:
    every number would be a wrong one that looks right. Where nothing was ever noted, nothing was counted otherwise.

    Raises:
        StorageUnavailableError: They were counted otherwise.
    """
    if known is not None and known != _way_of(zone):
        message = "the numbers are not counted anew yet for this program and zone; `poll` does it when it starts"
        raise StorageUnavailableError(message)


def ensure_rollups(database: Database, zone: ZoneInfo, now: datetime) -> bool:
    """Make the rollups anew where they were counted by the hours of another zone, or by an older program.

    Called by whoever starts to write.

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
        way = _way_of(zone)
        known = connection.scalar(sa.select(meta.c.value).where(meta.c.key == ZONE_KEY))
        if known == way:
            return False
        upsert(connection, meta, [{"key": ZONE_KEY, "value": way}], replace=("value",))
        if connection.scalar(sa.select(appeals.c.id).limit(1)) is None:
            return False
        rebuild_rollups(connection, zone)
        # To the walls it is as if time had passed: every number of appeals is computed anew.
        append_changes(connection, [Draft(kind=ChangeKind.TICK, key=ZONE_KEY)], now)
    return True


def _way_of(zone: ZoneInfo) -> str:
    return f"{zone.key} {_WAY_OF_COUNTING}"


def _load_batch(connection: Connection, after_id: int) -> Sequence[StoredAppeal]:
    query = sa.select(appeals).where(appeals.c.id > after_id).order_by(appeals.c.id).limit(_REBUILD_BATCH)
    return [StoredAppeal(**row) for row in connection.execute(query).mappings()]
