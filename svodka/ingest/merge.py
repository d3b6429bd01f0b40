"""What becomes of one record that is told about something known or new. Pure.

The rules, in this order:

1. The same record as the present facts rest on is a *duplicate*: nothing changes.
2. One older than the present facts (both name when they changed) is *outdated*: kept as a version that was not
   applied, once. What was concluded from silence is no such fact: who is named again, is there again.
3. Anything else is *applied*, also when the status goes back: then the version says that it is a reversal.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from svodka.domain import codec
from svodka.domain.reasons import CloseReason, Outcome
from svodka.domain.records import AppealRecord, AppealStatus, IncidentRecord, IncidentStatus
from svodka.ingest.ports import AppealTerms, IncidentTerms
from svodka.ingest.screening import Told
from svodka.storage.facts import StoredAppeal, StoredIncident, Version

_APPEAL_STAGE = {
    AppealStatus.NEW: 0,
    AppealStatus.IN_WORK: 1,
    AppealStatus.ANSWERED: 2,
    AppealStatus.REJECTED: 2,
    AppealStatus.WITHDRAWN: 2,
}
_INCIDENT_STAGE = {
    IncidentStatus.NEW: 0,
    IncidentStatus.IN_WORK: 1,
    IncidentStatus.CONTROLLED: 2,
    IncidentStatus.CLOSED: 3,
}


class Place(msgspec.Struct, frozen=True):
    """Which row a record becomes: our id, and the number of its version."""

    id: int
    version: int


def decide_outcome(
    told: Told[AppealRecord] | Told[IncidentRecord],
    current: StoredAppeal | StoredIncident | None,
    known_fingerprints: set[str],
) -> Outcome:
    """Return what happens to a record.

    Args:
        told: The record.
        current: The present facts, None where nothing is known.
        known_fingerprints: Of all its versions, applied or not.
    """
    if current is None:
        return Outcome.STORED
    if told.fingerprint == current.fingerprint:
        return Outcome.DUPLICATE
    told_at, known_at = told.record.updated_at, current.updated_at
    is_inferred = isinstance(current, StoredIncident) and current.close_reason == CloseReason.VANISHED
    if told_at is not None and known_at is not None and told_at < known_at and not is_inferred:
        return Outcome.DUPLICATE if told.fingerprint in known_fingerprints else Outcome.OUTDATED
    return Outcome.UPDATED


def is_reversal(record: AppealRecord | IncidentRecord, current: StoredAppeal | StoredIncident | None) -> bool:
    """Return whether a record takes the status back."""
    if current is None:
        return False
    if isinstance(record, AppealRecord):
        return _APPEAL_STAGE[record.status] < _APPEAL_STAGE[AppealStatus(current.status)]
    return _INCIDENT_STAGE[record.status] < _INCIDENT_STAGE[IncidentStatus(current.status)]


def build_appeal(
    told: Told[AppealRecord],
    terms: AppealTerms,
    current: StoredAppeal | None,
    *,
    place: Place,
    source_id: str,
    now: datetime,
) -> StoredAppeal:
    """Return the facts of an appeal after a record was applied.

    `feed_at` stays what it was first. `answered_at` is the record's; else when the record changed, or now, at the
    moment when it was seen to become answered, and kept from then on while it stays so. Met as answered and without
    any time, it has none: "now" would make a backlog of years the answers of today.
    """
    record = told.record
    return StoredAppeal(
        id=place.id,
        source_id=source_id,
        foreign_id=record.foreign_id,
        channel=terms.channel,
        sector=terms.sector,
        topic=terms.topic,
        topic_reason=terms.topic_reason.value,
        area=terms.area,
        area_reason=terms.area_reason.value,
        body=terms.body,
        status=record.status.value,
        is_open=record.status.is_open,
        received_at=record.received_at,
        feed_at=current.feed_at if current else record.received_at,
        updated_at=record.updated_at or (current.updated_at if current else None),
        answered_at=_compute_answered_at(record, current, now),
        due_at=terms.due_at,
        due_basis=terms.due_basis.value,
        due_norm=terms.due_norm,
        rating=record.rating,
        lat=terms.lat,
        lon=terms.lon,
        point_state=terms.point_state.value,
        moved=record.place_moved,
        repeat_of=record.repeat_of,
        text=record.text,
        fingerprint=told.fingerprint,
        version=place.version,
        valid_at=record.updated_at or (now if current else record.received_at),
        known_at=now,
    )


def build_incident(
    told: Told[IncidentRecord],
    terms: IncidentTerms,
    current: StoredIncident | None,
    *,
    place: Place,
    source_id: str,
    now: datetime,
) -> StoredIncident:
    """Return the facts of an incident after a record was applied."""
    record = told.record
    is_open = record.status.is_open
    return StoredIncident(
        id=place.id,
        source_id=source_id,
        foreign_id=record.foreign_id,
        kind=terms.kind,
        level=terms.level,
        area=terms.area,
        area_reason=terms.area_reason.value,
        status=record.status.value,
        is_open=is_open,
        close_reason=None if is_open else CloseReason.SOURCE.value,
        started_at=record.started_at,
        updated_at=record.updated_at or (current.updated_at if current else None),
        closed_at=None if is_open else _compute_closed_at(record, current, now),
        affected_n=record.affected_n,
        lat=terms.lat,
        lon=terms.lon,
        point_state=terms.point_state.value,
        moved=record.place_moved,
        title=record.title,
        missing_polls=0,
        fingerprint=told.fingerprint,
        version=place.version,
        valid_at=record.updated_at or (now if current else record.started_at),
        known_at=now,
    )


def build_version(
    told: Told[AppealRecord] | Told[IncidentRecord],
    terms: AppealTerms | IncidentTerms,
    *,
    place: Place,
    applied: bool,
    reversal: bool,
    now: datetime,
) -> Version:
    """Return the version that keeps what was told, with the terms it was given then."""
    record = told.record
    first_at = record.received_at if isinstance(record, AppealRecord) else record.started_at
    return Version(
        id=place.id,
        version=place.version,
        valid_at=record.updated_at or (first_at if place.version == 1 else now),
        known_at=now,
        status=record.status.value,
        applied=applied,
        is_reversal=reversal,
        fingerprint=told.fingerprint,
        facts=codec.encode_text({"record": msgspec.Raw(told.encoded), "terms": terms}),
    )


def _compute_answered_at(record: AppealRecord, current: StoredAppeal | None, now: datetime) -> datetime | None:
    if record.status.is_open or record.status is AppealStatus.WITHDRAWN:
        return None
    if current is None or current.is_open:
        return record.answered_at or record.updated_at or (now if current else None)
    return record.answered_at or current.answered_at or record.updated_at


def _compute_closed_at(record: IncidentRecord, current: StoredIncident | None, now: datetime) -> datetime:
    kept = current.closed_at if current else None
    return record.closed_at or kept or record.updated_at or now
