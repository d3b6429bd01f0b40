"""The wall's head: region, mark of a demonstration, connection, clocks, and the button that takes a picture."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.text import ESSENTIAL, HIDDEN, SECONDARY
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

_ONE_LINE_CHARS = 12  # a longer name stands in two smaller lines


def render_header(profile: Profile, words: Catalogue) -> Component:
    """Return the head; the browser fills its clocks from the server's time, never from its own."""
    long = "head-region--long" if len(profile.name) > _ONE_LINE_CHARS else ""
    label: dict[str, Any] = {"aria-label": words.word("snapshot.button")}
    demo = [html.Span(words.word("header.demo"), className="head-demo", **ESSENTIAL)]
    return html.Header(
        [
            html.Div(
                [
                    html.H1(profile.name, className=f"head-region {long}", **ESSENTIAL),
                    *(demo if profile.is_simulated else []),
                    html.Div(id="head-scene", className="head-scene", **ESSENTIAL),
                ],
                className="head-name",
            ),
            html.Div(id="head-mark", className="head-mark"),
            html.Div(id="banner", className="banner", **HIDDEN),
            html.Div(id="head-remark", className="head-remark"),
            html.Div(id="head-connection", className="head-block head-connection"),
            html.Div(id="head-said", className="sr-only", role="status"),
            html.Div(id="head-federal", className="head-block"),
            html.Div(id="head-day", className="head-block"),
            html.Div("--:--:--", id="head-clock", className="head-clock", **ESSENTIAL),
            html.Button(
                html.Span(className="snapshot-glyph"),
                id="snapshot-button",
                className="snapshot-button",
                title=words.word("snapshot.button"),
                **label,
            ),
            html.Div(id="toast", className="toast", role="alert", **SECONDARY),
        ],
        className="head",
    )
