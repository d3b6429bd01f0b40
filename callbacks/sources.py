"""Callbacks of the page «Источники»: the list and a passport again every few seconds, and what an operator does.

Everything that comes from the browser is checked as if somebody had made it up.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qs

import dash
from dash import ALL, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from callbacks.operating import Desk
from callbacks.passport_view import (
    CELL,
    CELLS,
    ROW,
    Sayer,
    fill_cell,
    render_figures,
    render_head,
    render_list,
    render_notices,
    row_class,
)
from callbacks.source_acts import Form, SourceActs
from layouts.desk import BEAT
from layouts.pages import sources as page
from svodka.domain import codec
from svodka.profiles.model import Profile
from svodka.readmodels.passports import Passport, SourceLine, load_lines, load_passport
from svodka.storage.database import Database
from svodka.storage.notices import count_notices


def count_waiting(database: Database) -> int:
    """Return how many unusual things nobody has taken note of, for the navigation."""
    with database.read() as connection:
        return count_notices(connection)


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    say = Sayer(desk.words, desk.profile.zone)
    _register_list(app, desk, say)
    _register_passport(app, desk, say)
    _register_acts(app, SourceActs(desk, say))


def _register_list(app: dash.Dash, desk: Desk, say: Sayer) -> None:
    """Rows are made anew only where their order changes: whoever goes through them by keyboard keeps his place."""

    @app.callback(
        Output(page.LIST, "children"),
        Output(page.ORDER, "data"),
        Input(BEAT, "n_intervals"),
        State(page.ORDER, "data"),
        State(page.ADDRESS, "search"),
    )
    def arrange(_beats: object, known: object, search: object) -> tuple[object, object]:
        lines = desk.ask(_load_lines, desk.profile, desk.clock.now())
        order = [line.source.id for line in lines]
        if order == known:
            raise PreventUpdate
        return render_list(lines, _chosen(search), say), order

    @app.callback(
        *(Output({"type": f"{CELL}-{cell}", "source": ALL}, "children") for cell in CELLS),
        Output({"type": f"{CELL}-{ROW}", "source": ALL}, "className"),
        Input(BEAT, "n_intervals"),
        Input(page.ADDRESS, "search"),
        Input(page.CHANGED, "data"),
        prevent_initial_call=True,
    )
    def fill(_beats: object, search: object, _changed: object) -> list[list[object]]:
        lines = {line.source.id: line for line in desk.ask(_load_lines, desk.profile, desk.clock.now())}
        chosen = _chosen(search)
        shown = [str(output["id"]["source"]) for output in ctx.outputs_list[-1]]
        cells: list[list[object]] = [
            [fill_cell(cell, lines[name], say) if name in lines else no_update for name in shown] for cell in CELLS
        ]
        return [*cells, [row_class(is_chosen=name == chosen) for name in shown]]


def _register_passport(app: dash.Dash, desk: Desk, say: Sayer) -> None:
    @app.callback(
        Output(page.HEAD, "children"),
        Output(page.NOTICES, "children"),
        Output(page.NOTED, "data"),
        Output(page.BODY, "children"),
        Output(page.CONTROLS, "style"),
        Output(page.PAUSE, "children"),
        Output(page.POLL, "disabled"),
        Output(page.REPROCESS, "disabled"),
        Output(page.ASKING, "style"),
        Output(page.UNASKED, "hidden"),
        Input(BEAT, "n_intervals"),
        Input(page.ADDRESS, "search"),
        Input(page.CHANGED, "data"),
        State(page.NOTED, "data"),
    )
    def refresh(_beats: object, search: object, _changed: object, noted: object) -> tuple[object, ...]:
        now, chosen = desk.clock.now(), _chosen(search)
        passport = desk.ask(_load_passport, desk.profile, chosen, now)
        if passport is None:
            nothing = html.P(desk.words.word("passport.choose"), className="desk-quiet")
            return [], [], "", nothing, page.HIDDEN, *[no_update] * 5
        is_pushed = chosen in desk.unasked
        is_paused = passport.line.health.paused_at is not None
        notices = _digest(passport)
        return (
            render_head(passport, say, is_pushed=is_pushed),
            no_update
            if notices == noted
            else render_notices(passport, say, is_pushed=is_pushed),  # a button keeps the keyboard's place
            notices,
            render_figures(passport, desk.profile, now, say, is_pushed=is_pushed),
            page.HIDDEN if chosen in desk.filled and not is_paused else page.SHOWN,
            desk.words.word("passport.resume" if is_paused else "passport.pause"),
            is_paused,
            not passport.line.quarantined_n,
            page.HIDDEN if is_pushed else {},
            not is_pushed,
        )


def _digest(passport: Passport) -> str:
    """Return what changes with the notices that are shown."""
    told = codec.encode([passport.line.source.id, passport.notices])
    return blake2b(told, digest_size=12).hexdigest()


def _load_lines(database: Database, profile: Profile, now: datetime) -> list[SourceLine]:
    with database.read() as connection:
        return load_lines(connection, profile, now)


def _load_passport(database: Database, profile: Profile, chosen: str, now: datetime) -> Passport | None:
    with database.read() as connection:
        return load_passport(connection, profile, chosen, now)


def _chosen(search: object) -> str:
    """Return the id of the source that the address names, "" where it names none."""
    found = parse_qs(search.lstrip("?")).get("source", [""]) if isinstance(search, str) else [""]
    return found[0][:64]


def _register_acts(app: dash.Dash, acts: SourceActs) -> None:
    @app.callback(
        Output(page.DONE, "children"),
        Output(page.ASK, "style"),
        Output(page.ASK_TEXT, "children"),
        Output(page.ASKED, "data"),
        Output(page.CHANGED, "data"),
        Input(page.PAUSE, "n_clicks"),
        Input(page.POLL, "n_clicks"),
        Input(page.REFETCH, "n_clicks"),
        Input(page.REPROCESS, "n_clicks"),
        Input(page.YES, "n_clicks"),
        Input(page.NO, "n_clicks"),
        Input({"type": page.NOTICE, "key": ALL}, "n_clicks"),
        Input(page.ADDRESS, "search"),
        State(page.FROM, "value"),
        State(page.PAUSE, "children"),
        State(page.ASKED, "data"),
        prevent_initial_call=True,
    )
    def act(*values: Any) -> tuple[object, ...]:  # noqa: ANN401 - whatever a browser sends
        search, *form = values[-4:]
        if ctx.triggered_id == page.ADDRESS:
            return "", page.HIDDEN, "", None, no_update  # another source: what was asked of the last one is void
        source = acts.find(_chosen(search))
        if source is None or not ctx.triggered or not ctx.triggered[0]["value"]:  # a button that has just appeared
            raise PreventUpdate
        done = acts.do(ctx.triggered_id, source, Form(*form))
        return (
            done.said,
            page.HIDDEN if done.asked is None else page.SHOWN,
            done.question,
            done.asked,
            acts.now_text() if done.asked is None else no_update,
        )
