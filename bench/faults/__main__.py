"""Faults on purpose, then a comparison: `python -m bench.faults [--quick]`.

A run serves an invented day of appeals and incidents at high speed to the real processes, does what its seeded plan
says to them, to the database, the broker, the sources, the clock and the browsers' lines, lets everything come to
rest and compares: tables with an oracle computed from the inputs, every browser with a fresh snapshot of the server.

    --crash-points  a process dies at every named place of the code in turn, then the same comparison
    --kills 200     a writer, or PostgreSQL, is killed at random moments; each time the database must open clean
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter

from bench.faults.crash_points import crash_everywhere
from bench.faults.kills import KillReport, kill_repeatedly
from bench.faults.plan import PAIR, SPLIT, SUPERVISED, find_log_kept_s
from bench.faults.run import Report, run_once
from bench.faults.stage import Options
from svodka.domain.codec import encode_text

_QUICK = {"faults_n": 10, "events_n": 1000, "span_s": 10.0, "models_n": 4, "settle_limit_s": 25.0}
_MIXED = (SUPERVISED, SPLIT, PAIR, SPLIT)


def main() -> int:
    """Make the runs, print a table and one JSON line, and return 0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed on SQLite, under 45 s")
    parser.add_argument("--seeds", default="1..10", help="first..last, or one number")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="sqlite")
    parser.add_argument("--topology", choices=["1x1", "2x2", "supervised", "mixed"], default="mixed",
                        help="mixed: of four seeds one under the supervisor, one 2x2, two 1x1")  # fmt: skip
    parser.add_argument("--faults-per-run", type=int, default=60)
    parser.add_argument("--events-per-run", type=int, default=10_000)
    parser.add_argument("--span", type=float, default=150.0, help="real seconds that the invented day takes")
    parser.add_argument("--no-chromium", action="store_true")
    parser.add_argument("--crash-points", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="keep the folder of each run")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # runs end with everything they started
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    if options.kills:
        return summarise_kills([kill_repeatedly(database, options.kills) for database in databases])
    reports = []
    if options.crash_points:
        reports = [crash_everywhere(database, keep=options.keep) for database in databases]
        print("\n".join(report.line() for report in reports))
        return summarise(reports)
    for one in planned(options):
        reports.append(run_once(one))
        print(reports[-1].line(), flush=True)
    return summarise(reports)


def planned(options: argparse.Namespace) -> list[Options]:
    """Return the runs that were asked for."""
    if options.quick:
        return [Options(seed=1, chromium=not options.no_chromium, keep=options.keep, **_QUICK)]
    first, _, last = options.seeds.partition("..")
    databases = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    return [
        Options(
            seed=seed,
            database=database,
            topology=_MIXED[seed % 4] if options.topology == "mixed" else options.topology,
            faults_n=options.faults_per_run,
            events_n=options.events_per_run,
            span_s=options.span,
            chromium=not options.no_chromium,
            log_kept_s=find_log_kept_s(seed),
            keep=options.keep,
        )
        for database in databases
        for seed in range(int(first), int(last or first) + 1)
    ]


def summarise_kills(reports: list[KillReport]) -> int:
    """Print what was killed and found, and everything in one JSON line."""
    print("\n".join(report.line() for report in reports))
    is_ok = all(not report.wrong for report in reports)
    print(encode_text({"bench": "faults", "ok": is_ok, "figures": {"kills": reports}}))
    return 0 if is_ok else 1


def summarise(reports: list[Report]) -> int:
    """Print the kinds of faults with their counts, and everything in one JSON line."""
    faults: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    browsers: Counter[str] = Counter()
    for report in reports:
        faults.update(report.faults)
        skipped.update(report.skipped)
        browsers.update(report.browsers)
    print(f"\n{'fault':24} {'done':>6} {'hit nobody':>11}")
    for kind in sorted(faults.keys() | skipped.keys()):
        print(f"{kind:24} {faults[kind]:>6} {skipped[kind]:>11}")
    wrong = [f"seed {report.seed} {report.database}: {text}" for report in reports for text in report.wrong]
    is_ok = bool(reports) and not wrong
    figures = {
        "runs": len(reports),
        "strict_runs": sum(report.is_strict for report in reports),
        "pruned_runs": sum(report.pruned_n > 0 for report in reports),
        "topologies": dict(Counter(report.topology for report in reports)),
        "faults_n": faults.total(),
        "events_n": sum(report.events_n for report in reports),
        "log_lines": sum(report.log_lines for report in reports),
        "faults": dict(sorted(faults.items())),
        "browsers": dict(browsers),
        "settle_worst_s": round(max((report.settle_s for report in reports), default=0.0), 1),
        "wrong": [text[:500] for text in wrong[:20]],
    }
    print(encode_text({"bench": "faults", "ok": is_ok, "figures": figures}))
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
