"""What operators wish of sources, what is unusual about them, and what is needed to notice it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the step."""
    op.add_column("sources", sa.Column("paused_at", Instant()))
    op.add_column("sources", sa.Column("paused_by", sa.String(length=128), nullable=False, server_default=""))
    op.add_column("sources", sa.Column("begin_at", Instant()))
    op.create_index("ix_quarantine_foreign_id", "quarantine", ["source_id", "foreign_id"])
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("from_at", Instant()),
        sa.Column("wished_at", Instant(), nullable=False),
        sa.Column("wished_by", sa.String(length=128), nullable=False),
        sa.Column("taken_at", Instant()),
        sa.Column("done_at", Instant()),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("read_n", "stored_n", "waiting_n", "again_n", "unseen_n")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wishes"),
    )
    op.create_index("ix_wishes_source_id", "wishes", ["source_id", "id"])
    op.create_index("ix_wishes_taken_at", "wishes", ["taken_at"])
    op.create_table(
        "notices",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("acknowledged_at", Instant()),
        sa.Column("acknowledged_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "kind", "subject", name="pk_notices"),
    )
    op.create_table(
        "source_fields",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_source_fields"),
    )
    op.create_table(
        "source_hours",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("hour_at", Instant(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "hour_at", name="pk_source_hours"),
    )
