"""Where every wall stands: its state and what it is told, kept as one row, written with its line of the log.

Whoever brings a wall forward keeps its row locked until the commit: one process by time, every web process by command.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.tables import incidents, walls
from svodka.storage.upsert import insert_if_absent

_STAGE = sa.select(walls.c.stage).where(walls.c.wall == sa.bindparam("wall"))


class WallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `walls`: JSON of `svodka.director`; empty where the wall has never been brought forward."""

    wall: str
    state: str
    stage: str


def load_walls(connection: Connection) -> dict[str, WallRow]:
    """Return all walls that were ever brought forward, by id."""
    rows = connection.execute(sa.select(walls.c.wall, walls.c.state, walls.c.stage)).mappings()
    return {row["wall"]: WallRow(**row) for row in rows if row["state"]}


def load_stage(connection: Connection, wall: str) -> str:
    """Return what a wall is told, as JSON; empty for a wall that nobody has brought forward yet."""
    return str(connection.scalar(_STAGE, {"wall": wall}) or "")


def lock_wall(connection: Connection, wall: str, now: datetime) -> WallRow:
    """Return a wall's row and keep other writers from it until the transaction ends.

    The row is made first where there is none: a row that is not there cannot be locked.
    """
    query = sa.select(walls.c.wall, walls.c.state, walls.c.stage).where(walls.c.wall == wall).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        insert_if_absent(connection, walls, {"wall": wall, "state": "", "stage": "", "saved_at": now})
        row = connection.execute(query).mappings().one()
    return WallRow(**row)


def save_wall(connection: Connection, row: WallRow, now: datetime, *, is_told: bool) -> None:
    """Write a wall's row as the last step of the transaction that locked it; `is_told`: with a line of the log."""
    values = {"state": row.state, "stage": row.stage, "saved_at": now}
    connection.execute(sa.update(walls).where(walls.c.wall == row.wall).values(**values))
    if is_told:
        append_changes(connection, [Draft(kind=ChangeKind.STAGE, key=row.wall)], now)


def load_incident(connection: Connection, incident_id: int) -> tuple[str, str, str | None] | None:
    """Return (level, kind, area) of an incident, open or not; None where there is none."""
    columns = incidents.c
    query = sa.select(columns.level, columns.kind, columns.area).where(columns.id == incident_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.level, row.kind, row.area)


def load_open_of_levels(connection: Connection, levels: list[str]) -> list[tuple[int, str, str | None, datetime]]:
    """Return (id, level, area, began) of the open incidents of some levels, by id."""
    columns = incidents.c
    query = (
        sa.select(columns.id, columns.level, columns.area, columns.started_at)
        .where(columns.is_open == sa.true(), columns.level.in_(levels))
        .order_by(columns.id)
    )
    return [(number, level, area, at) for number, level, area, at in connection.execute(query)]
