"""Reading and writing the facts of appeals and incidents, a page at a time.

A page of a thousand records takes a handful of statements: one SELECT, and executemany for what changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.facts import StoredAppeal, StoredIncident, Version
from svodka.storage.tables import appeal_versions, appeals, incident_versions, incidents
from svodka.storage.upsert import among, chunks, insert_many, upsert

IdCounter = Literal["appeal_id", "incident_id"]
_IDENTITY = {"id", "source_id", "foreign_id"}


def load_appeals(connection: Connection, source_id: str, foreign_ids: Sequence[str]) -> dict[str, StoredAppeal]:
    """Return those of a source's appeals that are known, by foreign id."""
    return {
        row["foreign_id"]: StoredAppeal(**row)
        for row in _load_by_foreign_id(connection, appeals, source_id, foreign_ids)
    }


def load_incidents(connection: Connection, source_id: str, foreign_ids: Sequence[str]) -> dict[str, StoredIncident]:
    """Return those of a source's incidents that are known, by foreign id."""
    return {
        row["foreign_id"]: StoredIncident(**row)
        for row in _load_by_foreign_id(connection, incidents, source_id, foreign_ids)
    }


def load_open_incidents(connection: Connection, source_id: str) -> list[StoredIncident]:
    """Return a source's open incidents, by our id."""
    query = sa.select(incidents).where(incidents.c.is_open, incidents.c.source_id == source_id).order_by(incidents.c.id)
    return [StoredIncident(**row) for row in connection.execute(query).mappings()]


class Known(msgspec.Struct):
    """What is known of one record's versions: the number of the newest (applied or not), and all fingerprints."""

    last: int = 0
    fingerprints: set[str] = msgspec.field(default_factory=set)


def load_appeal_versions(connection: Connection, ids: Sequence[int]) -> dict[int, Known]:
    """Return what is known of the versions of some appeals, by our id."""
    return _load_versions(connection, appeal_versions, appeal_versions.c.appeal_id, ids)


def load_incident_versions(connection: Connection, ids: Sequence[int]) -> dict[int, Known]:
    """Return what is known of the versions of some incidents, by our id."""
    return _load_versions(connection, incident_versions, incident_versions.c.incident_id, ids)


def save_appeals(connection: Connection, facts: Iterable[StoredAppeal]) -> None:
    """Write new and changed appeals."""
    _save(connection, appeals, facts)


def save_incidents(connection: Connection, facts: Iterable[StoredIncident]) -> None:
    """Write new and changed incidents."""
    _save(connection, incidents, facts)


def save_appeal_versions(connection: Connection, versions: Sequence[Version]) -> None:
    """Add versions of appeals."""
    _add_versions(connection, appeal_versions, "appeal_id", versions)


def save_incident_versions(connection: Connection, versions: Sequence[Version]) -> None:
    """Add versions of incidents."""
    _add_versions(connection, incident_versions, "incident_id", versions)


def save_missing_polls(connection: Connection, missing: dict[int, int]) -> None:
    """Set in how many good polls in a row incidents were missing, by our id; nothing else of them changes."""
    if missing:
        connection.execute(
            sa.update(incidents)
            .where(incidents.c.id == sa.bindparam("b_id"))
            .values(missing_polls=sa.bindparam("b_n")),
            [{"b_id": incident_id, "b_n": n} for incident_id, n in sorted(missing.items())],
        )


def count_open_appeals(connection: Connection, source_id: str) -> int:
    """Return how many appeals of a source are open."""
    query = sa.select(sa.func.count()).where(appeals.c.is_open, appeals.c.source_id == source_id)
    return int(connection.scalar(query) or 0)


def count_open_incidents(connection: Connection, source_id: str) -> int:
    """Return how many incidents of a source are open."""
    query = sa.select(sa.func.count()).where(incidents.c.is_open, incidents.c.source_id == source_id)
    return int(connection.scalar(query) or 0)


def _load_by_foreign_id(
    connection: Connection, table: sa.Table, source_id: str, foreign_ids: Collection[str]
) -> Iterable[dict[str, Any]]:
    for some in chunks(sorted(set(foreign_ids))):
        query = sa.select(table).where(table.c.source_id == source_id, among(connection, table.c.foreign_id, some))
        result = connection.execute(query)
        names = tuple(result.keys())
        for row in result:
            yield dict(zip(names, row, strict=True))


def _load_versions(
    connection: Connection, table: sa.Table, key: sa.Column[int], ids: Sequence[int]
) -> dict[int, Known]:
    found: dict[int, Known] = defaultdict(Known)
    for some in chunks(ids):
        query = sa.select(key, table.c.version, table.c.fingerprint).where(among(connection, key, some))
        for record_id, version, fingerprint in connection.execute(query):
            known = found[record_id]
            known.last = max(known.last, version)
            known.fingerprints.add(fingerprint)
    return found


def _save(connection: Connection, table: sa.Table, facts: Iterable[StoredAppeal | StoredIncident]) -> None:
    names = tuple(column.name for column in table.columns if column.name not in _IDENTITY)
    upsert(connection, table, list(facts), replace=names)


def _add_versions(connection: Connection, table: sa.Table, key: str, versions: Sequence[Version]) -> None:
    rows = []
    for version in versions:
        row = msgspec.structs.asdict(version)
        row[key] = row.pop("id")
        rows.append(row)
    insert_many(connection, table, rows)
