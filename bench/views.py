"""What a round of the gateway costs with 1, 6 and 20 different scenes watched: `python -m bench.views [--quick]`.

A region of so many appeals gets 20 events a second (new appeals, every fourth an answer), each a round of its own, and
a tick a second. Measured is the processor's time of reading a round: values, rows, and the frames of all views.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import sqlalchemy as sa

from bench.ingest.storing import answer, make_records
from bench.invented import NOW, put_appeals
from bench.spans import format_table
from svodka.domain.clock import ManualClock
from svodka.domain.codec import encode_text
from svodka.domain.records import AppealRecord, Completeness, PollResult
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.commit import commit_page
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.readmodels.view import View
from svodka.realtime.reader import LogReader, Order
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.views import SceneViews
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.tick import append_tick

SIZES, QUICK_SIZES = (100_000, 1_000_000), (100_000,)
VIEWS_N = (1, 6, 20)
EVENTS_N, PER_S = 150, 20
_VENDOR = Path(__file__).resolve().parents[1] / "assets" / "vendor"


def list_views(profile: Profile, home: Path, views_n: int) -> frozenset[View]:
    """Return the views of the profile's six scenes, those of a part for the first, and then by turns for the others."""
    scenes = SceneViews(SceneBook(profile, scene_folders(profile, home)))
    parts = zip(profile.sectors, profile.areas, strict=False)
    of_parts = [ref for sector, area in parts for ref in (f"sector:{sector.id}", f"area:{area.id}")]
    references = ["overview", "appeals", "incidents", *of_parts[:2], "sources", *of_parts[2:]]
    return frozenset(scenes.view(reference, "main") for reference in references[:views_n])


def list_events(records: list[AppealRecord]) -> Iterator[AppealRecord]:
    """Give new appeals, and after every third the answer of one."""
    for number, record in enumerate(records):
        yield record
        if number % 3 == 2:
            yield answer(records[number - 2])


def measure(database: Database, profile: Profile, classifier: Classifier, views: frozenset[View]) -> dict[str, float]:
    """Return milliseconds of CPU of a round, and bytes of its frames."""
    clock = ManualClock(NOW)
    reader = LogReader(database, profile, clock)
    source = next(source for source in profile.sources if source.records == "appeals")
    begun = reader.read(Order(epoch="", tip=0, heard={}, views=views))
    tip, at, took_ms, tick_ms, sent = begun.head, begun.at, [], [], 0
    for number, record in enumerate(list_events(make_records(profile, EVENTS_N))):
        clock.advance(seconds=1 / PER_S)
        named = msgspec.structs.replace(record, foreign_id=f"{len(views)}-{record.foreign_id}")
        told = {"records": (named,), "rejected": (), "cursor": "{}", "source_time_at": None}
        commit_page(database, classifier, source, PollResult(**told, completeness=Completeness.COMPLETE), clock.now())
        is_tick = number % PER_S == 0
        if is_tick:
            with database.write() as connection:
                append_tick(connection, clock.now())
        began_s = time.process_time()
        reading = reader.read(Order(epoch=begun.epoch, tip=tip, at=at, heard={}, views=views))
        (tick_ms if is_tick else took_ms).append((time.process_time() - began_s) * 1000)
        sent += sum(map(len, reading.frames.values()))
        tip, at = reading.head, reading.at
    return {
        "round_ms": round(statistics.median(took_ms), 2),
        "mean_ms": round(statistics.mean(took_ms), 2),
        "tick_round_ms": round(statistics.mean(tick_ms[1:]), 2),
        "cpu_share": round((sum(took_ms) + sum(tick_ms)) / 1000 / ((len(took_ms) + len(tick_ms)) / PER_S), 3),
        "bytes": round(sent / (len(took_ms) + len(tick_ms))),
    }


def run(profile: Profile, appeals_n: int) -> dict[int, dict[str, float]]:
    """Measure a region of so many appeals with each number of views."""
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
        home = Path(folder)
        database = open_database(f"sqlite:///{home / 'bench.sqlite3'}")
        try:
            migrate(database)
            with database.write() as connection:
                put_appeals(connection, profile, appeals_n)
            with database.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
            classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, _VENDOR)))
            return {n: measure(database, profile, classifier, list_views(profile, home, n)) for n in VIEWS_N}
        finally:
            database.close()


def main() -> int:
    """Measure, print a table and one JSON line; return 0, for nothing is judged but that it works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the million")
    parser.add_argument("--appeals", type=int, nargs="+", default=None)
    options = parser.parse_args()
    profile = load_profile("kuzbass")
    figures = {size: run(profile, size) for size in options.appeals or (QUICK_SIZES if options.quick else SIZES)}
    heads = ("appeals", "views", "round ms", "mean ms", "with a tick ms", "share of a core", "bytes a round")
    rows = [(f"{size:,}", str(n), *map(str, one.values())) for size, of in figures.items() for n, one in of.items()]
    print(format_table(heads, rows))
    told = {str(size): {str(n): one for n, one in of.items()} for size, of in figures.items()}
    print(encode_text({"bench": "views", "ok": True, "figures": told}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
