"""What one page of records makes of the facts: read, merged in memory, written with few statements.

Runs inside the writing transaction of `svodka.ingest.commit`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Generic, Protocol, TypeVar

import msgspec

from svodka.analytics.rollups import compute_difference
from svodka.domain.changes import NEVER, ChangeKind
from svodka.domain.reasons import Outcome
from svodka.domain.records import AppealRecord, IncidentRecord
from svodka.ingest.merge import Place, build_appeal, build_incident, build_version, decide_outcome, is_reversal
from svodka.ingest.ports import AppealTerms, IncidentTerms, RecordClassifier
from svodka.ingest.problems import NewAppeal, group_appeals
from svodka.ingest.screening import Told
from svodka.profiles.model import SourceConfig
from svodka.settings.crash import crash_here
from svodka.storage import records
from svodka.storage.change_log import Draft
from svodka.storage.counters import take_numbers
from svodka.storage.database import Connection
from svodka.storage.facts import StoredAppeal, StoredIncident, Version, appeal_row, incident_row
from svodka.storage.records import Known
from svodka.storage.rollups import add_to_rollups

R = TypeVar("R", AppealRecord, IncidentRecord)
T = TypeVar("T", AppealTerms, IncidentTerms)
T_contra = TypeVar("T_contra", AppealTerms, IncidentTerms, contravariant=True)
S = TypeVar("S", StoredAppeal, StoredIncident)


class Merged(msgspec.Struct, kw_only=True):
    """What became of a page.

    Attributes:
        outcomes: How many records had which outcome.
        drafts: Lines for the change log, one for each row that changed, in the order of the page.
        opened_n: Rows that were not open before and are now.
        closed_n: Rows that were open before and are not now.
        changed: Foreign ids of rows that are new or say something else now.
    """

    outcomes: Counter[Outcome]
    drafts: list[Draft]
    opened_n: int = 0
    closed_n: int = 0
    changed: frozenset[str] = frozenset()


def merge_appeals(
    connection: Connection,
    classifier: RecordClassifier,
    source: SourceConfig,
    page: Sequence[Told[AppealRecord]],
    now: datetime,
) -> Merged:
    """Apply a page of appeals to facts, versions and rollups, its records in their order."""
    keys = [told.record.foreign_id for told in page]
    before = records.load_appeals(connection, source.id, keys)
    applied = _apply(
        page,
        before,
        known=records.load_appeal_versions(connection, _changing(page, before)),
        ids=_Ids(connection, "appeal_id", set(keys) - before.keys()),
        classify=lambda record: classifier.classify_appeal(record, source),
        build=partial(build_appeal, source_id=source.id, now=now),
        now=now,
    )
    crash_here("upsert_before")
    records.save_appeals(connection, applied.changed)
    crash_here("upsert_between")
    records.save_appeal_versions(connection, applied.versions)
    crash_here("upsert_after")
    pairs = [(before.get(facts.foreign_id), facts) for facts in applied.changed]
    crash_here("rollup_before")
    add_to_rollups(connection, compute_difference(pairs, classifier.profile.zone))
    crash_here("rollup_after")
    words = {told.record.foreign_id: told.record.address for told in page}
    new = [NewAppeal(facts, words[facts.foreign_id]) for old, facts in pairs if old is None]
    group_appeals(connection, classifier.profile, new, now)
    crash_here("group_after")
    drafts = [_draft_appeal(old, facts) for old, facts in pairs]
    return _merged(applied.outcomes, drafts, pairs)


def merge_incidents(
    connection: Connection,
    classifier: RecordClassifier,
    source: SourceConfig,
    page: Sequence[Told[IncidentRecord]],
    now: datetime,
) -> Merged:
    """Apply a page of incidents to facts and versions, its records in their order."""
    keys = [told.record.foreign_id for told in page]
    before = records.load_incidents(connection, source.id, keys)
    applied = _apply(
        page,
        before,
        known=records.load_incident_versions(connection, _changing(page, before)),
        ids=_Ids(connection, "incident_id", set(keys) - before.keys()),
        classify=lambda record: classifier.classify_incident(record, source),
        build=partial(build_incident, source_id=source.id, now=now),
        now=now,
    )
    records.save_incidents(connection, applied.changed)
    records.save_incident_versions(connection, applied.versions)
    pairs = [(before.get(facts.foreign_id), facts) for facts in applied.changed]
    drafts = [draft_incident(facts) for old, facts in pairs if facts.is_open or (old is not None and old.is_open)]
    return _merged(applied.outcomes, drafts, pairs)


def _draft_appeal(old: StoredAppeal | None, facts: StoredAppeal) -> Draft:
    return Draft(
        kind=ChangeKind.APPEAL,
        key=str(facts.id),
        op="put",
        appeal=appeal_row(facts),
        left_area=old.area if old is not None and old.area != facts.area else None,
        left_sector=old.sector if old is not None and old.sector != facts.sector else None,
        unanswered_until=_unanswered_until(old, facts),
    )


def _unanswered_until(old: StoredAppeal | None, facts: StoredAppeal) -> datetime | None:
    """Return until when no number about answers and ended terms knows an appeal; None: one may know it."""
    if not facts.is_open or (old is not None and not old.is_open):
        return None
    return min((one.due_at for one in (old, facts) if one is not None and one.due_at is not None), default=NEVER)


def draft_incident(facts: StoredIncident) -> Draft:
    """Return the line of the change log for an incident: a row while it is open, its removal afterwards."""
    if facts.is_open:
        return Draft(kind=ChangeKind.INCIDENT, key=str(facts.id), op="put", incident=incident_row(facts))
    return Draft(kind=ChangeKind.INCIDENT, key=str(facts.id), op="del")


class _Ids:
    """Our next ids, taken from the counter at once for all records of a page that are new."""

    def __init__(self, connection: Connection, counter: records.IdCounter, new: set[str]) -> None:
        self._next = take_numbers(connection, counter, len(new)) - len(new) + 1 if new else 0

    def take(self) -> int:
        self._next += 1
        return self._next - 1


class _Applied(msgspec.Struct, Generic[S]):
    outcomes: Counter[Outcome]
    versions: list[Version]
    changed: list[S]


class _Build(Protocol[R, T_contra, S]):
    def __call__(self, told: Told[R], terms: T_contra, current: S | None, *, place: Place) -> S: ...


def _apply(
    page: Sequence[Told[R]],
    before: dict[str, S],
    *,
    known: dict[int, Known],
    ids: _Ids,
    classify: Callable[[R], T],
    build: _Build[R, T, S],
    now: datetime,
) -> _Applied[S]:
    """Merge records one after the other; only what is news is classified."""
    present = dict(before)
    applied: _Applied[S] = _Applied(Counter(), [], [])
    for told in page:
        key = told.record.foreign_id
        current = present.get(key)
        row_id = current.id if current else ids.take()
        about = known.setdefault(row_id, Known())
        outcome = decide_outcome(told, current, about.fingerprints)
        applied.outcomes[outcome] += 1
        if outcome is Outcome.DUPLICATE:
            continue
        terms = classify(told.record)
        about.last += 1
        about.fingerprints.add(told.fingerprint)
        place = Place(row_id, about.last)
        is_news = outcome is not Outcome.OUTDATED
        back = is_news and is_reversal(told.record, current)
        applied.versions.append(build_version(told, terms, place=place, applied=is_news, reversal=back, now=now))
        if is_news:
            present[key] = build(told, terms, current, place=place)
    # In the order of the page: a database gives known rows back in whatever order it likes.
    named = dict.fromkeys(told.record.foreign_id for told in page)
    applied.changed = [present[key] for key in named if key in present and before.get(key) is not present[key]]
    return applied


def _changing(
    page: Sequence[Told[AppealRecord]] | Sequence[Told[IncidentRecord]],
    before: dict[str, StoredAppeal] | dict[str, StoredIncident],
) -> list[int]:
    """Return ids of known rows about which the page says something else than the present facts."""
    found = set()
    for told in page:
        current = before.get(told.record.foreign_id)
        if current is not None and current.fingerprint != told.fingerprint:
            found.add(current.id)
    return sorted(found)


def _merged(
    outcomes: Counter[Outcome],
    drafts: list[Draft],
    pairs: Sequence[tuple[StoredAppeal | None, StoredAppeal]] | Sequence[tuple[StoredIncident | None, StoredIncident]],
) -> Merged:
    opened = sum(new.is_open and not (old is not None and old.is_open) for old, new in pairs)
    closed = sum(old is not None and old.is_open and not new.is_open for old, new in pairs)
    changed = frozenset(new.foreign_id for _, new in pairs)
    return Merged(outcomes=outcomes, drafts=drafts, opened_n=opened, closed_n=closed, changed=changed)
