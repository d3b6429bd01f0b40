"""The page «Источники»: how every source stands, the passport of one, and what an operator can do about it.

The skeleton: what is filled again every few seconds (list, passport) stands apart from what a person types and presses,
so that neither focus nor text is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

ADDRESS, LIST, HEAD, BODY, CONTROLS = "sources-url", "sources-list", "source-head", "source-body", "source-controls"
PAUSE, POLL, FROM, REFETCH, REPROCESS = "source-pause", "source-poll", "source-from", "source-refetch", "source-again"
ASK, ASK_TEXT, YES, NO, ASKED = "source-ask", "source-ask-text", "source-yes", "source-no", "source-asked"
DONE, CHANGED, ORDER, NOTICES, NOTED = (
    "source-done",
    "source-changed",
    "sources-order",
    "source-notices",
    "source-noted",
)
NOTICE = "notice-seen"  # `type` of the ids of the buttons beside notices
ASKING, UNASKED = "source-asking", "source-unasked"
HIDDEN, SHOWN = {"display": "none"}, {"display": "block"}


def render_sources(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data."""
    del profile
    return render_desk(
        words,
        "sources",
        dcc.Location(id=ADDRESS, refresh=False),
        dcc.Store(id=ASKED),
        dcc.Store(id=CHANGED),
        dcc.Store(id=ORDER),
        dcc.Store(id=NOTED),
        html.Div(
            [
                html.Section(html.P(words.word("state.loading"), className="desk-quiet"), id=LIST, className="sources"),
                html.Section(
                    [
                        html.Div(id=HEAD),
                        _controls(words),
                        html.Div(id=NOTICES),
                        html.Div(html.P(words.word("passport.choose"), className="desk-quiet"), id=BODY),
                    ],
                    className="desk-card passport",
                ),
            ],
            className="sources-page",
        ),
    )


def _controls(words: Catalogue) -> Component:
    """Return the buttons; which of them can be pressed, the callbacks say."""

    def button(name: str, key: str, *, main: bool = False) -> Component:
        style = "desk-button desk-button--main" if main else "desk-button"
        return html.Button(words.word(key), id=name, className=style, type="button")

    live: dict[str, Any] = {"aria-live": "polite"}
    return html.Div(
        [
            html.Div(
                [
                    button(PAUSE, "passport.pause"),
                    html.Div(_asking(words, button), id=ASKING, className="passport-asking"),
                    html.P(words.word("passport.unasked"), id=UNASKED, className="desk-quiet", hidden=True),
                ],
                className="desk-actions",
            ),
            html.Div(
                [
                    html.P(id=ASK_TEXT),
                    html.Div(
                        [button(YES, "passport.yes", main=True), button(NO, "passport.no")], className="desk-actions"
                    ),
                ],
                id=ASK,
                className="passport-ask",
                role="group",
                style=HIDDEN,
            ),
            html.P(id=DONE, className="passport-done", role="status", **live),
        ],
        id=CONTROLS,
        style=HIDDEN,
    )


def _asking(words: Catalogue, button: Callable[[str, str], Component]) -> list[Component]:
    """Return what only a source that is asked can do."""
    return [
        button(POLL, "passport.poll"),
        button(REPROCESS, "passport.again"),
        html.Label(
            [
                html.Span(words.word("passport.from")),
                dcc.Input(
                    id=FROM,
                    type="text",
                    className="desk-input",
                    placeholder=words.word("passport.from_form"),
                    maxLength=16,
                    size="16",
                    autoComplete="off",
                ),
            ],
            className="passport-from",
        ),
        button(REFETCH, "passport.refetch"),
    ]
