"""One page of a source into the database: facts, versions, rollups, quarantine, cursor and change log at once.

Either everything of a page is stored together with the cursor that passed it, or nothing is and the page comes
again; what comes again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceTakenError
from svodka.domain.masking import mask
from svodka.domain.reasons import Outcome, RejectReason
from svodka.domain.records import Completeness, PollResult, Rejected
from svodka.ingest.closing import Closing, close_vanished, decide_closing
from svodka.ingest.page import Merged, draft_incident, merge_appeals, merge_incidents
from svodka.ingest.ports import RecordClassifier
from svodka.ingest.screening import screen_appeals, screen_incidents
from svodka.ingest.watch import watch_page
from svodka.profiles.model import SourceConfig
from svodka.settings.crash import crash_here
from svodka.storage import records
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import Connection, Database
from svodka.storage.quarantine import count_quarantine, release_from_quarantine, save_quarantine
from svodka.storage.source_states import note_state
from svodka.storage.sources import SourceHealth, lock_source, save_source
from svodka.storage.tick import append_tick
from svodka.storage.wishes import note_read

_ERROR_TEXT_MAX_CHARS = 500
_ERROR_READ_CHARS = 2000  # half of a number at the end would pass for none


class PageOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one page.

    Attributes:
        read_n: Records in the answer.
        outcomes: How many of them had which outcome; every record has one.
        quarantined: Of the quarantined, how many for which reason.
        quarantined_new_n: Of the quarantined, how many had not been there before.
        opened_n: Appeals or incidents that were not open before and are now.
        closed_n: Those that were open and are not now, vanished ones included.
        vanished_n: Incidents closed because their source no longer names them.
        head: Number of the newest change after the commit.
        is_paused: An operator wants the source left alone by now: nothing more is to be asked.
    """

    read_n: int
    outcomes: dict[Outcome, int]
    quarantined: dict[RejectReason, int]
    quarantined_new_n: int
    opened_n: int
    closed_n: int
    vanished_n: int
    head: int
    is_paused: bool


