"""The appeals of one area, one sector or both, counted from the facts: rollups are kept of the region alone.

A row that no correction touched was received at its place in the feed, so receipts of a part are found by the index of
its feed; the few others have an index of their own. Statements are built once for each shape of a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from svodka.analytics.rollups import STANDING, Series
from svodka.domain.hours import hour_start
from svodka.storage.queries.answers import Overdue
from svodka.storage.queries.counts import Stretch
from svodka.storage.queries.facts import Standing
from svodka.storage.tables import Instant, appeals, rollup_counts

_C = appeals.c
_MINUTE = timedelta(minutes=1)
_STATEMENTS = 128
# Of text, not of parameters: a database that is asked to group by them must see that they are the same.
_EMPTY, _COLON = sa.literal_column("''", sa.String), sa.literal_column("':'", sa.String)
_NO_NAME = _EMPTY
_AREA = sa.func.coalesce(_C.area, _EMPTY)
_TERM = sa.case((_C.due_norm.is_(None), _C.due_basis), else_=_C.due_basis + _COLON + _C.due_norm)
_ONE = sa.literal(1)
_RECEIPTS: dict[Series, sa.ColumnElement[str]] = {
    "received": _NO_NAME,
    "received_by_channel": _C.channel,
    "received_by_area": _AREA,
    "received_by_area_day": _AREA,
}
# Name, amount and condition of what an answer adds.
_ANSWERS: dict[Series, tuple[sa.ColumnElement[str], sa.ColumnElement[int], tuple[sa.ColumnElement[bool], ...]]] = {
    "answered": (_NO_NAME, _ONE, ()),
    "answered_with_term": (_NO_NAME, _ONE, (_C.due_at.is_not(None),)),
    "answered_in_time": (_NO_NAME, _ONE, (_C.answered_at <= _C.due_at,)),
    "answered_by_term": (_TERM, _ONE, ()),
    "rating_sum": (_NO_NAME, sa.type_coerce(_C.rating, sa.Integer), (_C.rating.is_not(None),)),
    "rating_n": (_NO_NAME, _ONE, (_C.rating.is_not(None),)),
}


class _Shape(NamedTuple):
    """Which of the two a part is of; with the question it decides the text of a statement."""

    has_area: bool
    has_sector: bool

    def indexed(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Return the condition for statements that follow the indexes of areas and sectors."""
        area = (_C.area == sa.bindparam("area"),) if self.has_area else ()
        return (*area, *((_C.sector == sa.bindparam("sector"),) if self.has_sector else ()))

    def beside(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Return the same condition for statements that follow an index of time: the planner is not led astray."""
        area = (_C.area + _EMPTY == sa.bindparam("area"),) if self.has_area else ()
        return (*area, *((_C.sector + _EMPTY == sa.bindparam("sector"),) if self.has_sector else ()))


class PartFacts:
    """The appeals of a part of the region (`svodka.storage.queries.facts.Facts`).

    Args:
        connection: The read transaction.
        zone: The region's zone.
        area: Slug of the area; None: all.
        sector: Slug of the sector; None: all.
    """

    def __init__(self, connection: sa.Connection, zone: ZoneInfo, *, area: str | None, sector: str | None) -> None:
        self._connection, self._zone = connection, zone
        self._shape = _Shape(area is not None, sector is not None)
        self._part = {name: slug for name, slug in (("area", area), ("sector", sector)) if slug is not None}
        self._overdue: dict[tuple[datetime, datetime], tuple[Overdue, ...]] = {}

    @cached_property
    def standing(self) -> Standing:
        """What stands now."""
        rows = self._ask(_standing_statement(self._shape)).all()
        return Standing(
            open_by_sector={sector: n for sector, n, _ in rows},
            open_with_term_n=sum(with_term for _, _, with_term in rows),
            known_n=int(self._ask(_known_statement(self._shape)).scalar_one()),
        )

    def sums(self, *stretches: Stretch) -> tuple[int, ...]:
        """As in `Facts`."""
        found = [0] * len(stretches)
        for number, _, n in self._load_groups(stretches):
            found[number] += int(n)
        return tuple(found)

    def by_name(self, *stretches: Stretch) -> tuple[dict[str, int], ...]:
        """As in `Facts`."""
        found: tuple[Counter[str], ...] = tuple(Counter() for _ in stretches)
        for number, name, n in self._load_groups(stretches):
            found[number][name] += int(n)
        return tuple(map(dict, found))

    def by_instant(self, *stretches: Stretch) -> tuple[dict[datetime, int], ...]:
        """As in `Facts`."""
        found: tuple[Counter[datetime], ...] = tuple(Counter() for _ in stretches)
        asked = tuple(series for series, _, _ in stretches)
        statement = _quarters_statement(self._connection.dialect.name, self._shape, asked)
        for number, quarter_at, n in self._ask(statement, _spans(stretches)).all():
            found[number][_hour_start(quarter_at, self._zone)] += n
        return tuple(map(dict, found))

    def answer_minutes(self, from_at: datetime, to_at: datetime) -> list[tuple[int, int]]:
        """As in `Facts`."""
        rows = self._ask(_minutes_statement(self._shape), {"from_0": from_at, "to_0": to_at}).all()
        taken = Counter(max(0, (answered_at - received_at) // _MINUTE) for answered_at, received_at in rows)
        return sorted(taken.items())

    def overdue(self, since_at: datetime, now: datetime) -> tuple[Overdue, ...]:
        """As in `Facts`."""
        if (since_at, now) not in self._overdue:
            rows = self._ask(_overdue_statement(self._shape), {"since_at": since_at, "now": now}).all()
            self._overdue[since_at, now] = tuple(
                Overdue(sector=sector, due_basis=basis, due_norm=norm, n=n, since_n=int(since_n))
                for sector, basis, norm, n, since_n in rows
            )
        return self._overdue[since_at, now]

    def silent_then(self, from_at: datetime, to_at: datetime) -> int:
        """As in `Facts`."""
        return int(self._ask(_silent_statement(self._shape), {"from_at": from_at, "to_at": to_at}).scalar_one())

    def fed(self, after: datetime, upto: datetime) -> int:
        """As in `Facts`."""
        return int(self._ask(_fed_statement(self._shape), {"after": after, "upto": upto}).scalar_one())

    def _load_groups(self, stretches: Sequence[Stretch]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        statement = _groups_statement(self._shape, tuple(series for series, _, _ in stretches))
        return self._ask(statement, _spans(stretches)).all()

    def _ask(
        self, statement: sa.Executable, parameters: dict[str, Any] | None = None
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        return self._connection.execute(statement, self._part | (parameters or {}))


@lru_cache(maxsize=4096)
def _hour_start(quarter_at: datetime, zone: ZoneInfo) -> datetime:
    return hour_start(quarter_at, zone)


def _spans(stretches: Sequence[Stretch]) -> dict[str, datetime]:
    spans: dict[str, datetime] = {}
    for number, (_, from_at, to_at) in enumerate(stretches):
        spans |= {f"from_{number}": from_at, f"to_{number}": to_at}
    return spans


def _within(column: sa.ColumnElement[datetime | None], number: int) -> tuple[sa.ColumnElement[bool], ...]:
    from_at, to_at = (sa.bindparam(f"{name}_{number}", type_=Instant) for name in ("from", "to"))
    return column >= from_at, column < to_at


def _received(shape: _Shape, number: int) -> tuple[tuple[sa.ColumnElement[bool], ...], ...]:
    """Return the conditions of what was received in a stretch: one for most rows, one for the corrected few."""
    return (
        (*shape.indexed(), *_within(_C.feed_at, number), _C.received_at == _C.feed_at),
        (*shape.beside(), *_within(_C.received_at, number), _C.received_at != _C.feed_at),
    )


def _answered(shape: _Shape, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (_C.is_open == sa.false(), *_within(_C.answered_at, number), *shape.beside())


def _pieces(shape: _Shape, series: Series, number: int) -> list[sa.Select[*tuple[Any, ...]]]:
    mark = sa.literal_column(str(number), sa.Integer)
    if series in _RECEIPTS:
        name = _RECEIPTS[series]
        return [
            sa.select(mark, name.label("name"), sa.func.count().label("n")).where(*where).group_by(*_by(name))
            for where in _received(shape, number)
        ]
    name, amount, where = _ANSWERS[series]
    counted = sa.func.coalesce(sa.func.sum(amount), 0).label("n")
    return [sa.select(mark, name.label("name"), counted).where(*_answered(shape, number), *where).group_by(*_by(name))]


def _by(name: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[str], ...]:
    return () if name is _NO_NAME else (name,)


@lru_cache(maxsize=_STATEMENTS)
def _groups_statement(shape: _Shape, asked: tuple[Series, ...]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    return sa.union_all(*(one for number, series in enumerate(asked) for one in _pieces(shape, series, number)))


def _quarter(dialect: str, at: sa.ColumnElement[Any]) -> sa.ColumnElement[datetime]:
    """Return the beginning of the quarter of an hour: local hours begin with one, in every zone of today."""
    if dialect == "sqlite":
        instant = sa.type_coerce(at, sa.BigInteger)
        return sa.type_coerce(instant - instant % sa.literal_column("900000000", sa.BigInteger), Instant)
    origin = sa.literal_column("timestamptz '1970-01-01 00:00:00+00'", Instant)
    return sa.func.date_bin(sa.literal_column("interval '15 minutes'"), at, origin, type_=Instant)


@lru_cache(maxsize=_STATEMENTS)
def _quarters_statement(dialect: str, shape: _Shape, asked: tuple[Series, ...]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Return the statement that counts by quarters: as rows, a fortnight of a large sector takes five times as long."""
    told: list[sa.Select[*tuple[Any, ...]]] = []
    for number, series in enumerate(asked):
        mark = sa.literal_column(str(number), sa.Integer)
        is_received = series == "received"
        quarter = _quarter(dialect, _C.received_at if is_received else _C.answered_at)
        told += [
            sa.select(mark, quarter.label("at"), sa.func.count().label("n")).where(*where).group_by(quarter)
            for where in (_received(shape, number) if is_received else (_answered(shape, number),))
        ]
    return sa.union_all(*told)


@lru_cache(maxsize=_STATEMENTS)
def _minutes_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(_C.answered_at, _C.received_at).where(*_answered(shape, 0))


@lru_cache(maxsize=_STATEMENTS)
def _standing_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    sector = _C.sector + _EMPTY  # else the planner groups by the index of sectors, and looks at every row
    return (
        sa.select(sector, sa.func.count(), sa.func.count(_C.due_at))
        .where(_C.is_open == sa.true(), *shape.beside())
        .group_by(sector)
    )


@lru_cache(maxsize=_STATEMENTS)
def _known_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    if shape.has_area:
        return sa.select(sa.func.count()).select_from(appeals).where(*shape.indexed())
    cells = rollup_counts.c
    of_sector = (cells.series == "known", cells.at == STANDING, cells.name == sa.bindparam("sector"))
    return sa.select(sa.func.coalesce(sa.func.sum(cells.n), 0)).where(*of_sector)


@lru_cache(maxsize=_STATEMENTS)
def _overdue_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    origin = (_C.sector, _C.due_basis, _C.due_norm)
    is_since = _C.due_at >= sa.bindparam("since_at", type_=Instant)
    return (
        sa.select(*origin, sa.func.count(), sa.func.sum(sa.case((is_since, 1), else_=0)))
        .where(_C.is_open == sa.true(), _C.due_at < sa.bindparam("now", type_=Instant), *shape.beside())
        .group_by(*origin)
    )


@lru_cache(maxsize=_STATEMENTS)
def _silent_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    from_at, to_at = (sa.bindparam(name, type_=Instant) for name in ("from_at", "to_at"))
    ended = (_C.due_at >= from_at, _C.due_at < to_at, *shape.beside())
    still = sa.select(sa.func.count()).where(_C.is_open == sa.true(), *ended)
    later = sa.select(sa.func.count()).where(_C.is_open == sa.false(), *ended, _C.answered_at >= to_at)
    return sa.select(still.scalar_subquery() + later.scalar_subquery())


@lru_cache(maxsize=_STATEMENTS)
def _fed_statement(shape: _Shape) -> sa.Select[*tuple[Any, ...]]:
    after, upto = (sa.bindparam(name, type_=Instant) for name in ("after", "upto"))
    return (
        sa.select(sa.func.count()).select_from(appeals).where(*shape.indexed(), _C.feed_at > after, _C.feed_at <= upto)
    )
