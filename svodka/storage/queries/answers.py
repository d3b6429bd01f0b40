"""What the rollups of hours do not hold: the minutes that answers took, and terms that time itself ends."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.tables import Instant, appeals, rollup_answer_minutes

_PACK = 2**32  # minutes and their number as one integer of 64 bits, in the order of the minutes


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """Open appeals of one sector whose term has ended, by the term's origin.

    Attributes:
        n: How many.
        since_n: How many of them whose term ended at the asked instant or later.
    """

    sector: str
    due_basis: str
    due_norm: str | None
    n: int
    since_n: int


def _build_minutes_statement() -> sa.Select[str | None]:
    columns = rollup_answer_minutes.c
    packed = sa.cast(columns.minutes, sa.BigInteger) * _PACK + columns.n
    return sa.select(sa.func.aggregate_strings(sa.cast(packed, sa.String), ",")).where(
        columns.hour_at >= sa.bindparam("from_at"), columns.hour_at < sa.bindparam("to_at"), columns.n > 0
    )


def _build_overdue_statement() -> sa.Select[str, str, str | None, int, int]:
    columns = appeals.c
    origin = (columns.sector, columns.due_basis, columns.due_norm)
    is_since = columns.due_at >= sa.bindparam("since_at", type_=Instant)
    return (
        sa.select(*origin, sa.func.count(), sa.func.sum(sa.case((is_since, 1), else_=0)))
        .where(columns.is_open == sa.true(), columns.due_at < sa.bindparam("now"))
        .group_by(*origin)
    )


def _build_silent_statement() -> sa.Select[int]:
    columns = appeals.c
    ended = (columns.due_at >= sa.bindparam("from_at"), columns.due_at < sa.bindparam("to_at"))
    still = sa.select(sa.func.count()).where(columns.is_open == sa.true(), *ended)
    later = sa.select(sa.func.count()).where(
        columns.is_open == sa.false(), *ended, columns.answered_at >= sa.bindparam("to_at")
    )
    return sa.select(still.scalar_subquery() + later.scalar_subquery())


_MINUTES, _OVERDUE, _SILENT = _build_minutes_statement(), _build_overdue_statement(), _build_silent_statement()


def load_answer_minutes(connection: sa.Connection, from_at: datetime, to_at: datetime) -> list[tuple[int, int]]:
    """Return (whole minutes to the answer, number of answers) of [from_at, to_at), quickest first.

    The same minutes may come several times. All of a day come as one text: as many rows take four times as long.
    """
    text = connection.execute(_MINUTES, {"from_at": from_at, "to_at": to_at}).scalar()
    return [divmod(packed, _PACK) for packed in sorted(map(int, text.split(",")))] if text else []


def load_overdue(connection: sa.Connection, since_at: datetime, now: datetime) -> tuple[Overdue, ...]:
    """Return how many appeals are open whose term ended before `now`, and in [since_at, now)."""
    rows = connection.execute(_OVERDUE, {"since_at": since_at, "now": now})
    return tuple(
        Overdue(sector=sector, due_basis=basis, due_norm=norm, n=n, since_n=int(since_n))
        for sector, basis, norm, n, since_n in rows
    )


def count_silent_then(connection: sa.Connection, from_at: datetime, to_at: datetime) -> int:
    """Return how many appeals whose term ended in [from_at, to_at) had no answer by `to_at`."""
    return int(connection.execute(_SILENT, {"from_at": from_at, "to_at": to_at}).scalar_one())
