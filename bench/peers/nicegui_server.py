"""The page in NiceGUI, updated in place and pushed over its own Socket.IO connection.

Done for it: events that came while the loop was busy go out as one update; rows are elements, of which one is added and
one removed; marks are single Leaflet layers on a canvas renderer, added and removed one by one instead of sending a
thousand; no tiles; the cheapest gauge it has (a circular progress of Quasar); the chart is ECharts, which it brings.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

import redis
import redis.asyncio
from nicegui import app, ui

from bench.peers.page_model import CHANNEL, GAUGES_N, HOURS_N, PageModel, load_areas, read_options, row_text

_STYLE = """
body { background: #12181d; color: #eef2f4; margin: 0 }
.nicegui-content { padding: 0; gap: 0 }
.feed { display: flex; flex-direction: column-reverse; height: 1060px; gap: 0; overflow: hidden; width: 500px }
.feed > * { height: 20px; white-space: nowrap; overflow: hidden; font-size: 13px }
.count { font-size: 80px; line-height: 1 }
"""
_OF_AREA = {"color": "#0b0f12", "weight": 1, "fillColor": "#3c4e5a", "fillOpacity": 1}
_OF_MARK = {"radius": 3, "stroke": False, "fillColor": "#ffffff", "fillOpacity": 1}


class Page:
    """What one browser sees."""

    def __init__(self, model: PageModel, areas: dict[str, Any], centre: tuple[float, float]) -> None:
        self._model = model
        ui.add_css(_STYLE)
        with ui.row(wrap=False).style("gap: 10px"):
            with ui.column().style("width: 480px"):
                self._count = ui.label().classes("count")
                with ui.row():
                    self._gauges = [ui.circular_progress(min=0, max=1, size="70px") for _ in range(GAUGES_N)]
                self._flow = ui.echart(_flow_options(model)).style("height: 400px; width: 480px")
            options = {"preferCanvas": True, "zoomControl": False, "attributionControl": False}
            self._map = ui.leaflet(center=centre, zoom=7, options=options).style("width: 900px; height: 1060px")
            self._map.clear_layers()
            self._map.generic_layer(name="geoJSON", args=[areas, {"style": _OF_AREA}])
            self._marks = deque(self._mark(event) for event in model.marks)
            with ui.element("div").classes("feed") as self._feed:
                self._rows = deque(self._row(event) for event in model.rows)
        self._show_numbers()

    def take(self, events: list[dict[str, Any]]) -> None:
        """Show events that the model has taken already."""
        for event in events[-len(self._marks) :]:
            self._map.remove_layer(self._marks.popleft())
            self._marks.append(self._mark(event))
        for event in events[-len(self._rows) :]:
            self._rows.popleft().delete()
            with self._feed:
                self._rows.append(self._row(event))
        self._show_numbers()
        self._flow.options["series"][0]["data"][:] = self._model.flow
        self._flow.update()

    def _show_numbers(self) -> None:
        self._count.set_text(str(self._model.count))
        for gauge, share in zip(self._gauges, self._model.gauges, strict=True):
            gauge.set_value(share)

    def _mark(self, event: dict[str, Any]) -> Any:
        return self._map.generic_layer(name="circleMarker", args=[[event["lat"], event["lon"]], _OF_MARK])

    def _row(self, event: dict[str, Any]) -> ui.label:
        return ui.label(row_text(event)).props(f"data-id={event['n']}")


def _flow_options(model: PageModel) -> dict[str, Any]:
    return {
        "animation": False,
        "xAxis": {"type": "category", "data": list(range(HOURS_N))},
        "yAxis": {"type": "value"},
        "series": [
            {"type": "bar", "data": list(model.flow)},
            {"type": "line", "data": list(model.before), "symbol": "none"},
        ],
    }


def serve(port: int, url: str, areas_path: str) -> None:
    """Serve until killed."""
    areas = load_areas(areas_path)
    model = PageModel()
    pages: dict[str, Page] = {}

    async def listen() -> None:
        client = redis.asyncio.Redis.from_url(url)
        line = client.pubsub(ignore_subscribe_messages=True)
        await line.subscribe(CHANNEL)
        with redis.Redis.from_url(url) as start:
            model.load(start)
        while True:
            message = await line.get_message(timeout=None)
            events = []
            while message is not None:
                events.extend(json.loads(message["data"]))
                message = await line.get_message(timeout=0)
            news = [event for event in events if event["n"] > model.count]
            model.take(news)
            for page in pages.values():
                page.take(news)

    @ui.page("/")
    def build() -> None:
        client = ui.context.client
        pages[client.id] = Page(model, areas, _centre(areas))
        client.on_delete(lambda: pages.pop(client.id, None))

    app.on_startup(listen)
    ui.run(host="127.0.0.1", port=port, reload=False, show=False, title="NiceGUI")


def _centre(areas: dict[str, Any]) -> tuple[float, float]:
    points = [point for feature in areas["features"] for point in _points(feature["geometry"]["coordinates"])]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2


def _points(coordinates: list[Any]) -> list[list[float]]:
    if isinstance(coordinates[0], (int, float)):
        return [coordinates[:2]]
    return [point for part in coordinates for point in _points(part)]


if __name__ in {"__main__", "__mp_main__"}:
    given = read_options()
    serve(given.port, given.redis, given.areas)
