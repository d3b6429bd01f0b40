"""How soon screens are right again after kill -9 of their server: `python -m bench.recovery [--quick]`.

Ten events a second go on while the serving process is killed. Ours is started again as late as the supervisor would
start it at worst: its look every 0.2 s and its pause of 0.5 s are in the figure (of a first death; deaths in a row wait
longer). Peers, which bring no supervisor, are started again at once, Dash's worker by gunicorn. Right again is a
screen that shows, in every panel, what was committed up to a quarter of a second ago; nothing is lost when it shows
every event of the time without a server, and, ours, exactly the database's numbers, rows and marks. Ours: two browsers
and five models of one, which try again when a wall would (retry.mjs). Peers: the same done to their servers, one
browser; their state is kept in Redis for them, so that a new process has it.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from typing import Any

from playwright.sync_api import Browser

from bench.browsing import Run, Watched
from bench.grid import FEED_N
from bench.installation import Installation
from bench.publisher import Order
from bench.rig import set_up
from bench.rightness import wait_right
from bench.spans import format_table
from bench.systems import PEERS, Raw, Svodka, System, attempt
from svodka.domain.codec import encode_text
from svodka.storage.database import open_database
from svodka.storage.queries.rows import load_newest_appeals
from tests.e2e.processes import wait_until
from tests.wall_models import WallModel

MAX_RIGHT_S = 3.0
ROUNDS_N = 3
_ORDER = Order(rate=10, seconds=8)
_KILL_AFTER_S = 3.0  # the events that follow fit into the 50 rows of a feed
_USUAL_WAIT_S = 0.25
_IN_FLIGHT_S = 0.3
_SETTLE_S = 20.0
_RIGHT_LIMIT_S = 5.0


def measure(browser: Browser, system: System, *, rounds_n: int, browsers_n: int, models_n: int) -> dict[str, Any]:
    """Start a system, kill it again and again, and return the worst of it."""
    publisher = system.publisher()
    screens: list[Watched] = []
    models: list[WallModel] = []
    found: list[dict[str, Any]] = []
    try:
        system.start()
        for _ in range(browsers_n):
            screens.append(Watched(browser, system))
            screens[-1].open()
            if isinstance(system, Svodka):
                screens[-1].calibrate()
        models.extend(WallModel(system.url) for _ in range(models_n))
        wait_until(lambda: all(model.state for model in models), 10, "the models have their first snapshot")
        found.extend(_kill_once(system, publisher, screens, models) for _ in range(rounds_n))
    finally:
        for screen in screens:
            screen.close()
        for model in models:
            model.close()
        system.close()
        publisher.close()
    times = [taken for told in found for taken in told["right_after_s"]]
    return {
        "restart_pause_s": system.restart_pause_s,
        "right_after_s": times,
        "worst_s": None if None in times else max(times),
        "lost_n": sum(told["lost_n"] for told in found),
        "wrong": [words for told in found for words in told["wrong"]],
        "models_s": [taken for told in found for taken in told["models_s"]],
    }


def _kill_once(system: System, publisher: Any, screens: list[Watched], models: list[WallModel]) -> dict[str, Any]:
    for screen in screens:
        screen.ask("probe.reset()")
    publisher.begin(_ORDER)
    screens[0].page.wait_for_timeout(1000 * _KILL_AFTER_S)
    killed_s = time.time()
    system.kill()
    screens[0].page.wait_for_timeout(1000 * system.restart_pause_s)
    system.begin()
    heads = [model.seq for model in models]
    screens[0].wait_until(publisher.ended, _ORDER.seconds + 60, "the publisher has done its work")
    runs = [screen.finish(publisher.ended(), settle_s=_SETTLE_S) for screen in screens]
    wrong: list[str] = []
    lost_n = 0
    for screen, run in zip(screens, runs, strict=True):
        if isinstance(system, Svodka):
            wrong += wait_right(system.installation, screen, _RIGHT_LIMIT_S)
        rows = set(screen.rows()[:FEED_N])  # late is not lost
        since = [n for n, at in run.committed.items() if at >= killed_s - _USUAL_WAIT_S][-FEED_N:]
        lost_n += len(set(since) - rows)
    wrong += _find_wrong_models(system.installation, models)
    return {
        "right_after_s": [find_right_after_s(run, killed_s) for run in runs],
        "lost_n": lost_n,
        "wrong": wrong,
        "models_s": [_back_after_s(model, killed_s, seq) for model, seq in zip(models, heads, strict=True)],
    }


def find_right_after_s(run: Run, killed_s: float) -> float | None:
    """Return how long after the kill the page first showed all that there was, in panels that were all right.

    What was on its way when the server died is no sign of life.
    """
    alive = [n for n, at in run.committed.items() if at >= killed_s + _IN_FLIGHT_S]
    for at, value, row, is_ready in run.states:
        newest = max((n for n, when in run.committed.items() if when <= at - _USUAL_WAIT_S), default=0)
        if is_ready and alive and min(value, row) >= max(newest, alive[0]):
            return round(at - killed_s, 2)
    return None


def _back_after_s(model: WallModel, killed_s: float, seq: int) -> float | None:
    taken_s = model.back_after_s(killed_s + _IN_FLIGHT_S, seq)
    return None if taken_s is None else round(taken_s + _IN_FLIGHT_S, 2)


def _find_wrong_models(installation: Installation, models: list[WallModel]) -> list[str]:
    if not models:
        return []
    database = open_database(installation.database_url)

    def find() -> list[str]:
        with database.read() as connection:
            limit = models[0].state.limits["appeals"] if models[0].state else 0
            rows = list(load_newest_appeals(connection, limit))
        return [
            f"model {i}" for i, model in enumerate(models) if model.state is None or model.state.appeals != rows
        ] + [
            f"model {i}: {model.faults or 'missed'} {sorted(model.missed)}"  # no incident ends in this benchmark
            for i, model in enumerate(models)
            if model.faults or model.missed
        ]

    try:
        wait_until(lambda: not find(), _RIGHT_LIMIT_S, "the models are right")
    except AssertionError:
        return find()
    finally:
        database.close()
    return []


def judge(ours: dict[str, Any]) -> dict[str, bool]:
    """Return which of our bounds hold."""
    times = [*ours["right_after_s"], *ours["models_s"]]
    return {
        "right_in_time": None not in times and max(times) <= MAX_RIGHT_S,
        "nothing_lost": ours["lost_n"] == 0,
        "nothing_wrong": not ours["wrong"],
    }


def print_table(figures: dict[str, Any]) -> None:
    """Print what was measured."""
    for name in [name for name, told in figures.items() if "failed" in told]:
        print(f"{name}: {figures[name]['failed']}")
    rows = [
        [
            name,
            told["restart_pause_s"],
            told["worst_s"],
            " ".join(map(str, told["right_after_s"])),
            told["lost_n"],
            len(told["wrong"]),
        ]
        for name, told in figures.items()
        if "failed" not in told
    ]
    print(format_table(["", "started again after s", "right again, worst s", "each", "lost", "wrong"], rows))


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ours alone, one kill, under 45 s")
    quick = parser.parse_args().quick
    figures: dict[str, Any] = {}
    with set_up(quick=quick) as rig:
        rounds_n = 1 if quick else ROUNDS_N
        ours = Svodka(rig.installation, rig.redis_url)
        figures[ours.name] = measure(rig.browser, ours, rounds_n=rounds_n, browsers_n=1 if quick else 2, models_n=5)
        for peer in () if quick else (Raw, *PEERS):
            system = peer(rig.installation, rig.redis_url)
            one = partial(measure, rig.browser, system, rounds_n=rounds_n, browsers_n=1, models_n=0)
            figures[peer.name] = attempt(one)
    print_table(figures)
    held = judge(figures[Svodka.name])
    ok = all(held.values())
    print(encode_text({"bench": "recovery", "ok": ok, "figures": {"held": held, "systems": figures}}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
