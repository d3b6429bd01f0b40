"""Stored moments, briefings, who saw them, the packs made of them, and links to one briefing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "moments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("epoch", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("saved_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moments"),
    )
    op.create_table(
        "moment_scenes",
        sa.Column("moment_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("scene", sa.String(128), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("panels", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("moment_id", "scene", name="pk_moment_scenes"),
    )
    op.create_table(
        "briefings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("wall", sa.String(64), nullable=False),
        sa.Column("is_shown", sa.Boolean, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.Column("saved_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_briefings"),
    )
    op.create_table(
        "briefing_showings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("briefing_id", sa.String(32), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("from_at", Instant, nullable=False),
        sa.Column("until_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_briefing_showings"),
    )
    op.create_index("ix_briefing_showings_briefing_id", "briefing_showings", ["briefing_id", "id"])
    op.create_table(
        "packs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("moment_id", sa.String(32), nullable=False),
        sa.Column("formats", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("what", sa.String(128), nullable=False),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("schedule", sa.String(64)),
        sa.Column("due_at", Instant),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("alive_at", Instant),
        sa.Column("ended_at", Instant),
        sa.UniqueConstraint("schedule", "due_at", name="uq_packs_schedule_due_at"),
        sa.PrimaryKeyConstraint("id", name="pk_packs"),
    )
    op.create_index("ix_packs_state", "packs", ["state", "id"])
    op.create_index("ix_packs_moment_id", "packs", ["moment_id", "id"])
    op.add_column("access_links", sa.Column("briefing_id", sa.String(length=32)))
