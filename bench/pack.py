"""How long a pack takes: `python -m bench.pack [--quick] [--scenes N]`, the real product with a day behind it.

The seconds from asking to the finished file, of a pack of all formats of six scenes at 3840x2160 (fewer where the
profile has fewer), twice, and whether the two are the same bytes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from svodka.domain.clock import SystemClock, monotonic_s
from svodka.domain.codec import encode_text
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import load_profile
from svodka.realtime.reader import LogReader
from svodka.reports.build import FORMATS
from svodka.reports.capture import capture, list_scenes
from svodka.reports.pack import verify_pack
from svodka.scenes.book import open_scenes
from svodka.scenes.views import SceneViews
from svodka.storage.database import Database, open_database
from svodka.storage.moments import save_moment
from svodka.storage.packs import PackState, StoredPack, ask_pack, load_pack, load_packs
from tests.e2e.processes import wait_until
from tests.e2e.product import Product

ID = "2026-01-01-0000-be9c"
SCENES_N = 6
MAX_S = 120.0
_LIMIT_S = 600.0


def choose_scenes(listed: list[str], n: int) -> list[str]:
    """Return one reference for each scene first, then others, `n` in all where there are so many."""
    first = {ref.partition(":")[0]: ref for ref in reversed(listed)}
    chosen = [ref for ref in listed if ref in first.values()]
    return [*chosen, *(ref for ref in listed if ref not in chosen)][:n]


def store_present(database: Database, product: Product, scenes_n: int) -> list[str]:
    """Store the present moment of the product as one that packs can be made of; return its scenes."""
    profile, words = load_profile("kuzbass"), load_catalogue("ru")
    book = open_scenes(profile, product.home / "scenes")
    reader = LogReader(database, profile, SystemClock(), SceneViews(book).known_view)
    refs = choose_scenes(list(list_scenes(book, "ru")), scenes_n)
    moment, scenes = capture(
        reader.read_moment,
        book,
        refs,
        make_id=lambda _first: ID,
        kind="export",
        title="Доклад",
        by="bench",
        language=words.language,
    )
    with database.write() as connection:
        save_moment(connection, moment, scenes)
    return refs


def make_pack(database: Database, product: Product, formats: tuple[str, ...] = FORMATS) -> tuple[bytes, float]:
    """Ask for a pack, wait for it, and return the file and the seconds it took."""
    begun_s = monotonic_s()
    with database.write() as connection:
        ask_pack(connection, ID, ",".join(formats), at=datetime.now(UTC), by="bench")
        number = load_packs(connection, ID, 1)[0].id
    wait_until(lambda: _find(database, number).ended_at is not None, _LIMIT_S, "the pack")
    took_s = monotonic_s() - begun_s
    pack = _find(database, number)
    assert pack.state == PackState.DONE, pack.error
    return (product.home / "packs" / pack.file).read_bytes(), took_s


def _find(database: Database, number: int) -> StoredPack:
    with database.read() as connection:
        found = load_pack(connection, number)
    assert found is not None
    return found


def measure(scenes_n: int) -> tuple[list[str], list[bytes], list[float]]:
    """Return the scenes, two packs of all formats of one moment, and the seconds each took."""
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        try:
            product.start().wait_healthy()
            database = open_database(f"sqlite:///{product.home}/svodka.sqlite3")
            scenes = store_present(database, product, scenes_n)
            packs, took_s = zip(*(make_pack(database, product) for _ in range(2)), strict=True)
            database.close()
        finally:
            product.close()
    return scenes, list(packs), list(took_s)


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when packs are whole, equal and in time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one scene instead of six")
    parser.add_argument("--scenes", type=int, default=0)
    options = parser.parse_args()
    scenes, packs, took_s = measure(options.scenes or (1 if options.quick else SCENES_N))
    verdict = verify_pack(packs[0])
    not_ready, failed = list(verdict.manifest.not_ready), list(verdict.manifest.failed)
    print(f"scenes: {', '.join(scenes)}")
    print(f"{'file':50} {'MB':>6}")
    for entry in verdict.manifest.files:
        print(f"{entry.name:50} {entry.bytes / 1e6:>6.2f}")
    print(f"seconds: {took_s[0]:.1f}, again {took_s[1]:.1f}; equal: {packs[0] == packs[1]}")
    print(f"not ready: {not_ready}; failed: {failed}")
    is_ok = verdict.is_whole and not (not_ready or failed) and packs[0] == packs[1] and max(took_s) <= MAX_S
    figures = {
        "scenes": len(scenes),
        "seconds": [round(s, 1) for s in took_s],
        "bytes": len(packs[0]),
        "equal": packs[0] == packs[1],
        "not_ready": not_ready,
        "failed": failed,
    }
    print(encode_text({"bench": "pack", "ok": is_ok, "figures": figures}))
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
