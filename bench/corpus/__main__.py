"""Every file of the public corpus through a connector or mapping: `python -m bench.corpus [--data FOLDER] [--quick]`.

For each file: rows in, stored, merged (told before: the same, older, or changed), quarantined by reason, passed over
by reason, and whether that equals a count made without the product (bench/corpus/counts.py, tests/replay_count.py).
Everything goes through the product's own poll cycle into one SQLite database, twice: the second reading must add
nothing. `--quick` leaves out the three recorded feeds. Without the corpus nothing is measured, and that is said.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import structlog

from bench.corpus.files import ATTACKS, FOLDERS, way_of
from bench.corpus.reading import Desk, Reading, read_file
from bench.ingest.road import make_classifier
from bench.spans import format_table
from svodka.domain.codec import encode_text
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def run(data: Path, *, quick: bool) -> tuple[list[Reading], dict[str, str]]:
    """Read every file.

    Returns:
        What became of each, and why others hold no records, by name.
    """
    readings: list[Reading] = []
    none: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="svodka-corpus-") as name:
        home = Path(name)
        classifier = make_classifier(load_profile("kuzbass"), home)
        database = open_database(f"sqlite:///{home / 'corpus.sqlite3'}")
        try:
            migrate(database)
            desk = Desk(database, classifier, home)
            for folder in FOLDERS:
                for path in sorted(path for path in (data / folder).rglob("*") if path.is_file()):
                    way = way_of(path)
                    file = str(path.relative_to(data))
                    if isinstance(way, str):
                        none[file] = way
                    elif not (quick and way.role in {"folder", "replay"}):
                        readings.append(read_file(path, file, way, desk))
        finally:
            database.close()
    return readings, none


def summarise(readings: list[Reading], none: dict[str, str]) -> dict[str, Any]:
    """Return the figures of a run."""
    quarantined: Counter[str] = Counter()
    for reading in readings:
        quarantined.update(reading.quarantined)
    return {
        "files": len(readings) + len(none),
        "read": len(readings),
        "without_records": none,
        "rows": sum(reading.read_n for reading in readings),
        "stored": sum(reading.stored_n for reading in readings),
        "merged": sum(reading.merged_n for reading in readings),
        "quarantined": dict(quarantined),
        "refused": sorted(reading.file for reading in readings if reading.is_blocked),
        "attacks_blocked": sum(reading.is_blocked for reading in readings if Path(reading.file).name in ATTACKS),
        "unequal": [reading.file for reading in readings if not reading.equal],
        "changed_when_read_again": [reading.file for reading in readings if reading.again_n],
        "unhandled_errors": [reading.file for reading in readings if not reading.is_handled],
    }


def main() -> int:
    """Read all, print a table and one JSON line, and return 0 when everything is equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the corpus")
    parser.add_argument("--quick", action="store_true", help="without the three recorded feeds")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if not options.data.exists():
        print(encode_text({"bench": "corpus", "ok": True, "figures": {"skipped": f"{options.data} is not there"}}))
        return 0
    readings, none = run(options.data, quick=options.quick)
    heads = ("file", "through", "rows", "stored", "merged", "quarantined", "passed over", "counted", "equal", "again")
    print(format_table(heads, [_row(reading) for reading in readings]))
    for file, why in none.items():
        print(f"{file}: no records: {why}")
    for reading in readings:
        if reading.error_kind:
            print(f"{reading.file}: {reading.error_kind}: {reading.error_text}")
    figures = summarise(readings, none)
    is_good = all(reading.is_good for reading in readings) and figures["attacks_blocked"] == len(ATTACKS)
    print(encode_text({"bench": "corpus", "ok": is_good, "figures": figures}))
    return 0 if is_good else 1


def _row(reading: Reading) -> tuple[object, ...]:
    told = reading.told
    return (
        reading.file,
        reading.way,
        reading.read_n,
        reading.stored_n,
        reading.merged_n,
        _shown(reading.quarantined),
        _shown(reading.skipped),
        f"{told.rows_n}/{told.records_n}/{told.unreadable_n}" if told else "",
        "refused" if reading.is_blocked else "yes" if reading.equal else "NO",
        reading.again_n,
    )


def _shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items())) or "0"


if __name__ == "__main__":
    sys.exit(main())
