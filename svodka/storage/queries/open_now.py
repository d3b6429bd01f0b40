"""Which incidents are open at this moment."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from svodka.storage.tables import incidents


class OpenIncidents(msgspec.Struct, frozen=True):
    """How many incidents of an area, a kind and a level are open."""

    area: str | None
    kind: str
    level: str
    n: int


_INCIDENTS = (
    sa.select(incidents.c.area, incidents.c.kind, incidents.c.level, sa.func.count())
    .where(incidents.c.is_open == sa.true())
    .group_by(incidents.c.area, incidents.c.kind, incidents.c.level)
)


def count_open_incidents(connection: sa.Connection) -> list[OpenIncidents]:
    """Return the incidents that are open, by area, kind and level."""
    return [OpenIncidents(*row) for row in connection.execute(_INCIDENTS).all()]
