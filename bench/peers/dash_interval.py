"""The page in Dash with dcc.Interval: the browser asks four times a second. Under gunicorn, one worker, threads.

Done for it: a quarter of a second where one second is usual; an answer without news changes nothing; one callback for
everything; the chart is patched, marks are appended by `extendData` to a `scattergl` trace, the fastest that Plotly
has for them here (its maps draw each mark many times slower); gauges are plain elements.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, State, dcc, html
from dash.exceptions import PreventUpdate
from gunicorn.app.base import BaseApplication

from bench.peers.page_model import (
    GAUGES_N,
    HOURS_N,
    MARKS_N,
    PageModel,
    listen,
    load_areas,
    read_options,
    rings_of,
    row_text,
)

INTERVAL_MS = 250
_DARK = {"paper_bgcolor": "#12181d", "plot_bgcolor": "#12181d", "margin": {"l": 20, "r": 0, "t": 0, "b": 20}}


def create(model: PageModel, rings: list[list[list[float]]]) -> Dash:
    """Return the application."""
    app = Dash(__name__, update_title="")
    app.layout = lambda: render(model, rings)

    @app.callback(
        Output("count", "children"),
        *(Output(f"gauge-{i}", "style") for i in range(GAUGES_N)),
        Output("flow", "figure"),
        Output("feed", "children"),
        Output("map", "extendData"),
        Output("shown", "data"),
        Input("interval", "n_intervals"),
        State("shown", "data"),
    )
    def update(_: int, shown: int) -> tuple[Any, ...]:
        if model.count == shown:
            raise PreventUpdate
        marks = [event for event in list(model.marks) if event["n"] > shown]
        flow = Patch()
        flow["data"][0]["y"] = list(model.flow)
        more = {
            "x": [[event["lon"] for event in marks]],
            "y": [[event["lat"] for event in marks]],
            "customdata": [[event["n"] for event in marks]],
        }
        count = marks[-1]["n"]
        return (count, *gauge_styles(model), flow, render_feed(model), [more, [1], MARKS_N], count)

    return app


def render(model: PageModel, rings: list[list[list[float]]]) -> Any:
    """Return the whole page as it stands."""
    hours = list(range(HOURS_N))
    flow = go.Figure([go.Bar(x=hours, y=model.flow), go.Scatter(x=hours, y=model.before)], _DARK)
    lons = [x for ring in rings for x in (*(lon for lon, _ in ring), None)]
    lats = [y for ring in rings for y in (*(lat for _, lat in ring), None)]
    marks = list(model.marks)
    area = go.Figure(
        [
            go.Scatter(x=lons, y=lats, mode="lines", fill="toself", fillcolor="#3c4e5a", line={"color": "#0b0f12"}),
            go.Scattergl(
                x=[event["lon"] for event in marks],
                y=[event["lat"] for event in marks],
                customdata=[event["n"] for event in marks],
                mode="markers",
                marker={"size": 6, "color": "#ffffff"},
            ),
        ],
        _DARK | {"showlegend": False},
    )
    still = {"staticPlot": True}
    return html.Div(
        [
            html.Div(
                [
                    html.Div(model.count, id="count", style={"fontSize": 80}),
                    *(html.Div(id=f"gauge-{i}", style=style) for i, style in enumerate(gauge_styles(model))),
                    dcc.Graph(id="flow", figure=flow, config=still, style={"height": 400}),
                ],
                style={"width": 480},
            ),
            dcc.Graph(id="map", figure=area, config=still, style={"width": 900, "height": 1060}),
            html.Div(render_feed(model), id="feed", style={"width": 500, "fontSize": 13, "lineHeight": "20px"}),
            dcc.Interval(id="interval", interval=INTERVAL_MS),
            dcc.Store(id="shown", data=model.count),
        ],
        style={"display": "flex", "background": "#12181d", "color": "#eef2f4"},
    )


def render_feed(model: PageModel) -> list[Any]:
    """Return the rows, newest first."""
    rows = reversed(list(model.rows))
    return [html.Div(row_text(event), key=str(event["n"]), **{"data-id": str(event["n"])}) for event in rows]


def gauge_styles(model: PageModel) -> list[dict[str, Any]]:
    """Return six bars."""
    return [{"width": f"{100 * share}%", "height": 20, "background": "#6b7f8c"} for share in model.gauges]


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """One worker with threads; the listener to Redis starts in the worker."""

    def __init__(self, port: int, url: str, areas_path: str) -> None:
        self._port, self._url, self._areas = port, url, areas_path
        super().__init__()

    def load_config(self) -> None:
        """Say where and how to serve."""
        for name, value in {
            "bind": f"127.0.0.1:{self._port}",
            "worker_class": "gthread",
            "threads": 4,
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the WSGI application."""
        model = PageModel()
        listen(self._url, model, model.take)
        return create(model, rings_of(load_areas(self._areas))).server


if __name__ == "__main__":
    given = read_options()
    Gunicorn(given.port, given.redis, given.areas).run()
