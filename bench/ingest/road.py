"""The whole road, from a source's answer to committed, and storage alone, each timed on one empty database."""

from __future__ import annotations

import gc
import time
from collections import Counter
from operator import itemgetter
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from bench.ingest import plain
from bench.ingest.appeals import NOW, Expected, feed_source, make_pages, rows_of
from bench.ingest.databases import Databases
from bench.ingest.storing import leave_apart
from datasources._toolkit.params import read_params, read_zone
from datasources.http_json.normalise import Normaliser
from datasources.http_json.params import Params
from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.records import AppealRecord, Completeness, IncidentRecord, PollResult
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest import page
from svodka.ingest.classify import ClassifiedAppeal, ClassifiedIncident, Classifier
from svodka.ingest.commit import commit_page
from svodka.ingest.cycle import CycleReport, run_cycle
from svodka.ingest.ports import RecordClassifier
from svodka.profiles.model import Profile, SourceConfig
from svodka.storage.database import Database

_ROUNDS = 3
VENDOR = Path(__file__).resolve().parents[2] / "assets" / "vendor"


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement of the whole road.

    Attributes:
        per_s: Records a second by the clock.
        cpu_us: Of this process for each record, without that of a database server.
        seconds: In all.
        is_right: Whether every record became what it must.
        counts: What became of them.
    """

    per_s: float
    cpu_us: float
    seconds: float
    is_right: bool
    counts: Expected


def make_classifier(profile: Profile, home: Path) -> Classifier:
    """Return the product's classifier on a schematic map."""
    return Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, VENDOR)))


def travel(database: Database, classifier: RecordClassifier, url: str, expected: Expected) -> Stretch:
    """Read a whole feed through its connector and store it, by the product's own poll cycle."""
    source, clock = feed_source(url), ManualClock(NOW)
    connector = build_connector(source, clock)
    total = CycleReport(source_id=source.id)
    cpu_began_s, began_s = time.process_time(), time.perf_counter()
    try:
        while not total.complete:
            report = run_cycle(database, classifier, source, connector, clock)
            assert not report.error_kind, (report.error_kind, report.error_text)
            _add(total, report)
    finally:
        connector.close()
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    counts = Expected(
        {outcome.value: n for outcome, n in sorted(total.outcomes.items()) if n},
        {reason.value: n for reason, n in sorted(total.quarantined.items()) if n},
    )
    return Stretch(
        per_s=total.read_n / seconds,
        cpu_us=cpu_s / total.read_n * 1e6,
        seconds=seconds,
        is_right=counts.outcomes == expected.outcomes and counts.quarantined == expected.quarantined,
        counts=counts,
    )


def compare_storage(bases: Databases, kind: str, classifier: Classifier, appeals_n: int) -> dict[str, float]:
    """Store appeals that are read, normalised and classified already, beside plain INSERTs of the same rows.

    Once without recognising appeals about the same problem, which belongs to normalising, and once with it. All take
    turns page by page, so that a busy machine is as busy for each; of three rounds the one in the middle counts. What
    the benchmark itself holds is kept from the collector, as a poller holds one page.

    Returns:
        Appeals a second for each, and how large a share storage alone reaches of a plain INSERT.
    """
    profile = classifier.profile
    source = feed_source("http://127.0.0.1/")
    pages, _ = make_pages(profile, "plain", appeals_n)
    normaliser = Normaliser(read_params(source, Params), records="appeals", zone=read_zone(source))
    records, rejected = normaliser.normalise_page(rows_of(pages))
    assert not rejected
    ready = _Ready(profile, {record.foreign_id: record for record in records}, classifier, source)
    with bases.fresh(kind) as first:
        for some in plain.pages_of(records):
            _store(first, ready, source, some)
        rows = plain.load_rows(first)
    gc.collect()
    gc.freeze()
    try:
        rounds = [_one_round(bases, kind, ready, source, (records, rows)) for _ in range(_ROUNDS)]
    finally:
        gc.unfreeze()
    return sorted(rounds, key=itemgetter("share_of_plain"))[_ROUNDS // 2]


def _one_round(
    bases: Databases, kind: str, ready: _Ready, source: SourceConfig, told: tuple[list[Any], list[dict[str, Any]]]
) -> dict[str, float]:
    records, rows = told
    spent_s = Counter[str]()
    with (
        bases.fresh(kind) as ours,
        bases.fresh(kind) as grouped,
        bases.fresh(kind) as core,
        bases.fresh(kind) as driver,
    ):
        plain.begin(core)
        plain.begin(driver)
        pages = zip(
            plain.pages_of(records),
            plain.pages_of(rows),
            plain.pages_of(plain.as_driver_takes(driver, rows)),
            strict=True,
        )
        for some, core_rows, driver_rows in pages:
            with mock.patch.object(page, "group_appeals", leave_apart):
                spent_s["storage"] += _store(ours, ready, source, some)
            spent_s["with_problems"] += _store(grouped, ready, source, some)
            spent_s["plain"] += plain.insert_core(core, core_rows)
            spent_s["driver"] += plain.insert_driver(driver, driver_rows)
    figures = {f"{name}_per_s": round(len(records) / seconds) for name, seconds in spent_s.items()}
    return figures | {
        "share_of_plain": round(spent_s["plain"] / spent_s["storage"], 3),
        "share_with_problems": round(spent_s["plain"] / spent_s["with_problems"], 3),
        "share_of_driver": round(spent_s["driver"] / spent_s["storage"], 3),
    }


class _Ready:
    """A classifier that has decided already."""

    def __init__(
        self, profile: Profile, records: dict[str, AppealRecord], classifier: Classifier, source: SourceConfig
    ) -> None:
        self.profile = profile
        self._classifier = classifier
        self._terms = {key: classifier.classify_appeal(record, source) for key, record in records.items()}

    def classify_appeal(self, record: AppealRecord, source: SourceConfig) -> ClassifiedAppeal:  # noqa: ARG002
        return self._terms[record.foreign_id]

    def classify_incident(self, record: IncidentRecord, source: SourceConfig) -> ClassifiedIncident:
        return self._classifier.classify_incident(record, source)


def _store(database: Database, ready: _Ready, source: SourceConfig, records: list[AppealRecord]) -> float:
    result = PollResult(
        records=tuple(records), rejected=(), cursor="{}", source_time_at=None, completeness=Completeness.COMPLETE
    )
    began_s = time.perf_counter()
    commit_page(database, ready, source, result, NOW)
    return time.perf_counter() - began_s


def _add(total: CycleReport, report: CycleReport) -> None:
    total.read_n += report.read_n
    total.outcomes.update(report.outcomes)
    total.quarantined.update(report.quarantined)
    total.complete = report.complete
