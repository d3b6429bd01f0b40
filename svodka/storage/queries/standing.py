"""How many open appeals are after their term, by area or sector."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals


def _build(name: str) -> sa.Select[str | None, int]:
    column = appeals.c[name]
    is_overdue = sa.and_(appeals.c.is_open == sa.true(), appeals.c.due_at < sa.bindparam("now", type_=Instant))
    return sa.select(column, sa.func.count()).where(is_overdue).group_by(column)


_STATEMENTS = {name: _build(name) for name in ("area", "sector")}


def count_overdue(connection: sa.Connection, by: Literal["area", "sector"], now: datetime) -> dict[str | None, int]:
    """Return how many appeals are open whose term ended before `now`, by slug."""
    return dict(connection.execute(_STATEMENTS[by], {"now": now}).all())
