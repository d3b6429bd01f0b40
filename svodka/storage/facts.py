"""What is known now of appeals and incidents, as rows of their tables; and how a wall may see them.

`StoredAppeal` and `StoredIncident` have exactly the columns of their tables. They carry personal data and stay in
the heart; `appeal_row` and `incident_row` are the only way from them into the change log and onto a wall.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from svodka.domain.changes import AppealRow, IncidentRow
from svodka.domain.snapping import snap_point


class StoredAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """The present facts of one appeal: a row of `appeals`."""

    id: int
    source_id: str
    foreign_id: str
    channel: str
    sector: str
    topic: str
    topic_reason: str
    area: str | None
    area_reason: str
    body: str | None
    status: str
    is_open: bool
    received_at: datetime
    feed_at: datetime
    updated_at: datetime | None
    answered_at: datetime | None
    due_at: datetime | None
    due_basis: str
    due_norm: str | None
    rating: int | None
    lat: float | None
    lon: float | None
    point_state: str
    moved: bool
    repeat_of: str | None
    text: str
    fingerprint: str
    version: int
    valid_at: datetime
    known_at: datetime


class StoredIncident(msgspec.Struct, frozen=True, kw_only=True):
    """The present facts of one incident: a row of `incidents`."""

    id: int
    source_id: str
    foreign_id: str
    kind: str
    level: str
    area: str | None
    area_reason: str
    status: str
    is_open: bool
    close_reason: str | None
    started_at: datetime
    updated_at: datetime | None
    closed_at: datetime | None
    affected_n: int | None
    lat: float | None
    lon: float | None
    point_state: str
    moved: bool
    title: str
    missing_polls: int
    fingerprint: str
    version: int
    valid_at: datetime
    known_at: datetime


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a record: what its source told, when that was so, and when it was learnt.

    Attributes:
        id: Our id of the appeal or incident.
        version: 1, 2, … in the order in which they were learnt.
        applied: It became the present facts; False for one older than what was known already.
        is_reversal: It took the status back (answered to in work, closed to open).
        facts: JSON of the record and its classification.
    """

    id: int
    version: int
    valid_at: datetime
    known_at: datetime
    status: str
    applied: bool
    is_reversal: bool
    fingerprint: str
    facts: str


def appeal_row(facts: StoredAppeal | sa.Row[*tuple[Any, ...]]) -> AppealRow:
    """Return an appeal (or its columns) as a wall may see it: no text, no foreign id, a snapped point."""
    lat, lon = snap_point(facts.lat, facts.lon)
    return AppealRow(
        id=facts.id,
        feed_at=facts.feed_at,
        known_at=facts.known_at,
        topic=facts.topic,
        sector=facts.sector,
        area=facts.area,
        channel=facts.channel,
        source=facts.source_id,
        status=facts.status,
        lat=lat,
        lon=lon,
        moved=facts.moved,
    )


def incident_row(facts: StoredIncident | sa.Row[*tuple[Any, ...]]) -> IncidentRow:
    """Return an incident (or its columns) as a wall may see it: no title, no foreign id, a snapped point."""
    lat, lon = snap_point(facts.lat, facts.lon)
    return IncidentRow(
        id=facts.id,
        kind=facts.kind,
        level=facts.level,
        status=facts.status,
        area=facts.area,
        source=facts.source_id,
        started_at=facts.started_at,
        updated_at=facts.updated_at,
        known_at=facts.known_at,
        affected_n=facts.affected_n,
        lat=lat,
        lon=lon,
        moved=facts.moved,
    )
