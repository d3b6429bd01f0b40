"""Rows of a page as the change log would give them: the newest appeals, the open incidents."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from svodka.domain.changes import AppealRow, IncidentRow
from svodka.storage.facts import appeal_row, incident_row
from svodka.storage.tables import appeals, incidents


def load_newest_appeals(
    connection: sa.Connection, limit: int, *, area: str | None = None, sector: str | None = None
) -> tuple[AppealRow, ...]:
    """Return the newest `limit` rows of the feed (of one area, one sector), by (feed_at, id), newest first."""
    columns = appeals.c
    rows = connection.execute(
        sa.select(
            columns.id,
            columns.feed_at,
            columns.known_at,
            columns.topic,
            columns.sector,
            columns.area,
            columns.channel,
            columns.source_id,
            columns.status,
            columns.lat,
            columns.lon,
            columns.moved,
        )
        .where(*_is(columns.area, area), *_is(columns.sector, sector))
        .order_by(columns.feed_at.desc(), columns.id.desc())
        .limit(limit)
    )
    return tuple(appeal_row(row) for row in rows)


def load_open_incidents(
    connection: sa.Connection,
    *,
    ranks: Mapping[str, int],
    limit: int,
    area: str | None = None,
    kinds: Collection[str] | None = None,
) -> tuple[IncidentRow, ...]:
    """Return the open incidents, gravest first and then newest first.

    Args:
        connection: The read transaction.
        ranks: Rank by level, 1 the gravest; a level that is absent here counts as the mildest.
        limit: How many rows at most: the gravest, then the newest remain.
        area: Only those of this area; None: all.
        kinds: Only those of these kinds; None: all.
    """
    columns = incidents.c
    by_level = sa.case(ranks, value=columns.level, else_=max(ranks.values(), default=0) + 1)
    rows = connection.execute(
        sa.select(
            columns.id,
            columns.kind,
            columns.level,
            columns.status,
            columns.area,
            columns.source_id,
            columns.started_at,
            columns.updated_at,
            columns.known_at,
            columns.affected_n,
            columns.lat,
            columns.lon,
            columns.moved,
        )
        .where(
            columns.is_open == sa.true(),
            *_is(columns.area, area),
            *(() if kinds is None else (columns.kind.in_(sorted(kinds)),)),
        )
        .order_by(by_level, columns.started_at.desc(), columns.id.desc())
        .limit(limit)
    )
    return tuple(incident_row(row) for row in rows)


def _is(column: sa.Column[str], value: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if value is None else (column == value,)
