"""The element of each kind of panel. A kind that needs nothing but a head and a body needs no line here.

What kinds there are, and what they show, stands in `svodka.scenes.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable

from dash.development.base_component import Component

from layouts.panels.flow import render_flow
from layouts.panels.frame import render_panel
from layouts.panels.map import render_map
from layouts.panels.week import render_week
from svodka.i18n.catalogue import Catalogue

_LAYOUTS: dict[str, Callable[[str, Catalogue], Component]] = {
    "flow": render_flow,
    "map": render_map,
    "week": render_week,
}


def render_slot(panel: str, kind: str, words: Catalogue) -> Component:
    """Return the element `panel` of a kind in its loading state, out of sight."""
    layout = _LAYOUTS.get(kind)
    return render_panel(panel, kind, words) if layout is None else layout(panel, words)
