"""One cycle of a source: page after page until nothing waits, each committed with its cursor.

A cycle never raises for what a source or the database does: it reports. Policy (when to ask next, how long to
back off) belongs to `svodka.ingest.polling`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

import msgspec
import structlog

from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import (
    SourceContractBrokenError,
    SourceTakenError,
    SourceUnavailableError,
    StorageUnavailableError,
)
from svodka.domain.masking import mask
from svodka.domain.reasons import Outcome, RejectReason
from svodka.domain.records import Completeness, Connector
from svodka.ingest.commit import PageOutcome, commit_page, record_failure
from svodka.ingest.ports import RecordClassifier
from svodka.profiles.model import SourceConfig
from svodka.settings.crash import crash_here
from svodka.storage.database import Database
from svodka.storage.sources import SourceHealth, load_source

MAX_PAGES = 200


class CycleReport(msgspec.Struct, kw_only=True):
    """What one cycle did.

    Attributes:
        source_id: The source.
        pages: Pages committed.
        complete: Nothing waits any more; False also where `max_pages` ended the cycle.
        read_n: Records read.
        outcomes: How many of them had which outcome.
        quarantined: Of the quarantined, how many for which reason.
        skipped: How much is no record on purpose, or not yet, by the connector's reason.
        opened_n, closed_n, vanished_n: As in `PageOutcome`.
        head: Newest change after the last commit, None where nothing was committed.
        error_kind: Class of the error that ended the cycle, "" where none did.
        error_text: What it says, where the source was the trouble.
        retry_after_s: How long the source asked to be left alone.
        failures_n: Failed polls in a row, 0 after a good one; None where not even that could be noted.
        storage_failed: The database was the trouble, not the source.
        taken: Another poller stored something of the source meanwhile; the last answer was dropped.
        paused: An operator wants the source left alone; it was not asked.
    """

    source_id: str
    pages: int = 0
    complete: bool = False
    read_n: int = 0
    outcomes: Counter[Outcome] = msgspec.field(default_factory=Counter)
    quarantined: Counter[RejectReason] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    opened_n: int = 0
    closed_n: int = 0
    vanished_n: int = 0
    head: int | None = None
    error_kind: str = ""
    error_text: str = ""
    retry_after_s: float | None = None
    failures_n: int | None = 0
    storage_failed: bool = False
    taken: bool = False
    paused: bool = False

    @property
    def failed(self) -> bool:
        """Whether an error ended the cycle."""
        return bool(self.error_kind)

    def add(self, page: PageOutcome) -> None:
        """Count a page."""
        self.pages += 1
        self.read_n += page.read_n
        self.outcomes.update(page.outcomes)
        self.quarantined.update(page.quarantined)
        self.opened_n += page.opened_n
        self.closed_n += page.closed_n
        self.vanished_n += page.vanished_n
        self.head = page.head


def run_cycle(
    database: Database,
    classifier: RecordClassifier,
    source: SourceConfig,
    connector: Connector,
    clock: Clock,
    *,
    max_pages: int = MAX_PAGES,
    anew: Callable[[SourceConfig], AbstractContextManager[Connector]] | None = None,
) -> CycleReport:
    """Poll a source until it has nothing more, and store what it tells.

    Args:
        database: An open, migrated database.
        classifier: Finds the profile's terms.
        source: The source.
        connector: Reads it.
        clock: The product's clock.
        max_pages: After so many pages the cycle ends and the next one goes on.
        anew: Gives a connector for a source whose `backfill_h` is another one, while it is read anew from an instant;
            None: it cannot be asked from an instant.

    Returns:
        What was done and, where it failed, why. A failure of the source is noted with the source; while the
        database is unavailable nothing is noted and the cursor stays.
    """
    report = CycleReport(source_id=source.id)
    began_s = monotonic_s()
    before = SourceHealth(source_id=source.id)
    try:
        with database.read() as connection:
            before = load_source(connection, source.id)
        if before.paused_at is not None:
            report.paused = True
            return report
        with _reader(connector, source, before, clock, anew) as reader:
            cursor = before.cursor
            while report.pages < max_pages and not report.complete:
                asked_at = clock.now()
                result = reader.poll(cursor)
                crash_here("parse_after")
                polls_n = before.polls_total + report.pages
                page = commit_page(
                    database, classifier, source, result, clock, after_polls_n=polls_n, asked_at=asked_at
                )
                report.add(page)
                report.skipped.update(result.skipped)
                cursor = result.cursor
                report.complete = result.completeness is Completeness.COMPLETE
                if page.is_paused:
                    break
    except StorageUnavailableError as error:
        _note_storage_failure(report, error)
    except SourceTakenError:
        _note_taken(report)
    except (SourceUnavailableError, SourceContractBrokenError) as error:
        report.retry_after_s = getattr(error, "retry_after_s", None)
        _note_failure(database, source, report, error, now=clock.now(), polls_n=before.polls_total + report.pages)
    except Exception as error:  # noqa: BLE001 - a fault in one connector must not end the polling of its source for good
        if before.error_kind != type(error).__name__:  # once: where it happened does not change with each cycle
            _log().exception("cycle_fault", source=source.id, error_kind=type(error).__name__)
        _note_failure(database, source, report, error, now=clock.now(), polls_n=before.polls_total + report.pages)
    _log_outage(report, before)
    _log_cycle(report, round((monotonic_s() - began_s) * 1000))
    return report


def _reader(
    connector: Connector,
    source: SourceConfig,
    before: SourceHealth,
    clock: Clock,
    anew: Callable[[SourceConfig], AbstractContextManager[Connector]] | None,
) -> AbstractContextManager[Connector]:
    """Return what reads the source: another one where an operator wants it read from an instant."""
    if before.begin_at is None or anew is None:
        return nullcontext(connector)
    back_h = max(0.0, (clock.now() - before.begin_at).total_seconds() / 3600)
    return anew(msgspec.structs.replace(source, backfill_h=back_h))


def _note_taken(report: CycleReport) -> None:
    """Note that another poller was quicker. Losing the race is no failure: the source is in good hands."""
    report.taken = True
    report.error_kind = report.error_text = ""
    _log().info("source_taken", source=report.source_id)


def _note_failure(
    database: Database, source: SourceConfig, report: CycleReport, error: Exception, *, now: datetime, polls_n: int
) -> None:
    report.error_kind, report.error_text = type(error).__name__, mask(str(error))
    try:
        report.failures_n = record_failure(database, source, error, now, after_polls_n=polls_n)
    except SourceTakenError:
        _note_taken(report)
    except StorageUnavailableError as storage_error:
        _note_storage_failure(report, storage_error)


def _note_storage_failure(report: CycleReport, error: StorageUnavailableError) -> None:
    report.error_kind = type(error).__name__
    report.storage_failed = True
    report.failures_n = None  # the database itself says once that it is away (svodka.storage.database)


def _log_outage(report: CycleReport, before: SourceHealth) -> None:
    """Say once that a source fails and once that it is back, whichever process polls it by then.

    What was before stands in the database: neither a restart nor another holder of the lease repeats it, and a source
    whose first page comes and whose second fails, again and again, is one outage.
    """
    failing_before = before.failures_n > 0
    if report.failures_n and not failing_before:
        _log().warning("source_failed", source=report.source_id, error_kind=report.error_kind, error=report.error_text)
    elif failing_before and report.pages and not report.error_kind:
        _log().info("source_recovered", source=report.source_id)


def _log_cycle(report: CycleReport, took_ms: int) -> None:
    _log().info(
        "cycle",
        source=report.source_id,
        pages=report.pages,
        complete=report.complete,
        read=report.read_n,
        **{outcome.value: report.outcomes[outcome] for outcome in Outcome},
        skipped=dict(report.skipped),
        opened=report.opened_n,
        closed=report.closed_n,
        vanished=report.vanished_n,
        head=report.head,
        error_kind=report.error_kind,
        failures=report.failures_n,
        took_ms=took_ms,
    )


def _log() -> structlog.stdlib.BoundLogger:
    # Asked for each time: whoever starts the process configures logging after this module was imported.
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("svodka.ingest")
    return logger
