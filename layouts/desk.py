"""The frame of pages for operators («the desk»): head, navigation, clock, what went wrong, and a place for the page.

No code of ours runs in these browsers. What changes comes by server callbacks; that it no longer does is shown by an
animation that each beat starts anew (`assets/css/desk.css`).
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from svodka.i18n.catalogue import Catalogue

# names of the pages, in the order of the head; tests hold it to `layouts.PAGES`
NAVIGATION = ("sources", "problems", "register", "controller", "briefing", "archive")
BEAT = "desk-beat"
BEAT_EVERY_S = 5
REGION, WHO, CLOCK, PULSE, TROUBLE, FAULT, SAID = (
    "desk-region",
    "desk-who",
    "desk-clock",
    "desk-pulse",
    "desk-trouble",
    "desk-fault",
    "desk-said",
)
MAIN = "desk-main"
# until when what is said there stands, in seconds of the machine's clock: a beat takes it away afterwards
FAULT_UNTIL, SAID_UNTIL = "desk-fault-until", "desk-said-until"


def badge_id(page_name: str) -> str:
    """Return the id of the count beside a page's name in the navigation."""
    return f"desk-badge-{page_name}"


def pulse_class(beats_n: int) -> str:
    """Return the class that starts the silence's animation anew: another name with each beat."""
    return f"desk-silence desk-silence--{'even' if beats_n % 2 == 0 else 'odd'}"


def render_desk(words: Catalogue, page_name: str, *children: Component) -> Component:
    """Return a page for operators.

    Args:
        words: The page's language.
        page_name: Its name in `layouts.PAGES`.
        children: What stands below the head.

    Returns:
        The whole page; region, operator and clock are filled by `callbacks.desk`.
    """
    alert: dict[str, Any] = {"aria-live": "assertive"}
    return html.Div(
        [
            html.A(words.word("desk.skip"), href=f"#{MAIN}", className="desk-skip"),
            html.Header(
                [
                    html.Div(
                        [
                            html.Span(words.word("desk.product"), className="desk-product"),
                            html.Span(id=REGION, className="desk-region"),
                        ],
                        className="desk-name",
                    ),
                    _navigation(words, page_name),
                    html.Span(id=WHO, className="desk-who"),
                    _looks(words, page_name),
                    html.Div(id=CLOCK, className="desk-clock"),
                ],
                className="desk-head",
            ),
            html.Div(words.word("desk.silence"), id=PULSE, className=pulse_class(0), role="alert"),
            html.Div(id=TROUBLE, className="desk-trouble", role="alert"),
            html.Div(id=FAULT, className="desk-trouble", role="alert"),
            html.Main(
                [html.H1(words.word(f"page.{page_name}.title"), className="desk-title"), *children],
                id=MAIN,
                className="desk-main",
            ),
            html.Div(id=SAID, className="desk-said", role="status", **alert),
            dcc.Interval(id=BEAT, interval=BEAT_EVERY_S * 1000),
            *(dcc.Store(id=name) for name in (FAULT_UNTIL, SAID_UNTIL)),
        ],
        id="desk",
        className="desk",
        lang=words.language,
    )


def _looks(words: Catalogue, page_name: str) -> Component:
    """Return the menu of looks: plain links, so that it works whatever else does not."""
    choices = {
        "theme=dark": words.word("desk.look.theme_dark"),
        "theme=light": words.word("desk.look.theme_light"),
        "vision=low": words.word("desk.look.vision_low"),
        "vision=usual": words.word("desk.look.vision_usual"),
    }
    links = [
        html.A(
            name,
            href=f"/look?{choice}&back=/{page_name}/",
            className=f"desk-look desk-look--{choice.replace('=', '-')}",
        )
        for choice, name in choices.items()
    ]
    return html.Details([html.Summary(words.word("desk.look")), html.Div(links)], className="desk-looks")


def _navigation(words: Catalogue, page_name: str) -> Component:
    label: dict[str, Any] = {"aria-label": words.word("desk.navigation")}
    links = []
    for name in NAVIGATION:
        current: dict[str, Any] = {"aria-current": "page"} if name == page_name else {}
        title = words.word(f"page.{name}.title")
        badge = html.Span(id=badge_id(name), className="desk-badge")
        links.append(html.A([title, badge], href=f"/{name}/", className="desk-link", **current))
    wall = html.A(words.word("desk.wall"), href="/wall", className="desk-link desk-link--wall")
    return html.Nav([*links, wall], className="desk-nav", **label)
