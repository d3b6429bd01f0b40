"""What is remembered between polls: which update comes next, when the bot was last read, and who was answered. Pure.

Telegram forgets what nobody fetched for a day, and begins to count anew after a week without updates.
Source: core.telegram.org/bots/api#getting-updates and #update.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from svodka.domain.reasons import LossReason
from svodka.domain.records import Loss

KEPT_FOR = timedelta(hours=24)
_HOUR = timedelta(hours=1)
# Longer than anybody but an administrator of a channel may edit a message.
_ANSWERS_KEPT_S = 48 * 3600
_MAX_ANSWERS = 1000


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position.

    Attributes:
        read_at: When the bot was last read well, by Telegram's clock where it tells one; never goes back.
        next_id: The update after the last one read, None before the first.
        last_at: When the last update was read, by our own clock, None before the first.
        answered: When recent messages were answered (seconds since 1970), by foreign id, the oldest first.
        moved: Chats that became others: new id to the one that the operator named.
        v: Version of this form.
    """

    read_at: datetime
    next_id: int | None = None
    last_at: datetime | None = None
    answered: dict[str, int] = {}
    moved: dict[str, int] = {}
    v: int = 1


def offset_to_ask(cursor: Cursor | None, now: datetime) -> int | None:
    """Return from which update on to ask, which confirms those before it; None: from the first that waits.

    Both times are of our own clock: one that differs from Telegram's must not make every question one without a number.
    A day after the last update nothing that was read can wait there any more, and Telegram may number the next one at
    random: an old number would throw away what lies below it.
    """
    if cursor is None or cursor.last_at is None or now - cursor.last_at > KEPT_FOR:
        return None
    return cursor.next_id


def find_losses(cursor: Cursor | None, offset: int | None, ids: Sequence[int], now: datetime) -> tuple[Loss, ...]:
    """Return the spans of which updates are missing.

    Args:
        cursor: The position before this answer.
        offset: From which update on was asked.
        ids: Of the answer, in its order.
        now: Telegram's time.
    """
    if cursor is None:
        return ()
    if now - cursor.read_at > KEPT_FOR:
        return (Loss(from_at=cursor.read_at, to_at=now - KEPT_FOR, reason=LossReason.NOT_KEPT),)
    if offset is None or not ids or ids[0] < offset:
        return ()
    if max(ids) - offset + 1 > len(set(ids)):
        # Numbers follow one another: somebody else has fetched what lies between. That happens poll after poll, so it
        # is told in whole hours: one thing, counted up.
        begin_at, end_at = _hour_of(cursor.read_at), _hour_of(now) + _HOUR
        return (Loss(from_at=begin_at, to_at=end_at, reason=LossReason.TAKEN_ELSEWHERE),)
    return ()


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def recent_answers(answered: dict[str, int], now: datetime) -> dict[str, int]:
    """Return the answers that are still worth remembering."""
    since_s = now.timestamp() - _ANSWERS_KEPT_S
    kept = {key: at for key, at in answered.items() if at >= since_s}
    return dict(list(kept.items())[-_MAX_ANSWERS:])
