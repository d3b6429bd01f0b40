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
from svodka.storage.upsert import insert_many

KEPT_CHANGES = 500_000
PRUNE_STEP = 2_000
# Built once, as in `svodka.storage.queries.counts`: a round of the gateway asks these.
_HEAD = sa.select(counters.c.value).where(counters.c.name == "seq")
_CHANGED_AT = sa.select(change_log.c.at).where(change_log.c.seq == sa.bindparam("seq"))
_CHANGES = (
    sa.select(change_log.c.seq, change_log.c.at, change_log.c.payload)
    .where(change_log.c.seq > sa.bindparam("after"), change_log.c.seq <= sa.bindparam("upto"))
    .order_by(change_log.c.seq)
)


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A change before it has a number; fields as in `svodka.domain.changes.Change`."""

    kind: ChangeKind
    key: str
    op: Literal["put", "del"] | None = None
    appeal: AppealRow | None = None
    incident: IncidentRow | None = None
    left_area: str | None = None
    left_sector: str | None = None
    unanswered_until: datetime | None = None


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
    insert_many(connection, change_log, rows)
    return head


def prune_changes(connection: Connection, before: datetime) -> int:
    """Remove the oldest lines of the log, a few at a time, inside a writing transaction of its own.

    Lines go from the beginning only, so that what remains has no hole. Facts are not touched.

    Args:
        connection: Inside `Database.write()`.
        before: Lines older than this may go, and those beyond the newest `KEPT_CHANGES`.

    Returns:
        How many were removed; `PRUNE_STEP` of them mean that there may be more.
    """
    columns = change_log.c
    oldest = connection.scalar(sa.select(sa.func.min(columns.seq)))
    if oldest is None:
        return 0
    reach = oldest + PRUNE_STEP - 1
    aged = connection.scalar(sa.select(sa.func.max(columns.seq)).where(columns.seq <= reach, columns.at < before))
    last = min(reach, max(aged or 0, load_head(connection) - KEPT_CHANGES))
    return connection.execute(sa.delete(change_log).where(columns.seq <= last)).rowcount if last >= oldest else 0


def load_head(connection: Connection) -> int:
    """Return the number of the newest change, 0 when there has never been one."""
    return int(connection.scalar(_HEAD) or 0)


def load_changed_at(connection: Connection, seq: int) -> datetime | None:
    """Return when a change was written, None where the log does not have it."""
    found: datetime | None = connection.scalar(_CHANGED_AT, {"seq": seq})
    return found


def load_changes(connection: Connection, after: int, upto: int) -> list[Change]:
    """Return the changes of (`after`, `upto`] in their order.

    The log is pruned from its beginning. Fewer than `upto - after` changes in the answer mean that the
    beginning of the range is gone (or that `upto` does not exist yet): only a snapshot helps then.
    """
    rows = connection.execute(_CHANGES, {"after": after, "upto": upto}).all()
    return [_change(seq, at, payload) for seq, at, payload in rows]


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
        left_sector=draft.left_sector,
        unanswered_until=draft.unanswered_until,
    )
