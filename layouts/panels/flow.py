"""Flow of appeals: received and answered by hour, today against the same hours a week ago, and by channel."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.panels.frame import render_figure, render_panel, render_table
from svodka.i18n.catalogue import Catalogue


def render_flow(words: Catalogue) -> Component:
    """Return the panel in its loading state."""
    return render_panel(
        "flow",
        words,
        extra=[
            render_figure("flow", "flow-figure"),
            html.Div(id="flow-channels", className="flow-channels"),
            render_table("flow"),
        ],
    )
