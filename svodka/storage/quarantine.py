"""Records that could not be used: kept with their reason, once each; a re-read only counts up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec
import sqlalchemy as sa

from svodka.domain.plain import storable
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Rejected
from svodka.storage.database import Connection
from svodka.storage.tables import quarantine
from svodka.storage.upsert import among, chunks, upsert

RAW_MAX_CHARS = 4000
KEPT_PER_SOURCE = 10_000
_DETAIL_MAX_CHARS = 256
_FOREIGN_ID_MAX_CHARS = 256


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A record that could not be used.

    Attributes:
        source_id: Who told it.
        reason: Why it could not be used.
        foreign_id: Its id there, None where it has none.
        detail: Which field.
        raw: What it said, cut; may hold personal data.
        first_seen_at, last_seen_at: When it was read first and last.
        seen_n: How often.
    """

    source_id: str
    reason: str
    foreign_id: str | None
    detail: str
    raw: str
    first_seen_at: datetime
    last_seen_at: datetime
    seen_n: int


def save_quarantine(connection: Connection, source_id: str, rejected: Sequence[Rejected], now: datetime) -> int:
    """Put records into quarantine.

    Args:
        connection: A writing transaction.
        source_id: Their source.
        rejected: The records; the same record may come twice.
        now: Instant of the commit, aware.

    Returns:
        How many of them were not there yet.
    """
    rows: dict[str, dict[str, object]] = {}
    seen: Counter[str] = Counter()
    for record in rejected:
        raw_hash = compute_raw_hash(record)
        seen[raw_hash] += 1
        rows[raw_hash] = {
            "source_id": source_id,
            "raw_hash": raw_hash,
            "reason": record.reason.value,
            "foreign_id": record.foreign_id and storable(record.foreign_id)[:_FOREIGN_ID_MAX_CHARS],
            "detail": storable(record.detail)[:_DETAIL_MAX_CHARS],
            "raw": storable(record.raw)[:RAW_MAX_CHARS],
            "first_seen_at": now,
            "last_seen_at": now,
        }
    known = sum(_count_known(connection, source_id, some) for some in chunks(sorted(rows)))
    upsert(
        connection,
        quarantine,
        [{**rows[raw_hash], "seen_n": seen[raw_hash]} for raw_hash in sorted(rows)],
        replace=("last_seen_at",),
        add=("seen_n",),
    )
    if len(rows) > known:
        _prune(connection, source_id)
    return len(rows) - known


def count_quarantine(connection: Connection, source_id: str) -> int:
    """Return how many records of a source are in quarantine."""
    query = sa.select(sa.func.count()).select_from(quarantine).where(quarantine.c.source_id == source_id)
    return int(connection.scalar(query) or 0)


def release_from_quarantine(connection: Connection, source_id: str, foreign_ids: Sequence[str]) -> None:
    """Let go of records that have been overtaken: what they told of is stored by now."""
    mine = quarantine.c.source_id == source_id
    if not foreign_ids or connection.execute(sa.select(sa.literal(1)).where(mine).limit(1)).first() is None:
        return
    for some in chunks(foreign_ids):
        connection.execute(sa.delete(quarantine).where(mine, quarantine.c.foreign_id.in_(some)))


def load_oldest(connection: Connection, source_id: str) -> datetime | None:
    """Return when the oldest record of a source in quarantine was first seen, None where there is none."""
    query = sa.select(quarantine.c.first_seen_at).where(quarantine.c.source_id == source_id)
    found: datetime | None = connection.scalar(query.order_by(quarantine.c.first_seen_at).limit(1))
    return found


def load_quarantine_counts(connection: Connection, source_id: str) -> dict[RejectReason, int]:
    """Return how many different records of a source are in quarantine, by reason."""
    query = (
        sa.select(quarantine.c.reason, sa.func.count())
        .where(quarantine.c.source_id == source_id)
        .group_by(quarantine.c.reason)
        .order_by(quarantine.c.reason)
    )
    return {RejectReason(reason): int(n) for reason, n in connection.execute(query)}


def load_quarantine(connection: Connection, source_id: str, limit: int) -> list[Quarantined]:
    """Return records in quarantine, the one seen last first.

    Args:
        connection: Any transaction.
        source_id: Of this source; "" means of all.
        limit: At most so many.
    """
    query = (
        sa.select(*(quarantine.c[name] for name in Quarantined.__struct_fields__))
        .order_by(quarantine.c.last_seen_at.desc(), quarantine.c.source_id, quarantine.c.raw_hash)
        .limit(limit)
    )
    if source_id:
        query = query.where(quarantine.c.source_id == source_id)
    return [Quarantined(**row) for row in connection.execute(query).mappings()]


def load_examples(connection: Connection, source_id: str, per_reason_n: int) -> dict[RejectReason, list[Quarantined]]:
    """Return the newest records in quarantine of a source by reason, so many of each; their raw is not masked."""
    place = sa.func.row_number().over(
        partition_by=quarantine.c.reason, order_by=(quarantine.c.last_seen_at.desc(), quarantine.c.raw_hash)
    )
    columns = [quarantine.c[name] for name in Quarantined.__struct_fields__]
    placed = sa.select(*columns, place.label("place")).where(quarantine.c.source_id == source_id).subquery()
    query = sa.select(*(placed.c[name] for name in Quarantined.__struct_fields__)).where(placed.c.place <= per_reason_n)
    found: dict[RejectReason, list[Quarantined]] = {}
    for row in connection.execute(query.order_by(placed.c.reason, placed.c.place)).mappings():
        found.setdefault(RejectReason(row["reason"]), []).append(Quarantined(**row))
    return found


def compute_raw_hash(record: Rejected) -> str:
    """Return what tells one quarantined record from another: its reason, id, field and content."""
    digest = blake2b(digest_size=16)
    for part in (record.reason.value, record.foreign_id or "", record.detail, record.raw):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def _count_known(connection: Connection, source_id: str, hashes: Sequence[str]) -> int:
    query = sa.select(sa.func.count()).where(
        quarantine.c.source_id == source_id, among(connection, quarantine.c.raw_hash, hashes)
    )
    return int(connection.scalar(query) or 0)


def _prune(connection: Connection, source_id: str) -> None:
    """Keep the newest: a source whose every answer is unreadable in another way must not fill the disk."""
    mine = quarantine.c.source_id == source_id
    newest = (quarantine.c.last_seen_at.desc(), quarantine.c.raw_hash)
    surplus = sa.select(quarantine.c.raw_hash).where(mine).order_by(*newest).offset(KEPT_PER_SOURCE)
    connection.execute(sa.delete(quarantine).where(mine, quarantine.c.raw_hash.in_(surplus)))
