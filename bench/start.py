"""How long a fresh start takes until every panel is fresh, and a clean stop: `python -m bench.start [--quick]`.

A home that does not exist yet, so that database, map and two weeks of history are made; a browser is open from the
moment that the server answers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from svodka.domain.codec import encode_text
from tests.e2e.processes import wait_until
from tests.e2e.product import Product
from tests.e2e.screen import Screen, launch_browser

MAX_FRESH_S = 25.0
MAX_STOP_S = 10.0
_LIMIT_S = 90.0


def measure() -> dict[str, float]:
    """Return seconds from the start to the answering page, to all panels fresh, and of a stop, once each."""
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
            began_s = time.monotonic()
            product.stop()
            wait_until(lambda: not product.find_processes(), _LIMIT_S, "no process left")
            return {"answer_s": answer_s, "fresh_s": fresh_s, "stop_s": time.monotonic() - began_s}
        finally:
            product.close()


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="once instead of three times")
    runs = [measure() for _ in range(1 if parser.parse_args().quick else 3)]
    figures = {name: round(median(run[name] for run in runs), 1) for name in runs[0]}
    worst = {name: round(max(run[name] for run in runs), 1) for name in runs[0]}
    print(f"{'seconds':10} {'median':>8} {'worst':>8}")
    for name, value in figures.items():
        print(f"{name:10} {value:>8} {worst[name]:>8}")
    is_ok = worst["fresh_s"] <= MAX_FRESH_S and worst["stop_s"] <= MAX_STOP_S
    print(encode_text({"bench": "start", "ok": is_ok, "figures": {"median": figures, "worst": worst}}))
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
