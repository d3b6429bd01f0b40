"""How much of the processor storing takes, classifying included: appeals as new ones, and once more as answered."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from unittest import mock

import msgspec

from svodka.domain.records import AppealRecord, AppealStatus, Completeness, Point, PollResult
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest import page
from svodka.ingest.classify import Classifier
from svodka.ingest.commit import commit_page
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile
from svodka.storage.database import Database

NOW = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
PAGE_N = 500
MAX_NEW_US = 100.0
MAX_ANSWERED_US = 120.0
_VENDOR = Path(__file__).resolve().parents[2] / "assets" / "vendor"


def make_records(profile: Profile, appeals_n: int) -> list[AppealRecord]:
    """Return invented appeals of the last ten minutes: every second one says its area, the others only a point."""
    chance = Random(1)  # noqa: S311 - invented facts, no secret
    said = [keyword.replace("$", "") for topic in profile.topics for keyword in topic.keywords]
    besides = [place.name for place in profile.places]
    made = []
    for number in range(appeals_n):
        area = chance.choice(profile.areas)
        point = Point(area.lat + chance.uniform(-0.05, 0.05), area.lon + chance.uniform(-0.05, 0.05))
        made.append(
            AppealRecord(
                foreign_id=f"a{number}",
                received_at=NOW - timedelta(seconds=chance.uniform(0, 600)),
                status=AppealStatus.NEW,
                topic_code=chance.choice(profile.topics).id if number % 2 else None,
                text=" ".join(chance.choices(said, k=2) + chance.choices(besides, k=25)),
                area_name=area.name if number % 2 else None,
                point=point,
            )
        )
    return made


def answer(record: AppealRecord) -> AppealRecord:
    """Return the same appeal as answered now."""
    return msgspec.structs.replace(
        record, status=AppealStatus.ANSWERED, updated_at=NOW, answered_at=NOW - timedelta(seconds=5), rating=4
    )


def _measure(commit: Callable[[PollResult], object], told: list[AppealRecord]) -> tuple[float, float]:
    """Store all, page by page; return microseconds of CPU for each, and how many a second by the clock."""
    cpu_began_s, began_s = time.process_time(), time.perf_counter()
    for start in range(0, len(told), PAGE_N):
        some = tuple(told[start : start + PAGE_N])
        commit(
            PollResult(records=some, rejected=(), cursor="{}", source_time_at=None, completeness=Completeness.COMPLETE)
        )
    cpu_us = (time.process_time() - cpu_began_s) / len(told) * 1e6
    return cpu_us, len(told) / (time.perf_counter() - began_s)


def measure_storing(database: Database, appeals_n: int, home: Path) -> dict[str, float]:
    """Store new appeals, half of them with problems recognised and half without, and then their answers.

    Args:
        database: Empty and migrated.
        appeals_n: How many.
        home: Folder for the map.

    Returns:
        Microseconds of this process's CPU for each, which a busy machine does not blur, and how many a second.
    """
    profile = load_profile("kuzbass")
    classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, _VENDOR)))
    source: SourceConfig = next(source for source in profile.sources if source.records == "appeals")
    records = make_records(profile, appeals_n)
    answered = [answer(record) for record in records]
    gc.collect()
    gc.freeze()  # what the benchmark holds costs a poller nothing, which holds one page

    def commit(result: PollResult) -> None:
        commit_page(database, classifier, source, result, NOW)

    half = len(records) // 2
    with_problems_us, _ = _measure(commit, records[:half])
    with mock.patch.object(page, "group_appeals", leave_apart):
        new_us, new_per_s = _measure(commit, records[half:])
    answered_us, answered_per_s = _measure(commit, answered)
    gc.unfreeze()
    return {
        "with_problems_cpu_us": round(with_problems_us, 1),
        "new_cpu_us": round(new_us, 1),
        "new_per_s": round(new_per_s),
        "answered_cpu_us": round(answered_us, 1),
        "answered_per_s": round(answered_per_s),
    }


def leave_apart(*_: object) -> int:
    """Recognise no problem: what stands in for `svodka.ingest.problems` where its cost is told by itself."""
    return 0
