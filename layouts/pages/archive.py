"""The page «Машина времени»: a scene at an instant that is over, and playing it.

The picture is the wall's own page in a frame. What a person moves (field, slider, choices) is never drawn anew; what
plays is counted by the server's clock and shown once a second.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

STATE, TICK, FRAME, CLOCK, SAID, NOTE = (
    "archive-state",
    "archive-tick",
    "archive-frame",
    "archive-clock",
    "archive-said",
    "archive-note",
)
FIELD, GO, SLIDER, STRIP, CURSOR, EVENTS, DAY = (
    "archive-field",
    "archive-go",
    "archive-slider",
    "archive-strip",
    "archive-cursor",
    "archive-events",
    "archive-day",
)
PLAY, PRESENT, BASIS, SCENE, SPEED, EXERCISE = (
    "archive-play",
    "archive-present",
    "archive-basis",
    "archive-scene",
    "archive-speed",
    "archive-exercise",
)
WALL, SHOW, BACK, SHOWN = "archive-wall", "archive-show", "archive-back", "archive-shown"
STEP, MARK = "archive-step", "archive-mark"  # `type` of the ids of buttons that move to elsewhere
SPEEDS = (1, 10, 60, 300, 600)
STEPS_MIN = (-1440, -60, -5, 5, 60, 1440)
DAY_MIN = 1440
_MARKS_H = 3
_HOUR_MIN = 60
_SHORT = 6


def render_archive(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first moment."""
    del profile
    title: dict[str, Any] = {"title": words.word("archive.picture")}
    return render_desk(
        words,
        "archive",
        dcc.Store(id=STATE),
        dcc.Interval(id=TICK, interval=1000, disabled=True),
        html.Div(
            [
                html.Section(
                    [
                        html.Div(
                            [html.Span(id=CLOCK, className="archive-clock"), html.Span(id=NOTE, className="desk-bad")],
                            className="archive-head",
                        ),
                        html.Iframe(id=FRAME, className="archive-frame", tabIndex=-1, **title),
                        _time_line(words),
                    ],
                    className="archive-stage",
                ),
                html.Section([_choices(words), _on_wall(words)], className="archive-side"),
            ],
            className="archive",
        ),
    )


def _time_line(words: Catalogue) -> Component:
    """Return what the instant is chosen with: a field, a slider over its day, and steps."""
    slider_name: dict[str, Any] = {"aria-label": words.word("archive.slider"), "role": "group"}
    play: dict[str, Any] = {"aria-pressed": "false"}
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [html.Div(id=STRIP), html.Div(id=CURSOR, className="archive-cursor")], className="archive-strip"
                    ),
                    html.Span(words.word("archive.slider"), id=f"{SLIDER}-name", className="sr-only"),
                    dcc.Slider(
                        id=SLIDER,
                        min=0,
                        max=DAY_MIN - 1,
                        step=1,
                        value=0,
                        marks={hour * _HOUR_MIN: f"{hour:02d}:00" for hour in range(0, DAY_MIN // _HOUR_MIN, _MARKS_H)},
                        updatemode="mouseup",
                        allow_direct_input=False,
                        included=False,
                    ),
                ],
                className="archive-slider",
                **slider_name,
            ),
            html.Div(
                [
                    *(_step(words, minutes) for minutes in STEPS_MIN[:3]),
                    html.Button(
                        words.word("archive.play"),
                        id=PLAY,
                        type="button",
                        className="desk-button desk-button--main archive-play",
                        **play,
                    ),
                    *(_step(words, minutes) for minutes in STEPS_MIN[3:]),
                    html.Button(words.word("archive.present"), id=PRESENT, type="button", className="desk-button"),
                ],
                className="desk-actions archive-steps",
            ),
        ]
    )


def _step(words: Catalogue, minutes: int) -> Component:
    sign, size = "−" if minutes < 0 else "+", abs(minutes)
    unit, whole = ("day", DAY_MIN) if size >= DAY_MIN else ("hour", _HOUR_MIN) if size >= _HOUR_MIN else ("minutes", 1)
    label = words.word(f"archive.step.{unit}").format(sign=sign, n=size // whole)
    return html.Button(label, id={"type": STEP, "minutes": minutes}, type="button", className="desk-button")


def _choices(words: Catalogue) -> Component:
    return html.Div(
        [
            html.Label(
                [
                    html.Span(words.word("archive.moment")),
                    html.Span(
                        [
                            dcc.Input(
                                id=FIELD,
                                type="text",
                                className="desk-input",
                                placeholder=words.word("archive.moment_form"),
                                maxLength=20,
                                autoComplete="off",
                            ),
                            html.Button(words.word("archive.go"), id=GO, type="button", className="desk-button"),
                        ],
                        className="desk-actions",
                    ),
                ],
                className="desk-label",
            ),
            html.P(id=SAID, className="desk-bad archive-said", role="status"),
            _radio(words, BASIS, {basis: words.word(f"archive.basis.{basis}") for basis in ("seen", "is")}, "seen"),
            html.Div(
                [html.Span(words.word("archive.scene")), dcc.Dropdown(id=SCENE, clearable=False, searchable=True)],
                className="desk-label",
            ),
            _radio(words, SPEED, {str(speed): f"×{speed}" for speed in SPEEDS}, "60"),
            dcc.Checklist(
                id=EXERCISE,
                options=[{"value": "exercise", "label": words.word("archive.exercise")}],
                value=[],
                className="archive-radio",
            ),
        ],
        className="desk-card archive-choices",
    )


def _radio(words: Catalogue, name: str, labels: dict[str, str], value: str) -> Component:
    legend = words.word(f"archive.{name.removeprefix('archive-')}")
    return html.Fieldset(
        [
            html.Legend(legend),
            dcc.RadioItems(
                id=name,
                options=[{"value": each, "label": label} for each, label in labels.items()],
                value=value,
                inline=all(len(label) < _SHORT for label in labels.values()),
                className="archive-radio",
            ),
        ],
        className="archive-field",
    )


def _on_wall(words: Catalogue) -> Component:
    return html.Div(
        [
            html.H2(words.word("archive.on_wall")),
            html.Div(
                [html.Span(words.word("archive.wall")), dcc.Dropdown(id=WALL, clearable=False, searchable=False)],
                className="desk-label archive-wall",
            ),
            html.Div(
                [
                    html.Button(
                        words.word("archive.show"), id=SHOW, type="button", className="desk-button desk-button--main"
                    ),
                    html.Button(words.word("archive.back"), id=BACK, type="button", className="desk-button"),
                ],
                className="desk-actions",
            ),
            html.P(id=SHOWN, className="passport-done", role="status"),
            html.H2(words.word("archive.events"), id=DAY),
            html.Div(id=EVENTS, className="archive-events"),
        ],
        className="desk-card",
    )
