"""Answers and silence: the numbers under the shares, the median and the mean."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.domain.reasons import DueBasis
from svodka.domain.records import AppealStatus
from svodka.storage.tables import appeals, rollup_answer_minutes, rollup_hour

_DONE = tuple(status.value for status in AppealStatus if not status.is_open)


class AnswerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Appeals answered in a span of whole local hours."""

    with_term: int
    in_time: int


class RatingCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of the appeals answered in a span of whole local hours."""

    rating_sum: int
    rating_n: int


class TermCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Where terms come from: counts by norm, and apart those of the record and those without."""

    from_record: int
    by_norm: dict[str, int]
    without: int


def load_answer_counts(connection: sa.Connection, from_at: datetime, to_at: datetime) -> AnswerCounts:
    """Return how many were answered in [from_at, to_at) with a term, and how many of them in time."""
    columns = rollup_hour.c
    row = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(columns.answered_with_term), 0),
            sa.func.coalesce(sa.func.sum(columns.answered_in_time), 0),
        ).where(columns.hour_at >= from_at, columns.hour_at < to_at)
    ).one()
    return AnswerCounts(with_term=int(row[0]), in_time=int(row[1]))


def load_rating_counts(connection: sa.Connection, from_at: datetime, to_at: datetime) -> RatingCounts:
    """Return sum and number of the marks of what was answered in [from_at, to_at)."""
    columns = rollup_hour.c
    row = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(columns.rating_sum), 0),
            sa.func.coalesce(sa.func.sum(columns.rating_n), 0),
        ).where(columns.hour_at >= from_at, columns.hour_at < to_at)
    ).one()
    return RatingCounts(rating_sum=int(row[0]), rating_n=int(row[1]))


def load_answer_minutes(connection: sa.Connection, from_at: datetime, to_at: datetime) -> list[tuple[int, int]]:
    """Return (whole minutes to the answer, number of answers) of [from_at, to_at), quickest first."""
    columns = rollup_answer_minutes.c
    rows = connection.execute(
        sa.select(columns.minutes, sa.func.sum(columns.n))
        .where(columns.hour_at >= from_at, columns.hour_at < to_at)
        .group_by(columns.minutes)
        .having(sa.func.sum(columns.n) > 0)
        .order_by(columns.minutes)
    )
    return [(int(minutes), int(n)) for minutes, n in rows]


def count_open_due(connection: sa.Connection, from_at: datetime, to_at: datetime) -> int:
    """Return how many appeals that are open have a term that ends in [from_at, to_at)."""
    columns = appeals.c
    statement = sa.select(sa.func.count()).where(
        columns.is_open == sa.true(), columns.due_at >= from_at, columns.due_at < to_at
    )
    return int(connection.execute(statement).scalar_one())


def count_answered_after(connection: sa.Connection, from_at: datetime, to_at: datetime) -> int:
    """Return how many appeals whose term ended in [from_at, to_at) were answered at `to_at` or later."""
    columns = appeals.c
    statement = sa.select(sa.func.count()).where(
        columns.is_open == sa.false(),
        columns.due_at >= from_at,
        columns.due_at < to_at,
        columns.answered_at >= to_at,
    )
    return int(connection.execute(statement).scalar_one())


def load_term_counts(connection: sa.Connection, from_at: datetime, to_at: datetime, now: datetime) -> TermCounts:
    """Return the origin of the terms of what was answered in [from_at, to_at) or fell silent in [from_at, now)."""
    columns = appeals.c
    # By status, not by `is_open`: SQLite would take the index that begins with that flag, and read nearly everything.
    answered = sa.select(columns.due_basis, columns.due_norm).where(
        columns.status.in_(_DONE), columns.answered_at >= from_at, columns.answered_at < to_at
    )
    silent = sa.select(columns.due_basis, columns.due_norm).where(
        columns.is_open == sa.true(), columns.due_at >= from_at, columns.due_at < now
    )
    both = sa.union_all(answered, silent).subquery()
    rows = connection.execute(
        sa.select(both.c.due_basis, both.c.due_norm, sa.func.count()).group_by(both.c.due_basis, both.c.due_norm)
    ).all()
    return TermCounts(
        from_record=sum(n for basis, _, n in rows if basis == DueBasis.RECORD),
        by_norm={norm: n for basis, norm, n in rows if basis == DueBasis.NORM and norm is not None},
        without=sum(n for basis, _, n in rows if basis == DueBasis.NONE),
    )
