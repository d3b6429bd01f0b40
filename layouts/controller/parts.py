"""What of the page «Пульт» changes: rendered from words that are ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from dash import html
from dash.development.base_component import Component

from layouts.controller import ids


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A button: a scene or a kind of panel, and whether the wall shows it or points at it."""

    id: str
    title: str
    is_on: bool


class ScreenNow(msgspec.Struct, frozen=True, kw_only=True):
    """What a screen shows; `number` is empty on a wall of one screen."""

    number: str
    title: str


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What the wall shows, in words.

    Attributes:
        why: Why it does.
        until: Until when, and what follows.
        moment: Of which moment it is, where that is not the present one.
        notes: What else is set: pointer, map, line of text, light.
    """

    screens: tuple[ScreenNow, ...]
    why: str
    until: str
    moment: str
    notes: tuple[str, ...]


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A playlist on the bar of the next hours: from and to are shares (0..1) of it."""

    title: str
    from_share: float
    to_share: float


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """The next hours: playlists, marks of hours with their share, and the next pictures with their time."""

    bands: tuple[Band, ...]
    hours: tuple[tuple[str, float], ...]
    pictures: tuple[tuple[str, str], ...]
    label: str


def render_now(now: Now) -> list[Component]:
    """Return what the wall shows."""
    rows: list[Component] = [
        html.Div([*_number(screen.number), html.Strong(screen.title)], className="controller-scene")
        for screen in now.screens
    ]
    moment = [html.Strong(now.moment, className="controller-moment")] if now.moment else []
    rows.append(html.P([*moment, now.why], className="controller-why"))
    rows.append(html.P(now.until, className="desk-quiet"))
    return rows


def render_notes(now: Now) -> list[Component]:
    """Return what else is set: below the buttons, which never move under a finger."""
    return [html.P(note, className="controller-note") for note in now.notes]


def _number(number: str) -> list[Component]:
    return [html.Span(number, className="controller-number")] if number else []


def render_choices(kind: str, choices: Sequence[Choice]) -> list[Component]:
    """Return buttons for scenes (`ids.SCENE`) or panels (`ids.POINT`)."""
    make = ids.scene_id if kind == ids.SCENE else ids.point_id
    return [_button(choice.title, make(choice.id), is_on=choice.is_on) for choice in choices]


def button_class(*, is_on: bool) -> str:
    """Return the class of a button that is in force, or not."""
    return "desk-button controller-button" + (" is-on" if is_on else "")


def _button(title: str, id_: Any, *, is_on: bool) -> Component:  # noqa: ANN401 - a pattern's id
    pressed: dict[str, Any] = {"aria-pressed": str(is_on).lower()}
    return html.Button(title, id=id_, className=button_class(is_on=is_on), type="button", **pressed)


def render_ahead(ahead: Ahead) -> list[Component]:
    """Return the bar of the next hours and the list of the next pictures."""
    label: dict[str, Any] = {"aria-label": ahead.label}
    bands = [
        html.Span(
            band.title,
            className=f"controller-band controller-band--{number % 2}",
            style={"left": f"{band.from_share:.2%}", "width": f"{band.to_share - band.from_share:.2%}"},
        )
        for number, band in enumerate(ahead.bands)
    ]
    hours = [
        html.Span(text, className="controller-hour", style={"left": f"{share:.2%}"}) for text, share in ahead.hours
    ]
    pictures = [
        html.Li([html.Span(time, className="controller-time"), title], className="controller-picture")
        for time, title in ahead.pictures
    ]
    return [
        html.Div(bands, className="controller-bar", role="img", **label),
        html.Div(hours, className="controller-hours"),
        html.Ol(pictures, className="controller-pictures"),
    ]
