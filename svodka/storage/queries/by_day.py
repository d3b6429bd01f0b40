"""How many appeals were received and answered between given instants, of the region, one area, one sector or both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals

_COLUMNS = appeals.c


def count_between(
    connection: sa.Connection,
    what: Literal["received", "answered"],
    borders: Sequence[datetime],
    *,
    area: str | None = None,
    sector: str | None = None,
) -> list[int]:
    """Return how many there were from each border (included) to the next: one number fewer than borders, which rise."""
    parameters: dict[str, object] = {f"border_{number}": at for number, at in enumerate(borders)}
    parameters |= {name: value for name, value in (("area", area), ("sector", sector)) if value is not None}
    statement = _statement(what, len(borders), of_area=area is not None, of_sector=sector is not None)
    found = [0] * (len(borders) - 1)
    for number, n in connection.execute(statement, parameters):
        found[number] = int(n)
    return found


@lru_cache(maxsize=16)
def _statement(what: str, borders_n: int, *, of_area: bool, of_sector: bool) -> sa.Select[Any]:
    at = _COLUMNS.received_at if what == "received" else _COLUMNS.answered_at
    borders = [sa.bindparam(f"border_{number}", type_=Instant) for number in range(borders_n)]
    stretch = sa.case(*((at < border, number) for number, border in enumerate(borders[1:]))).label("stretch")
    query = sa.select(stretch, sa.func.count()).where(at >= borders[0], at < borders[-1]).group_by(stretch)
    if what == "answered":
        query = query.where(_COLUMNS.is_open == sa.false())
    if of_area:
        query = query.where(_COLUMNS.area == sa.bindparam("area"))
    return query.where(_COLUMNS.sector == sa.bindparam("sector")) if of_sector else query
