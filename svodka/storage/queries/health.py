"""Health rows of the sources."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.tables import sources


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one source that was polled at least once."""

    source_id: str
    last_complete_at: datetime | None
    last_success_at: datetime | None
    lag_s: float | None
    failures_n: int
    error_kind: str
    records_total: int
    quarantined_total: int


def load_source_health(connection: sa.Connection) -> dict[str, SourceHealth]:
    """Return the health of every source that was ever polled, by its id."""
    columns = sources.c
    rows = connection.execute(
        sa.select(
            columns.source_id,
            columns.last_complete_at,
            columns.last_success_at,
            columns.lag_s,
            columns.failures_n,
            columns.error_kind,
            columns.records_total,
            columns.quarantined_total,
        )
    )
    return {row.source_id: SourceHealth(**row._asdict()) for row in rows}
