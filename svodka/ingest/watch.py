"""What a page of a source has that is not as usual; runs inside the transaction that stores the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from svodka.domain import codec
from svodka.domain.reasons import NoticeKind
from svodka.domain.records import Loss, PollResult, Rejected
from svodka.ingest.drift import FIELD_MAX_CHARS, MAX_FIELDS, FieldState, learn_fields
from svodka.storage.database import Connection
from svodka.storage.notices import Notice, save_notices, storable_subject
from svodka.storage.usual import add_to_hour, load_field_state, save_field_state

CLOCK_AHEAD = timedelta(minutes=2)


def watch_page(
    connection: Connection,
    source_id: str,
    result: PollResult,
    rejected: Sequence[Rejected],
    *,
    now: datetime,
    stored_n: int,
) -> None:
    """Note what is unusual about a page.

    Args:
        connection: The writing transaction of the page.
        source_id: Its source.
        result: The page.
        rejected: All records that went to quarantine.
        now: The present instant.
        stored_n: New records that count for this hour; 0 while the past is read.
    """
    found = [
        Notice(source_id=source_id, kind=kind, subject=subject, detail=detail, first_seen_at=now, last_seen_at=now)
        for kind, subject, detail in (
            *_unknown_words(rejected),
            *(_told_loss(loss) for loss in result.losses),
            *_clock(result, now),
            *_fields(connection, source_id, result),
        )
    ]
    save_notices(connection, found)
    if stored_n:
        add_to_hour(connection, source_id, now.replace(minute=0, second=0, microsecond=0), stored_n)


def _unknown_words(rejected: Sequence[Rejected]) -> Iterator[tuple[NoticeKind, str, str]]:
    return ((NoticeKind.STATUS_UNKNOWN, record.word, record.detail) for record in rejected if record.word)


def _told_loss(loss: Loss) -> tuple[NoticeKind, str, str]:
    return NoticeKind.LOSS, f"{_instant(loss.from_at)}/{_instant(loss.to_at)}", loss.reason.value


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(result: PollResult, now: datetime) -> list[tuple[NoticeKind, str, str]]:
    at = result.source_time_at
    if at is None or at - now <= CLOCK_AHEAD:
        return []
    return [(NoticeKind.CLOCK_AHEAD, "", str(round((at - now).total_seconds())))]


def _fields(connection: Connection, source_id: str, result: PollResult) -> list[tuple[NoticeKind, str, str]]:
    names = frozenset(storable_subject(name)[:FIELD_MAX_CHARS] for name in sorted(result.fields)[:MAX_FIELDS])
    if not names:
        return []
    text = load_field_state(connection, source_id)
    state = msgspec.json.decode(text, type=FieldState) if text else FieldState()
    news = learn_fields(state, names, is_header=result.fields_are_header)
    told = codec.encode_text(state)
    if told != text:  # a source that is as ever writes nothing
        save_field_state(connection, source_id, told)
    return [(NoticeKind.FIELD_NEW, name, "") for name in news.new] + [
        (NoticeKind.FIELD_LOST, name, "") for name in news.lost
    ]
