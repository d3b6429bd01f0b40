"""Which appeals tell of one problem, and by what the next one is recognised: reading and writing, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from svodka.domain import codec
from svodka.storage.database import Connection
from svodka.storage.facts import StoredAppeal
from svodka.storage.tables import appeal_versions, appeals, counters, meta, problem_appeals, problem_clues
from svodka.storage.upsert import chunks, upsert


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `problem_appeals`.

    Attributes:
        appeal_id: The appeal.
        problem_id: Public number of its problem; None: a person took it out of one.
        reason: Why it belongs there (`svodka.domain.reasons.JoinReason`).
        like_id: The appeal that it was recognised by, None where a person decided or it was the first.
        joined_at: When that was decided.
    """

    appeal_id: int
    problem_id: int | None
    reason: str
    like_id: int | None
    joined_at: datetime


class Teller(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal that is found by a clue, with what decides whether another one is about the same.

    `clue` and `area` are how it was looked up; nothing rests on them afterwards.
    """

    clue: int
    area: str
    house: int | None
    appeal_id: int
    received_at: datetime
    is_open: bool
    lat: float | None
    lon: float | None
    problem_id: int | None


def lock_problems(connection: Connection) -> None:
    """Keep every other writer from putting appeals into problems until the transaction ends.

    Storing new appeals takes their ids from the same row, so pages are grouped one after the other already, and each
    sees what the one before it has stored.
    """
    mine = counters.c.name == "appeal_id"
    connection.execute(sa.update(counters).where(mine).values(value=counters.c.value))


def load_tellers(connection: Connection, clues: Collection[int]) -> list[Teller]:
    """Return the appeals that are found by some clues: one statement for any number of them."""
    if not clues:
        return []
    query = sa.select(*_TELLER, problem_clues.c.clue, problem_clues.c.area, problem_clues.c.house).select_from(
        problem_clues.join(appeals, appeals.c.id == problem_clues.c.appeal_id).outerjoin(
            problem_appeals, problem_appeals.c.appeal_id == problem_clues.c.appeal_id
        )
    )
    query = query.where(_among(connection, problem_clues.c.clue))
    return [Teller(**row) for row in connection.execute(query, {"some": list(clues)}).mappings()]


def load_named_tellers(connection: Connection, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], Teller]:
    """Return the appeals that others name by their source and id there, those that are known."""
    query = sa.select(appeals.c.source_id, appeals.c.foreign_id, *_TELLER).select_from(
        appeals.outerjoin(problem_appeals, problem_appeals.c.appeal_id == appeals.c.id)
    )
    found = {}
    for some in chunks(sorted(names)):
        among = sa.tuple_(appeals.c.source_id, appeals.c.foreign_id).in_(some)
        for row in connection.execute(query.where(among)).mappings():
            known = {name: row[name] for name in _TELLER_NAMES}
            found[row["source_id"], row["foreign_id"]] = Teller(clue=0, area="", house=None, **known)
    return found


def load_open_problems(connection: Connection, problem_ids: Collection[int]) -> set[int]:
    """Return which of some problems have an appeal that is open."""
    if not problem_ids:
        return set()
    query = (
        sa.select(problem_appeals.c.problem_id)
        .join(appeals, appeals.c.id == problem_appeals.c.appeal_id)
        .where(_among(connection, problem_appeals.c.problem_id), appeals.c.is_open)
        .distinct()
    )
    return set(connection.scalars(query, {"some": list(problem_ids)}))


def save_memberships(connection: Connection, memberships: Iterable[Membership]) -> None:
    """Write to which problems appeals belong; one row an appeal."""
    rows = sorted(memberships, key=attrgetter("appeal_id"))
    upsert(connection, problem_appeals, rows, replace=("problem_id", "reason", "like_id", "joined_at"))


def save_clues(connection: Connection, clues: Mapping[tuple[int, str], tuple[int, int | None]]) -> None:
    """Write by what appeals are found: for a clue and an area ("": of none) the appeal, and its house as a number."""
    rows = [
        {"clue": clue, "area": area, "appeal_id": appeal_id, "house": house}
        for (clue, area), (appeal_id, house) in sorted(clues.items())
    ]
    upsert(connection, problem_clues, rows, replace=("appeal_id", "house"))


def load_earlier(
    connection: Connection, after_id: int, since: datetime, limit: int
) -> list[tuple[StoredAppeal, str | None]]:
    """Return appeals that are in no problem, by our id, each with its address in words.

    Args:
        connection: Any transaction.
        after_id: Behind this one.
        since: Those that are open, or received not before.
        limit: At most so many.
    """
    query = (
        sa.select(appeals, appeal_versions.c.facts)
        .outerjoin(
            appeal_versions,
            (appeal_versions.c.appeal_id == appeals.c.id) & (appeal_versions.c.version == appeals.c.version),
        )
        .outerjoin(problem_appeals, problem_appeals.c.appeal_id == appeals.c.id)
        .where(appeals.c.id > after_id, problem_appeals.c.appeal_id.is_(None))
        .where(appeals.c.is_open | (appeals.c.received_at >= since))
        .order_by(appeals.c.id)
        .limit(limit)
    )
    found = []
    for row in connection.execute(query).mappings():
        values = dict(row)
        address = read_address(values.pop("facts"))
        found.append((StoredAppeal(**values), address))
    return found


def read_address(facts: str | None) -> str | None:
    """Return the address in words that a version keeps (`appeal_versions.facts`)."""
    return None if facts is None else codec.decode_as(facts, _Kept).record.address


def is_looked_through(connection: Connection) -> bool:
    """Return whether appeals from before there were problems have been looked through."""
    return connection.scalar(sa.select(meta.c.value).where(meta.c.key == _LOOKED_THROUGH_KEY)) is not None


def note_looked_through(connection: Connection, now: datetime) -> None:
    """Note that they have been."""
    upsert(connection, meta, [{"key": _LOOKED_THROUGH_KEY, "value": now.isoformat()}], replace=("value",))


class _KeptRecord(msgspec.Struct):
    address: str | None = None


class _Kept(msgspec.Struct):
    """What is read of a version's facts; the rest is passed over."""

    record: _KeptRecord


_LOOKED_THROUGH_KEY = "problems"
_TELLER = (
    appeals.c.id.label("appeal_id"),
    appeals.c.received_at,
    appeals.c.is_open,
    appeals.c.lat,
    appeals.c.lon,
    problem_appeals.c.problem_id,
)
_TELLER_NAMES = tuple(column.name for column in _TELLER)


def _among(connection: Connection, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return `column` is one of the list bound as `some`: one parameter, however long the list is."""
    if connection.dialect.name == "sqlite":
        return column.in_(
            sa.select(sa.func.json_each(sa.bindparam("some", type_=sa.JSON)).table_valued("value").c.value)
        )
    return column == sa.any_(sa.bindparam("some", type_=postgresql.ARRAY(sa.BigInteger)))
