"""The page «Регистрация»: what came by telephone, registered by hand; and what this shift registered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk import render_desk
from svodka.i18n.catalogue import Catalogue
from svodka.profiles.model import Profile

FORM, KIND, TEXT, ADDRESS, AREA, TOPIC = (
    "register-form",
    "register-kind",
    "register-text",
    "register-address",
    "register-area",
    "register-topic",
)
INCIDENT_KIND, LEVEL, AFFECTED, AT = "register-incident-kind", "register-level", "register-affected", "register-at"
OF_APPEAL, OF_INCIDENT = "register-of-appeal", "register-of-incident"
PREVIEW, SAVE, RESULT, FORM_ID, CHANGED, LIST, SHOWN = (
    "register-preview",
    "register-save",
    "register-result",
    "register-form-id",
    "register-changed",
    "register-list",
    "register-shown",
)
SET = "register-set"  # type of the buttons that set a stage
STAGES = {"appeals": ("in_work", "answered"), "incidents": ("in_work", "controlled", "closed")}
_KEPT: dict[str, Any] = {"persistence": True, "persistence_type": "session"}
_TEXT_CHARS = 4000


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the preview: what it is about, what was found, and why; `is_bad`: it must be mended first."""

    name: str
    value: str
    reason: str = ""
    is_bad: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of what was registered; all of it in words, texts masked."""

    kind: str
    number: int
    at: str
    text: str
    about: str
    place: str
    address: str
    due: str
    status: str
    stage: str
    who: str
    is_withdrawn: bool


def render_register(profile: Profile, words: Catalogue) -> Component:
    """Return the page before its first data; without a form it says how to connect one."""
    kinds = [source.records for source in profile.sources if source.connector == "operator"]
    if not kinds:
        nothing = html.P(words.word("register.not_connected"), className="desk-card register-none")
        return render_desk(words, "register", nothing)
    return render_desk(
        words,
        "register",
        html.Div(
            [
                _form(profile, words, kinds),
                html.Section(
                    [
                        html.H2(words.word("register.list")),
                        html.Div(html.P(words.word("state.loading"), className="desk-quiet"), id=LIST),
                    ],
                    className="desk-card register-shift",
                ),
            ],
            className="register",
        ),
        dcc.Store(id=FORM_ID, storage_type="session"),
        dcc.Store(id=CHANGED),
        dcc.Store(id=SHOWN),
    )


def _form(profile: Profile, words: Catalogue, kinds: Sequence[str]) -> Component:
    live: dict[str, Any] = {"aria-live": "polite"}
    return html.Section(
        [
            html.Div(
                dcc.RadioItems(
                    id=KIND,
                    options=[{"label": words.word(f"register.kind.{kind}"), "value": kind} for kind in kinds],
                    value=kinds[0],
                    inline=True,
                    className="register-kinds",
                    **_KEPT,
                ),
                hidden=len(kinds) == 1,
            ),
            _field(
                words.word("register.text"),
                dcc.Textarea(id=TEXT, value="", rows=5, maxLength=_TEXT_CHARS, autoFocus="autoFocus", **_KEPT),
            ),
            _field(words.word("register.address"), _input(ADDRESS, words.word("register.address_hint"))),
            _field(
                words.word("register.area"),
                _choice(
                    words, AREA, [(area.id, area.name) for area in profile.areas], words.word("register.by_address")
                ),
            ),
            html.Div(
                _field(
                    words.word("register.topic"),
                    _choice(
                        words,
                        TOPIC,
                        [(topic.id, topic.name) for topic in profile.topics],
                        words.word("register.by_words"),
                    ),
                ),
                id=OF_APPEAL,
            ),
            html.Div(_incident_fields(profile, words), id=OF_INCIDENT, className="register-pair", hidden=True),
            _field(words.word("register.at"), _input(AT, words.word("register.at_hint"))),
            html.Dl(id=PREVIEW, className="register-preview", **live),
            html.Button(words.word("register.save"), id=SAVE, className="desk-button desk-button--main", type="button"),
            html.Div(id=RESULT, className="register-result", role="status", **live),
        ],
        id=FORM,
        className="desk-card register-form",
    )


def _incident_fields(profile: Profile, words: Catalogue) -> list[Component]:
    kinds = [(kind.id, kind.name) for kind in profile.incident_kinds]
    levels = [(level.id, level.name) for level in sorted(profile.levels, key=lambda level: level.rank)]
    return [
        _field(
            words.word("register.incident_kind"), _choice(words, INCIDENT_KIND, kinds, words.word("register.choose"))
        ),
        _field(words.word("register.level"), _choice(words, LEVEL, levels, words.word("register.choose"))),
        _field(words.word("register.affected"), _input(AFFECTED, words.word("register.affected_hint"))),
    ]


def render_preview(facts: Sequence[Fact]) -> list[Component]:
    """Return the lines of the preview."""
    lines: list[Component] = []
    for fact in facts:
        reason = html.Span(fact.reason, className="desk-quiet")
        value: list[str | Component] = [html.Span(fact.value, className="desk-bad" if fact.is_bad else ""), " ", reason]
        lines += [html.Dt(fact.name), html.Dd(value)]
    return lines


def render_list(words: Catalogue, rows: Sequence[Row]) -> Component:
    """Return what was registered, the newest first."""
    if not rows:
        return html.P(words.word("register.nothing"), className="desk-quiet")
    heads = ("number", "at", "what", "where", "due", "status", "who")
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(words.word(f"register.head.{name}"), scope="col") for name in heads])),
            html.Tbody([_row(words, row) for row in rows]),
        ],
        className="desk-table",
    )


def _row(words: Catalogue, row: Row) -> Component:
    data: dict[str, Any] = {"data-number": str(row.number), "data-kind": row.kind, "data-stage": row.stage}
    return html.Tr(
        [
            html.Th(
                [html.Div(words.word(f"register.one.{row.kind}"), className="desk-quiet"), f"№ {row.number}"],
                scope="row",
            ),
            html.Td(row.at, className="register-time"),
            html.Td([html.Div(row.text, className="register-words"), html.Div(row.about, className="desk-quiet")]),
            html.Td([html.Div(row.place), html.Div(row.address, className="desk-quiet")]),
            html.Td(row.due, className="register-time"),
            html.Td([html.Div(row.status), html.Div(_actions(words, row), className="desk-actions")]),
            html.Td(row.who, className="desk-quiet"),
        ],
        key=f"{row.kind}-{row.number}",
        className="is-withdrawn" if row.is_withdrawn else "",
        **data,
    )


def _actions(words: Catalogue, row: Row) -> list[Component]:
    stages = ("in_work",) if row.is_withdrawn else tuple(stage for stage in STAGES[row.kind] if stage != row.stage)
    buttons = [_set_button(words, row, stage, words.word(f"register.to.{stage}")) for stage in stages]
    if not row.is_withdrawn:
        buttons.append(_set_button(words, row, "", words.word("register.to.withdraw")))
    return buttons


def set_id(kind: str, number: int, stage: str, place: str) -> dict[str, Any]:
    """Return the id of a button that sets a stage; the same one may stand in several places."""
    return {"type": SET, "kind": kind, "number": number, "to": stage, "at": place}


def _set_button(words: Catalogue, row: Row, stage: str, label: str) -> Component:
    named: dict[str, Any] = {"aria-label": f"{label}: {words.word(f'register.one.{row.kind}')} № {row.number}"}
    return html.Button(
        label,
        id=set_id(row.kind, row.number, stage, LIST),
        className="desk-button register-step",
        type="button",
        **named,
    )


def _field(name: str, control: Component) -> Component:
    return html.Label([html.Span(name), control], className="desk-label")


def _input(id_: str, hint: str) -> Component:
    return dcc.Input(id=id_, type="text", value="", placeholder=hint, autoComplete="off", **_KEPT)


def _choice(words: Catalogue, id_: str, options: Sequence[tuple[str, str]], hint: str) -> Component:
    found = [{"label": name, "value": value} for value, name in options]
    labels: Any = {"search": words.word("desk.search"), "no_options_found": words.word("desk.nothing_found")}
    labels |= {"clear_search": words.word("desk.clear"), "clear_selection": words.word("desk.clear")}
    return dcc.Dropdown(
        id=id_, options=found, placeholder=hint, labels=labels, maxHeight=400, className="desk-choice", **_KEPT
    )
