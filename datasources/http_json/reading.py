"""Where the reading of a feed stands: its window, its page, and when it has ended. Pure.

A *reading* goes through all pages of one question. Its window begins on the source's own clock where it tells one,
less an overlap (docs/adr/0021). A reading that named nothing leaves the position where it was: a broken source answers
so as well as a quiet one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.links import MAX_LINK_CHARS, follow_link
from datasources.http_json.params import Paging, Params, Window
from svodka.domain import codec
from svodka.domain.errors import SourceContractBrokenError

# A source may forget the place of a reading meanwhile; then it begins anew, but not again and again.
_FORGOTTEN = frozenset({400, 404, 410, 422})
_NOT_FOUND = 404
_ANEW_AFTER = timedelta(minutes=10)


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A position.

    Attributes:
        read_at: When the last page was read.
        point_at: What changed up to here has been read, None without a window.
        whole_at: When the whole backfill was last begun.
        since_at: Beginning of the window in work, None before the first page of a reading.
        seen_at: The source's time at the first page of the reading in work.
        pages_n, named_n: Pages read and records named in the reading in work.
        next: Number, offset, word or address of the page to ask for, "" for the first.
        page_hash: Records of the page before, to notice a source that gives the same page again.
        anew_at: When the reading was last begun anew, because the source had forgotten its place.
        v: Version of this form.
    """

    read_at: datetime
    point_at: datetime | None = None
    whole_at: datetime | None = None
    since_at: datetime | None = None
    seen_at: datetime | None = None
    pages_n: int = 0
    named_n: int = 0
    next: str = ""
    page_hash: str = ""
    anew_at: datetime | None = None
    v: int = 1


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one page says about the next.

    Attributes:
        url: Address that was asked.
        items: Its records as decoded.
        next: The word or address for the next page, "" for none.
        more: False where the page says that nothing follows.
        time_at: The source's time, ours where it tells none.
    """

    url: str
    items: Sequence[object]
    next: str
    more: bool
    time_at: datetime


def begin_reading(text: str | None, params: Params, *, now: datetime, backfill_h: float) -> Cursor:
    """Return the position to ask from: in the middle of a reading, or at the beginning of the next.

    Raises:
        SourceContractBrokenError: The stored position is none of ours.
    """
    if params.window is None and params.paging.kind == "none":
        return Cursor(read_at=now)  # nothing to go on from, whatever is stored
    position = read_cursor(text, Cursor) if text else Cursor(read_at=now)
    if params.window is None or position.since_at is not None:
        return position
    backfill_at = now - timedelta(hours=backfill_h)
    whole_every = timedelta(hours=params.window.whole_every_h)
    is_whole_due = bool(whole_every) and (position.whole_at is None or now - position.whole_at >= whole_every)
    if position.point_at is None or is_whole_due:
        point_at = position.point_at or backfill_at
        return msgspec.structs.replace(position, point_at=point_at, since_at=min(backfill_at, point_at), whole_at=now)
    since_at = position.point_at - timedelta(seconds=params.window.overlap_s)
    return msgspec.structs.replace(position, since_at=since_at)


def query_of(position: Cursor, params: Params, *, now: datetime, zone: ZoneInfo | None) -> dict[str, str]:
    """Return the parameters of the next question; none where the source itself gave the whole address."""
    paging, window = params.paging, params.window
    if paging.kind == "link" and position.next:
        return {}
    query = dict(params.query)
    if window is not None and position.since_at is not None:
        query[window.since] = _written(position.since_at, window, zone)
        if window.until:
            query[window.until] = _written(position.seen_at or now, window, zone)
    if paging.kind != "none" and paging.size_param:
        query[paging.size_param] = str(paging.size)
    if place := position.next or _first(paging):
        query[paging.param or paging.kind] = place
    return query


def end_page(position: Cursor, page: Page, params: Params, *, now: datetime) -> tuple[Cursor, bool]:
    """Return the position after a page, and whether it was the last of its reading.

    Raises:
        SourceContractBrokenError: More pages than allowed, or a next page on another server.
    """
    paging = params.paging
    page_hash = "" if paging.kind == "none" else hashlib.blake2b(codec.encode(page.items), digest_size=8).hexdigest()
    read = msgspec.structs.replace(
        position,
        read_at=page.time_at,
        seen_at=min(position.seen_at or page.time_at, now),
        pages_n=position.pages_n + 1,
        named_n=position.named_n + len(page.items),
    )
    repeats = bool(page.items) and page_hash == position.page_hash
    following = "" if repeats or not page.more else _following(position, page, paging)
    if not following or following == position.next:
        return end_reading(read, params.window), True
    if read.pages_n >= paging.max_pages:
        message = f"the feed has more than {paging.max_pages} pages: see paging.max_pages"
        raise SourceContractBrokenError(message)
    return msgspec.structs.replace(read, next=following, page_hash=page_hash), False


def end_reading(position: Cursor, window: Window | None) -> Cursor:
    """Return the position after the last page of a reading."""
    kept = Cursor(read_at=position.read_at, whole_at=position.whole_at)
    if window is None or position.point_at is None or position.seen_at is None:
        return kept
    point_at = position.seen_at if position.named_n else min(position.point_at, position.seen_at)
    # Back only where the source's clock itself was set back: then records are stamped there.
    if position.point_at - timedelta(seconds=window.overlap_s) <= point_at < position.point_at:
        point_at = position.point_at
    return msgspec.structs.replace(kept, point_at=point_at)


def is_end_by(status: int | None, position: Cursor, paging: Paging) -> bool:
    """Return whether a refusal is this source's way to say that there is no such page."""
    is_counted = paging.kind in {"page", "offset"} and paging.last_page == "not_found"
    return bool(position.next) and is_counted and status == _NOT_FOUND


def begin_anew(status: int | None, position: Cursor, now: datetime) -> Cursor | None:
    """Return the beginning of the reading in work where a refusal means that its place is forgotten; else None."""
    was_just_anew = position.anew_at is not None and now - position.anew_at < _ANEW_AFTER
    if not position.next or status not in _FORGOTTEN or was_just_anew:
        return None
    return msgspec.structs.replace(position, next="", page_hash="", pages_n=0, anew_at=now)


def _first(paging: Paging) -> str:
    return {"page": str(paging.first), "offset": "0"}.get(paging.kind, "")


def _following(position: Cursor, page: Page, paging: Paging) -> str:
    if paging.kind == "link" and page.next:
        return follow_link(page.url, page.next)
    if paging.kind == "cursor" and len(page.next) > MAX_LINK_CHARS:
        message = f"the word for the next page has more than {MAX_LINK_CHARS} characters"
        raise SourceContractBrokenError(message)
    if paging.kind in {"none", "cursor", "link"}:
        return page.next
    if not page.items or (paging.last_page == "short" and len(page.items) < paging.size):
        return ""
    step = 1 if paging.kind == "page" else len(page.items)
    return str(int(position.next or _first(paging)) + step)


def _written(at: datetime, window: Window, zone: ZoneInfo | None) -> str:
    """Return an instant as the source wants it, cut to what its form can say: earlier, never later."""
    if window.form == "iso":
        return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if window.form == "epoch_s":
        return str(int(at.timestamp()))
    if window.form == "epoch_ms":
        return str(int(at.timestamp() * 1000))
    return at.astimezone(zone or UTC).strftime(window.form)
