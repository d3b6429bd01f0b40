"""KPI tiles: one number against its target."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.panels.frame import render_panel
from svodka.i18n.catalogue import Catalogue


def render_kpi(panel: str, words: Catalogue) -> Component:
    """Return the tile `panel` in its loading state."""
    return render_panel(panel, words)
