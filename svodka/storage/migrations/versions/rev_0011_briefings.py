"""Stored moments, briefings, who saw them, the packs made of them, and links to one briefing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import briefing_showings, briefings, moment_scenes, moments, packs

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the step."""
    for table in (moments, moment_scenes, briefings, briefing_showings, packs):
        table.create(op.get_bind())
    op.add_column("access_links", sa.Column("briefing_id", sa.String(length=32)))
