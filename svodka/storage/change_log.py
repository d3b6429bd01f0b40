"""The change log: what browsers are told, numbered without a hole in the order of commits.

A number is taken from a counter row inside the writing transaction. The row stays locked until the commit, so
numbers become visible in their order; PostgreSQL's own sequences do not give that. Take them as late as possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from svodka.domain import codec
from svodka.domain.changes import AppealRow, Change, ChangeKind, IncidentRow
from svodka.storage.counters import take_numbers
from svodka.storage.database import Connection
from svodka.storage.tables import change_log, counters

KEPT_CHANGES = 100_000
_PRUNE_EVERY = 1_000


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A change before it has a number; fields as in `svodka.domain.changes.Change`."""

    kind: ChangeKind
    key: str
    op: Literal["put", "del"] | None = None
    appeal: AppealRow | None = None
    incident: IncidentRow | None = None
    left_area: str | None = None


def append_changes(connection: Connection, drafts: Sequence[Draft], now: datetime) -> int:
    """Put changes into the log as the last step of a writing transaction.

    Args:
        connection: Inside `Database.write()`, after everything else has been written.
        drafts: The changes in their order; none is allowed and takes no number.
        now: Instant of the commit, aware.

    Returns:
        The number of the newest change of the log.
    """
    if not drafts:
        return load_head(connection)
    head = take_numbers(connection, "seq", len(drafts))
    first = head - len(drafts) + 1
    rows = [
        {"seq": seq, "at": now, "kind": draft.kind.value, "key": draft.key, "payload": codec.encode_text(draft)}
        for seq, draft in enumerate(drafts, start=first)
    ]
    connection.execute(sa.insert(change_log), rows)
    if head // _PRUNE_EVERY != (first - 1) // _PRUNE_EVERY:
        connection.execute(sa.delete(change_log).where(change_log.c.seq <= head - KEPT_CHANGES))
    return head


def load_head(connection: Connection) -> int:
    """Return the number of the newest change, 0 when there has never been one."""
    value = connection.scalar(sa.select(counters.c.value).where(counters.c.name == "seq"))
    return int(value or 0)


def load_changes(connection: Connection, after: int, upto: int) -> list[Change]:
    """Return the changes of (`after`, `upto`] in their order.

    The log keeps the newest 100,000 changes. Fewer than `upto - after` changes in the answer mean that the
    beginning of the range is gone (or that `upto` does not exist yet): only a snapshot helps then.
    """
    query = (
        sa.select(change_log.c.seq, change_log.c.at, change_log.c.payload)
        .where(change_log.c.seq > after, change_log.c.seq <= upto)
        .order_by(change_log.c.seq)
    )
    return [_change(seq, at, payload) for seq, at, payload in connection.execute(query)]


def _change(seq: int, at: datetime, payload: str) -> Change:
    draft = codec.decode_as(payload, Draft)
    return Change(
        seq=seq,
        at=at,
        kind=draft.kind,
        key=draft.key,
        op=draft.op,
        appeal=draft.appeal,
        incident=draft.incident,
        left_area=draft.left_area,
    )
