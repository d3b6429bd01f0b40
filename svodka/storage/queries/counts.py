"""Sums of `rollup_counts` over spans of time, several in one statement.

Statements are built once for each number of spans: building and hashing them costs more than running them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from svodka.analytics.rollups import STANDING, Series
from svodka.storage.tables import rollup_counts

Stretch = tuple[Series, datetime, datetime]  # a series from one instant (included) to another (excluded)
_COLUMNS = rollup_counts.c
_STATEMENTS = 32


def load_sums(connection: sa.Connection, *stretches: Stretch) -> tuple[int, ...]:
    """Return the sum of each stretch, 0 where it holds nothing."""
    row = connection.execute(_sums_statement(len(stretches)), _parameters(stretches)).one()
    return tuple(map(int, row))


def load_by_instant(connection: sa.Connection, *stretches: Stretch) -> tuple[dict[datetime, int], ...]:
    """Return the sums of each stretch by instant; instants that hold nothing are absent."""
    return _load_by(connection, "at", stretches)


def load_by_name(connection: sa.Connection, *stretches: Stretch) -> tuple[dict[str, int], ...]:
    """Return the sums of each stretch by name; names that hold nothing are absent."""
    return _load_by(connection, "name", stretches)


def load_standing(connection: sa.Connection, *series: Series) -> tuple[dict[str, int], ...]:
    """Return what stands now in each series, by name."""
    return load_by_name(connection, *((one, STANDING, STANDING + STANDING.resolution) for one in series))


def _load_by(connection: sa.Connection, column: str, stretches: Sequence[Stretch]) -> tuple[dict[Any, int], ...]:
    found: tuple[dict[Any, int], ...] = tuple({} for _ in stretches)
    for number, key, n in connection.execute(_groups_statement(column, len(stretches)), _parameters(stretches)).all():
        found[number][key] = int(n)
    return found


def _parameters(stretches: Sequence[Stretch]) -> dict[str, object]:
    parameters: dict[str, object] = {}
    for number, (series, from_at, to_at) in enumerate(stretches):
        parameters |= {f"series_{number}": series, f"from_{number}": from_at, f"to_{number}": to_at}
    return parameters


@lru_cache(maxsize=_STATEMENTS)
def _sums_statement(stretches_n: int) -> sa.Select[Any]:
    total = sa.func.coalesce(sa.func.sum(_COLUMNS.n), 0)
    return sa.select(*(sa.select(total).where(*_lies_in(number)).scalar_subquery() for number in range(stretches_n)))


@lru_cache(maxsize=_STATEMENTS)
def _groups_statement(column: str, stretches_n: int) -> sa.CompoundSelect[Any]:
    key = _COLUMNS[column]
    return sa.union_all(
        *(
            sa.select(sa.literal_column(str(number), sa.Integer), key, sa.func.sum(_COLUMNS.n))
            .where(*_lies_in(number))
            .group_by(key)
            for number in range(stretches_n)
        )
    )


def _lies_in(number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _COLUMNS.series == sa.bindparam(f"series_{number}"),
        _COLUMNS.at >= sa.bindparam(f"from_{number}"),
        _COLUMNS.at < sa.bindparam(f"to_{number}"),
    )