def commit_page(
    database: Database,
    classifier: RecordClassifier,
    source: SourceConfig,
    result: PollResult,
    clock: Clock | datetime,
    *,
    next_poll_at: datetime | None = None,
    after_polls_n: int | None = None,
    asked_at: datetime | None = None,
    beside: Callable[[Connection, PageOutcome], None] | None = None,
) -> PageOutcome:
    """Store one page of a source in one transaction.

    Args:
        database: An open, migrated database.
        classifier: Finds the profile's terms.
        source: Where the page comes from.
        result: The page and its cursor.
        clock: Tells when this was learnt: once the transaction holds its lock, however long it waited for it, so that
            nobody takes for shown before what was committed afterwards; or that instant itself.
        next_poll_at: When the source is to be asked next, where that is planned already.
        after_polls_n: `polls_total` of the source when its cursor was read; None: the answer is stored whatever
            happened since.
        asked_at: When the source was asked; ages count from here. None: when it was learnt.
        beside: Writes what has to be stored together with the page; an error of it undoes the page.

    Returns:
        What became of the records.

    Raises:
        StorageUnavailableError: Nothing was stored; the page has to be read again from the old cursor.
        SourceTakenError: Nothing was stored; another poller was quicker.
    """
    crash_here("begin_before")
    with database.write() as connection:
        crash_here("begin_after")
        health = lock_source(connection, source.id)
        now = clock if isinstance(clock, datetime) else clock.now()
        if after_polls_n is not None and health.polls_total != after_polls_n:
            # A lease ran out while the question was on its way, and its new holder has told something since. What is
            # older now would bring states without a time back, count who is missing twice and make old news fresh.
            raise SourceTakenError(source.id)
        page = _Page(source=source, result=result, health=health, now=now, asked_at=asked_at or now)
        merged, rejected = _merge(connection, classifier, page)
        closing = _close_vanished(connection, page, rejected, merged)
        release_from_quarantine(connection, source.id, _settled(page, merged, rejected))
        new_n = save_quarantine(connection, source.id, rejected, now)
        is_quarantine_other = bool(rejected) or health.quarantined_n > 0
        read_n = max(result.read_n, len(result.records) + len(result.rejected))
        is_complete = result.completeness is Completeness.COMPLETE
        watch_page(
            connection,
            source.id,
            result,
            rejected,
            now=now,
            stored_n=0 if page.is_anew else merged.outcomes[Outcome.STORED],
        )
        if health.begin_at is not None:
            ends_at = now if is_complete else None
            note_read(connection, source.id, read_n=read_n, stored_n=_told_n(merged), ends_at=ends_at)
        crash_here("cursor_before")
        told = msgspec.structs.replace(
            health,
            cursor=result.cursor,
            last_attempt_at=now,
            last_success_at=now,
            last_complete_at=(asked_at or now) if is_complete else health.last_complete_at,
            source_time_at=result.source_time_at,
            lag_s=_compute_lag_s(result, now),
            failures_n=0,
            error_kind="",
            error_text="",
            next_poll_at=next_poll_at,
            polls_total=health.polls_total + 1,
            read_total=health.read_total + read_n,
            records_total=health.records_total + merged.outcomes[Outcome.STORED],
            quarantined_total=health.quarantined_total + new_n,
            empty_polls_n=closing.empty_polls_n,
            empty_since_at=closing.empty_since_at,
            covered_from_at=page.covered_from_at,
            begin_at=None if is_complete else health.begin_at,
            quarantined_n=count_quarantine(connection, source.id) if is_quarantine_other else 0,
        )
        save_source(connection, told)
        note_state(connection, told, now)
        crash_here("cursor_after")
        # The history may begin elsewhere now, and no line of an appeal has what depends on that computed anew.
        moves_history = page.moves_history and source.records == "appeals" and not merged.drafts
        merged.drafts.append(Draft(kind=ChangeKind.SOURCE, key=source.id))  # its counts change with every page
        crash_here("log_before")
        head = append_changes(connection, merged.drafts, now)
        if moves_history:
            head = append_tick(connection, now)
        crash_here("log_after")
        merged.outcomes[Outcome.QUARANTINED] += len(rejected)
        outcome = PageOutcome(
            read_n=read_n,
            outcomes={outcome: merged.outcomes[outcome] for outcome in Outcome},
            quarantined=dict(Counter(record.reason for record in rejected)),
            quarantined_new_n=new_n,
            opened_n=merged.opened_n,
            closed_n=merged.closed_n,
            vanished_n=len(closing.vanished),
            head=head,
            is_paused=health.paused_at is not None,
        )
        if beside is not None:
            beside(connection, outcome)
    crash_here("commit_after")
    return outcome


