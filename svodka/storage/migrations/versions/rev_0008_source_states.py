"""What the wall said of every source, and when; beginning with what is so now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "source_states",
        sa.Column("source_id", sa.String(64), primary_key=True),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("last_complete_at", Instant),
        sa.Column("last_success_at", Instant),
        sa.Column("lag_s", sa.Double),
        sa.Column("failing", sa.Boolean, nullable=False),
        sa.Column("error_kind", sa.String(64), nullable=False),
        sa.Column("records_total", sa.BigInteger, nullable=False),
        sa.Column("quarantined_total", sa.BigInteger, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("covered_from_at", Instant),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_state_hours",
        sa.Column("source_id", sa.String(64), primary_key=True),
        sa.Column("hour_at", Instant, primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    # Since when it is so nobody noted: it is known from the newest poll on, of all sources at once.
    op.execute(
        """
        INSERT INTO source_states (
            source_id, at, last_complete_at, last_success_at, lag_s, failing, error_kind, records_total,
            quarantined_total, paused, covered_from_at
        )
        SELECT
            source_id, (SELECT max(last_attempt_at) FROM sources), last_complete_at, last_success_at, lag_s,
            failures_n > 0, error_kind, records_total, quarantined_total, paused_at IS NOT NULL, covered_from_at
        FROM sources WHERE last_attempt_at IS NOT NULL
        """
    )
