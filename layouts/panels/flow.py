"""Flow of appeals: received and answered by hour, today against the same hours a week ago, and by channel."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.panels.frame import render_figure, render_panel
from svodka.i18n.catalogue import Catalogue


def render_flow(panel: str, words: Catalogue) -> Component:
    """Return the panel in its loading state; its body holds the channels."""
    return render_panel(panel, "flow", words, before=[render_figure(panel, "flow-figure")])
