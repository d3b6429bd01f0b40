"""The live map: areas by Plotly's `choroplethmap`, marks on one canvas above it, labels as elements of the page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.panels.frame import render_figure, render_panel
from layouts.text import HIDDEN, SECONDARY
from svodka.i18n.catalogue import Catalogue


def render_map(panel: str, words: Catalogue) -> Component:
    """Return the panel in its loading state; its canvas and labels never leave the page."""
    return render_panel(
        panel,
        "map",
        words,
        after=[
            html.Div(
                [
                    render_figure(panel, "map-figure"),
                    html.Canvas(id="map-marks", className="map-marks", **HIDDEN),
                    html.Div(id="map-labels", className="map-labels", **SECONDARY, **HIDDEN),
                ],
                id="map-box",
                className="map-box panel-room",
            ),
            html.Div(id="map-legend", className="map-legend", **SECONDARY),
        ],
    )
