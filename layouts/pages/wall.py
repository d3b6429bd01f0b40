"""The wall: a head and a pool of panels, which scenes place on a grid, show and hide.

No panel is ever mounted again; what a scene does not show is out of sight. docs/scenes.md says how scenes are written.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.ids import slot_id
from layouts.panels.header import render_header
from layouts.panels.registry import render_slot
from layouts.text import ESSENTIAL, HIDDEN
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile
from svodka.scenes.book import SceneBook


def render_wall(profile: Profile, words: Catalogue, scenes: SceneBook) -> Component:
    """Return the page in its loading state.

    Args:
        profile: The region.
        words: The page's language.
        scenes: Whose panels the pool holds: of each kind as many as one scene needs at most.
    """
    pool = [(slot_id(kind, i), kind) for kind, n in scenes.pool().items() for i in range(1, n + 1)]
    return html.Div(
        [
            render_header(profile, words),
            html.Div(id="message", className="message", role="status", **ESSENTIAL),
            html.Main(
                [
                    *(render_slot(panel, kind, words) for panel, kind in pool),
                    html.Div(id="annotations", className="annotations"),
                ],
                id="stage",
                className="stage",
            ),
            html.Div(id="dim", className="dim", **HIDDEN),
        ],
        id="scene",
        className="scene",
        lang=words.language,
    )
