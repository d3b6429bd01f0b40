"""The page «Доклады»: briefings on the left, the opened one beside them.

What is filled again every few seconds (lists, states) stands apart from what a person types, so that neither focus nor
text is lost. Pure.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

ADDRESS, CHANGED, SEEN, CHOSEN = "briefing-url", "briefing-changed", "briefing-seen", "briefing-chosen"
LIST, EXPORTS, OPENED, NONE = "briefing-list", "briefing-exports", "briefing-opened", "briefing-none"
TITLE, SCENES, CREATE = "briefing-title", "briefing-scenes", "briefing-create"
HEAD, PAGES, SHOWINGS = "briefing-head", "briefing-pages", "briefing-showings"
WALL, SHOW, BACK, ON, STOP = "briefing-wall", "briefing-show", "briefing-back", "briefing-on", "briefing-stop"
PAGE_NAME, NOTES, NOTES_SAVE = "briefing-page-name", "briefing-notes", "briefing-notes-save"
BOX_TEXT, BOX_COLUMN, BOX_ROW, BOX_SPAN, BOX_ADD, BOXES = (
    "briefing-box-text",
    "briefing-box-column",
    "briefing-box-row",
    "briefing-box-span",
    "briefing-box-add",
    "briefing-boxes",
)
PROTOCOL, PROTOCOL_SAVE = "briefing-protocol", "briefing-protocol-save"
ORDER_TEXT, ORDER_BODY, ORDER_DUE, ORDER_ADD, ORDERS = (
    "briefing-order-text",
    "briefing-order-body",
    "briefing-order-due",
    "briefing-order-add",
    "briefing-orders",
)
FORMATS, PACK, PACKS = "briefing-formats", "briefing-pack", "briefing-packs"
LINK_LABEL, LINK_HOURS, LINK_ADD, LINK_MADE, LINKS = (
    "briefing-link-label",
    "briefing-link-hours",
    "briefing-link-add",
    "briefing-link-made",
    "briefing-links",
)
ACT = "briefing-act"  # `type` of the ids of buttons in lists; `do` says what, `n` to which
ALL_FORMATS = ("pptx", "docx", "xlsx", "pdf", "png")
LINK_VALID_H = (2, 8, 24, 72, 168)


def act_id(do: str, n: object) -> dict[str, Any]:
    """Return the id of a button in a list."""
    return {"type": ACT, "do": do, "n": str(n)}


def render_briefing(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data."""
    del profile
    word = words.word
    return render_desk(
        words,
        "briefing",
        dcc.Location(id=ADDRESS, refresh=False),
        dcc.Store(id=CHANGED, data=0),
        dcc.Store(id=SEEN),
        dcc.Store(id=CHOSEN, data=1),
        html.Div(
            [
                html.Div(
                    [
                        html.Section(
                            [
                                html.H2(word("briefing.new")),
                                _field(word("briefing.title"), _text(TITLE, word("briefing.title_hint"))),
                                _field(word("briefing.scenes"), _choice(words, SCENES, multi=True)),
                                _button(words, CREATE, "briefing.create", main=True),
                            ],
                            className="desk-card briefing-form",
                        ),
                        html.Section([html.H2(word("briefing.list")), html.Div(id=LIST)], className="desk-card"),
                        html.Section([html.H2(word("briefing.exports")), html.Div(id=EXPORTS)], className="desk-card"),
                    ],
                    className="briefing-side",
                ),
                html.Div(
                    [
                        html.P(word("briefing.choose"), id=NONE, className="desk-card desk-quiet"),
                        html.Div(_opened(words), id=OPENED, hidden=True, className="briefing-opened"),
                    ]
                ),
            ],
            className="briefing",
        ),
    )


def _opened(words: Catalogue) -> list[Component]:
    return [
        html.Section([html.Div(id=HEAD), _presenting(words)], className="desk-card"),
        html.Section(
            [html.H2(words.word("briefing.pages")), html.Div(id=PAGES), _page_form(words)], className="desk-card"
        ),
        html.Section(_packs(words), className="desk-card"),
        html.Section(_protocol(words), className="desk-card"),
        html.Section(_links(words), className="desk-card"),
        html.Section([html.H2(words.word("briefing.showings")), html.Div(id=SHOWINGS)], className="desk-card"),
    ]


def _presenting(words: Catalogue) -> Component:
    return html.Div(
        [
            html.Div(_field(words.word("briefing.where"), _choice(words, WALL)), className="briefing-where"),
            _button(words, SHOW, "briefing.show", main=True),
            _button(words, BACK, "briefing.back"),
            _button(words, ON, "briefing.on"),
            _button(words, STOP, "briefing.stop"),
        ],
        className="desk-actions briefing-presenting",
    )


