"""What systems that push have delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "deliveries",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("delivery_id", sa.String(length=128)),
        sa.Column("body_hash", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "digest", name="pk_deliveries"),
        sa.UniqueConstraint("source_id", "delivery_id", name="uq_deliveries_source_id_delivery_id"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["source_id", "at"])
