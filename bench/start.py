"""How long a fresh start takes, an opening of the wall, and a clean stop: `python -m bench.start [--quick]`.

The start has a home that does not exist yet, so that database, map and two weeks of history are made; a browser is
open from the moment that the server answers. Once everything stands, the wall is opened cold and warm, beside an
empty Dash page with one chart (bench/opening.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from bench.opening import CHART_JS, WALL_JS, Opening, measure_openings, one_chart
from svodka.domain.codec import encode_text
from tests.e2e.processes import wait_until
from tests.e2e.product import Product
from tests.e2e.screen import Screen, launch_browser

MAX_FRESH_S = 25.0
MAX_STOP_S = 10.0
_LIMIT_S = 90.0


def measure(openings_n: int) -> tuple[dict[str, float], dict[str, Opening]]:
    """Return seconds from the start to the answering page, to all panels fresh, and of a stop; and openings.

    Args:
        openings_n: How often wall and chart are opened, 0 to leave it out.
    """
    with (
        tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder,
        sync_playwright() as playwright,
        launch_browser(playwright) as browser,
    ):
        product = Product(Path(folder))
        try:
            product.start()
            answer_s = wait_until(lambda: product.answers("/wall"), _LIMIT_S, "the wall answers")
            began_s = time.monotonic()
            screen = Screen(browser, product.url)
            screen.open("/wall")
            screen.wait_fresh(_LIMIT_S)
            fresh_s = answer_s + time.monotonic() - began_s
            screen.close()
            openings = open_both(browser, product.url, openings_n) if openings_n else {}
            began_s = time.monotonic()
            product.stop()
            wait_until(lambda: not product.find_processes(), _LIMIT_S, "no process left")
            stop_s = time.monotonic() - began_s
            return {"answer_s": answer_s, "fresh_s": fresh_s, "stop_s": stop_s}, openings
        finally:
            product.close()


def open_both(browser: Browser, url: str, runs_n: int) -> dict[str, Opening]:
    """Open the wall and the chart in turn."""
    with one_chart() as address:
        wait_until(lambda: is_served(address), _LIMIT_S, "the chart is served")
        pages = {"wall": (f"{url}/wall?scene=overview", WALL_JS), "one chart": (address, CHART_JS)}
        return measure_openings(browser, pages, runs_n)


def is_served(address: str) -> bool:
    """Whether a server answers there."""
    try:
        with urlopen(address, timeout=5):
            return True
    except URLError:
        return False


def main() -> int:
    """Measure, print two tables and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one start and three openings instead of three and seven")
    is_quick = parser.parse_args().quick
    measured = [
        measure((3 if is_quick else 7) if first else 0) for first in ([True] if is_quick else [True, False, False])
    ]
    runs, openings = [run for run, _ in measured], measured[0][1]
    figures = {name: round(median(run[name] for run in runs), 1) for name in runs[0]}
    worst = {name: round(max(run[name] for run in runs), 1) for name in runs[0]}
    print(f"{'seconds':10} {'median':>8} {'worst':>8}")
    for name, value in figures.items():
        print(f"{name:10} {value:>8} {worst[name]:>8}")
    print(f"{'opening':10} {'cold ms':>8} {'warm ms':>8} {'kB cold':>8}")
    for name, found in openings.items():
        print(f"{name:10} {found.cold_ms:>8.0f} {found.warm_ms:>8.0f} {found.kilobytes:>8.0f}")
    wall, chart = openings["wall"], openings["one chart"]
    ratios = {"cold": round(wall.cold_ms / chart.cold_ms, 2), "warm": round(wall.warm_ms / chart.warm_ms, 2)}
    print(f"{'ratio':10} {ratios['cold']:>8} {ratios['warm']:>8}")
    is_ok = worst["fresh_s"] <= MAX_FRESH_S and worst["stop_s"] <= MAX_STOP_S
    told = {"median": figures, "worst": worst, "opening": openings, "ratio": ratios}
    print(encode_text({"bench": "start", "ok": is_ok, "figures": told}))
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
