"""Where every wall stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "walls",
        sa.Column("wall", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("wall", name="pk_walls"),
    )