def record_failure(
    database: Database,
    source: SourceConfig,
    error: Exception,
    now: datetime,
    next_poll_at: datetime | None = None,
    *,
    after_polls_n: int | None = None,
) -> int:
    """Note that a poll failed; cursor and facts stay.

    Args:
        database: An open, migrated database.
        source: The source that was asked.
        error: Why; its class and the beginning of its text, masked, are kept.
        now: The present instant.
        next_poll_at: When the source is to be asked next, where that is planned already.
        after_polls_n: `polls_total` of the source when it was asked; None: the failure is noted in any case.

    Returns:
        How many polls in a row have failed now.

    Raises:
        StorageUnavailableError: The failure could not be noted.
        SourceTakenError: Nothing was noted; another poller has told something of the source since.
    """
    kind = type(error).__name__
    crash_here("failure_before")
    with database.write() as connection:
        health = lock_source(connection, source.id)
        if after_polls_n is not None and health.polls_total != after_polls_n:
            raise SourceTakenError(source.id)  # what this process could not reach, another one reads
        failed = msgspec.structs.replace(
            health,
            last_attempt_at=now,
            failures_n=health.failures_n + 1,
            error_kind=kind,
            error_text=mask(str(error)[:_ERROR_READ_CHARS])[:_ERROR_TEXT_MAX_CHARS],
            next_poll_at=next_poll_at,
            polls_total=health.polls_total + 1,
        )
        save_source(connection, failed)
        note_state(connection, failed, now)
        append_changes(connection, [Draft(kind=ChangeKind.SOURCE, key=source.id)], now)
    crash_here("failure_after")
    return health.failures_n + 1


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about an answer when its transaction begins."""

    source: SourceConfig
    result: PollResult
    health: SourceHealth
    now: datetime
    asked_at: datetime

    @property
    def covered_from_at(self) -> datetime:
        """Return where the span that was read begins once this page is stored."""
        known, begin_at = self.health.covered_from_at, self.health.begin_at
        if known is None:
            return begin_at or self.now - timedelta(hours=self.source.backfill_h)
        is_complete = self.result.completeness is Completeness.COMPLETE
        return min(known, begin_at) if begin_at is not None and is_complete else known

    @property
    def moves_history(self) -> bool:
        """Whether the history begins elsewhere now, and with it what numbers are compared to."""
        return self.covered_from_at != self.health.covered_from_at

    @property
    def is_anew(self) -> bool:
        """Whether this is part of a first or a repeated reading of the past, and says nothing about this hour."""
        return self.health.last_complete_at is None or self.health.begin_at is not None


def _settled(page: _Page, merged: Merged, rejected: Sequence[Rejected]) -> list[str]:
    """Return the ids whose records in quarantine have been overtaken.

    By news of them; and, where a source is read anew, by any readable word: what was set aside may say the same as
    what is known, once its mapping is mended.
    """
    told = {record.foreign_id for record in page.result.records} if page.health.begin_at is not None else merged.changed
    return sorted(told - {record.foreign_id for record in rejected})


def _told_n(merged: Merged) -> int:
    return merged.outcomes[Outcome.STORED] + merged.outcomes[Outcome.UPDATED]


def _merge(connection: Connection, classifier: RecordClassifier, page: _Page) -> tuple[Merged, list[Rejected]]:
    source, result, now = page.source, page.result, page.now
    # The connector's position rests on the time of the question: what a clock that was set back since would refuse
    # as "of the future" is not asked for again.
    latest = max(now, page.asked_at)
    if source.records == "appeals":
        appeals = screen_appeals(result.records, source, latest)
        merged = merge_appeals(connection, classifier, source, appeals.told, now)
        if page.moves_history:
            merged.drafts = [msgspec.structs.replace(draft, unanswered_until=None) for draft in merged.drafts]
        return merged, [*result.rejected, *appeals.rejected]
    incidents = screen_incidents(result.records, source, latest)
    merged = merge_incidents(connection, classifier, source, incidents.told, now)
    return merged, [*result.rejected, *incidents.rejected]


def _close_vanished(connection: Connection, page: _Page, rejected: list[Rejected], merged: Merged) -> Closing:
    source, result, now = page.source, page.result, page.now
    if source.records != "incidents" or source.close_after_missing_polls is None:
        return Closing(vanished=frozenset(), missing={}, empty_polls_n=0, empty_since_at=None)
    open_now = records.load_open_incidents(connection, source.id)
    named = {record.foreign_id for record in result.records}
    named.update(record.foreign_id for record in rejected if record.foreign_id is not None)
    closing = decide_closing(open_now, named, source=source, result=result, health=page.health, now=now)
    records.save_missing_polls(connection, closing.missing)
    gone = [incident for incident in open_now if incident.id in closing.vanished]
    known = records.load_incident_versions(connection, [incident.id for incident in gone])
    closed = [close_vanished(incident, known[incident.id].last + 1, now) for incident in gone]
    records.save_incidents(connection, [facts for facts, _ in closed])
    records.save_incident_versions(connection, [version for _, version in closed])
    merged.drafts.extend(draft_incident(facts) for facts, _ in closed)
    merged.closed_n += len(closed)
    return closing


def _compute_lag_s(result: PollResult, now: datetime) -> float | None:
    if result.source_time_at is None:
        return None
    return max(0.0, (now - result.source_time_at).total_seconds())
