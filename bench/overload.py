"""How far a page falls behind when far too much comes: `python -m bench.overload [--quick]`.

1,000 and 5,000 events a second for ten seconds, committed in pages of 100 and 500 as a poller would, onto the same
full page and under the same probe as bench.latency: how long the oldest event not yet shown has waited, at worst;
how long after the last commit the page stands at the end; frames a second meanwhile. Both are the worst of number, row
and mark; a row or mark that a newer one pushed out before it was painted counts as shown with the newer one. Ours must
then be what the database holds, every number, row and mark, within what catching up may take and two seconds for
asking. 100,000 appeals are there before. `--quick` judges ours alone, three seconds each.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser

from bench.browsing import Run, Watched
from bench.cpu import browser_cpu_s, cpu_s
from bench.grid import FEED_N
from bench.publisher import Order, Publisher
from bench.rig import set_up
from bench.rightness import wait_right
from bench.spans import format_table, spans_between
from bench.systems import PEERS, Raw, Svodka, System, attempt
from svodka.domain.codec import encode_text

RATES = {1000: 100, 5000: 500}  # events of one commit by events a second
SECONDS = 10.0
QUICK_SECONDS = 3.0
MAX_BEHIND_S = {1000: 0.5}
MAX_CATCH_UP_S = {5000: 1.0}
MAX_RIGHT_S = max(MAX_CATCH_UP_S.values()) + 2.0  # reading the probe and the database takes its time, on a busy machine
KINDS = ("value", "row", "mark")
_WARM_UP = Order(rate=20, seconds=2)
_SETTLE_S = 30.0
_ENOUGH = 0.9  # of the rate: a publisher that cannot keep up overloads nobody
_RIGHT_LIMIT_S = 5.0


def measure(browser: Browser, system: System, seconds: float) -> dict[str, Any]:
    """Start a system, drown it and end it; return its figures by rate."""
    publisher = system.publisher()
    found: dict[str, Any] = {}
    try:
        system.start()
        for rate, page_n in RATES.items():
            watched = Watched(browser, system)
            try:
                watched.open()
                watched.calibrate()
                watched.run(publisher, _WARM_UP, settle_s=5.0)
                order = Order(rate=rate, seconds=seconds, page_n=page_n)
                found[str(rate)] = _measure_rate(watched, system, publisher, order)
            finally:
                watched.close()
    finally:
        system.close()
        publisher.close()
    return found


def _measure_rate(watched: Watched, system: System, publisher: Publisher, order: Order) -> dict[str, Any]:
    server_began, browser_began = cpu_s(system.pid), browser_cpu_s()
    run = watched.run(publisher, order, settle_s=_SETTLE_S)
    server_s, browser_s = cpu_s(system.pid) - server_began, browser_cpu_s() - browser_began
    wrong = [f"{kind} of the last event" for kind in KINDS if run.last_n not in run.painted[kind]]
    if watched.rows()[:FEED_N] != list(range(run.last_n, run.last_n - FEED_N, -1)):
        wrong.append("rows")
    right_s = None
    if isinstance(system, Svodka):
        wrong += wait_right(system.installation, watched, _RIGHT_LIMIT_S)
        right_s = None if wrong else round(time.time() - max(run.published.stamps), 2)
    return judge_run(run) | {
        "wrong": wrong,
        "right_s": right_s,
        "server_cpu_ms_per_event": round(1000 * server_s / len(run.committed), 3),
        "browser_cpu_share": round(browser_s / run.seconds, 2),
    }


def judge_run(run: Run) -> dict[str, Any]:
    """Return how far the page was behind, when it had caught up, and how it moved meanwhile."""
    began_s, last_s = min(run.published.stamps), max(run.published.stamps)
    shown = {kind: run.caught_up(kind) for kind in KINDS}
    behind = {kind: max(spans_between(run.committed, at)) if run.last_n in at else None for kind, at in shown.items()}
    ends = [at.get(run.last_n) for at in shown.values()]
    behind_s, caught_up_s = _worst(behind.values()), _worst(ends)
    frames_s = [at for at in run.frames_s if began_s <= at <= (caught_up_s or last_s)]
    gaps_s = [after - before for before, after in pairwise(frames_s)]
    return {
        "events_n": len(run.committed),
        "rate_reached": round(len(run.committed) / run.seconds),
        "behind_s": behind_s and round(behind_s, 3),
        "behind_by_kind_s": {kind: told and round(told, 3) for kind, told in behind.items()},
        "catch_up_s": None if caught_up_s is None else round(max(0.0, caught_up_s - last_s), 3),
        "never_n": max(len(run.committed) - len(at) for at in shown.values()),
        "frames_per_s": round(len(gaps_s) / sum(gaps_s), 1) if gaps_s else None,
        "longest_frame_ms": round(1000 * max(gaps_s)) if gaps_s else None,
        "fault": run.fault,
    }


def _worst(told: Iterable[float | None]) -> float | None:
    """Return the greatest, None where one is missing."""
    known = list(told)
    return None if None in known else max(value for value in known if value is not None)


def judge(ours: dict[str, Any]) -> dict[str, bool]:
    """Return which of our bounds hold."""
    held = {}
    for rate in RATES:
        right_s = ours[str(rate)]["right_s"]
        held[f"right_at_{rate}"] = right_s is not None and right_s <= MAX_RIGHT_S
    held |= {f"rate_reached_{rate}": ours[str(rate)]["rate_reached"] >= _ENOUGH * rate for rate in RATES}
    for rate, bound in MAX_BEHIND_S.items():
        behind_s = ours[str(rate)]["behind_s"]
        held[f"behind_at_{rate}"] = behind_s is not None and behind_s <= bound
    for rate, bound in MAX_CATCH_UP_S.items():
        catch_up_s = ours[str(rate)]["catch_up_s"]
        held[f"catch_up_at_{rate}"] = catch_up_s is not None and catch_up_s <= bound
    return held


def print_table(figures: dict[str, Any]) -> None:
    """Print what was measured."""
    names = ("rate_reached", "behind_s", "catch_up_s", "right_s", "never_n", "frames_per_s", "longest_frame_ms")
    names += ("server_cpu_ms_per_event", "browser_cpu_share")
    for name in [name for name, found in figures.items() if "failed" in found]:
        print(f"{name}: {figures[name]['failed']}")
    rows = [
        [name, rate, *(told[key] for key in names), "right" if not told["wrong"] else "; ".join(told["wrong"])[:60]]
        for name, found in figures.items()
        if "failed" not in found
        for rate, told in found.items()
    ]
    heads = [
        "",
        "per s",
        "reached",
        "behind s",
        "caught up s",
        "right s",
        "never",
        "frames/s",
        "longest ms",
        "CPU/event",
        "browser",
    ]
    print(format_table([*heads, "final numbers"], rows))


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ours alone, under 45 s")
    quick = parser.parse_args().quick
    figures: dict[str, Any] = {}
    with set_up(quick=quick) as rig:
        seconds = QUICK_SECONDS if quick else SECONDS
        figures[Svodka.name] = measure(rig.browser, Svodka(rig.installation, rig.redis_url), seconds)
        for peer in () if quick else (Raw, *PEERS):
            figures[peer.name] = attempt(partial(measure, rig.browser, peer(rig.installation, rig.redis_url), seconds))
    print_table(figures)
    held = judge(figures[Svodka.name])
    ok = all(held.values())
    print(encode_text({"bench": "overload", "ok": ok, "figures": {"held": held, "systems": figures}}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
