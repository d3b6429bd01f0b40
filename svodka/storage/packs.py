"""Packs that were asked for: a queue that any web process serves, with how far each one is.

One that is being made shows life; when its process ends, its life ends and another takes it up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import packs
from svodka.storage.upsert import insert_if_absent

DEAD_AFTER = timedelta(seconds=60)


class PackState(StrEnum):
    """How far a pack is; a person reads `briefing.pack.<value>` of the locales."""

    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"  # its time of keeping is over; what it was remains told


class StoredPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack.

    Attributes:
        moment_id: Which moment it is made of.
        formats: Endings with commas between.
        done, steps: How many steps of how many are done.
        what: What is being made; of a finished one the formats that it lacks, with commas.
        error: Why it failed, or lacks a format: a word of `svodka.reports.packing.PackRefusal`.
        file: Its name in the folder of packs.
        schedule, due_at: Of a scheduled export, what it was due for.
        alive_at: When whoever makes it last showed life, in real time.
    """

    id: int
    moment_id: str
    formats: str
    state: str
    done: int
    steps: int
    what: str
    error: str
    file: str
    bytes: int
    sha256: str
    schedule: str | None
    due_at: datetime | None
    asked_at: datetime
    asked_by: str
    alive_at: datetime | None
    ended_at: datetime | None


_NEW: dict[str, Any] = {
    "state": PackState.WAITING.value,
    "done": 0,
    "steps": 0,
    "what": "",
    "error": "",
    "file": "",
    "bytes": 0,
    "sha256": "",
    "alive_at": None,
    "ended_at": None,
}


def ask_pack(
    connection: Connection,
    moment_id: str,
    formats: str,
    *,
    at: datetime,
    by: str,
    schedule: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Put a pack into the queue; return False where this one of the schedule is there already."""
    row = {"moment_id": moment_id, "formats": formats, "asked_at": at, "asked_by": by}
    return insert_if_absent(connection, packs, _NEW | row | {"schedule": schedule, "due_at": due_at})


def is_due_asked(connection: Connection, schedule: str, due_at: datetime) -> bool:
    """Whether this one of the schedule has been asked for."""
    query = sa.select(packs.c.id).where(packs.c.schedule == schedule, packs.c.due_at == due_at)
    return connection.execute(query).first() is not None


def is_any_free(connection: Connection, now: datetime) -> bool:
    """Whether there is a pack to be taken; `now` as in `take_pack`."""
    return connection.execute(sa.select(packs.c.id).where(_free(now)).limit(1)).first() is not None


def _free(now: datetime) -> sa.ColumnElement[bool]:
    is_left = sa.and_(packs.c.state == PackState.MAKING.value, packs.c.alive_at < now - DEAD_AFTER)
    return sa.or_(packs.c.state == PackState.WAITING.value, is_left)


def take_pack(connection: Connection, now: datetime) -> StoredPack | None:
    """Take the oldest pack that waits, or whose maker has died.

    Args:
        connection: A writing transaction.
        now: Real time: makers live in it, whatever the product's clock shows.

    Returns:
        The pack; None where there is none, and for the loser of two processes that reach for one.
    """
    columns, is_free = packs.c, _free(now)
    found = connection.execute(sa.select(columns.id).where(is_free).order_by(columns.id).limit(1)).scalar()
    if found is None:
        return None
    values = {"state": PackState.MAKING.value, "alive_at": now, "done": 0, "steps": 0, "what": ""}
    done = connection.execute(packs.update().where(columns.id == found, is_free).values(**values))
    return load_pack(connection, found) if done.rowcount == 1 else None


def note_progress(connection: Connection, pack_id: int, now: datetime, *, done: int, steps: int, what: str) -> bool:
    """Note how far a pack is; return False where it is not wanted any more."""
    columns = packs.c
    values = {"alive_at": now, "done": done, "steps": steps, "what": what}
    is_made = (columns.id == pack_id) & (columns.state == PackState.MAKING.value)
    return connection.execute(packs.update().where(is_made).values(**values)).rowcount == 1


def end_pack(connection: Connection, pack_id: int, state: PackState, now: datetime, **values: object) -> bool:
    """Note how the making of a pack ended; return False where it is not wanted any more."""
    columns = packs.c
    told = {"state": state.value, "ended_at": now, **values}
    is_made = (columns.id == pack_id) & (columns.state == PackState.MAKING.value)
    return connection.execute(packs.update().where(is_made).values(**told)).rowcount == 1


def cancel_pack(connection: Connection, pack_id: int, now: datetime) -> bool:
    """Have a pack not made; return False where it has ended already."""
    columns = packs.c
    is_open = columns.state.in_((PackState.WAITING.value, PackState.MAKING.value))
    values = {"state": PackState.CANCELLED.value, "ended_at": now}
    return connection.execute(packs.update().where(columns.id == pack_id, is_open).values(**values)).rowcount == 1


def load_pack(connection: Connection, pack_id: int) -> StoredPack | None:
    """Return a pack, None where there is none."""
    row = connection.execute(sa.select(packs).where(packs.c.id == pack_id)).mappings().one_or_none()
    return None if row is None else StoredPack(**row)


def load_packs(connection: Connection, moment_id: str, limit: int) -> list[StoredPack]:
    """Return the newest packs of a moment, the newest first."""
    query = sa.select(packs).where(packs.c.moment_id == moment_id).order_by(packs.c.id.desc()).limit(limit)
    return [StoredPack(**row) for row in connection.execute(query).mappings()]


def load_scheduled(connection: Connection, schedule: str, limit: int) -> list[StoredPack]:
    """Return the newest packs of a schedule, the newest first."""
    query = sa.select(packs).where(packs.c.schedule == schedule).order_by(packs.c.due_at.desc()).limit(limit)
    return [StoredPack(**row) for row in connection.execute(query).mappings()]


def load_old(connection: Connection, schedule: str, keep: int) -> list[StoredPack]:
    """Return the finished packs of a schedule beyond the newest `keep`."""
    columns = packs.c
    query = (
        sa.select(packs)
        .where(columns.schedule == schedule, columns.state == PackState.DONE.value)
        .order_by(columns.due_at.desc())
        .offset(keep)
    )
    return [StoredPack(**row) for row in connection.execute(query).mappings()]


def note_removed(connection: Connection, pack_id: int) -> None:
    """Note that the file of a finished pack is no longer kept."""
    connection.execute(packs.update().where(packs.c.id == pack_id).values(state=PackState.REMOVED.value, file=""))
