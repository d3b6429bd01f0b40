"""How far a page falls behind when far too much comes: `python -m bench.overload [--quick]`.

1,000 and 5,000 events a second for ten seconds, committed in pages of 100 and 500 as a poller would, onto the same
full page and under the same probe as bench.latency: how long the oldest event not yet shown has waited, at worst;
how long after the last commit the page stands at the end; frames a second meanwhile; and whether the final numbers
are right. 100,000 appeals are there before. `--quick` judges ours alone, three seconds each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.browsing import Run, Watched, launch
from bench.cpu import browser_cpu_s, cpu_s
from bench.grid import FEED_N
from bench.installation import APPEALS_N, QUICK_APPEALS_N, Installation
from bench.peers.environment import ensure_peers
from bench.publisher import Order, Publisher
from bench.redis_server import RedisServer
from bench.rightness import wait_right
from bench.spans import format_table, spans_between
from bench.systems import PEERS, Raw, Svodka, System, attempt
from svodka.domain.codec import encode_text

RATES = {1000: 100, 5000: 500}  # events of one commit by events a second
SECONDS = 10.0
QUICK_SECONDS = 3.0
MAX_BEHIND_S = {1000: 0.5}
MAX_CATCH_UP_S = {5000: 1.0}
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
    rows = watched.rows()[:FEED_N]
    is_right = rows == list(range(run.last_n, run.last_n - FEED_N, -1)) and run.last_n in run.painted["value"]
    wrong = [] if is_right else ["rows or value"]
    if isinstance(system, Svodka):
        wrong += wait_right(system.installation, watched, _RIGHT_LIMIT_S)
    return judge_run(run) | {
        "wrong": wrong,
        "server_cpu_ms_per_event": round(1000 * server_s / len(run.committed), 3),
        "browser_cpu_share": round(browser_s / run.seconds, 2),
    }


def judge_run(run: Run) -> dict[str, Any]:
    """Return how far the page was behind, when it had caught up, and how it moved meanwhile."""
    value = run.painted["value"]
    began_s, last_s = min(run.published.stamps), max(run.published.stamps)
    caught_up_s = value.get(run.last_n)
    behind_s = max(spans_between(run.committed, value), default=None) if caught_up_s else None
    frames_s = [at for at in run.frames_s if began_s <= at <= (caught_up_s or last_s)]
    gaps_s = [after - before for before, after in pairwise(frames_s)]
    return {
        "events_n": len(run.committed),
        "rate_reached": round(len(run.committed) / run.seconds),
        "behind_s": None if behind_s is None else round(behind_s, 3),
        "catch_up_s": None if caught_up_s is None else round(max(0.0, caught_up_s - last_s), 3),
        "never_n": len(run.committed) - len(value),
        "frames_per_s": round(len(gaps_s) / sum(gaps_s), 1) if gaps_s else None,
        "longest_frame_ms": round(1000 * max(gaps_s)) if gaps_s else None,
        "fault": run.fault,
    }


def judge(ours: dict[str, Any]) -> dict[str, bool]:
    """Return which of our bounds hold."""
    held = {f"right_at_{rate}": not ours[str(rate)]["wrong"] for rate in RATES}
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
    names = ("rate_reached", "behind_s", "catch_up_s", "never_n", "frames_per_s", "longest_frame_ms")
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
    if not quick:
        ensure_peers()
    figures: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder,
        RedisServer(Path(folder)) as redis_url,
        sync_playwright() as playwright,
    ):
        installation = Installation(Path(folder) / "installation", QUICK_APPEALS_N if quick else APPEALS_N)
        browser = launch(playwright)
        seconds = QUICK_SECONDS if quick else SECONDS
        figures[Svodka.name] = measure(browser, Svodka(installation, redis_url), seconds)
        for peer in () if quick else (Raw, *PEERS):
            figures[peer.name] = attempt(partial(measure, browser, peer(installation, redis_url), seconds))
        browser.close()
    print_table(figures)
    held = judge(figures[Svodka.name])
    ok = all(held.values())
    print(encode_text({"bench": "overload", "ok": ok, "figures": {"held": held, "systems": figures}}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
