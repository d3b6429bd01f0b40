"""The frame that every panel stands in: the panel contract of docs/architecture.md.

The outer element carries `data-panel`, `data-state`, `data-as-of` and `data-seq`. `note` is the line in which the
browser says how old or how partial the content is; `body` is what the browser fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids
from layouts.text import ESSENTIAL, HIDDEN, SECONDARY
from svodka.i18n.catalogue import Catalogue

# Without this Plotly draws axes from 0 to 6 until the page draws the first figure.
_NOTHING: dict[str, Any] = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "xaxis": {"visible": False},
    "yaxis": {"visible": False},
}

Children = Sequence[Component | str]


def render_panel(panel: str, words: Catalogue, *, body: Children = (), extra: Children = ()) -> Component:
    """Return a panel in its loading state.

    Args:
        panel: `data-panel`; its title is the word `panel.<panel>.title`.
        words: The page's language.
        body: What stands in the body before the first data.
        extra: Elements beside the body that the browser does not replace (figures, canvases, tables).

    Returns:
        The panel's outer element.
    """
    loading = html.P(words.word("state.loading"), className="panel-waiting", **SECONDARY)
    heading = html.H2(
        words.word(f"panel.{panel}.title"),
        id=ids.title_id(panel),
        className="panel-title",
        **ESSENTIAL,
    )
    contract: dict[str, Any] = {
        "data-panel": panel,
        "data-state": "loading",
        "data-as-of": "",
        "data-seq": "",
        "aria-labelledby": ids.title_id(panel),
    }
    return html.Section(
        [
            html.Header(
                [heading, html.Div(id=f"{panel}-aside", className="panel-aside")],
                className="panel-head",
            ),
            html.Div(id=f"{panel}-note", className="panel-note", **SECONDARY),
            html.Div([*(body or [loading])], id=ids.body_id(panel), className="panel-body"),
            *extra,
        ],
        id=panel,
        className=f"panel panel--{panel}",
        **contract,
    )


def render_figure(panel: str, class_name: str) -> Component:
    """Return an empty Plotly figure without any controls; the browser fills it and patches it in place."""
    return html.Div(
        dcc.Graph(
            id=ids.figure_id(panel),
            className="figure",
            figure={"data": [], "layout": _NOTHING},
            config={"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "staticPlot": True},
            responsive=True,
        ),
        className=class_name,
        **SECONDARY,
        **HIDDEN,
    )


def render_table(panel: str) -> Component:
    """Return the visually hidden table of the numbers that a chart or the map shows."""
    return html.Div(id=ids.table_id(panel), className="sr-only")
