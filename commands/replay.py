"""`python app.py replay`: a recording through the real connector, ingest and storage, as fast as it goes.

The recording is served over HTTP on loopback in this process; a clock that only this command moves steps through
the recorded polls at their original instants. Started again after an end of any kind, it goes on behind the last
instant that it completed and arrives at the same tables.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from datasources._toolkit.params import read_zone
from datasources.registry import build_connector
from simulator.replay import Recording, ReplayServer
from svodka.domain import codec
from svodka.domain.clock import ManualClock, SystemClock, monotonic_s
from svodka.domain.errors import StartError
from svodka.domain.masking import mask
from svodka.domain.reasons import Outcome
from svodka.domain.records import Connector
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import CycleReport, run_cycle
from svodka.ingest.earlier import ensure_problems
from svodka.observability.logs import configure_logs
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from svodka.settings import Settings
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.provenance import ensure_same_kind
from svodka.storage.quarantine import load_quarantine_counts
from svodka.storage.records import count_open_appeals, count_open_incidents
from svodka.storage.rollups import ensure_rollups
from svodka.storage.sources import SourceHealth, load_source

_VENDOR = Path(__file__).resolve().parents[1] / "assets" / "vendor"
_TRIES = 3


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The line that the command prints: what this run did, and what the tables hold after it.

    Attributes:
        polls: Recorded instants polled in this run.
        failed: Of them, those that could not be completed.
        read: Records read in this run; each is stored, updated, a duplicate, outdated or quarantined.
        quarantined: Of the records read, how many went to quarantine, by reason.
        open: Appeals or incidents of the source that are open at the end.
        resumed_after: Instant behind which this run went on, None where it began at the beginning.
        tables: Totals of the source over all runs: polls, records read, different records stored, and different
            records in quarantine by reason.
    """

    source: str
    polls: int
    failed: int
    read: int
    stored: int
    updated: int
    duplicates: int
    outdated: int
    quarantined: dict[str, int]
    opened: int
    closed: int
    vanished: int
    open: int
    resumed_after: datetime | None
    seconds: float
    tables: dict[str, object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="recordings, or folders of them")
    parser.add_argument("--source", required=True, metavar="TOML", help="sources file with the one source to use")
    parser.add_argument("--json-out", metavar="FILE", help="write the summary into this file too")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Replay the recordings and print one JSON line.

    Returns:
        0, or 1 where polls failed.

    Raises:
        StartError: Recording, database or home cannot be used.
    """
    configure_logs(settings.log_level, "replay", SystemClock().now, mask)
    profile = load_profile(settings.profile, args.source)
    source = _only_source(profile.sources, args.source)
    recording = Recording(args.paths, zone=read_zone(source) or UTC)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"SVODKA_HOME={settings.home} cannot be written: {error.strerror}."
        raise StartError(message) from error
    geometry = ensure_geometry(settings.home, profile, _VENDOR)
    classifier = Classifier(profile, AreaFinder(profile, geometry))
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        ensure_same_kind(database, profile.sources)
        ensure_rollups(database, profile.zone, recording.instants[0])
        ensure_problems(database, profile, recording.instants[0])
        summary = replay(database, classifier, source, recording)
    finally:
        database.close()
    line = codec.encode(summary)
    sys.stdout.write(line.decode() + "\n")
    if args.json_out:
        Path(args.json_out).write_bytes(line + b"\n")
    return 1 if summary.failed else 0


def replay(database: Database, classifier: Classifier, source: SourceConfig, recording: Recording) -> Summary:
    """Take a recording through connector, ingest and storage.

    Args:
        database: An open, migrated database; what it holds of this source decides where to begin.
        classifier: Finds the profile's terms.
        source: The source that the recording is of.
        recording: What was recorded.

    Returns:
        What was done and what the tables hold.
    """
    resumed_after = _load_health(database, source).last_complete_at
    instants = [at for at in recording.instants if resumed_after is None or at > resumed_after]
    clock = ManualClock(recording.instants[0])
    server = ReplayServer(recording, clock)
    connector = build_connector(source, clock, simulator_url=server.start())
    began_s = monotonic_s()
    reports: list[CycleReport] = []
    try:
        for at in instants:
            clock.set(at)
            reports += _poll_until_complete(database, classifier, source, connector, clock)
    finally:
        close = getattr(connector, "close", None)  # not every connector holds a connection
        if close is not None:
            close()
        server.stop()
    took_s = monotonic_s() - began_s
    failed = len(instants) - sum(report.complete for report in reports)
    return _summarise(
        database, source, reports, polls=len(instants), failed=failed, took_s=took_s, resumed_after=resumed_after
    )


def _poll_until_complete(
    database: Database, classifier: Classifier, source: SourceConfig, connector: Connector, clock: ManualClock
) -> list[CycleReport]:
    """Poll at one instant until nothing waits, trying a failed cycle again a few times.

    Returns:
        The report of every cycle; the last is complete unless the source failed again and again.

    Raises:
        StartError: The database went away; what is stored stays, and the next start goes on behind it.
    """
    reports: list[CycleReport] = []
    failures_n = 0
    while failures_n < _TRIES:
        report = run_cycle(database, classifier, source, connector, clock)
        reports.append(report)
        if report.storage_failed:
            message = "The database went away in the middle of the replay; start it again to go on."
            raise StartError(message)
        if report.complete:
            break
        failures_n += report.failed or report.taken
    return reports


def _summarise(
    database: Database,
    source: SourceConfig,
    reports: Sequence[CycleReport],
    *,
    polls: int,
    failed: int,
    took_s: float,
    resumed_after: datetime | None,
) -> Summary:
    outcomes: Counter[Outcome] = Counter()
    quarantined: Counter[str] = Counter()
    for report in reports:
        outcomes.update(report.outcomes)
        quarantined.update({reason.value: n for reason, n in report.quarantined.items()})
    health = _load_health(database, source)
    with database.read() as connection:
        in_quarantine = load_quarantine_counts(connection, source.id)
        count = count_open_appeals if source.records == "appeals" else count_open_incidents
        open_n = count(connection, source.id)
    return Summary(
        source=source.id,
        polls=polls,
        failed=failed,
        read=sum(report.read_n for report in reports),
        stored=outcomes[Outcome.STORED],
        updated=outcomes[Outcome.UPDATED],
        duplicates=outcomes[Outcome.DUPLICATE],
        outdated=outcomes[Outcome.OUTDATED],
        quarantined=dict(quarantined),
        opened=sum(report.opened_n for report in reports),
        closed=sum(report.closed_n for report in reports),
        vanished=sum(report.vanished_n for report in reports),
        open=open_n,
        resumed_after=resumed_after,
        seconds=round(took_s, 3),
        tables={
            "polls": health.polls_total,
            "read": health.read_total,
            "records": health.records_total,
            "quarantined": {reason.value: n for reason, n in in_quarantine.items()},
        },
    )


def _load_health(database: Database, source: SourceConfig) -> SourceHealth:
    with database.read() as connection:
        return load_source(connection, source.id)


def _only_source(sources: Sequence[SourceConfig], path: str) -> SourceConfig:
    if len(sources) != 1:
        message = f"{path}: a replay needs a sources file with exactly one source, this one has {len(sources)}."
        raise StartError(message)
    return sources[0]
