"""The frame that every panel stands in: the panel contract of docs/architecture.md.

The outer element carries `data-kind`, `data-state`, `data-as-of` and `data-seq`; while a scene shows it also
`data-panel` and `data-key`. `note` is the line in which the browser says how old or how partial the content is; `body`
is what the browser fills.
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


def render_panel(panel: str, kind: str, words: Catalogue, *, before: Children = (), after: Children = ()) -> Component:
    """Return a panel in its loading state, out of sight until a scene places it.

    Args:
        panel: Id of its slot.
        kind: Its kind; its title is the word `panel.<kind>.title`.
        words: The page's language.
        before: Elements above the body that the browser does not replace (figures, canvases).
        after: The same below it.

    Returns:
        The panel's outer element.
    """
    loading = html.P(words.word("state.loading"), className="panel-waiting", **SECONDARY)
    heading = html.H2(
        words.word(f"panel.{kind}.title"),
        id=ids.title_id(panel),
        className="panel-title",
        **ESSENTIAL,
    )
    contract: dict[str, Any] = {
        "data-kind": kind,
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
            *before,
            html.Div([loading], id=ids.body_id(panel), className="panel-body"),
            *after,
            html.Div(id=ids.table_id(panel), className="sr-only"),
        ],
        id=panel,
        className=f"panel panel--{kind}",
        hidden=True,
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
