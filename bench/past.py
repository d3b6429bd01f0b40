"""The time machine: `python -m bench.past [--quick] [--sizes N …]`.

First whether it is right: a generated week through the real ingest (`tests.weeks`), 500 random moments of it saved by
the live road, each built again afterwards and compared to the byte, and once more by one archive that goes forward.
Then what it costs over databases of several sizes: building an archive, copying it, going forward by ten minutes (a
second at the speed of 600), the values of a frame, and memory, at a recent instant and at one long ago.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa

from bench.invented import NOW, put_appeals
from svodka.domain.codec import decode, encode, encode_text
from svodka.domain.reasons import AreaReason, DueBasis, PointState, TopicReason
from svodka.domain.records import AppealRecord, AppealStatus
from svodka.ingest.classify import ClassifiedAppeal
from svodka.past.archive import Archive, Basis, build_archive
from svodka.past.showing import make_snapshot
from svodka.profiles.reader import load_profile
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime.reader import LogReader
from svodka.storage.database import Connection, open_database
from svodka.storage.facts import StoredAppeal
from svodka.storage.migrate import migrate
from svodka.storage.source_states import pack_states
from svodka.storage.tables import appeal_versions, appeals
from tests.weeks import Week, draw_moments

SIZES, QUICK_SIZES = (100_000, 1_000_000), (20_000,)
MOMENTS, QUICK_MOMENTS = 500, 60
MAX_BUILD_S = {100_000: 5.0, 1_000_000: 45.0}
MAX_STEP_S = 0.5
_BATCH = 5_000


def put_versions(connection: Connection) -> None:
    """Tell the past of `bench.invented`: each appeal as it came, and those that are done once more."""
    last_id = 0
    done_at = sa.case((appeals.c.is_open == sa.false(), appeals.c.answered_at), else_=appeals.c.received_at)
    while rows := [
        StoredAppeal(**row)
        for row in connection.execute(
            sa.select(appeals).where(appeals.c.id > last_id).order_by(appeals.c.id).limit(_BATCH)
        ).mappings()
    ]:
        connection.execute(sa.insert(appeal_versions), [told for facts in rows for told in _versions(facts)])
        last_id = rows[-1].id
    number = sa.case((appeals.c.is_open == sa.false(), 2), else_=1)
    connection.execute(sa.update(appeals).values(known_at=done_at, valid_at=done_at, version=number))


def _versions(facts: StoredAppeal) -> list[dict[str, object]]:
    terms = ClassifiedAppeal(
        channel=facts.channel,
        sector=facts.sector,
        topic=facts.topic,
        topic_reason=TopicReason(facts.topic_reason),
        area=facts.area,
        area_reason=AreaReason(facts.area_reason),
        body=facts.body,
        due_at=facts.due_at,
        due_basis=DueBasis(facts.due_basis),
        due_norm=facts.due_norm,
        lat=facts.lat,
        lon=facts.lon,
        point_state=PointState(facts.point_state),
    )
    record = AppealRecord(
        foreign_id=facts.foreign_id,
        received_at=facts.received_at,
        updated_at=facts.received_at,
        status=AppealStatus.NEW if facts.answered_at else AppealStatus(facts.status),
        text=facts.text,
        due_at=facts.due_at,
    )
    records = [(facts.received_at, record)]
    if facts.answered_at is not None:
        done = msgspec.structs.replace(
            record,
            status=AppealStatus.ANSWERED,
            answered_at=facts.answered_at,
            updated_at=facts.answered_at,
            rating=facts.rating,
        )
        records.append((facts.answered_at, done))
    return [
        {
            "appeal_id": facts.id,
            "version": n,
            "valid_at": at,
            "known_at": at,
            "status": told.status.value,
            "applied": True,
            "is_reversal": False,
            "fingerprint": str(n),
            "facts": encode_text({"record": told, "terms": terms}),
        }
        for n, (at, told) in enumerate(records, start=1)
    ]


def check_week(moments_n: int, seed: int = 1) -> dict[str, object]:
    """Return of how many moments of a generated week the archive equals what the live road saved."""
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'week.sqlite3'}")
        migrate(database)
        week = Week(database, seed, per_day=120)
        reader = LogReader(database, week.profile, week.clock)
        saved = [(at, reader.read_moment(["overview"])["overview"]) for at in week.run(draw_moments(seed, moments_n))]
        while True:
            with database.write() as connection:
                if not pack_states(connection, week.clock.now()):
                    break

        def is_equal(archive: Archive, snapshot: bytes) -> bool:
            told = decode(encode(make_snapshot(archive, EVERYTHING, is_exercise=False)))
            saved = decode(snapshot)
            for one in (told, saved):
                one["values"].pop(
                    "clusters", None
                )  # counted now and then by the live road, at the instant by an archive
            return all(told[name] == saved[name] for name in ("at", "values", "tables"))

        built, went, differs = 0, 0, 0
        with database.read() as connection:
            walking = build_archive(connection, week.profile, Basis.SEEN, saved[0][0], until=week.ends_at)
            for at, snapshot in saved:
                archive = build_archive(connection, week.profile, Basis.SEEN, at, until=at)
                built += is_equal(archive, snapshot)
                archive.close()
                walking.advance(connection, at)
                went += is_equal(walking, snapshot)
                known_now = build_archive(connection, week.profile, Basis.IS, at, until=at)
                differs += not is_equal(known_now, snapshot)
                known_now.close()
        database.close()
        return {
            "moments": len(saved),
            "equal_built": built,
            "equal_forward": went,
            "as_it_was_differs": differs,
            "happened": dict(week.done),
        }


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds of the processor that something took, and what it returned: other work blurs the clock."""
    began_s = time.process_time()
    result = work()
    return round(time.process_time() - began_s, 4), result


