"""What is open at this moment: appeals, overdue appeals, incidents."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from svodka.storage.tables import appeals, incidents, rollup_open


def count_appeals(connection: sa.Connection) -> int:
    """Return how many appeals are known at all."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(appeals)).scalar_one())


def count_open_by_sector(connection: sa.Connection) -> dict[str, int]:
    """Return how many appeals are open, by sector."""
    columns = rollup_open.c
    rows = connection.execute(sa.select(columns.sector, sa.func.sum(columns.n)).group_by(columns.sector))
    return {sector: int(n) for sector, n in rows}


def count_open_with_term(connection: sa.Connection) -> int:
    """Return how many open appeals have a term."""
    columns = appeals.c
    statement = sa.select(sa.func.count()).where(columns.is_open == sa.true(), columns.due_at.is_not(None))
    return int(connection.execute(statement).scalar_one())


def count_overdue_by_sector(connection: sa.Connection, now: datetime) -> dict[str, int]:
    """Return how many open appeals have a term that ended before `now`, by sector."""
    columns = appeals.c
    rows = connection.execute(
        sa.select(columns.sector, sa.func.count())
        .where(columns.is_open == sa.true(), columns.due_at < now)
        .group_by(columns.sector)
    )
    return {sector: int(n) for sector, n in rows}


def count_overdue(connection: sa.Connection, now: datetime) -> int:
    """Return how many open appeals have a term that ended before `now`."""
    columns = appeals.c
    statement = sa.select(sa.func.count()).where(columns.is_open == sa.true(), columns.due_at < now)
    return int(connection.execute(statement).scalar_one())


def count_open_incidents(connection: sa.Connection) -> list[tuple[str | None, str, int]]:
    """Return (area, level, number) of the incidents that are open."""
    columns = incidents.c
    rows = connection.execute(
        sa.select(columns.area, columns.level, sa.func.count())
        .where(columns.is_open == sa.true())
        .group_by(columns.area, columns.level)
    )
    return [(area, level, int(n)) for area, level, n in rows]
