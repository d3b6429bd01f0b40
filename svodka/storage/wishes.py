"""What operators wish of a source: written by web processes, taken once by the poller that holds its lease.

A wish is taken by compare-and-set in the transaction that carries it out, so that a crash loses none and does none
twice. Losing the race is normal: another poller was quicker.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.source_states import note_state
from svodka.storage.sources import lock_source, save_source
from svodka.storage.tables import quarantine, wishes


class WishKind(StrEnum):
    """What can be wished. Pausing is a state of the source and no wish."""

    POLL = "poll"  # now
    REFETCH = "refetch"  # anew from an instant
    REPROCESS = "reprocess"  # anew from before the oldest record in quarantine


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A wish and what became of it.

    Attributes:
        from_at: From when to read anew; None for POLL, and for REPROCESS until it is taken.
        wished_at, wished_by: When, and the name of the operator's link.
        taken_at: When a poller began.
        done_at: When the source was read to its end; for POLL when it was taken.
        is_whole: The source cannot be asked from an instant: all that it has is read.
        read_n, stored_n: Records read and news stored meanwhile.
        waiting_n: Different records that were in quarantine when it was taken.
        again_n: Of those, unreadable once more.
        unseen_n: Of those, neither stored nor told again: the source no longer shows them.
    """

    id: int
    source_id: str
    kind: WishKind
    wished_at: datetime
    wished_by: str
    from_at: datetime | None = None
    taken_at: datetime | None = None
    done_at: datetime | None = None
    is_whole: bool = False
    read_n: int = 0
    stored_n: int = 0
    waiting_n: int = 0
    again_n: int = 0
    unseen_n: int = 0

    @property
    def released_n(self) -> int:
        """Return how many of the records in quarantine left it."""
        return self.waiting_n - self.again_n - self.unseen_n


_COLUMNS = [wishes.c[name] for name in Wish.__struct_fields__]


def pause_source(connection: Connection, source_id: str, entry: JournalEntry, *, paused: bool) -> bool:
    """Leave a source alone from now on, or no longer; return whether that changed anything."""
    health = lock_source(connection, source_id)
    if (health.paused_at is not None) == paused:
        return False
    since = entry.at if paused else None
    told = msgspec.structs.replace(health, paused_at=since, paused_by=entry.who if paused else "")
    save_source(connection, told)
    note_state(connection, told, entry.at)
    append_changes(connection, [Draft(kind=ChangeKind.SOURCE, key=source_id)], entry.at)
    save_entry(connection, entry)
    return True


def save_wish(
    connection: Connection, source_id: str, kind: WishKind, entry: JournalEntry, from_at: datetime | None = None
) -> bool:
    """Note a wish; return whether it is new: one that nobody has taken yet, of the same kind, stands for both."""
    lock_source(connection, source_id)
    waiting = sa.select(wishes.c.id).where(
        wishes.c.source_id == source_id,
        wishes.c.kind == kind.value,
        wishes.c.taken_at.is_(None),
        wishes.c.from_at.is_not_distinct_from(from_at),
    )
    if connection.execute(waiting).first() is not None:
        return False
    wish = Wish(id=0, source_id=source_id, kind=kind, wished_at=entry.at, wished_by=entry.who, from_at=from_at)
    row = {name: value for name, value in msgspec.structs.asdict(wish).items() if name != "id"}
    connection.execute(wishes.insert().values(**{**row, "kind": kind.value}))
    save_entry(connection, entry)
    return True


def load_waiting(connection: Connection) -> list[Wish]:
    """Return wishes that nobody has taken yet, oldest first."""
    rows = connection.execute(sa.select(*_COLUMNS).where(wishes.c.taken_at.is_(None)).order_by(wishes.c.id))
    return [_wish(row) for row in rows.mappings()]


def load_wishes(connection: Connection, source_id: str, limit: int) -> list[Wish]:
    """Return the newest wishes of a source, the newest first."""
    query = sa.select(*_COLUMNS).where(wishes.c.source_id == source_id).order_by(wishes.c.id.desc()).limit(limit)
    return [_wish(row) for row in connection.execute(query).mappings()]


