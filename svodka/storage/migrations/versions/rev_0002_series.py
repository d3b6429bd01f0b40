"""Rollups by series instead of by every mixture of area, sector and channel; terms from an index alone.

The counts themselves are made anew by whoever starts to write (`svodka.storage.rollups.ensure_rollups`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the step."""
    # Where facts were counted before their way of counting was noted: until they are counted anew, nobody reads it.
    op.execute(
        "INSERT INTO meta (key, value) SELECT 'rollup_zone', '' WHERE EXISTS (SELECT 1 FROM appeals)"
        " AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'rollup_zone')"
    )
    op.drop_table("rollup_hour")
    op.drop_table("rollup_open")
    op.create_table(
        "rollup_counts",
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("name", sa.String(length=96), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "at", "name", name="pk_rollup_counts"),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_appeals_answered_at", "appeals")
    op.drop_index("ix_appeals_open_due", "appeals")
    is_open = sa.column("is_open", sa.Boolean())
    for name, columns, condition in (
        ("ix_appeals_open_due", ["due_at", "sector", "due_basis", "due_norm"], is_open == sa.true()),
        ("ix_appeals_done_due", ["due_at", "answered_at"], is_open == sa.false()),
    ):
        op.create_index(name, "appeals", columns, sqlite_where=condition, postgresql_where=condition)
