"""What is usual about a source: the fields of its answers and how much it brings in an hour."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import source_fields, source_hours
from svodka.storage.upsert import upsert


def load_field_state(connection: Connection, source_id: str) -> str:
    """Return what was learnt of a source's fields (`svodka.ingest.drift`), "" where nothing was."""
    return str(connection.scalar(sa.select(source_fields.c.state).where(source_fields.c.source_id == source_id)) or "")


def save_field_state(connection: Connection, source_id: str, state: str) -> None:
    """Keep what was learnt of a source's fields."""
    upsert(connection, source_fields, [{"source_id": source_id, "state": state}], replace=("state",))


def add_to_hour(connection: Connection, source_id: str, hour_at: datetime, n: int) -> None:
    """Count new records of a source in an hour."""
    upsert(connection, source_hours, [{"source_id": source_id, "hour_at": hour_at, "n": n}], add=("n",))


def load_hours(connection: Connection, source_id: str, from_at: datetime) -> dict[datetime, int]:
    """Return how many new records came in each hour since an instant; hours without any are absent."""
    query = sa.select(source_hours.c.hour_at, source_hours.c.n).where(
        source_hours.c.source_id == source_id, source_hours.c.hour_at >= from_at
    )
    return {row.hour_at: row.n for row in connection.execute(query)}


def prune_hours(connection: Connection, before_at: datetime) -> None:
    """Forget hours before an instant."""
    connection.execute(sa.delete(source_hours).where(source_hours.c.hour_at < before_at))
