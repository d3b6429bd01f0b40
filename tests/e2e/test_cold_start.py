"""A browser that opens the wall for the first time waits for nothing that it could have asked for before."""

from __future__ import annotations

import http.client
import re
import time
from statistics import median
from urllib.parse import urlsplit

from callbacks.assets import ASSETS

# Every figure's numbers as Plotly holds them, beside those of the table that says the same.
FLOW_JS = """() => {
  const data = document.querySelector("#flow-figure .js-plotly-plot")?.data;
  const told = [...document.querySelectorAll("#flow-table [data-kpi^='flow_received:']")];
  if (!data?.length || !told.length) return null;
  const numbers = told.map((el) => (el.dataset.value === "" ? null : Number(el.dataset.value)));
  return [[...data[0].y].map((n) => n ?? null), numbers];
}"""
LOADED_JS = """() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname)"""


def test_all_that_a_module_imports_is_fetched_with_the_page(running, open_wall):
    """No module, nor Plotly, is found out about only when another has come; none is fetched twice or for nothing."""
    screen = open_wall(running)
    screen.wait_fresh()
    page = screen.page.content()
    preloaded = re.findall(r'<link rel="(?:module)?preload"[^>]*href="([^"]+)"', page)
    loaded = screen.page.evaluate(LOADED_JS)
    imported = {f"/assets/{path.relative_to(ASSETS).as_posix()}" for path in (ASSETS / "js").rglob("*.mjs")} - {
        "/assets/js/watch-worker.mjs"
    }
    assert imported <= set(preloaded)
    assert [path for path in preloaded if loaded.count(path) != 1] == []
    screen.page.wait_for_timeout(4000)  # a browser complains after some seconds of what was preloaded for nothing
    assert screen.complaints == []


def test_a_small_answer_does_not_wait_for_an_acknowledgement(running):
    """Head and body leave at once on a connection that is kept; with Nagle's algorithm each would take 40 ms."""
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=10)
    spans = []
    for _ in range(40):
        began = time.perf_counter()
        connection.request("GET", "/assets/js/clock.mjs")
        connection.getresponse().read()
        spans.append(time.perf_counter() - began)
    connection.close()
    assert median(spans[10:]) < 0.03


def test_figures_follow_the_numbers_within_seconds(running, open_wall):
    """The flow's bars are the numbers of its table again and again, as exact as pixels show them."""
    screen = open_wall(running)
    screen.wait_fresh()

    def agrees():
        found = screen.page.evaluate(FLOW_JS)
        if found is None:
            return False
        drawn, told = found
        exact = max(1, max(n or 0 for n in told) // 150)
        return all(
            (a is None) == (b is None) and abs((a or 0) - (b or 0)) <= exact for a, b in zip(drawn, told, strict=True)
        )

    for _ in range(3):
        screen.wait_until(agrees, 15, "the bars are the table's numbers")
        screen.wait_seq(screen.view().seq + 3)
