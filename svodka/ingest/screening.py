"""Which records of a page can be stored at all; the rest goes to quarantine with its reason.

Pure. Connectors have refused what they could not read; here is refused what no database or clock can hold, and every
text is made plain, whatever its connector did (docs/adr/0161).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec

from svodka.domain import codec
from svodka.domain.plain import plain_text, storable
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, IncidentRecord, Record, Rejected
from svodka.profiles.model import SourceConfig

FOREIGN_ID_MAX_CHARS = 256
_RAW_MAX_CHARS = 4000
_AFFECTED_MAX = 2**31 - 1
_SHORT_TEXT_MAX_CHARS = 1000
_PLACE_TEXTS = ("area_name", "address")
_APPEAL_TEXTS = (*_PLACE_TEXTS, "topic_code", "body_name")

R = TypeVar("R", AppealRecord, IncidentRecord)


class Told(msgspec.Struct, Generic[R], frozen=True):
    """A record that can be stored, with its fingerprint (equal records are the same news) and its JSON."""

    record: R
    fingerprint: str
    encoded: bytes


class Screened(msgspec.Struct, Generic[R], frozen=True):
    """A page divided."""

    told: list[Told[R]]
    rejected: list[Rejected]


def screen_appeals(records: Sequence[Record], source: SourceConfig, now: datetime) -> Screened[AppealRecord]:
    """Divide a page of appeals.

    Args:
        records: What the connector could read.
        source: Its source, for how far ahead of `now` a time may lie.
        now: The present instant.

    Returns:
        What can be stored, in the given order, and what cannot.
    """
    told: list[Told[AppealRecord]] = []
    rejected: list[Rejected] = []
    for record in records:
        if not isinstance(record, AppealRecord):
            rejected.append(_reject(record, RejectReason.WRONG_TYPE, "record"))
            continue
        clean = msgspec.structs.replace(
            record,
            **_plain_texts(record, _APPEAL_TEXTS),
            text=plain_text(record.text),
            rating=record.rating if record.rating in {1, 2, 3, 4, 5} else None,
            repeat_of=record.repeat_of and storable(record.repeat_of)[:FOREIGN_ID_MAX_CHARS],
        )
        times = {"received_at": record.received_at, "updated_at": record.updated_at, "answered_at": record.answered_at}
        problem = _find_problem(record.foreign_id, times, source, now)
        if problem is None:
            told.append(_tell(clean))
        else:
            rejected.append(_reject(record, *problem))
    return Screened(told, rejected)


def screen_incidents(records: Sequence[Record], source: SourceConfig, now: datetime) -> Screened[IncidentRecord]:
    """Divide a page of incidents; like `screen_appeals`."""
    told: list[Told[IncidentRecord]] = []
    rejected: list[Rejected] = []
    for record in records:
        if not isinstance(record, IncidentRecord):
            rejected.append(_reject(record, RejectReason.WRONG_TYPE, "record"))
            continue
        affected = record.affected_n
        clean = msgspec.structs.replace(
            record,
            **_plain_texts(record, _PLACE_TEXTS),
            title=plain_text(record.title),
            affected_n=affected if affected is not None and 0 <= affected <= _AFFECTED_MAX else None,
        )
        times = {"started_at": record.started_at, "updated_at": record.updated_at}
        problem = _find_problem(record.foreign_id, times, source, now)
        if problem is None:
            told.append(_tell(clean))
        else:
            rejected.append(_reject(record, *problem))
    return Screened(told, rejected)


def _plain_texts(record: Record, names: tuple[str, ...]) -> dict[str, str | None]:
    """Return a record's short texts as plain text, those that are there and not plain yet."""
    return {
        name: plain_text(value, max_chars=_SHORT_TEXT_MAX_CHARS) or None
        for name in names
        if (value := getattr(record, name))
    }


def _find_problem(
    foreign_id: str, times: dict[str, datetime | None], source: SourceConfig, now: datetime
) -> tuple[RejectReason, str] | None:
    if not foreign_id.strip():
        return RejectReason.MISSING_ID, "foreign_id"
    if storable(foreign_id) != foreign_id:
        return RejectReason.WRONG_TYPE, "foreign_id"
    if len(foreign_id) > FOREIGN_ID_MAX_CHARS:
        return RejectReason.TOO_LARGE, "foreign_id"
    latest = now + timedelta(seconds=source.future_tolerance_s)
    for name, at in times.items():
        if at is not None and at > latest:
            return RejectReason.TIME_IN_FUTURE, name
    return None


def _tell(record: R) -> Told[R]:
    encoded = codec.encode(record)
    return Told(record, blake2b(encoded, digest_size=16).hexdigest(), encoded)


def _reject(record: Record, reason: RejectReason, detail: str) -> Rejected:
    raw = codec.encode(_plain(record)).decode()[:_RAW_MAX_CHARS]
    return Rejected(reason=reason, foreign_id=record.foreign_id, detail=detail, raw=raw)


def _plain(record: Record) -> Record:
    """Return the record with texts that can be encoded."""
    texts = {name: storable(value) for name, value in msgspec.structs.asdict(record).items() if type(value) is str}
    return msgspec.structs.replace(record, **texts)
