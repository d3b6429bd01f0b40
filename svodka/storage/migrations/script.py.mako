"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from svodka.storage.tables import Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Make the step."""
    ${upgrades if upgrades else "pass"}