def resident_mb() -> float:
    """Return the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(url: str, basis: Basis, at: datetime) -> dict[str, float]:
    """Measure one archive in this process, which should be new: memory is what it holds then and did not before."""
    profile, database = load_profile("kuzbass"), open_database(url)
    before_mb = resident_mb()
    with database.read() as connection:
        build_s, archive = timed(lambda: build_archive(connection, profile, basis, at, until=at + timedelta(days=1)))
        assert isinstance(archive, Archive)
        memory_mb = resident_mb() - before_mb
        copy_s, copy = timed(archive.copy)
        assert isinstance(copy, Archive)
        steps = [timed(lambda n=n: copy.advance(connection, at + timedelta(minutes=10 * n)))[0] for n in range(1, 31)]
        values = [timed(lambda: encode(make_snapshot(copy, EVERYTHING, is_exercise=False)))[0] for _ in range(5)]
    return {
        "build_s": build_s,
        "copy_s": copy_s,
        "step_s": sorted(steps)[len(steps) // 2],
        "worst_step_s": max(steps),
        "values_s": min(values),
        "memory_mb": round(memory_mb, 1),
    }


def measure_sizes(sizes: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Return what archives cost, by size, basis and how long ago."""
    figures: dict[str, dict[str, float]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
            url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
            database = open_database(url)
            migrate(database)
            with database.write() as connection:
                put_appeals(connection, load_profile("kuzbass"), size)
                put_versions(connection)
            database.close()
            for basis in Basis:
                for days in (1, 20):
                    at = NOW - timedelta(days=days, seconds=0.123456)
                    asked = encode_text([url, basis.value, at])
                    told = subprocess.run(
                        [sys.executable, "-m", "bench.past", "--one", asked], check=True, capture_output=True
                    )
                    name = f"{size:,} {basis.value} {days} d ago"
                    figures[name] = decode(told.stdout)
                    print(
                        f"{name:28}" + "  ".join(f"{word} {value:>8.3f}" for word, value in figures[name].items()),
                        flush=True,
                    )
    return figures


def main() -> int:
    """Check, measure, print tables and one JSON line, and return 0 when everything is equal and within bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="60 moments and 20,000 appeals")
    parser.add_argument("--sizes", type=int, nargs="*", default=None)
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        url, basis, at = decode(options.one)
        print(encode_text(measure(url, Basis(basis), datetime.fromisoformat(at))))
        return 0
    week = check_week(QUICK_MOMENTS if options.quick else MOMENTS)
    print(
        f"equal to what was saved: {week['equal_built']}/{week['moments']} built anew, "
        f"{week['equal_forward']}/{week['moments']} going forward; "
        f"as it was differs at {week['as_it_was_differs']}"
    )
    sizes = QUICK_SIZES if options.quick else SIZES
    figures = measure_sizes(sizes if options.sizes is None else tuple(options.sizes))
    is_equal = week["equal_built"] == week["moments"] == week["equal_forward"]
    is_good = is_equal and all(
        told["step_s"] <= MAX_STEP_S and told["build_s"] <= MAX_BUILD_S.get(int(name.split()[0].replace(",", "")), 60)
        for name, told in figures.items()
    )
    print(encode_text({"bench": "past", "ok": is_good, "week": week, "figures": figures}))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
