"""What is unusual about a source: each thing once, counted up, until an operator has taken note of it.

Subjects are words from outside (a status, a column's name): cut, and so many of a kind at most, so that no flood of
words hides a loss. Who shows them masks them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from svodka.domain.reasons import NoticeKind
from svodka.storage.database import Connection
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.tables import notices
from svodka.storage.upsert import upsert

SUBJECT_MAX_CHARS = 80
KEPT_PER_KIND = 200  # of each source
_DETAIL_MAX_CHARS = 200
# What ends and begins again is news, although somebody took note of it the last time.
_COMES_BACK = frozenset({NoticeKind.FIELD_LOST, NoticeKind.CLOCK_AHEAD})
_BACK_AFTER = timedelta(days=7)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One unusual thing.

    Attributes:
        subject: What it is about: a word, a name, a day, a span; "" where the kind says all.
        detail: Our own words or figures beside it.
        n: How often.
        acknowledged_at, acknowledged_by: When an operator took note, and who; None: nobody has.
    """

    source_id: str
    kind: NoticeKind
    subject: str
    detail: str = ""
    n: int = 1
    first_seen_at: datetime
    last_seen_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


_COLUMNS = [notices.c[name] for name in Notice.__struct_fields__]


def save_notices(connection: Connection, found: Sequence[Notice]) -> None:
    """Note unusual things of one source; what is known counts up, and what was taken note of stays so.

    A field that vanishes or a clock that runs ahead again, a week or more after it was seen last, waits for an operator
    anew. Of a kind that has too many, the newest are kept, before them those that nobody has taken note of.
    """
    unique: dict[tuple[str, str], Notice] = {}
    for notice in found:
        subject = storable_subject(notice.subject)
        known = unique.get((notice.kind.value, subject))
        n = notice.n + (known.n if known else 0)
        unique[notice.kind.value, subject] = msgspec.structs.replace(notice, subject=subject, n=n)
    if not unique:
        return
    source_id, rows, rows_n = found[0].source_id, [], Counter[NoticeKind]()
    for key in sorted(unique):
        notice = unique[key]
        rows_n[notice.kind] += 1
        if rows_n[notice.kind] <= KEPT_PER_KIND:
            row = msgspec.structs.asdict(notice)
            detail = _visible(notice.detail)[:_DETAIL_MAX_CHARS]
            rows.append({**row, "kind": notice.kind.value, "detail": detail})
            if notice.kind in _COMES_BACK:
                _raise_again(connection, notice)
    upsert(connection, notices, rows, replace=("last_seen_at", "detail"), add=("n",))
    for kind in rows_n:
        _prune(connection, source_id, kind)


def load_notices(connection: Connection, source_id: str = "") -> list[Notice]:
    """Return notices, those that nobody has taken note of first, then the newest; "" means of all sources."""
    query = sa.select(*_COLUMNS).order_by(
        notices.c.acknowledged_at.is_not(None), notices.c.last_seen_at.desc(), notices.c.kind, notices.c.subject
    )
    if source_id:
        query = query.where(notices.c.source_id == source_id)
    rows = connection.execute(query).mappings()
    return [Notice(**{**row, "kind": NoticeKind(row["kind"])}) for row in rows]


def count_notices(connection: Connection) -> int:
    """Return how many things nobody has taken note of."""
    return int(connection.scalar(sa.select(sa.func.count()).where(notices.c.acknowledged_at.is_(None))) or 0)


def acknowledge_notices(
    connection: Connection, source_id: str, kinds_and_subjects: Sequence[tuple[str, str]], entry: JournalEntry
) -> int:
    """Take note of some notices; return how many nobody had taken note of."""
    taken_n = 0
    for kind, subject in kinds_and_subjects:
        statement = (
            sa.update(notices)
            .where(
                notices.c.source_id == source_id,
                notices.c.kind == kind,
                notices.c.subject == subject,
                notices.c.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=entry.at, acknowledged_by=entry.who)
        )
        taken_n += connection.execute(statement).rowcount
    if taken_n:
        save_entry(connection, entry)
    return taken_n


def storable_subject(text: str) -> str:
    """Return a subject as it is stored: plain, cut, what both databases take."""
    return _visible(text)[:SUBJECT_MAX_CHARS]


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _raise_again(connection: Connection, notice: Notice) -> None:
    """Let what comes back wait for an operator once more; `notice.subject` is as it is stored."""
    connection.execute(
        sa.update(notices)
        .where(
            notices.c.source_id == notice.source_id,
            notices.c.kind == notice.kind.value,
            notices.c.subject == notice.subject,
            notices.c.acknowledged_at.is_not(None),
            notices.c.last_seen_at <= notice.last_seen_at - _BACK_AFTER,
        )
        .values(acknowledged_at=None, acknowledged_by="")
    )


def _prune(connection: Connection, source_id: str, kind: NoticeKind) -> None:
    mine = (notices.c.source_id == source_id) & (notices.c.kind == kind.value)
    kept_first = (notices.c.acknowledged_at.is_not(None), notices.c.last_seen_at.desc(), notices.c.subject)
    surplus = sa.select(notices.c.subject).where(mine).order_by(*kept_first).offset(KEPT_PER_KIND)
    connection.execute(sa.delete(notices).where(mine, notices.c.subject.in_(surplus)))
