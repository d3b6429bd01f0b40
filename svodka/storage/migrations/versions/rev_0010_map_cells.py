"""How many appeals lie in each cell of the map; counted by the next poller that starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "map_cells",
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("lat_step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("lon_step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("area", sa.String(64), primary_key=True),
        sa.Column("sector", sa.String(64), primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "map_counts",
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("counted_at", Instant, nullable=False),
    )
