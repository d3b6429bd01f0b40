"""Whether the wall shows exactly what the database holds: every number, every row, every mark.

Numbers that depend on the hour are computed for the same instant as the page's, give or take a second, so this is
asked when nothing moves any more, and asked again until it holds or its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.browsing import Watched
from bench.grid import CELLS, FEED_N, MARKS_N
from bench.installation import Installation
from svodka.domain.clock import SystemClock
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import build_snapshot
from svodka.storage.database import open_database
from svodka.storage.log_state import load_log_state
from tests.shown import Number, differences, is_on_wall, shown_numbers


def find_wrong(installation: Installation, watched: Watched) -> list[str]:
    """Return in words what the wall shows differently from the database, nothing where all is right."""
    database = open_database(installation.database_url)
    try:
        with database.read() as connection:
            state = load_log_state(connection)
            snapshot = build_snapshot(
                connection, installation.profile, SystemClock(), state.epoch, state.head, EVERYTHING
            )
    finally:
        database.close()
    shown: dict[str, Number] = watched.ask(
        "Object.fromEntries([...document.querySelectorAll('[data-kpi]')]"
        ".map((el) => [el.dataset.kpi, el.dataset.value === '' ? null : Number(el.dataset.value)]))"
    )
    wrong = find_wrong_numbers(shown, shown_numbers(snapshot.values))
    numbers = [installation.number_of(row.id) for row in snapshot.tables["appeals"]]
    if watched.rows()[:FEED_N] != numbers[:FEED_N]:
        wrong.append("the rows of the feed")
    if watched.cells() != {n % CELLS for n in numbers[:MARKS_N]}:
        wrong.append("the marks of the map")
    return wrong


def find_wrong_numbers(shown: Mapping[str, Number], expected: Mapping[str, Number]) -> list[str]:
    """Return in words which of the wall's numbers are missing or not what the read models say.

    Args:
        shown: By `data-kpi`; what the wall shows beside the numbers of the read models is passed over.
        expected: Every number of the read models.
    """
    common = {name: shown[name] for name in expected if name in shown}
    wrong = differences(common, {name: expected[name] for name in common})
    missing = sorted(name for name in expected.keys() - shown.keys() if is_on_wall(name))
    return [f"{name} is missing" for name in missing] + [
        f"{name}: {told} instead of {right}" for name, (told, right) in wrong.items()
    ]


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
