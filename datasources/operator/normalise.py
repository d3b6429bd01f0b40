"""From a form that an operator filled in to an appeal or an incident. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from datasources._toolkit.text import plain_text
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus, IncidentRecord, IncidentStatus
from svodka.domain.registration import MAX_WORDS_CHARS, Entry

_ADDRESS_CHARS = 500
_AFFECTED_MAX = 2_000_000_000


def read_appeal(entry: Entry) -> AppealRecord:
    """Return the appeal of a form.

    Raises:
        RecordUnreadableError: It says nothing, or too much.
    """
    return AppealRecord(
        foreign_id=_id(entry),
        received_at=_at(entry),
        status=AppealStatus.NEW,
        topic_code=entry.topic or None,
        text=_words(entry.text, "text", MAX_WORDS_CHARS),
        area_name=entry.area or None,
        address=_place(entry.address),
    )


def read_incident(entry: Entry) -> IncidentRecord:
    """Return the incident of a form.

    Raises:
        RecordUnreadableError: It says nothing, or too much.
    """
    if entry.affected_n is not None and not 0 <= entry.affected_n <= _AFFECTED_MAX:
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, "affected")
    return IncidentRecord(
        foreign_id=_id(entry),
        started_at=_at(entry),
        status=IncidentStatus.NEW,
        kind=entry.kind or None,
        level=entry.level or None,
        affected_n=entry.affected_n,
        title=_words(entry.text, "text", _ADDRESS_CHARS),
        area_name=entry.area or None,
        address=_place(entry.address),
    )


def _at(entry: Entry) -> datetime:
    if entry.at is None:
        raise RecordUnreadableError(RejectReason.MISSING_TIME, "at")
    return entry.at.astimezone(UTC)


def _id(entry: Entry) -> str:
    if not entry.id.strip():
        raise RecordUnreadableError(RejectReason.MISSING_ID, "id")
    return entry.id


def _words(text: str, field: str, max_chars: int) -> str:
    if len(text) > max_chars:
        raise RecordUnreadableError(RejectReason.TOO_LARGE, field)
    plain = plain_text(text, max_chars=max_chars)
    if not plain:
        raise RecordUnreadableError(RejectReason.MISSING_WORDS, field)
    return plain


def _place(text: str) -> str | None:
    if len(text) > _ADDRESS_CHARS:
        raise RecordUnreadableError(RejectReason.TOO_LARGE, "address")
    return plain_text(text, max_chars=_ADDRESS_CHARS) or None
