"""What is unusual about a source: each thing once, counted up, until an operator has taken note of it.

Subjects are words from outside (a status, a column's name): cut, and so many of a source at most. Who shows them masks
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.domain.reasons import NoticeKind
from svodka.storage.database import Connection
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.tables import notices
from svodka.storage.upsert import upsert

SUBJECT_MAX_CHARS = 80
KEPT_PER_SOURCE = 200
_DETAIL_MAX_CHARS = 200


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
    """Note unusual things of one source; what is known counts up, and what was taken note of stays so."""
    unique: dict[tuple[str, str], Notice] = {}
    for notice in found:
        subject = storable_subject(notice.subject)
        known = unique.get((notice.kind.value, subject))
        n = notice.n + (known.n if known else 0)
        unique[notice.kind.value, subject] = msgspec.structs.replace(notice, subject=subject, n=n)
    if not unique:
        return
    source_id = found[0].source_id
    present = {(row.kind, row.subject) for row in connection.execute(_keys_of(source_id))}
    room = KEPT_PER_SOURCE - len(present)
    rows = []
    for key in sorted(unique):
        if key not in present:
            room -= 1
        if key in present or room >= 0:
            notice = unique[key]
            row = msgspec.structs.asdict(notice)
            rows.append({**row, "kind": notice.kind.value, "detail": notice.detail[:_DETAIL_MAX_CHARS]})
    upsert(connection, notices, rows, replace=("last_seen_at", "detail"), add=("n",))


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
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return plain.encode("utf-8", "replace").decode()[:SUBJECT_MAX_CHARS]


def _keys_of(source_id: str) -> sa.Select[tuple[str, str]]:
    return sa.select(notices.c.kind, notices.c.subject).where(notices.c.source_id == source_id)
