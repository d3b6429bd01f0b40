"""What the wall said of every source, and when; beginning with what is so now, quarantine counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the step."""
    op.add_column("sources", sa.Column("quarantined_n", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        """
        UPDATE sources SET quarantined_n = (
            SELECT count(*) FROM quarantine WHERE quarantine.source_id = sources.source_id
        )
        """
    )
    op.create_table(
        "source_states",
        sa.Column("source_id", sa.String(64), primary_key=True),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("last_attempt_at", Instant),
        sa.Column("last_complete_at", Instant),
        sa.Column("last_success_at", Instant),
        sa.Column("lag_s", sa.Double),
        sa.Column("failures_n", sa.Integer, nullable=False),
        sa.Column("error_kind", sa.String(64), nullable=False),
        sa.Column("next_poll_at", Instant),
        sa.Column("records_total", sa.BigInteger, nullable=False),
        sa.Column("quarantined_total", sa.BigInteger, nullable=False),
        sa.Column("quarantined_n", sa.Integer, nullable=False),
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
            source_id, at, last_attempt_at, last_complete_at, last_success_at, lag_s, failures_n, error_kind,
            next_poll_at, records_total, quarantined_total, quarantined_n, paused, covered_from_at
        )
        SELECT
            source_id, (SELECT max(last_attempt_at) FROM sources), last_attempt_at, last_complete_at, last_success_at,
            lag_s, failures_n, error_kind, next_poll_at, records_total, quarantined_total, quarantined_n,
            paused_at IS NOT NULL, covered_from_at
        FROM sources WHERE last_attempt_at IS NOT NULL
        """
    )
