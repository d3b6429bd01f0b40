"""Everything of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "access_links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("one_time", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("used_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_access_links"),
        sa.UniqueConstraint("token_hash", name="uq_access_links_token_hash"),
    )
    op.create_table(
        "appeal_versions",
        sa.Column("appeal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("appeal_id", "version", name="pk_appeal_versions"),
    )
    op.create_index("ix_appeal_versions_known_at", "appeal_versions", ["known_at"])

    op.create_table(
        "appeals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("foreign_id", sa.String(length=256), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("topic_reason", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=64)),
        sa.Column("area_reason", sa.String(length=32), nullable=False),
        sa.Column("body", sa.String(length=64)),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("feed_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant()),
        sa.Column("answered_at", Instant()),
        sa.Column("due_at", Instant()),
        sa.Column("due_basis", sa.String(length=16), nullable=False),
        sa.Column("due_norm", sa.String(length=64)),
        sa.Column("rating", sa.SmallInteger()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("point_state", sa.String(length=32), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("repeat_of", sa.String(length=256)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.UniqueConstraint("source_id", "foreign_id", name="uq_appeals_source_id_foreign_id"),
    )
    op.create_index("ix_appeals_answered_at", "appeals", ["answered_at"])
    op.create_index("ix_appeals_feed", "appeals", ["feed_at", "id"])
    op.create_index("ix_appeals_open_due", "appeals", ["is_open", "due_at"])

    op.create_table(
        "change_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_change_log"),
    )
    op.create_index("ix_change_log_at", "change_log", ["at"])

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "incident_versions",
        sa.Column("incident_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "version", name="pk_incident_versions"),
    )
    op.create_index("ix_incident_versions_known_at", "incident_versions", ["known_at"])

    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("foreign_id", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64)),
        sa.Column("area_reason", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("close_reason", sa.String(length=16)),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant()),
        sa.Column("closed_at", Instant()),
        sa.Column("affected_n", sa.Integer()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("point_state", sa.String(length=32), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("missing_polls", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_at", Instant(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("source_id", "foreign_id", name="uq_incidents_source_id_foreign_id"),
    )
    op.create_index("ix_incidents_open", "incidents", ["is_open", "source_id"])

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "quarantine",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("raw_hash", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("foreign_id", sa.String(length=256)),
        sa.Column("detail", sa.String(length=256), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("seen_n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "raw_hash", name="pk_quarantine"),
    )
    op.create_table(
        "rollup_answer_minutes",
        sa.Column("hour_at", Instant(), nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour_at", "minutes", name="pk_rollup_answer_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_hour",
        sa.Column("hour_at", Instant(), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("answered_with_term", sa.Integer(), nullable=False),
        sa.Column("answered_in_time", sa.Integer(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.Column("rating_n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour_at", "area", "sector", "channel", name="pk_rollup_hour"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_open",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area", "sector", "channel", name="pk_rollup_open"),
    )
    op.create_table(
        "sources",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("last_attempt_at", Instant()),
        sa.Column("last_success_at", Instant()),
        sa.Column("last_complete_at", Instant()),
        sa.Column("source_time_at", Instant()),
        sa.Column("lag_s", sa.Double()),
        sa.Column("failures_n", sa.Integer(), nullable=False),
        sa.Column("error_kind", sa.String(length=64), nullable=False),
        sa.Column("error_text", sa.Text(), nullable=False),
        sa.Column("next_poll_at", Instant()),
        sa.Column("polls_total", sa.BigInteger(), nullable=False),
        sa.Column("read_total", sa.BigInteger(), nullable=False),
        sa.Column("records_total", sa.BigInteger(), nullable=False),
        sa.Column("quarantined_total", sa.BigInteger(), nullable=False),
        sa.Column("empty_polls_n", sa.Integer(), nullable=False),
        sa.Column("empty_since_at", Instant()),
        sa.Column("covered_from_at", Instant()),
        sa.PrimaryKeyConstraint("source_id", name="pk_sources"),
    )
