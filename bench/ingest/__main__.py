"""How fast appeals come in, from a source's answer to committed: `python -m bench.ingest [--quick] [--profile]`.

A feed of JSON in pages of 500 is served over HTTP on the loopback by another process, read by the `http_json` connector
and stored by the product's own poll cycle, on SQLite and on a PostgreSQL of the run's own, both with fsync: plain
appeals and dirty ones (bench/ingest/appeals.py). What became of every record is compared with what must. Beside it
dlt loads the same pages into the same kinds of database (bench/peers/dlt_load.py).

Storage alone (screened, merged, written; read, normalised and classified before) stands beside plain INSERTs of the
same rows in the same pages (bench/ingest/plain.py; adr/0180 says what counts as one). Memory is that of a process that
reads a table of 200 MB (bench/ingest/large.py). `--url` measures only the CPU of storing, in that empty database.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import structlog

from bench.ingest import large, stages
from bench.ingest.appeals import KINDS, PAGE_N, make_pages
from bench.ingest.databases import SQLITE, Databases, databases
from bench.ingest.feed import feeding
from bench.ingest.road import Stretch, compare_storage, make_classifier, travel
from bench.ingest.storing import measure_storing
from bench.peers.environment import ROOT, ensure_peers
from bench.spans import format_table
from svodka.domain.codec import decode, encode_text
from svodka.ingest.classify import Classifier
from svodka.profiles.reader import load_profile
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate

MIN_DIRTY_PER_S, MIN_SHARE_OF_PLAIN = 1_500, 0.25
MAX_NEW_US, MAX_WITH_PROBLEMS_US, MAX_ANSWERED_US = 100.0, 150.0, 120.0
MAX_GROWN_MIB, MAX_GROWN_AFTER_WARM_MIB = 96.0, 24.0
APPEALS_N, QUICK_APPEALS_N = 20_000, 5_000
TABLE_MIB, QUICK_TABLE_MIB = 200, 10
_PROFILE = "kuzbass"
_DLT_WANTED, _DLT_HOME = ROOT / "bench" / "peers" / "dlt_requirements.txt", ROOT / "var" / "bench" / "dlt"


def judge(figures: dict[str, Any]) -> list[str]:
    """Return which bounds a run breaks, each as a sentence; none where all hold."""
    broken = [
        f"{name}: {row['counts']} are not what must come of the records"
        for name, row in figures["road"].items()
        if not row["is_right"]
    ]
    broken += [
        f"{name}: {row['per_s']} records a second, fewer than {MIN_DIRTY_PER_S}"
        for name, row in figures["road"].items()
        if name.startswith("dirty") and row["per_s"] < MIN_DIRTY_PER_S
    ]
    broken += [
        f"storage alone on {kind}: {row['share_of_plain']} of a plain INSERT, less than {MIN_SHARE_OF_PLAIN}"
        for kind, row in figures["storage"].items()
        if row["share_of_plain"] < MIN_SHARE_OF_PLAIN
    ]
    bounds = {
        "new_cpu_us": MAX_NEW_US,
        "with_problems_cpu_us": MAX_WITH_PROBLEMS_US,
        "answered_cpu_us": MAX_ANSWERED_US,
    }
    for name, most_us in bounds.items():
        if figures["storing"][name] > most_us:
            broken.append(f"storing: {name} is {figures['storing'][name]}, more than {most_us:g}")
    for form, row in figures["memory"].items():
        if row["stored"] != row["rows"]:
            broken.append(f"table {form}: {row['stored']} of {row['rows']} rows were stored")
        if row["grown_mib"] > MAX_GROWN_MIB or row["grown_after_warm_mib"] > MAX_GROWN_AFTER_WARM_MIB:
            grown = f"{row['grown_mib']} MiB in all and {row['grown_after_warm_mib']} after the first pages"
            broken.append(f"table {form}: memory grew by {grown}")
    return broken


def measure_road(bases: Databases, classifier: Classifier, appeals_n: int, *, peers: bool) -> dict[str, Any]:
    """Read both kinds of appeals into each kind of database, and have dlt load the same."""
    rows: dict[str, Any] = {}
    for kind in KINDS:
        _, expected = make_pages(classifier.profile, kind, appeals_n)
        with feeding(_PROFILE, kind, appeals_n) as url:
            for base in bases.kinds:
                with bases.fresh(base) as database:
                    rows[f"{kind} {base}"] = _shown(travel(database, classifier, url, expected))
                if peers:
                    rows[f"{kind} {base}"]["dlt_per_s"] = _load_with_dlt(bases, base, url, appeals_n)
    return rows


def profile_road(bases: Databases, classifier: Classifier, appeals_n: int) -> None:
    """Print where the time of dirty appeals goes."""
    _, expected = make_pages(classifier.profile, "dirty", appeals_n)
    shares: dict[str, dict[str, float]] = {}
    with feeding(_PROFILE, "dirty", appeals_n) as url:
        for base in bases.kinds:
            with bases.fresh(base) as database:

                def work(database: Any = database) -> Stretch:
                    return travel(database, classifier, url, expected)

                shares[base], top = stages.profile(work)
            print(f"\n{base}: functions that take most by themselves, dirty appeals")
            print(format_table(("function", "share"), [(name, f"{share:.1%}") for name, share in top]))
    print("\nshares by stage, dirty appeals, under cProfile")
    rows = [(stage, *(f"{shares[base][stage]:.1%}" for base in shares)) for stage in next(iter(shares.values()))]
    print(format_table(("stage", *shares), rows))


def _shown(stretch: Stretch) -> dict[str, Any]:
    return {
        "per_s": round(stretch.per_s),
        "cpu_us": round(stretch.cpu_us, 1),
        "is_right": stretch.is_right,
        "counts": stretch.counts.outcomes | {"by reason": stretch.counts.quarantined},
    }


def _load_with_dlt(bases: Databases, base: str, url: str, appeals_n: int) -> int | None:
    """Return how many appeals a second dlt loads; None where it did not load all that are objects."""
    python = ensure_peers(_DLT_WANTED, _DLT_HOME)
    destination = "sqlalchemy" if base == SQLITE else "postgres"
    with tempfile.TemporaryDirectory(prefix="svodka-dlt-") as folder:
        # dlt insists on a password; the server of the run asks for none.
        address = bases.url(base).replace("postgres@", "postgres:unused@")
        done = subprocess.run(
            [str(python), str(ROOT / "bench/peers/dlt_load.py"), url, destination, address, str(PAGE_N), folder],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
        )
    if done.returncode:
        print(f"dlt on {base} gave up:", done.stderr.strip().splitlines()[-1][:200])
        return None
    told = decode(done.stdout.splitlines()[-1])
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in told["steps_s"].items())
    print(f"dlt on {base}: {told['rows']} rows, {steps}")
    return round(appeals_n / told["seconds"])


def _print(figures: dict[str, Any]) -> None:
    heads = ("from answer to committed", "records a second", "CPU, µs each", "right", "dlt a second")
    rows = figures["road"].items()
    print(
        format_table(
            heads,
            [(name, row["per_s"], row["cpu_us"], str(row["is_right"]), row.get("dlt_per_s")) for name, row in rows],
        )
    )
    heads = ("storage alone, a second", "product", "with problems", "plain INSERT", "driver's least", "of plain")
    heads = (*heads, "with problems", "of the least")
    names = ("storage_per_s", "with_problems_per_s", "plain_per_s", "driver_per_s", "share_of_plain")
    names = (*names, "share_with_problems", "share_of_driver")
    print("\n" + format_table(heads, [(k, *(row[n] for n in names)) for k, row in figures["storage"].items()]))
    heads = ("CPU of storing, µs", "new", "new, with problems", "answered")
    names = ("new_cpu_us", "with_problems_cpu_us", "answered_cpu_us")
    print(
        "\n" + format_table(heads, [("classified, merged, written (SQLite)", *(figures["storing"][n] for n in names))])
    )
    heads = ("memory, MiB", "table", "rows", "rows a second", "before", "after 10 pages", "peak", "end")
    names = ("mib", "rows", "per_s", "before_mib", "warm_mib", "peak_mib", "end_mib")
    print("\n" + format_table(heads, [(f, *(row[n] for n in names)) for f, row in figures["memory"].items()]))


def main() -> int:
    """Measure, print tables and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer appeals, a small table, no peers")
    parser.add_argument("--profile", action="store_true", help="say where the time of dirty appeals goes, and end")
    parser.add_argument("--appeals", type=int, default=0, help="how many")
    parser.add_argument("--url", default="", help="only the CPU of storing, in this empty database")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    appeals_n = options.appeals or (QUICK_APPEALS_N if options.quick else APPEALS_N)
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as home:
        if options.url:
            return _storing_only(options.url, appeals_n, Path(home))
        classifier = make_classifier(load_profile(_PROFILE), Path(home))
        with databases() as bases:
            if options.profile:
                profile_road(bases, classifier, appeals_n)
                return 0
            figures = _measure_all(bases, classifier, appeals_n, quick=options.quick, home=Path(home))
    _print(figures)
    broken = judge(figures)
    print("".join(f"\nnot held: {sentence}" for sentence in broken))
    print(encode_text({"bench": "ingest", "ok": not broken, "figures": figures}))
    return 1 if broken else 0


def _measure_all(
    bases: Databases, classifier: Classifier, appeals_n: int, *, quick: bool, home: Path
) -> dict[str, Any]:
    figures: dict[str, Any] = {"road": measure_road(bases, classifier, appeals_n, peers=not quick)}
    figures["storage"] = {kind: compare_storage(bases, kind, classifier, appeals_n) for kind in bases.kinds}
    with bases.fresh(SQLITE) as database:
        figures["storing"] = measure_storing(database, appeals_n, home)
    size_mib = QUICK_TABLE_MIB if quick else TABLE_MIB
    figures["memory"] = {form: large.measure(form, size_mib) for form in ("csv", "xlsx")}
    return figures


def _storing_only(url: str, appeals_n: int, home: Path) -> int:
    database = open_database(url)
    try:
        migrate(database)
        storing = measure_storing(database, appeals_n, home)
    finally:
        database.close()
    is_good = not judge({"road": {}, "storage": {}, "memory": {}, "storing": storing})
    print(encode_text({"bench": "ingest", "ok": is_good, "figures": {"storing": storing}}))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
