"""The journal: who changed what and when, written in the transaction that changes it. Never pruned.

Details are ours, never words of a source or of a citizen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import journal


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an operator did.

    Attributes:
        at: When, in the product's time.
        link_id: The access link he came by.
        who: What that link is called.
        action: What was done: a value of `svodka.security.authorise.Action`, or a word of the page's own.
        subject: To what: an id of ours.
        detail: What else, at most 500 characters.
    """

    at: datetime
    link_id: str
    who: str
    action: str
    subject: str
    detail: str = ""


def save_entry(connection: Connection, entry: JournalEntry) -> None:
    """Add an entry; `connection` is the transaction that does what it tells."""
    connection.execute(journal.insert().values(**msgspec.structs.asdict(entry)))


def load_entries(connection: Connection, actions: Sequence[str], subject: str, limit: int) -> list[JournalEntry]:
    """Return the newest entries about something, the newest first.

    Args:
        connection: Any transaction.
        actions: Only these.
        subject: Only about this; "" means about anything.
        limit: At most so many.
    """
    query = (
        sa.select(*(journal.c[name] for name in JournalEntry.__struct_fields__))
        .where(journal.c.action.in_(actions))
        .order_by(journal.c.id.desc())
        .limit(limit)
    )
    if subject:
        query = query.where(journal.c.subject == subject)
    return [JournalEntry(**row) for row in connection.execute(query).mappings()]
