"""The page «Пульт»: what stands on the walls, and what they shall show; for a tablet, by touch or by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.controller import ids
from layouts.controller.parts import button_class
from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

_EVERY_S = 1
_AHEAD_EVERY_S = 30
_MESSAGE_CHARS = 120
_CHOICES_HEIGHT_PX = 360
_LOOKS = (
    ("theme", ("", "dark", "light", "night")),
    ("dim", ("", "0", "20", "40", "60", "80")),
    ("vision", ("normal", "low")),
)


def render_controller(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data."""
    return render_desk(
        words,
        "controller",
        html.Div(
            [
                html.Div([_now(words), _message(words), _ahead(words)], className="controller-left"),
                html.Div([_scenes(profile, words), _pointing(words), _look(words)], className="controller-right"),
            ],
            className="controller",
        ),
        dcc.Interval(id=ids.BEAT, interval=_EVERY_S * 1000),
        dcc.Interval(id=ids.AHEAD_BEAT, interval=_AHEAD_EVERY_S * 1000),
        *(dcc.Store(id=name) for name in (ids.ACTED, ids.REV, ids.DRAWN)),
    )


def _now(words: Catalogue) -> Component:
    loading = html.P(words.word("state.loading"), className="desk-quiet")
    return html.Section(
        [
            html.Div(
                dcc.RadioItems(id=ids.WALL, options=[], inline=True, className="controller-walls"),
                id=ids.WALLS,
                hidden=True,
            ),
            html.Div(loading, id=ids.NOW, className="controller-now"),
            html.Div(id=ids.HEARD, className="sr-only", role="status"),
            html.Div(
                [
                    _button(words, ids.PREVIOUS),
                    _button(words, ids.NEXT),
                    _button(words, ids.HOLD),
                    _button(words, ids.HOLD_LONG),
                    _button(words, ids.FREEZE),
                    _button(words, ids.RELEASE),
                    _button(words, ids.RESUME),
                    _button(words, ids.UNDO),
                ],
                className="controller-actions",
            ),
            html.Div(id=ids.ALERT, className="controller-alert", role="alert"),
            html.Div(id=ids.NOTES),
        ],
        className="desk-card",
    )


def _ahead(words: Catalogue) -> Component:
    loading = html.P(words.word("state.loading"), className="desk-quiet")
    return html.Section(
        [html.H2(words.word("controller.ahead")), html.Div(loading, id=ids.AHEAD)],
        className="desk-card",
    )


def _scenes(profile: Profile, words: Catalogue) -> Component:
    sectors = [(each.id, each.name) for each in profile.sectors if each.id != profile.other_topic.sector]
    areas = [(area.id, area.short_name) for area in profile.areas]
    return html.Section(
        [
            html.H2(words.word("controller.scenes")),
            html.Div(
                dcc.RadioItems(id=ids.SCREEN, options=[], value="", inline=True, className="controller-walls"),
                id=ids.SCREENS,
                hidden=True,
            ),
            html.Div(id=ids.PLAIN, className="controller-buttons"),
            html.Div(
                [
                    _choice(words, ids.SECTOR, sectors, "controller.sector"),
                    html.Div(id=ids.OF_SECTOR, className="controller-buttons"),
                ],
                className="controller-of",
            ),
            html.Div(
                [
                    _choice(words, ids.AREA, areas, "controller.area"),
                    html.Div(id=ids.OF_AREA, className="controller-buttons"),
                    html.Div([_button(words, ids.ZOOM), _button(words, ids.WHOLE)], className="controller-buttons"),
                ],
                className="controller-of",
            ),
        ],
        className="desk-card",
    )


def _pointing(words: Catalogue) -> Component:
    return html.Section(
        [
            html.H2(words.word("controller.point")),
            html.Div(id=ids.PANELS, className="controller-buttons"),
        ],
        className="desk-card",
    )


def _message(words: Catalogue) -> Component:
    return html.Section(
        [
            html.Div(
                [
                    html.Label(
                        [
                            html.Strong(words.word("controller.message")),
                            dcc.Input(id=ids.TEXT, type="text", value="", maxLength=_MESSAGE_CHARS),
                        ],
                        className="desk-label controller-text",
                    ),
                    _button(words, ids.SAY),
                    _button(words, ids.HUSH),
                ],
                className="controller-line",
            ),
            html.P(words.word("controller.message_hint"), className="desk-quiet controller-hint"),
        ],
        className="desk-card",
    )


def _look(words: Catalogue) -> Component:
    rows = [
        html.Div(
            [
                html.H3(words.word(f"controller.look.{name}"), className="controller-look-name"),
                html.Div([_look_button(words, name, wish) for wish in wishes], className="controller-buttons"),
            ],
            className="controller-look",
        )
        for name, wishes in _LOOKS
    ]
    return html.Section([html.H2(words.word("controller.look")), *rows], className="desk-card")


def _look_button(words: Catalogue, name: str, wish: str) -> Component:
    title = f"{wish} %" if name == "dim" and wish else words.word(f"controller.look.{name}.{wish or 'plan'}")
    id_: Any = ids.look_id(f"{name}={wish}")
    return html.Button(title, id=id_, className=button_class(is_on=False), type="button")


def _button(words: Catalogue, id_: str) -> Component:
    name = id_.removeprefix(f"{ids.PREFIX}-").replace("-", "_")
    return html.Button(words.word(f"controller.do.{name}"), id=id_, className=button_class(is_on=False), type="button")


def _choice(words: Catalogue, id_: str, options: Sequence[tuple[str, str]], key: str) -> Component:
    field = dcc.Dropdown(
        id=id_,
        options=[{"label": name, "value": value} for value, name in options],
        value=options[0][0] if options else None,
        clearable=False,
        maxHeight=_CHOICES_HEIGHT_PX,
        className="desk-choice",
    )
    label = html.Span(words.word(key), className="desk-quiet")
    return html.Div([label, field], className="controller-choice")