def _page_form(words: Catalogue) -> Component:
    word = words.word
    live: dict[str, Any] = {"aria-live": "polite"}
    return html.Div(
        [
            html.H3(id=PAGE_NAME, **live),
            _field(word("briefing.notes"), _area(NOTES, rows=4)),
            _button(words, NOTES_SAVE, "briefing.save_notes"),
            html.H3(word("briefing.boxes")),
            html.Div(id=BOXES),
            html.Div(
                [
                    _field(word("briefing.box_text"), _text(BOX_TEXT, word("briefing.box_hint"))),
                    _field(word("briefing.box_column"), _number(BOX_COLUMN, 1, 12, 1)),
                    _field(word("briefing.box_row"), _number(BOX_ROW, 1, 8, 1)),
                    _field(word("briefing.box_span"), _number(BOX_SPAN, 1, 12, 4)),
                    _button(words, BOX_ADD, "briefing.add_box"),
                ],
                className="briefing-line",
            ),
        ],
        className="briefing-page",
    )


def _packs(words: Catalogue) -> list[Component]:
    options = [{"label": words.word(f"briefing.format.{name}"), "value": name} for name in ALL_FORMATS]
    return [
        html.H2(words.word("briefing.packs")),
        html.Div(
            [
                dcc.Checklist(
                    id=FORMATS, options=options, value=list(ALL_FORMATS), inline=True, className="briefing-formats"
                ),
                _button(words, PACK, "briefing.make", main=True),
            ],
            className="desk-actions",
        ),
        html.Div(id=PACKS),
    ]


def _protocol(words: Catalogue) -> list[Component]:
    word = words.word
    return [
        html.H2(word("briefing.protocol")),
        _field(word("briefing.decisions"), _area(PROTOCOL, rows=4)),
        _button(words, PROTOCOL_SAVE, "briefing.save_protocol"),
        html.H3(word("briefing.orders")),
        html.Div(id=ORDERS),
        html.Div(
            [
                _field(word("report.order.text"), _text(ORDER_TEXT, "")),
                _field(word("report.order.body"), _text(ORDER_BODY, "")),
                _field(word("report.order.due"), _text(ORDER_DUE, word("briefing.due_hint"))),
                _button(words, ORDER_ADD, "briefing.give"),
            ],
            className="briefing-line briefing-line--order",
        ),
    ]


def _links(words: Catalogue) -> list[Component]:
    word = words.word
    hours = [{"label": word(f"briefing.valid.{n}"), "value": n} for n in LINK_VALID_H]
    live: dict[str, Any] = {"aria-live": "polite"}
    return [
        html.H2(word("briefing.links")),
        html.P(word("briefing.links_say"), className="desk-quiet"),
        html.Div(
            [
                _field(word("briefing.link_label"), _text(LINK_LABEL, word("briefing.link_hint"))),
                _field(
                    word("briefing.link_valid"),
                    dcc.Dropdown(id=LINK_HOURS, options=hours, value=24, clearable=False, searchable=False),
                ),
                _button(words, LINK_ADD, "briefing.link_add"),
            ],
            className="briefing-line briefing-line--link",
        ),
        html.Div(id=LINK_MADE, role="status", **live),
        html.Div(id=LINKS),
    ]


def _field(name: str, control: Component) -> Component:
    return html.Label([html.Span(name), control], className="desk-label")


def _text(id_: str, hint: str) -> Component:
    return dcc.Input(id=id_, type="text", value="", placeholder=hint, autoComplete="off")


def _number(id_: str, least: int, most: int, value: int) -> Component:
    return dcc.Input(id=id_, type="number", min=least, max=most, step=1, value=value)


def _area(id_: str, *, rows: int) -> Component:
    return dcc.Textarea(id=id_, value="", rows=rows)


def _choice(words: Catalogue, id_: str, *, multi: bool = False) -> Component:
    labels: Any = {"search": words.word("desk.search"), "no_options_found": words.word("desk.nothing_found")}
    labels |= {"clear_search": words.word("desk.clear"), "clear_selection": words.word("desk.clear")}
    if multi:
        labels |= {"select_all": words.word("briefing.all"), "deselect_all": words.word("briefing.none")}
        labels |= {"selected_count": words.word("briefing.chosen_n")}
    return dcc.Dropdown(
        id=id_, options=[], multi=multi, clearable=multi, labels=labels, maxHeight=400, className="desk-choice"
    )


def _button(words: Catalogue, id_: str, key: str, *, main: bool = False) -> Component:
    style = "desk-button desk-button--main" if main else "desk-button"
    return html.Button(words.word(key), id=id_, className=style, type="button")
