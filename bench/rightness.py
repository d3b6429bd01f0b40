"""Whether the wall shows exactly what the database holds: every number, every row.

Numbers that depend on the hour are computed for the same instant as the page's, give or take a second, so this is
asked when nothing moves any more, and asked again until it holds or its time is over.
"""

from __future__ import annotations

from bench.browsing import Watched
from bench.grid import FEED_N
from bench.installation import Installation
from svodka.domain.clock import SystemClock
from svodka.readmodels.registry import build_snapshot
from svodka.storage.change_log import load_head
from svodka.storage.database import open_database
from svodka.storage.migrate import load_epoch
from tests.shown import Number, differences, shown_numbers

_MIN_NUMBERS_N = 40


def find_wrong(installation: Installation, watched: Watched) -> list[str]:
    """Return in words what the wall shows differently from the database, nothing where all is right."""
    database = open_database(installation.database_url)
    try:
        with database.read() as connection:
            epoch, head = load_epoch(connection), load_head(connection)
            snapshot = build_snapshot(connection, installation.profile, SystemClock(), epoch, head)
    finally:
        database.close()
    shown: dict[str, Number] = watched.ask(
        "Object.fromEntries([...document.querySelectorAll('[data-kpi]')]"
        ".map((el) => [el.dataset.kpi, el.dataset.value === '' ? null : Number(el.dataset.value)]))"
    )
    expected = shown_numbers(snapshot.values)
    common = shown.keys() & expected.keys()
    wrong = [
        f"{name}: {told} instead of {right}"
        for name, (told, right) in differences(
            {name: shown[name] for name in common}, {name: expected[name] for name in common}
        ).items()
    ]
    if len(common) < _MIN_NUMBERS_N:
        wrong.append(f"only {len(common)} numbers are shown")
    rows = [installation.number_of(row.id) for row in snapshot.tables["appeals"][:FEED_N]]
    if watched.rows()[:FEED_N] != rows:
        wrong.append("the rows of the feed")
    return wrong


def wait_right(installation: Installation, watched: Watched, limit_s: float) -> list[str]:
    """Ask until nothing is wrong; return what still is after the limit."""
    found: list[list[str]] = [[]]

    def is_right() -> bool:
        found[0] = find_wrong(installation, watched)
        return not found[0]

    try:
        watched.wait_until(is_right, limit_s, "the wall is right")
    except AssertionError:
        return found[0]
    return []
