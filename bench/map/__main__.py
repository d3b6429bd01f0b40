"""What lies under a live point: `python -m bench.map [--quick] [--million]`.

The product's wall at 1920x1080 in headless Chromium (software WebGL), a scene whose map shows 1,000, 10,000 and 100,000
appeals of the last day as clusters, beside plain Plotly (`scattermap` with `extendTraces`), MapLibre alone and
dash-leaflet with the same areas and points. Told of each: time from the data in the page to the first painted map,
time from one new point in the page to its pixels, time of a frame while the map moves; and of the product what counting
and reading the cells costs. `--quick` measures ours alone at 1,000 and 100,000.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from bench.browsing import launch
from bench.map.facts import Region, scatter
from bench.map.peers import HERE, NAMES, ensure_map_peers, make_data, serve
from svodka.domain.clock import ManualClock
from svodka.domain.codec import encode_text
from svodka.geography.geometry import ensure_geometry
from svodka.profiles.reader import load_profile
from svodka.readmodels.clusters import compute_clusters
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.settings import read_settings
from svodka.storage.cells import count_cells
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, Product

SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (1_000, 100_000)
MAX_GROWTH = 1.5  # of the live point from the least to the most that lies below it
MIN_AHEAD = 10.0  # of Plotly's extendTraces at the most
_POINTS_N, _QUICK_POINTS_N = 25, 7
_MOVES_N = 4
_MOVE_MS = 1100
_SLOW_S = 240.0
_LIMIT_S = 90.0
_HANDLE = ("  return {\n    show,", "  return globalThis.theMap = {\n    show,")  # a hand on the map of the page

Figures = dict[str, Any]


def _frames(page: Page, move: Callable[[bool], None]) -> Figures:
    """Move to and fro and return the median and the p95 of the frames' milliseconds."""
    seen: list[float] = []
    for turn in range(_MOVES_N):
        move(turn % 2 == 0)
        seen += page.evaluate("(ms) => watch.frames(ms)", _MOVE_MS)
    return {"p50": round(median(seen), 1), "p95": round(quantiles(seen, n=20, method="inclusive")[-1], 1)}