def take_wish(connection: Connection, wish: Wish, now: datetime) -> bool:
    """Take a wish, unless somebody has; what it asks for is done in the same transaction."""
    statement = sa.update(wishes).where(wishes.c.id == wish.id, wishes.c.taken_at.is_(None)).values(taken_at=now)
    return bool(connection.execute(statement).rowcount)


def begin_anew(
    connection: Connection,
    wish: Wish,
    from_at: datetime,
    *,
    is_whole: bool,
    anew_from: Callable[[str | None], str | None] = lambda _cursor: None,
) -> None:
    """Have a source read again from an instant: its place is forgotten, and an answer under way will be dropped.

    A reading anew that has not come to its end begins once more with this one, from the earlier instant of the two:
    both wishes are done when that has ended.

    Args:
        connection: The transaction that takes the wish.
        wish: A taken REFETCH or REPROCESS.
        from_at: From when.
        is_whole: The source cannot be asked from an instant.
        anew_from: What stays of its position.
    """
    health = lock_source(connection, wish.source_id)
    from_at = from_at if health.begin_at is None else min(from_at, health.begin_at)
    save_source(
        connection,
        # A poll more than a question under way knows of: its answer belongs to the old position (SourceTakenError).
        msgspec.structs.replace(
            health, cursor=anew_from(health.cursor), begin_at=from_at, polls_total=health.polls_total + 1
        ),
    )
    waiting_n = connection.scalar(sa.select(sa.func.count()).where(quarantine.c.source_id == wish.source_id))
    connection.execute(
        sa.update(wishes)
        .where(wishes.c.id == wish.id)
        .values(from_at=from_at, is_whole=is_whole, waiting_n=int(waiting_n or 0))
    )


def note_read(connection: Connection, source_id: str, *, read_n: int, stored_n: int, ends_at: datetime | None) -> None:
    """Count what reading anew has brought; `ends_at`: nothing waits any more."""
    connection.execute(
        sa.update(wishes)
        .where(_is_under_way(source_id))
        .values(read_n=wishes.c.read_n + read_n, stored_n=wishes.c.stored_n + stored_n)
    )
    if ends_at is not None:
        _end(connection, source_id, ends_at)


def end_poll(connection: Connection, wish: Wish, now: datetime) -> None:
    """Note that a POLL is under way: what it brings stands in the source's own counts."""
    connection.execute(sa.update(wishes).where(wishes.c.id == wish.id).values(done_at=now))


def _end(connection: Connection, source_id: str, now: datetime) -> None:
    query = sa.select(*_COLUMNS).where(_is_under_way(source_id))
    for row in connection.execute(query).mappings().all():
        wish = _wish(row)
        told = quarantine.alias()
        # The same record may be unreadable in another way now: then it stands there a second time, by its id.
        in_another_way = (
            sa.select(told.c.source_id)
            .where(
                told.c.source_id == source_id,
                told.c.foreign_id == quarantine.c.foreign_id,
                told.c.last_seen_at > wish.taken_at,
            )
            .exists()
        )
        old = (quarantine.c.source_id == source_id) & (quarantine.c.first_seen_at <= wish.taken_at)
        is_again = sa.or_(quarantine.c.last_seen_at > wish.taken_at, in_another_way)
        again = sa.select(sa.func.count()).where(old, is_again)
        unseen = sa.select(sa.func.count()).where(old, sa.not_(is_again))
        connection.execute(
            sa.update(wishes)
            .where(wishes.c.id == wish.id)
            .values(
                done_at=now,
                again_n=int(connection.scalar(again) or 0),
                unseen_n=int(connection.scalar(unseen) or 0),
            )
        )


def _is_under_way(source_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        wishes.c.source_id == source_id,
        wishes.c.taken_at.is_not(None),
        wishes.c.done_at.is_(None),
        wishes.c.kind != WishKind.POLL.value,
    )


def _wish(row: sa.RowMapping) -> Wish:
    return Wish(**{**row, "kind": WishKind(row["kind"])})
