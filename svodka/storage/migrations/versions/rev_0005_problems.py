"""Problems: which appeals tell of the same, by what that is recognised, and what people decided about it.

Appeals that are stored already are looked through by whoever starts to poll (`svodka.ingest.earlier.ensure_problems`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the step."""
    op.create_table(
        "problem_appeals",
        sa.Column("appeal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("problem_id", sa.BigInteger()),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("like_id", sa.BigInteger()),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_problem_appeals"),
    )
    op.create_index("ix_problem_appeals_problem_id", "problem_appeals", ["problem_id"])
    op.create_table(
        "problem_clues",
        sa.Column("clue", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("appeal_id", sa.BigInteger(), nullable=False),
        sa.Column("house", sa.BigInteger()),
        sa.PrimaryKeyConstraint("clue", "area", name="pk_problem_clues"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "problem_decisions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger()),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.Column("undone_link_id", sa.String(length=32)),
        sa.PrimaryKeyConstraint("id", name="pk_problem_decisions"),
    )
    op.create_index("ix_problem_decisions_problem_id", "problem_decisions", ["problem_id"])
