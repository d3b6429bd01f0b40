"""Incidents that are over, with what was known of them and when: what a screen that was away could not show."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.domain.changes import MissedIncident
from svodka.domain.records import IncidentStatus
from svodka.storage.tables import incident_versions, incidents


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that is over.

    Attributes:
        row: As a wall may see it.
        known: When each of its states was learnt, and whether it was open by it; in the order of learning.
    """

    row: MissedIncident
    known: tuple[tuple[datetime, bool], ...]

    def is_missed(self, since: datetime) -> bool:
        """Return whether it both began and ended after `since`, by what was learnt.

        An incident of which only the end was ever told counts when it says itself that it began afterwards: an
        archive that is read late is no news.
        """
        before = [is_open for at, is_open in self.known if at <= since]
        if before:
            return not before[-1] and any(is_open for at, is_open in self.known if at > since)
        return any(is_open for _, is_open in self.known) or self.row.started_at > since


def load_ended(connection: sa.Connection, since: datetime) -> list[Ended]:
    """Return the incidents that are over and of which something was learnt after `since`, newest first."""
    columns, told = incidents.c, incident_versions.c
    touched = sa.select(told.incident_id).where(told.known_at > since)
    rows = connection.execute(
        sa.select(
            columns.id,
            columns.kind,
            columns.level,
            columns.area,
            columns.source_id,
            columns.started_at,
            sa.func.coalesce(columns.closed_at, columns.known_at, type_=columns.known_at.type).label("ended_at"),
            columns.affected_n,
            told.known_at,
            told.status,
        )
        .join(incident_versions, told.incident_id == columns.id)
        .where(columns.is_open == sa.false(), columns.id.in_(touched), told.applied == sa.true())
        .order_by(columns.started_at.desc(), columns.id.desc(), told.version)
    )
    found: dict[int, tuple[MissedIncident, list[tuple[datetime, bool]]]] = {}
    for row in rows:
        if row.id not in found:
            found[row.id] = (_row(row), [])
        found[row.id][1].append((row.known_at, IncidentStatus(row.status).is_open))
    return [Ended(row=row, known=tuple(known)) for row, known in found.values()]


def _row(row: sa.Row[*tuple[object, ...]]) -> MissedIncident:
    return MissedIncident(
        id=row.id,
        kind=row.kind,
        level=row.level,
        area=row.area,
        source=row.source_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        affected_n=row.affected_n,
    )


def find_last_ended_at(
    connection: sa.Connection, *, area: str | None = None, kinds: frozenset[str] | None = None
) -> datetime | None:
    """Return when the incident that ended last did so, of an area and of some kinds; None where none ever ended.

    Where a source tells no end, it is the instant at which the end was learnt.
    """
    columns = incidents.c
    ended_at = sa.func.max(sa.func.coalesce(columns.closed_at, columns.known_at, type_=columns.known_at.type))
    query = sa.select(ended_at).where(columns.is_open == sa.false())
    if area is not None:
        query = query.where(columns.area == area)
    if kinds is not None:
        query = query.where(columns.kind.in_(sorted(kinds)))
    at: datetime | None = connection.scalar(query)
    return at
