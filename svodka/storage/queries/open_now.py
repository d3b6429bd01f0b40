"""Which incidents are open at this moment."""

from __future__ import annotations

import sqlalchemy as sa

from svodka.storage.tables import incidents

_INCIDENTS = (
    sa.select(incidents.c.area, incidents.c.level, sa.func.count())
    .where(incidents.c.is_open == sa.true())
    .group_by(incidents.c.area, incidents.c.level)
)


def count_open_incidents(connection: sa.Connection) -> list[tuple[str | None, str, int]]:
    """Return (area, level, number) of the incidents that are open."""
    return [(area, level, n) for area, level, n in connection.execute(_INCIDENTS).all()]
