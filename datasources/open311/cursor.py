"""Where reading stands: windows of time, read page by page. Pure.

The position (`point_at`) is on the source's own clock where it tells one: a record is stamped with that clock,
and a window that went by ours could pass over what a slow clock stamps later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position.

    Attributes:
        point_at: Everything up to here has been read; the next window begins `overlap_s` before it.
        keyset_at: Within a window sorted by update: pages are counted from this instant.
        page: Page to read next, from 1.
        to_at: End of the window in work, None for one that is open towards the present.
        seen_at: The source's time when the window in work was begun, None before its first answer.
        page_hash: Ids of the page before, to notice a source that gives the same page again.
        is_after_full: The page before was full, so that more was to be expected.
        is_asked_again: The page to read next was empty once already.
        v: Version of this form.
    """

    point_at: datetime
    keyset_at: datetime | None = None
    page: int = 1
    to_at: datetime | None = None
    seen_at: datetime | None = None
    page_hash: str = ""
    is_after_full: bool = False
    is_asked_again: bool = False
    v: int = 1

    def from_at(self, overlap_s: float) -> datetime:
        """Return the beginning of the window in work."""
        return self.keyset_at or self.point_at - timedelta(seconds=overlap_s)


def first_cursor(now: datetime, backfill_h: float) -> Cursor:
    """Return the position before the very first poll."""
    return Cursor(point_at=now - timedelta(hours=backfill_h))


def begin_window(cursor: Cursor, now: datetime, *, overlap_s: float, max_window_h: float) -> Cursor:
    """Return the cursor with the end of its window set: None when the window reaches the present."""
    if cursor.seen_at is not None:
        return cursor
    end_at = cursor.from_at(overlap_s) + timedelta(hours=max_window_h)
    return msgspec.structs.replace(cursor, to_at=end_at if end_at < now else None)


def doubt_empty(cursor: Cursor) -> Cursor | None:
    """Return the position from which an empty page is asked for once more; None where its word is taken.

    After a full page nothing is what a broken source says, and seldom the truth. Where an empty answer leaves the
    position with what was named (see `end_window`) there is nothing to doubt.
    """
    passes_nothing_over = cursor.page == 1 and cursor.to_at is None
    if not cursor.is_after_full or cursor.is_asked_again or passes_nothing_over:
        return None
    return msgspec.structs.replace(cursor, is_asked_again=True)


def end_window(cursor: Cursor, now: datetime, *, overlap_s: float, was_empty: bool = False) -> tuple[Cursor, bool]:
    """Return the position after a window was read to its end, and whether it reached the source's present.

    Where the source named nothing more on the way to the present, the position ends with what it did name: a broken
    source answers so as well as a quiet one, and asking again from there costs neither of them anything.

    The position goes forward, or stays when the clocks differ by less than the overlap. It goes back only when
    the source's clock itself did: then records are stamped there, and reading them again changes nothing.
    """
    seen_at = min(cursor.seen_at or now, now)
    is_present = cursor.to_at is None or cursor.to_at >= seen_at
    if was_empty and cursor.to_at is None:
        reached_at = max(cursor.point_at, cursor.keyset_at or cursor.point_at)
        return Cursor(point_at=min(reached_at, seen_at)), True
    point_at = seen_at if cursor.to_at is None else min(cursor.to_at, seen_at)
    if cursor.point_at - timedelta(seconds=overlap_s) <= point_at < cursor.point_at:
        point_at = cursor.point_at
    return Cursor(point_at=point_at), is_present
