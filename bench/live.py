"""How long an appeal takes from its source to the wall: `python -m bench.live [--quick]`.

The running product in accelerated time, its sources behind a proxy that stamps each record's first answer, and a
real browser that stamps the animation frame after the row is in the document. All stamps are of one machine's clock.

`answer_to_paint` is ours alone; `appearance_to_paint` has the wait for the next poll too.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import sync_playwright

from bench.stamping_proxy import StampingProxy
from svodka.domain.clock import ScaledClock, spec_of
from svodka.domain.codec import encode_text
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings
from tests.e2e.product import ROOT, Product, find_free_port
from tests.e2e.screen import Screen, launch_browser

PROFILE = read_settings({}).profile
POLL_INTERVAL_S = 2.0
MAX_ANSWER_TO_PAINT_P95_S = 0.5
MAX_WAIT_BEYOND_POLL_P95_S = 2.0
START_LIMIT_S = 60.0
SPANS = ("answer_to_paint", "appearance_to_paint")
MIN_ROWS_N = 100
_LEAD_S = 12.0  # what a start takes; the busy hour begins afterwards

WATCH_JS = """() => {
  window.painted = {};
  const seen = new Set([...document.querySelectorAll("[data-appeal-id]")].map((el) => el.dataset.appealId));
  new MutationObserver(() => {
    const fresh = [];
    for (const el of document.querySelectorAll("[data-appeal-id]")) {
      const id = el.dataset.appealId;
      if (!seen.has(id)) { seen.add(id); fresh.push(id); }
    }
    if (fresh.length) requestAnimationFrame(() => {
      const at = (performance.timeOrigin + performance.now()) / 1000;
      for (const id of fresh) window.painted[id] = at;
    });
  }).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-appeal-id"]});
}"""


def write_sources(folder: Path, proxy_url: str, rate: float) -> Path:
    """Write the demonstration's sources behind the proxy, polled and ageing by real seconds; return the file."""
    text = (ROOT / "profiles" / PROFILE / "sources.toml").read_text(encoding="utf-8")
    text = text.replace("{simulator}", proxy_url)
    text = re.sub(r"(?m)^interval_s\s*=.*$", f"interval_s = {POLL_INTERVAL_S * rate}", text)
    for name, limit_s in (("ageing_s", 30.0), ("stale_s", 60.0), ("dead_s", 600.0)):
        text = re.sub(rf"(?m)^{name}\s*=.*$", f"{name} = {limit_s * rate}", text)
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def start_simulator(folder: Path, settings: dict[str, str]) -> tuple[Product, str]:
    """Start the simulated sources alone and return them with their address."""
    port = find_free_port()
    simulator = Product(folder, words=("simulate", "--port", str(port), "--day"), **settings)
    simulator.start()
    return simulator, f"http://127.0.0.1:{port}"


def measure(folder: Path, *, rate: float, appeals_n: int, limit_s: float) -> tuple[dict[str, list[float]], int]:
    """Run the product until enough rows were painted.

    Returns:
        Seconds by span, and how many new appeals never became a row (others pushed them out of the list within one
        frame, or they were of an earlier hour).
    """
    zone = load_profile(PROFILE).zone
    real_origin = datetime.fromtimestamp(time.time() + _LEAD_S, tz=UTC)
    morning = real_origin.astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    origin = (morning - timedelta(days=(morning.weekday() - 2) % 7)).astimezone(UTC)  # a Wednesday
    clock = {"clock": spec_of(ScaledClock(origin=origin, real_origin=real_origin, rate=rate))}

    for name in ("simulator", "product"):
        (folder / name).mkdir()
    simulator, address = start_simulator(folder / "simulator", clock)
    proxy = StampingProxy(address)
    sources = write_sources(folder, proxy.url, rate)
    product = Product(folder / "product", sources=str(sources), **clock)
    try:
        product.start().wait_healthy(START_LIMIT_S)
        began_s = time.time()
        painted = _watch(product, appeals_n, limit_s)
        received = _load_received(product)
    finally:
        product.close()
        proxy.close()
        simulator.close()

    spans: dict[str, list[float]] = {name: [] for name in SPANS}
    never_n = 0
    for our_id, (foreign_id, received_at) in received.items():
        answered_s = proxy.answered_at_s.get(foreign_id)
        appeared_s = (real_origin + (received_at - origin) / rate).timestamp()
        if answered_s is None or min(answered_s, appeared_s) < began_s + POLL_INTERVAL_S:
            continue
        if our_id in painted:
            spans["answer_to_paint"].append(painted[our_id] - answered_s)
            spans["appearance_to_paint"].append(painted[our_id] - appeared_s)
        elif answered_s < max(painted.values()) - 1:
            never_n += 1
    return spans, never_n


def _watch(product: Product, appeals_n: int, limit_s: float) -> dict[str, float]:
    """Look at the wall until enough rows were painted; return their stamps by our id."""
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        screen = Screen(browser, product.url)
        try:
            screen.open("/wall")
            screen.wait_fresh(START_LIMIT_S)
            screen.page.evaluate(WATCH_JS)
            ends_s = time.time() + limit_s
            while time.time() < ends_s:
                screen.page.wait_for_timeout(500)
                painted: dict[str, float] = screen.page.evaluate("window.painted")
                if len(painted) >= appeals_n:
                    break
            return painted
        finally:
            screen.close()
            browser.close()


def _load_received(product: Product) -> dict[str, tuple[str, datetime]]:
    connection = sqlite3.connect(f"file:{product.home / 'svodka.sqlite3'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT id, foreign_id, received_at FROM appeals").fetchall()
    finally:
        connection.close()
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return {str(ours): (foreign, epoch + timedelta(microseconds=received)) for ours, foreign, received in rows}


def _percentiles(spans_s: list[float]) -> dict[str, float]:
    cuts = quantiles(spans_s, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49] * 1000), "p95_ms": round(cuts[94] * 1000), "max_ms": round(max(spans_s) * 1000)}


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about 100 appeals, under 45 s")
    quick = parser.parse_args().quick
    rate, appeals_n, limit_s = (450.0, 105, 29.0) if quick else (150.0, 330, 300.0)
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
        spans, never_n = measure(Path(folder), rate=rate, appeals_n=appeals_n, limit_s=limit_s)
    rows_n = len(spans["answer_to_paint"])
    figures: dict[str, Any] = {"appeals_n": rows_n, "never_a_row_n": never_n, "rate": rate}
    is_enough = rows_n >= MIN_ROWS_N
    if rows_n > 1:
        figures |= {name: _percentiles(spans[name]) for name in SPANS}
        print(f"{'span':22} {'p50':>8} {'p95':>8} {'max':>8}")
        for name in SPANS:
            print(f"{name:22}", *(f"{figures[name][key]:>5} ms" for key in ("p50_ms", "p95_ms", "max_ms")))
        figures["bounds_ms"] = {
            "answer_to_paint_p95": MAX_ANSWER_TO_PAINT_P95_S * 1000,
            "appearance_to_paint_p95": (POLL_INTERVAL_S + MAX_WAIT_BEYOND_POLL_P95_S) * 1000,
        }
        is_enough = is_enough and (
            figures["answer_to_paint"]["p95_ms"] <= figures["bounds_ms"]["answer_to_paint_p95"]
            and figures["appearance_to_paint"]["p95_ms"] <= figures["bounds_ms"]["appearance_to_paint_p95"]
        )
    print(encode_text({"bench": "live", "ok": is_enough, "figures": figures}))
    return 0 if is_enough else 1


if __name__ == "__main__":
    sys.exit(main())
