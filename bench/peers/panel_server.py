"""The page in Panel, its Bokeh models streamed and patched in place over its own WebSocket.

Done for it: events that came while the document was busy go out as one update, under one hold so that it is one
message; marks are streamed with a rollover into one data source, the chart's bar is patched; the feed is one HTML
pane, which is much cheaper than its Tabulator; the gauges are its Progress bars, cheaper than its ECharts ones.
"""

from __future__ import annotations

from collections import deque
from html import escape
from threading import Lock
from typing import Any

import panel as pn
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from bench.peers.page_model import (
    GAUGES_N,
    HOURS_N,
    MARKS_N,
    Event,
    PageModel,
    listen,
    load_areas,
    read_options,
    rings_of,
    row_text,
)


class Page:
    """What one browser sees."""

    def __init__(self, model: PageModel, rings: list[list[list[float]]]) -> None:
        self._model = model
        self.document = pn.state.curdoc
        self._waiting: deque[Event] = deque()
        self._lock = Lock()
        self._is_asked = False
        self._count = pn.indicators.Number(value=model.count, format="{value}", font_size="60pt", css_classes=["count"])
        self._gauges = [pn.indicators.Progress(max=1000, width=140) for _ in range(GAUGES_N)]
        self._flow = ColumnDataSource({"hour": list(range(HOURS_N)), "n": list(model.flow)})
        self._marks = ColumnDataSource(
            {
                "lon": [event["lon"] for event in model.marks],
                "lat": [event["lat"] for event in model.marks],
            }
        )
        self._rows = deque(model.rows, maxlen=model.rows.maxlen)
        self._feed = pn.pane.HTML(self._feed_html(), width=500, height=1060, css_classes=["feed"])
        self._show_numbers()
        chart = figure(width=480, height=400, toolbar_location=None)
        chart.vbar(x="hour", top="n", width=0.8, source=self._flow)
        chart.line(list(range(HOURS_N)), model.before, line_dash="dashed")
        area = figure(width=900, height=1040, toolbar_location=None, tools="")
        xs, ys = [[lon for lon, _ in ring] for ring in rings], [[lat for _, lat in ring] for ring in rings]
        area.patches(xs, ys, fill_color="#3c4e5a", line_color="#0b0f12")
        area.scatter("lon", "lat", size=6, fill_color="#e8682a", line_color=None, source=self._marks)
        left = pn.Column(self._count, *self._gauges, pn.pane.Bokeh(chart), width=490)
        self.view = pn.Row(left, pn.pane.Bokeh(area), self._feed)

    def hear(self, events: list[Event]) -> None:
        """Keep events until the document has time for them; from any thread."""
        with self._lock:
            self._waiting.extend(events)
            if self._is_asked:
                return
            self._is_asked = True
        self.document.add_next_tick_callback(self._show)

    def _show(self) -> None:
        with self._lock:
            events, self._is_asked = list(self._waiting), False
            self._waiting.clear()
        if not events:
            return
        with pn.io.hold():
            self._marks.stream(
                {"lon": [event["lon"] for event in events], "lat": [event["lat"] for event in events]}, MARKS_N
            )
            self._rows.extend(events)
            self._feed.object = self._feed_html()
            hours = {event["hour"] for event in events}
            self._flow.patch({"n": [(hour, self._model.flow[hour]) for hour in hours]})
            self._show_numbers()

    def _show_numbers(self) -> None:
        self._count.value = self._rows[-1]["n"] if self._rows else 0
        for gauge, share in zip(self._gauges, self._model.gauges, strict=True):
            gauge.value = round(1000 * share)

    def _feed_html(self) -> str:
        rows = (f'<div data-id="{event["n"]}">{escape(row_text(event))}</div>' for event in reversed(self._rows))
        return f'<div class="rows" style="font-size: 13px; line-height: 20px">{"".join(rows)}</div>'


def serve(port: int, url: str, areas_path: str) -> None:
    """Serve until killed."""
    pn.extension(reconnect=True, notifications=True)
    rings = rings_of(load_areas(areas_path))
    model, pages = PageModel(), set[Page]()

    def heard(events: list[Event]) -> None:
        model.take(events)
        for page in list(pages):
            page.hear(events)

    def build() -> Any:
        page = Page(model, rings)
        pages.add(page)
        pn.state.on_session_destroyed(lambda _: pages.discard(page))
        return page.view

    listen(url, model, heard)
    pn.serve({"/": build}, address="127.0.0.1", port=port, show=False, websocket_origin=[f"127.0.0.1:{port}"])


if __name__ == "__main__":
    given = read_options()
    serve(given.port, given.redis, given.areas)
