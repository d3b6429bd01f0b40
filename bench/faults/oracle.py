"""What must be in the tables at the end, computed from the invented day alone, and how it differs from what is there.

Follows docs/storage.md and docs/kpi.md, not the code: the tables are read as plain rows.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from bench.faults.clock import Jump
from bench.faults.world import APPEAL_SOURCES, DISPATCH, DUTY, SOURCES, Item, World
from svodka.storage.database import Database
from svodka.storage.tables import (
    appeal_versions,
    appeals,
    change_log,
    counters,
    incident_versions,
    incidents,
    quarantine,
    sources,
)

_STATUS = {"received": "new", "in_work": "in_work", "answered": "answered", "new": "new", "work": "in_work"}
_APPEAL_FIELDS = ("channel", "topic", "area", "status", "received_at", "feed_at", "updated_at", "answered_at", "rating")
_INCIDENT_FIELDS = ("kind", "level", "area", "status", "started_at", "updated_at", "affected_n")
_SHOWN = 4

Row = dict[str, Any]
Key = tuple[str, str]


class Tables(msgspec.Struct):
    """All rows that a comparison needs, read in one transaction; `may_be_pruned`: the log need not begin with 1."""

    appeals: dict[Key, Row]
    incidents: dict[Key, Row]
    appeal_versions: dict[int, list[Row]]
    incident_versions: dict[int, list[Row]]
    log: list[Row]
    head: int
    sources: dict[str, Row]
    may_be_pruned: bool
    quarantined: Counter[tuple[str, str, str]]

    @property
    def log_first(self) -> int:
        """The oldest line that the log still has; the one after its counter when all are gone."""
        return int(self.log[0]["seq"]) if self.log else self.head + 1


def load_tables(database: Database, *, may_be_pruned: bool = False) -> Tables:
    """Return what the database holds."""
    with database.read() as connection:

        def rows(table: sa.Table, *order: sa.Column[Any]) -> list[Row]:
            return [dict(row) for row in connection.execute(sa.select(table).order_by(*order)).mappings()]

        def by_key(table: sa.Table) -> dict[Key, Row]:
            return {(row["source_id"], row["foreign_id"]): row for row in rows(table, table.c.id)}

        def by_id(table: sa.Table, name: str) -> dict[int, list[Row]]:
            found: dict[int, list[Row]] = defaultdict(list)
            for row in rows(table, table.c[name], table.c.version):
                found[row[name]].append(row)
            return found

        return Tables(
            appeals=by_key(appeals),
            incidents=by_key(incidents),
            appeal_versions=by_id(appeal_versions, "appeal_id"),
            incident_versions=by_id(incident_versions, "incident_id"),
            log=rows(change_log, change_log.c.seq),
            may_be_pruned=may_be_pruned,
            head=int(connection.scalar(sa.select(counters.c.value).where(counters.c.name == "seq")) or 0),
            sources={row["source_id"]: row for row in rows(sources, sources.c.source_id)},
            quarantined=Counter(
                (row["reason"], row["source_id"], row["foreign_id"] or "")
                for row in rows(quarantine, quarantine.c.source_id)
            ),
        )


def expected_appeals(world: World, now: datetime) -> dict[Key, Row]:
    """Return the present facts of every appeal that was published by then."""
    newest: dict[Key, tuple[Item, Item]] = {}
    for source in APPEAL_SOURCES:
        for item in world.published(source, now):
            key = (source, item.key)
            first, last = newest.get(key, (item, item))
            newest[key] = (first, last if item.late else item)
    return {
        key: {
            "channel": APPEAL_SOURCES[key[0]],
            "topic": last.topic,
            "area": last.area,
            "status": _STATUS[last.stage],
            "received_at": last.began_at,
            "feed_at": first.began_at,
            "updated_at": last.changed_at,
            "answered_at": last.changed_at if last.stage == "answered" else None,
            "rating": last.mark,
            "term": last.due_at,
        }
        for key, (first, last) in newest.items()
    }


def expected_incidents(world: World, now: datetime) -> dict[Key, Row]:
    """Return the present facts of every incident of the system that names the ended ones, and of what is open."""
    newest = {(DISPATCH, item.key): item for item in world.published(DISPATCH, now)}
    newest |= {(DUTY, item.key): item for item in world.open_now(DUTY, now)}
    return {
        key: {
            "kind": item.kind,
            "level": item.level,
            "area": item.area,
            "status": "closed" if item.stage == "closed" else _STATUS[item.stage],
            "started_at": item.began_at,
            "updated_at": item.changed_at,
            "affected_n": item.affected,
        }
        for key, item in newest.items()
    }


def find_unsettled(world: World, now: datetime, jumps: Sequence[Jump]) -> frozenset[Key]:
    """Return the records of which a clock that was set back found something in its future.

    The product puts such a version into quarantine and stores it when the clock is right again, perhaps after a newer
    one. So it may be with a version that is dated between the clock's time when it was set back and the end of that.
    """
    return frozenset(
        (source, item.key)
        for source in SOURCES
        for item in world.published(source, now)
        for jump in jumps
        if jump.by < timedelta(0) and jump.began_at + jump.by < item.changed_at <= jump.ended_at
    )


def differences(tables: Tables, world: World, now: datetime, *, jumps: Sequence[Jump] = ()) -> list[str]:
    """Return in words everything in which the tables are not what they must be."""
    unsettled = find_unsettled(world, now, jumps)
    wrong = [
        *_wrong_rows("appeal", tables.appeals, expected_appeals(world, now), _APPEAL_FIELDS),
        *_wrong_incidents(tables, world, now),
    ]
    told = {(source, key) for source in SOURCES for key in {item.key for item in world.published(source, now)}}
    stored = tables.appeals.keys() | tables.incidents.keys()
    wrong += [f"{key} was never told" for key in sorted(stored - told)]
    if wrong:
        return wrong  # the rest would only say the same
    wrong += _wrong_versions("appeal", tables.appeals, tables.appeal_versions, world, now, unsettled=unsettled)
    named = {key: row for key, row in tables.incidents.items() if key[0] == DISPATCH}
    wrong += _wrong_versions("incident", named, tables.incident_versions, world, now, unsettled=unsettled)
    wrong += _wrong_log(tables)
    wrong += _wrong_sources(tables, unsettled)
    return wrong


def _wrong_rows(
    what: str, found: Mapping[Key, Row], expected: Mapping[Key, Row], fields: Sequence[str]
) -> Iterator[str]:
    for key in sorted(expected.keys() - found.keys()):
        yield f"{what} {key} is lost"
    for key, row in expected.items():
        if key in found:
            unlike = {name: (found[key][name], row[name]) for name in fields if found[key][name] != row[name]}
            if unlike:
                yield f"{what} {key} differs (found, expected): {unlike}"


def _wrong_incidents(tables: Tables, world: World, now: datetime) -> Iterator[str]:
    expected = expected_incidents(world, now)
    yield from _wrong_rows("incident", tables.incidents, expected, _INCIDENT_FIELDS)
    for key, row in tables.incidents.items():
        should_be_open = key in expected and expected[key]["status"] != "closed"
        if bool(row["is_open"]) != should_be_open:
            yield f"incident {key} is {'open' if row['is_open'] else 'closed'} and should not be"


def _wrong_versions(
    what: str,
    rows: Mapping[Key, Row],
    versions: Mapping[int, list[Row]],
    world: World,
    now: datetime,
    *,
    unsettled: Collection[Key],
) -> Iterator[str]:
    """Every version that was published is there once, numbered without a hole; those that came late are not applied.

    Of the unsettled ones neither the order nor how many came late is known.
    """
    told: dict[Key, list[Item]] = defaultdict(list)
    for source in (*APPEAL_SOURCES, DISPATCH):
        for item in world.published(source, now):
            told[source, item.key].append(item)
    for key, row in rows.items():
        found = versions.get(row["id"], [])
        if [version["version"] for version in found] != list(range(1, len(found) + 1)):
            yield f"{what} {key}: versions are numbered {[version['version'] for version in found]}"
        form = [(version["valid_at"], version["status"]) for version in found]
        expected = [(item.changed_at, _STATUS.get(item.stage, item.stage)) for item in told[key]]
        if Counter(form) != Counter(expected) or (form != expected and key not in unsettled):
            yield f"{what} {key}: versions {form}, expected {expected}"
            continue
        applied = [version["valid_at"] for version in found if version["applied"]]
        late = sum(item.late for item in told[key])
        if applied != sorted(applied) or (len(found) - len(applied) != late and key not in unsettled):
            yield f"{what} {key}: {len(applied)} of {len(found)} versions applied, {late} came late"


def _wrong_log(tables: Tables) -> Iterator[str]:
    """Check that the log has no hole, says nothing twice, and ends with what the tables hold.

    Of a log that was pruned so much is checked as what remains can tell.
    """
    seqs = [row["seq"] for row in tables.log]
    first = tables.log_first
    if seqs != list(range(first, tables.head + 1)):
        yield f"the log holds {len(seqs)} lines, {seqs[:1]} to {seqs[-1:]}, its counter says {tables.head}"
    if first > 1 and not tables.may_be_pruned:
        yield f"the log begins with {first} and was not to be pruned"
    last: dict[tuple[str, str], Row] = {}
    puts: Counter[tuple[str, str, datetime]] = Counter()
    for row in tables.log:
        if row["kind"] not in {"appeal", "incident"}:
            continue
        draft = json.loads(row["payload"])
        before = last.get((row["kind"], row["key"]))
        if draft["op"] == "put":
            known_at = datetime.fromisoformat(draft[row["kind"]]["known_at"])
            puts[row["kind"], row["key"], known_at] += 1
        elif (before is None and first == 1) or (before is not None and before["op"] == "del"):
            yield f"line {row['seq']} removes {row['kind']} {row['key']}, which was not there"
        last[row["kind"], row["key"]] = draft
    yield from _doubled(tables, puts)
    yield from _wrong_last_words(tables, last)


def _doubled(tables: Tables, puts: Mapping[tuple[str, str, datetime], int]) -> Iterator[str]:
    """Check that no row was told more often than there are versions that made it so."""
    made = Counter(
        (kind, str(row_id), version["known_at"])
        for kind, versions in (("appeal", tables.appeal_versions), ("incident", tables.incident_versions))
        for row_id, told in versions.items()
        for version in told
        if version["applied"]
    )
    for key, n in puts.items():
        if n > made[key]:
            yield f"{n} lines of the log tell {key}, {made[key]} versions do"


def _wrong_last_words(tables: Tables, last: Mapping[tuple[str, str], Row]) -> Iterator[str]:
    for kind, rows in (("appeal", tables.appeals), ("incident", tables.incidents)):
        for key, row in rows.items():
            draft = last.get((kind, str(row["id"])))
            if kind == "incident" and not row["is_open"]:
                if draft is not None and draft["op"] != "del":
                    yield f"the log leaves {kind} {key} open"
            elif draft is None and tables.log_first > 1:
                continue
            elif draft is None or draft[kind]["status"] != row["status"] or draft[kind]["area"] != row["area"]:
                yield f"the log's last word on {kind} {key} is {draft}"


def _wrong_sources(tables: Tables, unsettled: Collection[Key]) -> Iterator[str]:
    stored = Counter(source for source, _ in (*tables.appeals, *tables.incidents))
    for source in SOURCES:
        row = tables.sources.get(source)
        if row is None:
            yield f"source {source} was never polled"
        elif row["records_total"] != stored[source]:
            yield f"source {source} counts {row['records_total']} new records, its table holds {stored[source]}"
    for (reason, source, key), n in tables.quarantined.items():
        if not (reason == "time_in_future" and (source, key) in unsettled):
            yield f"{n} records in quarantine: {reason}, {source} {key}"


def shortened(wrong: Sequence[str]) -> str:
    """Return the first few differences and how many there are."""
    return "; ".join(text[:300] for text in wrong[:_SHOWN]) + (f" … {len(wrong)} in all" if len(wrong) > _SHOWN else "")
