"""Eight local days: received and answered, beside the week before."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.panels.frame import render_figure, render_panel
from svodka.i18n.catalogue import Catalogue


def render_week(panel: str, words: Catalogue) -> Component:
    """Return the panel in its loading state; its room is that of the figure, its body one line below it."""
    return render_panel(panel, "week", words, before=[render_figure(panel, "flow-figure panel-room")])
