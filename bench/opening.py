"""How long from opening an address until everything there is right: a wall, beside an empty Dash page with one chart.

Cold: a browser that has never seen the address. Warm: the same browser again, with what it has kept. Times are the
page's own, from the start of its navigation to the frame after the one in which everything was right; machine,
browser and kind of server are the same for both.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median

import msgspec
from playwright.sync_api import Browser

from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, find_free_port

# Right is: every panel that stands on the wall is fresh, its figure is drawn, and the map has drawn its areas.
WALL_JS = """() => {
  const panels = [...document.querySelectorAll("[data-panel]:not([hidden])")];
  const figures = panels.flatMap((panel) => [...panel.querySelectorAll(".figure:not(#map-figure)")]);
  return panels.length > 0 && panels.every((panel) => panel.dataset.state === "fresh")
    && figures.every((figure) => figure.querySelector(".main-svg .trace"))
    && (!document.querySelector("#map-box") || mapIdle());
}"""
CHART_JS = """() => Boolean(document.querySelector(".main-svg .bars path"))"""
# Counts frames until the page is right; the time is that of the frame after it.
_RECORDER = """
  let isIdle = () => false;
  const mapIdle = () => isIdle();
  addEventListener("load", () => {
    if (location.pathname === "/wall") import("/assets/js/map.mjs").then((map) => (isIdle = map.isMapIdle));
  });
  const isRight = %s;
  const end = () => (globalThis.rightAfterMs = performance.now());
  const look = () => requestAnimationFrame(document.body && isRight() ? end : look);
  requestAnimationFrame(look);
"""
_SIZE_JS = """() => [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")]
  .reduce((sum, {transferSize}) => sum + transferSize, 0)"""
_LIMIT_S = 60.0


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """How long one opening took, or the medians of several.

    Attributes:
        cold_ms: In a browser that has never seen the address.
        warm_ms: In one that has.
        kilobytes: What a cold opening brought over the line.
    """

    cold_ms: float
    warm_ms: float
    kilobytes: float


def measure_openings(browser: Browser, pages: Mapping[str, tuple[str, str]], runs_n: int) -> dict[str, Opening]:
    """Open pages in turn so often, each time cold and then warm.

    Args:
        browser: The one for all.
        pages: Address, and when its page is right (JavaScript), by name.
        runs_n: How often.
    """
    found: dict[str, list[Opening]] = {name: [] for name in pages}
    for _ in range(runs_n):
        for name, page in pages.items():
            found[name].append(open_once(browser, *page))
    return {
        name: Opening(
            **{field: round(median(getattr(run, field) for run in runs)) for field in Opening.__struct_fields__}
        )
        for name, runs in found.items()
    }


def open_once(browser: Browser, address: str, is_right_js: str) -> Opening:
    """Open an address in a browser that has never seen it, and again."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.add_init_script(_RECORDER % is_right_js)

    def open_it() -> float:
        page.goto(address, wait_until="domcontentloaded")
        is_over = "globalThis.rightAfterMs ?? null"
        wait_until(
            lambda: page.evaluate(is_over),
            _LIMIT_S,
            f"{address} right",
            pause=lambda s: page.wait_for_timeout(1000 * s),
        )
        return float(page.evaluate("rightAfterMs"))

    cold_ms = open_it()
    kilobytes = page.evaluate(_SIZE_JS) / 1000
    warm_ms = open_it()
    context.close()
    return Opening(cold_ms=cold_ms, warm_ms=warm_ms, kilobytes=kilobytes)


@contextmanager
def one_chart() -> Iterator[str]:
    """Serve the empty Dash page with one chart and yield its address."""
    port = find_free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.peers.one_chart", str(port)], cwd=ROOT)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()
