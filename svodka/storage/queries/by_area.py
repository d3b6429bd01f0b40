"""What appeals amount to by area, of the region or of one sector, counted from the facts.

Every function returns amounts by slug; None stands for appeals whose area is not determined. Areas without any
are absent. Spans are half-open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals

_COLUMNS = appeals.c
_MINUTE = timedelta(minutes=1)
_EMPTY = sa.literal_column("''", sa.String)  # of text, not a parameter: PostgreSQL must see what it groups by
_DONE, _OPEN = _COLUMNS.is_open == sa.false(), _COLUMNS.is_open == sa.true()
_FROM, _TO = sa.bindparam("from_at", type_=Instant), sa.bindparam("to_at", type_=Instant)

Count = dict[str | None, int]


def count_kept(
    connection: sa.Connection, sector: str | None, from_at: datetime, to_at: datetime
) -> dict[str | None, tuple[int, int]]:
    """Return how many were answered with a term in [from_at, to_at), and how many of them in time."""
    rows = _load(connection, "kept", sector, from_at=from_at, to_at=to_at)
    return {area: (int(n), int(kept)) for area, n, kept in rows}


def count_silent(connection: sa.Connection, sector: str | None, from_at: datetime, to_at: datetime) -> Count:
    """Return how many open appeals have a term that ended in [from_at, to_at)."""
    return {area: int(n) for area, n in _load(connection, "silent", sector, from_at=from_at, to_at=to_at)}


def count_silent_then(connection: sa.Connection, sector: str | None, from_at: datetime, to_at: datetime) -> Count:
    """Return how many appeals whose term ended in [from_at, to_at) had no answer by `to_at`."""
    return {area: int(n) for area, n in _load(connection, "silent_then", sector, from_at=from_at, to_at=to_at)}


def load_minutes(
    connection: sa.Connection, sector: str | None, from_at: datetime, to_at: datetime
) -> dict[str | None, list[int]]:
    """Return the whole minutes to every answer given in [from_at, to_at), at least 0, in no order."""
    found = defaultdict(list)
    for area, received_at, answered_at in _load(connection, "minutes", sector, from_at=from_at, to_at=to_at):
        found[area].append(max(0, (answered_at - received_at) // _MINUTE))
    return dict(found)


def load_marks(
    connection: sa.Connection, sector: str | None, from_at: datetime, to_at: datetime
) -> dict[str | None, tuple[int, int]]:
    """Return the number and the sum of the marks of what was answered in [from_at, to_at)."""
    rows = _load(connection, "marks", sector, from_at=from_at, to_at=to_at)
    return {area: (int(n), int(total)) for area, n, total in rows}


def count_open(connection: sa.Connection, sector: str | None, now: datetime) -> dict[str | None, tuple[int, int, int]]:
    """Return how many appeals are open, how many of them have a term, and how many of those had it end before `now`."""
    rows = _load(connection, "open", sector, from_at=now, to_at=now)
    return {area: (int(n), int(with_term), int(overdue)) for area, n, with_term, overdue in rows}


def _load(connection: sa.Connection, name: str, sector: str | None, **parameters: object) -> Iterable[tuple[Any, ...]]:
    if sector is not None:
        parameters["sector"] = sector
    rows = connection.execute(_statement(name, of_sector=sector is not None), parameters).all()
    return ((area or None, *rest) for area, *rest in rows)


def _sum_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


@lru_cache(maxsize=16)
def _statement(name: str, *, of_sector: bool) -> sa.Select[Any]:
    """Return a statement, built once: building it costs more than running it."""
    # Computed, both of them: grouped or compared by the bare column SQLite follows its index through all of the past.
    area, sector = sa.func.coalesce(_COLUMNS.area, _EMPTY), _COLUMNS.sector + _EMPTY
    due_at, answered_at = _COLUMNS.due_at, _COLUMNS.answered_at
    count = sa.func.count()
    answered = (_DONE, answered_at >= _FROM, answered_at < _TO)
    ended = (due_at >= _FROM, due_at < _TO)
    whole = {
        "kept": sa.select(area, count, _sum_if(answered_at <= due_at)).where(*answered, due_at.is_not(None)),
        "silent": sa.select(area, count).where(_OPEN, *ended),
        "silent_then": sa.select(area, count).where(*ended, sa.or_(_OPEN, sa.and_(_DONE, answered_at >= _TO))),
        "minutes": sa.select(area, _COLUMNS.received_at, answered_at).where(*answered),
        "marks": sa.select(area, count, sa.func.sum(_COLUMNS.rating)).where(*answered, _COLUMNS.rating.is_not(None)),
        "open": sa.select(area, count, _sum_if(due_at.is_not(None)), _sum_if(due_at < _TO)).where(_OPEN),
    }[name]
    if of_sector:
        whole = whole.where(sector == sa.bindparam("sector"))
    return whole if name == "minutes" else whole.group_by(area)
