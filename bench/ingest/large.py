"""Memory while a large table is read and stored: `python -m bench.ingest.large csv|xlsx MIB` in a process of its own.

A table of so many megabytes is written into a watched folder and read by the table connector, committed page by page
into SQLite. After every page the memory that the process has of its own is read (anonymous pages in memory).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import structlog
import xlsxwriter

from bench.ingest.appeals import DIRT, NOW, SOURCE_ZONE
from bench.ingest.road import VENDOR
from bench.memory import own_of_tree
from datasources.registry import build_connector
from svodka.domain import codec
from svodka.domain.clock import ManualClock
from svodka.domain.reasons import Outcome
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
_HEAD = ("Номер", "Поступило", "Статус", "Текст", "Муниципалитет")
_TEXT_CHARS = 6_000
_SETTLED_S = 60.0
_WARM_PAGES = 10


def measure(form: str, size_mib: int) -> dict[str, Any]:
    """Run it in a process of its own and return its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest.large", form, str(size_mib)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    figures: dict[str, Any] = codec.decode(done.stdout.splitlines()[-1])
    return figures


def write_csv(path: Path, size: int) -> int:
    """Write a CSV file of at least `size` bytes; return how many rows it has."""
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write(";".join(_HEAD) + "\n")
        for number, cells in enumerate(_rows(), start=1):
            file.write(";".join(cells) + "\n")
            if number % 100 == 0 and file.tell() >= size:
                return number
    raise AssertionError


def write_xlsx(path: Path, size: int) -> int:
    """Write a workbook whose packed file has at least about `size` bytes; return how many rows it has."""
    packed_share = 0.43  # of text whose letters are drawn by chance
    with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _HEAD)
        written, number = 0.0, 0
        for number, cells in enumerate(_rows(random_letters=True), start=1):
            sheet.write_row(number, 0, cells)
            written += len(cells[3]) * packed_share
            if written >= size:
                break
    return number


def _rows(*, random_letters: bool = False) -> Any:
    chance = Random(3)  # noqa: S311 - invented facts, no secret
    words = DIRT["words"].split()
    profile = load_profile("kuzbass")
    number = 0
    while True:
        number += 1
        if random_letters:
            text = chance.randbytes(_TEXT_CHARS // 2).hex()
        else:
            text = " ".join(chance.choices(words, k=_TEXT_CHARS // 12))
        yield f"t{number}", "04.03.2026 10:00", "Новое", text, chance.choice(profile.areas).name


def run(form: str, size_mib: int) -> dict[str, Any]:
    """Write the table, read it to its end, and return figures."""
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as name:
        home = Path(name)
        inbox = home / "inbox"
        inbox.mkdir()
        path = home / f"large.{form}"
        rows_n = (write_csv if form == "csv" else write_xlsx)(path, size_mib * MIB)
        path.rename(inbox / path.name)
        profile = load_profile("kuzbass")
        classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, VENDOR)))
        clock = ManualClock(NOW)
        source = _source(inbox)
        connector = build_connector(source, clock, folders=(inbox,))
        database = open_database(f"sqlite:///{home / 'bench.sqlite3'}")
        migrate(database)
        run_cycle(database, classifier, source, connector, clock)  # the first look; the file has to stand still
        clock.advance(seconds=_SETTLED_S)
        gc.collect()
        looks, stored_n, is_complete = [_own_mib()], 0, False
        began_s = time.perf_counter()
        while not is_complete:
            report = run_cycle(database, classifier, source, connector, clock, max_pages=1)
            assert not report.error_kind, (report.error_kind, report.error_text)
            stored_n += report.outcomes[Outcome.STORED]
            is_complete = report.complete
            looks.append(_own_mib())
        seconds = time.perf_counter() - began_s
        connector.close()
        database.close()
        size = (inbox / path.name).stat().st_size
    warm = looks[min(_WARM_PAGES, len(looks) - 1)]
    return {
        "form": form,
        "mib": round(size / MIB),
        "rows": rows_n,
        "stored": stored_n,
        "per_s": round(stored_n / seconds),
        "mib_per_s": round(size / MIB / seconds, 1),
        "before_mib": round(looks[0], 1),
        "warm_mib": round(warm, 1),
        "peak_mib": round(max(looks), 1),
        "end_mib": round(looks[-1], 1),
        "grown_mib": round(max(looks) - looks[0], 1),
        "grown_after_warm_mib": round(max(looks[_WARM_PAGES:], default=warm) - warm, 1),
    }


def _source(inbox: Path) -> SourceConfig:
    number, received, state, text, area = _HEAD
    return SourceConfig(
        id="large",
        name="large",
        connector="table",
        records="appeals",
        url=f"file://{inbox}/",
        interval_s=60,
        ageing_s=300,
        stale_s=900,
        dead_s=3600,
        time_zone=SOURCE_ZONE,
        params={
            "fields": {"id": [number], "started_at": received, "status": state, "text": text, "area_name": area},
            "statuses": DIRT["states"],
        },
    )


def _own_mib() -> float:
    return own_of_tree(os.getpid()) / MIB


def main() -> int:
    """Run and print one JSON line."""
    form, size_mib = sys.argv[1:]
    print(codec.encode_text(run(form, int(size_mib))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
