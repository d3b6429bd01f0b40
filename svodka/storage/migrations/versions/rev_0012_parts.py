"""Numbers and rows of one area or one sector are found by indexes of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the step."""
    is_open = sa.column("is_open", sa.Boolean())
    is_corrected = sa.column("received_at") != sa.column("feed_at")
    op.create_index("ix_appeals_area_feed", "appeals", ["area", "feed_at", "id"])
    op.create_index("ix_appeals_sector_feed", "appeals", ["sector", "feed_at", "id"])
    _create("ix_appeals_corrected_receipt", ["received_at"], is_corrected)
    op.drop_index("ix_appeals_open_due", "appeals")
    op.drop_index("ix_appeals_done_due", "appeals")
    _create("ix_appeals_open_due", ["due_at", "sector", "due_basis", "due_norm", "area"], is_open == sa.true())
    _create("ix_appeals_done_due", ["due_at", "answered_at", "area", "sector"], is_open == sa.false())
    _create("ix_appeals_answered", ["answered_at", "area", "sector", "rating"], is_open == sa.false())


def _create(name: str, columns: list[str], where: sa.ColumnElement[bool]) -> None:
    op.create_index(name, "appeals", columns, sqlite_where=where, postgresql_where=where)
