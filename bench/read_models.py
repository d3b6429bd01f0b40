"""What the values of a frame cost: `python -m bench.read_models [--quick] [--appeals N …] [--url postgresql://…]`.

Over databases of several sizes (`bench.invented`): every read model, all values that one kind of change concerns, a
whole snapshot, and the ticker's look. CPU of this process, which a busy machine blurs less than the clock; with
`--url` the statements themselves run in another process, so the clock is printed too.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from bench.invented import NOW, put_appeals
from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.domain.codec import encode_text
from svodka.ingest.ticker import Ticker
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.readmodels.keys import WHOLE
from svodka.readmodels.moment import Moment
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import READ_MODELS, build_snapshot, build_values
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.tables import metadata

ROUNDS = 40
SIZES, QUICK_SIZES = (20_000, 100_000, 1_000_000), (20_000, 100_000)
MAX_APPEAL_CPU_MS = 3.5
MAX_APPEAL_CPU_MS_OF_A_MILLION = 5.0
MILLION = 1_000_000

VALUES_OF = {
    "values of a new one": {ChangeKind.APPEAL},
    "values of an answer": {ChangeKind.APPEAL, ChangeKind.ANSWER},
    "values of incident": {ChangeKind.INCIDENT},
    "values of tick": {ChangeKind.TICK},
}

Work = tuple[str, Callable[[], object]]


def list_work(database: Database, profile: Profile) -> Iterator[Work]:
    """Give what is measured, by name; each piece of work reads what it needs in a transaction of its own."""

    def reading(ask: Callable[[sa.Connection], object]) -> Callable[[], object]:
        def work() -> None:
            with database.read() as connection:
                ask(connection)

        return work

    yield "transaction", reading(lambda _: None)
    for model in READ_MODELS:
        yield (
            model.stem,
            reading(lambda connection, model=model: model.compute(Moment(connection, profile, NOW), WHOLE)),
        )
    for name, kinds in VALUES_OF.items():
        yield name, reading(lambda connection, kinds=kinds: build_values(connection, profile, NOW, kinds))
    clock = ManualClock(NOW)
    yield "snapshot", reading(lambda connection: build_snapshot(connection, profile, clock, "e", 0, EVERYTHING))
    ticker = Ticker(database, profile, clock)
    ticker.tick()
    yield "ticker's look", ticker.tick


def measure(work: Callable[[], object]) -> dict[str, float]:
    """Return the medians of the processor's and of the clock's milliseconds, and the least of the former."""
    taken, cpu = [], []
    for _ in range(ROUNDS):
        began_s, cpu_began_s = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - began_s) * 1000)
        cpu.append((time.process_time() - cpu_began_s) * 1000)
    return {
        "cpu_ms": round(statistics.median(cpu), 3),
        "best_cpu_ms": round(min(cpu), 3),
        "ms": round(statistics.median(taken), 3),
    }


def run(url: str, profile: Profile, appeals_n: int) -> dict[str, dict[str, float]]:
    """Fill a database with so many appeals, and measure; what it held of an earlier size is replaced."""
    database = open_database(url)
    try:
        migrate(database)
        with database.write() as connection:
            for name in ("appeals", "sources", "change_log", "rollup_counts", "rollup_answer_minutes"):
                connection.execute(sa.delete(metadata.tables[name]))
            put_appeals(connection, profile, appeals_n)
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(sa.text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))
        return {name: measure(work) for name, work in list_work(database, profile)}
    finally:
        database.close()


def is_within_bounds(figures: dict[int, dict[str, dict[str, float]]]) -> bool:
    """Return whether the values of a changed appeal stay cheap at every size."""
    return all(
        of_size["values of an answer"]["cpu_ms"]
        <= (MAX_APPEAL_CPU_MS_OF_A_MILLION if size >= MILLION else MAX_APPEAL_CPU_MS)
        for size, of_size in figures.items()
    )


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the million, under 45 s")
    parser.add_argument("--appeals", type=int, nargs="+", default=None)
    parser.add_argument("--url", default="", help="a database whose facts are replaced; a new SQLite file by default")
    options = parser.parse_args()
    figures: dict[int, dict[str, dict[str, float]]] = {}
    profile = load_profile("kuzbass")
    for size in options.appeals or (QUICK_SIZES if options.quick else SIZES):
        with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
            figures[size] = run(options.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}", profile, size)
        print(f"{size:>9,} appeals      {'CPU':>9} {'best CPU':>12} {'clock':>12}")
        for name, taken in figures[size].items():
            print(f"{name:20} {taken['cpu_ms']:>9.2f} ms {taken['best_cpu_ms']:>9.2f} ms {taken['ms']:>9.2f} ms")
    is_good = is_within_bounds(figures)
    bounds = {"appeal_cpu": MAX_APPEAL_CPU_MS, "appeal_cpu_of_a_million": MAX_APPEAL_CPU_MS_OF_A_MILLION}
    told = {str(size): of_size for size, of_size in figures.items()} | {"bounds_ms": bounds}
    print(encode_text({"bench": "read_models", "ok": is_good, "figures": told}))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
