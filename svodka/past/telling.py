"""What the versions of a record make of its facts, told again one after the other. Pure.

The same functions that made the facts when the versions were learnt make them here (`svodka.ingest.merge`), from what
each version keeps: the record and the terms it was given then. So a profile that was changed since changes no past.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from svodka.domain import codec
from svodka.domain.reasons import CloseReason
from svodka.domain.records import AppealRecord, IncidentRecord
from svodka.ingest.classify import ClassifiedAppeal, ClassifiedIncident
from svodka.ingest.closing import close_vanished
from svodka.ingest.merge import Place, build_appeal, build_incident
from svodka.ingest.screening import Told
from svodka.storage.facts import StoredAppeal, StoredIncident


class ToldVersion(msgspec.Struct, frozen=True):
    """A version that was applied, and the source of its record."""

    id: int
    source_id: str
    version: int
    known_at: datetime
    fingerprint: str
    facts: str


class _AppealFacts(msgspec.Struct, frozen=True):
    record: AppealRecord
    terms: ClassifiedAppeal


class _IncidentFacts(msgspec.Struct, frozen=True):
    record: IncidentRecord | None = None
    terms: ClassifiedIncident | None = None
    close_reason: CloseReason | None = None


def tell_appeal(versions: Iterable[ToldVersion], current: StoredAppeal | None = None) -> list[StoredAppeal]:
    """Return the facts after each version.

    Args:
        versions: Of one appeal, applied ones only, in the order in which they were learnt.
        current: The facts before the first of them; None: nothing was known.
    """
    states: list[StoredAppeal] = []
    for version in versions:
        facts = codec.decode_as(version.facts, _AppealFacts)
        current = build_appeal(
            Told(facts.record, version.fingerprint, b""),
            facts.terms,
            current,
            place=Place(version.id, version.version),
            source_id=version.source_id,
            now=version.known_at,
        )
        states.append(current)
    return states


def tell_incident(versions: Iterable[ToldVersion], current: StoredIncident | None = None) -> list[StoredIncident]:
    """Return the facts after each version; as `tell_appeal`."""
    states: list[StoredIncident] = []
    for version in versions:
        facts = codec.decode_as(version.facts, _IncidentFacts)
        if facts.record is not None and facts.terms is not None:
            current = build_incident(
                Told(facts.record, version.fingerprint, b""),
                facts.terms,
                current,
                place=Place(version.id, version.version),
                source_id=version.source_id,
                now=version.known_at,
            )
        elif current is not None:
            current, _ = close_vanished(current, version.version, version.known_at)
        else:
            continue  # silence ends what was told: there is no such version without an earlier one
        states.append(current)
    return states
