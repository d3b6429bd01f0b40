"""The few versions that went back, quick to count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the step."""
    is_reversal = sa.column("is_reversal", sa.Boolean()) == sa.true()
    for table, column in (("appeal_versions", "appeal_id"), ("incident_versions", "incident_id")):
        op.create_index(f"ix_{table}_reversal", table, [column], sqlite_where=is_reversal, postgresql_where=is_reversal)
