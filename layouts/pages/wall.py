"""The wall: one scene of 1920x1080 that scales to any screen of 16:9.

Left what is asked of us and how well we answer, in the middle where, on the right what is happening now.
The reasons for sizes and places stand in docs/wall.md.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.panels.flow import render_flow
from layouts.panels.frame import render_panel
from layouts.panels.header import render_header
from layouts.panels.kpi import render_kpi
from layouts.panels.map import render_map
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile


def render_wall(profile: Profile, words: Catalogue) -> Component:
    """Return the page in its loading state.

    Args:
        profile: The region.
        words: The page's language.

    Returns:
        The whole scene; every panel is there from the start and is never mounted again.
    """
    return html.Div(
        [
            render_header(profile, words),
            html.Main(
                [
                    html.Div(
                        [
                            render_kpi("kpi-in-time", words),
                            render_kpi("kpi-response", words),
                            render_flow(words),
                            render_panel("sectors", words),
                        ],
                        className="column column--left",
                    ),
                    render_map(words),
                    html.Div(
                        [
                            render_kpi("kpi-open", words),
                            render_kpi("kpi-satisfaction", words),
                            render_panel("incidents", words),
                            render_panel("feed", words),
                        ],
                        className="column column--right",
                    ),
                ],
                className="stage",
            ),
            render_panel("sources", words),
        ],
        id="scene",
        className="scene",
        lang=words.language,
    )