@contextmanager
def _open(browser: Browser, *scripts: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    try:
        page = context.new_page()
        page.set_default_timeout(_SLOW_S * 1000)
        for script in scripts:
            page.add_init_script(path=script)
        yield page
    finally:
        context.close()


class Ours:
    """The product over so many appeals, its page open.

    Args:
        stack: Closes everything that was opened.
        browser: The browser.
        folder: An empty folder of its own.
        appeals_n: How many appeals.
    """

    def __init__(self, stack: ExitStack, browser: Browser, folder: Path, appeals_n: int) -> None:
        self.region = Region(folder, appeals_n)
        stack.callback(self.region.database.close)
        product = Product(folder, words=("web",), sources=str(self.region.sources))
        stack.callback(product.close)
        product.start()
        wait_until(lambda: product.answers("/wall"), _LIMIT_S, "the wall answers")
        self.page = stack.enter_context(_open(browser, HERE / "watch.js", HERE / "product.js"))
        self.page.route("**/js/panels/map.mjs", _give_handle)
        self.page.goto(f"{product.url}/wall?scene=bench")
        self.draw_ms: float = self.page.evaluate("run.draw()")
        self.live: list[float] = []

    def add(self) -> None:
        """Commit one appeal and time its way from the page's socket to the pixels."""
        self.page.evaluate("window.newest = run.add(), null")
        self.region.tell()
        self.live.append(self.page.evaluate("newest"))

    def tell(self) -> Figures:
        """Return the figures."""
        frames = _frames(self.page, lambda nearer: self.page.evaluate("(nearer) => void run.move(nearer)", nearer))
        circles = self.page.evaluate("document.querySelectorAll('.map-count').length")
        return _told(self.draw_ms, self.live, frames) | {"circles": circles} | measure_cells(self.region)


def measure_ours(browser: Browser, home: Path, sizes: tuple[int, ...], points_n: int) -> dict[int, Figures]:
    """Return our figures by size; live points in turns, so that a busy machine is busy for all sizes alike."""
    with ExitStack() as stack:
        ours = {n: Ours(stack, browser, home / f"svodka-{n}", n) for n in sizes}
        for _ in range(points_n):
            for one in ours.values():
                one.add()
        return {n: one.tell() for n, one in ours.items()}


def _give_handle(route: Route) -> None:
    text = route.fetch().text()
    assert _HANDLE[0] in text
    route.fulfill(body=text.replace(*_HANDLE), content_type="text/javascript")


def measure_cells(region: Region) -> Figures:
    """Return milliseconds of CPU of counting the cells of a day (the poller, now and then), and of their value."""
    now = region.now()
    clock = ManualClock(now)
    counting, reading = [], []
    for _ in range(5):
        with region.database.read() as connection:
            began = time.process_time()
            count_cells(connection, "day", clock.now(), region.profile.zone)
            counting.append(time.process_time() - began)
            began = time.process_time()
            compute_clusters(Moment(connection, region.profile, now), Scope())
            reading.append(time.process_time() - began)
    return {"count_ms": round(median(counting) * 1000, 1), "value_ms": round(median(reading) * 1000, 2)}


def measure_peer(browser: Browser, folder: Path, name: str, appeals_n: int, points_n: int) -> Figures:
    """Return a peer's figures with so many points."""
    profile = load_profile(read_settings({}).profile)
    areas = ensure_geometry(folder, profile, ROOT / "assets" / "vendor").areas
    points = [(lat, lon) for lat, lon, _ in scatter(profile, appeals_n + points_n)]
    data = make_data(profile, areas, points[:appeals_n])
    with serve(name, folder, data) as url, _open(browser) as page:
        page.goto(url)
        wait_until(
            lambda: page.evaluate("Boolean(window.run && (!location.pathname.includes('maplibre') || window.isReady))"),
            _LIMIT_S,
            name,
        )
        if name == "dash-leaflet":
            wait_until(lambda: page.evaluate("Boolean(document.querySelector('#map .leaflet-pane'))"), _LIMIT_S, name)
        draw_ms = page.evaluate("(data) => run.draw(data)", data)
        live = [page.evaluate("(point) => run.add(point)", point) for point in points[appeals_n:]]
        look = {"center": data["center"], "zoom": data["zoom"]}
        frames = _frames(
            page, lambda nearer: page.evaluate("([nearer, look]) => void run.move(nearer, look)", [nearer, look])
        )
    return _told(draw_ms, live, frames)


def _told(draw_ms: float, live: list[float], frames: Figures) -> Figures:
    live = sorted(live)
    return {
        "draw_ms": round(draw_ms),
        "live_ms": round(median(live), 1),
        "live_worst_ms": round(live[-1], 1),
        "frame_p50_ms": frames["p50"],
        "frame_p95_ms": frames["p95"],
    }


def judge(ours: dict[int, Figures], plotly: dict[int, Figures]) -> Figures:
    """Return growth and distance, and whether they hold; a distance that was not measured is None."""
    least, most = min(ours), max(ours)
    growth = ours[most]["live_ms"] / ours[least]["live_ms"]
    ahead = plotly[most]["live_ms"] / ours[most]["live_ms"] if most in plotly else None
    is_ok = growth <= MAX_GROWTH and (ahead is None or ahead >= MIN_AHEAD)
    return {"growth": round(growth, 2), "ahead": None if ahead is None else round(ahead, 1), "ok": is_ok}


def print_table(figures: dict[str, dict[int, Figures]]) -> None:
    """Print medians, a line for each library and size."""
    print(f"{'ms (median)':14} {'below':>8} {'first map':>10} {'live point':>11} {'worst':>8} {'frame':>7} {'p95':>7}")
    for name, of_sizes in figures.items():
        for appeals_n, told in of_sizes.items():
            if "error" in told:
                print(f"{name:14} {appeals_n:>8,} {told['error']}")
                continue
            live, frame = (told["live_ms"], told["live_worst_ms"]), (told["frame_p50_ms"], told["frame_p95_ms"])
            print(f"{name:14} {appeals_n:>8,} {told['draw_ms']:>10,}", end=" ")
            print(f"{live[0]:>11,} {live[1]:>8,} {frame[0]:>7} {frame[1]:>7}")
    for appeals_n, told in figures["svodka"].items():
        if "count_ms" in told:
            print(
                f"cells of {appeals_n:,}: {told['count_ms']} ms of CPU to count, {told['value_ms']} ms for their value"
            )


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ours alone, under 45 s")
    parser.add_argument("--million", action="store_true", help="count the cells of a million appeals too")
    options = parser.parse_args()
    sizes, points_n = (QUICK_SIZES, _QUICK_POINTS_N) if options.quick else (SIZES, _POINTS_N)
    names = () if options.quick else NAMES
    if names:
        ensure_map_peers()
    figures: dict[str, dict[int, Figures]] = {"svodka": {}} | {name: {} for name in names}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="svodka-bench-") as home:
        browser = launch(playwright)
        figures["svodka"] = measure_ours(browser, Path(home), sizes, points_n)
        for appeals_n in sizes:
            for name in names:
                folder = Path(home) / f"{name}-{appeals_n}"
                folder.mkdir()
                try:
                    figures[name][appeals_n] = measure_peer(browser, folder, name, appeals_n, points_n)
                except Exception as error:  # noqa: BLE001 - a peer that gives up ends no benchmark
                    figures[name][appeals_n] = {"error": str(error).splitlines()[0]}
        browser.close()
        if options.million:
            region = Region(Path(home) / "million", 1_000_000)
            print("cells of 1,000,000:", json.dumps(measure_cells(region)))
            region.database.close()
    print_table(figures)
    verdict = judge(
        figures["svodka"], {n: told for n, told in figures.get("plotly", {}).items() if "error" not in told}
    )
    told = {name: {str(n): of_size for n, of_size in of_sizes.items()} for name, of_sizes in figures.items()}
    print(encode_text({"bench": "map", "ok": verdict["ok"], "figures": {**told, "verdict": verdict}}))
    return 0 if verdict["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
