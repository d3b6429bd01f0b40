"""Callbacks of the page «Проблемы»."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import dash
from dash import ALL, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.operating import Desk
from layouts import desk as frame
from layouts.problems import ids
from layouts.problems.card import Drawn, render_card, render_empty, render_nothing_opened
from layouts.problems.listing import CELLS, fill_row, render_as_of, say_pages
from layouts.problems.saying import Saying
from svodka.domain.problems import PAGE_N, OpenedProblem, ProblemFilter
from svodka.readmodels.problems import read_problem, read_problems
from svodka.security.authorise import Action
from svodka.storage.database import Database
from svodka.storage.decisions import Answer, join_appeal, join_problem, take_out, undo
from svodka.storage.journal import JournalEntry

_NUMBER_MAX = 2**53
_SEARCH = re.compile(r"[?&]n=([0-9]{1,16})(?:&|$)")
_SIGN = re.compile(r"\s*(?:№|#)?\s*([0-9]{1,16})\s*")

Change = Callable[[Database, JournalEntry], Answer]


def register(app: dash.Dash, desk: Desk) -> None:
    """Wire the page."""
    _register_pages(app)
    _register_list(app, desk)
    _register_card(app, desk)
    _register_decisions(app, desk)


def _register_pages(app: dash.Dash) -> None:
    @app.callback(
        Output(ids.PAGE, "data"),
        Input(ids.EARLIER, "n_clicks"),
        Input(ids.LATER, "n_clicks"),
        Input(ids.AREA, "value"),
        Input(ids.SECTOR, "value"),
        State(ids.PAGE, "data"),
        prevent_initial_call=True,
    )
    def turn(earlier: object, later: object, area: object, sector: object, page: object) -> Any:  # noqa: ANN401 - Dash's
        del area, sector
        if ctx.triggered_id not in {ids.EARLIER, ids.LATER}:
            return 0
        if not (earlier if ctx.triggered_id == ids.EARLIER else later):
            return no_update  # the buttons were drawn anew
        at = page if isinstance(page, int) else 0
        return max(0, at + (1 if ctx.triggered_id == ids.LATER else -1))


def _register_list(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        {
            "as_of": Output(ids.AS_OF, "children"),
            "table": Output(ids.TABLE, "hidden"),
            "none": Output(ids.NONE, "hidden"),
            "pages": Output(ids.PAGES, "children"),
            "singles": Output(ids.SINGLES, "children"),
            "earlier": Output(ids.EARLIER, "disabled"),
            "later": Output(ids.LATER, "disabled"),
            "rows": {
                "hidden": Output(ids.row_id(ids.ROW, ALL), "hidden"),
                "className": Output(ids.row_id(ids.ROW, ALL), "className"),
                "link": Output(ids.row_id(ids.LINK, ALL), "children"),
                "href": Output(ids.row_id(ids.LINK, ALL), "href"),
                **{name: Output(ids.cell_id(name, ALL), "children") for name in CELLS},
            },
        },
        Input(ids.BEAT, "n_intervals"),
        Input(ids.ACTED, "data"),
        Input(ids.PAGE, "data"),
        Input(ids.AREA, "value"),
        Input(ids.SECTOR, "value"),
        Input(ids.PLACE, "search"),
    )
    def fill(
        _beat: object, _acted: object, page: object, area: object, sector: object, search: object
    ) -> dict[str, Any]:
        now = desk.clock.now()
        asked = ProblemFilter(area=_text(area), sector=_text(sector))
        found = desk.ask(read_problems, desk.profile, now, asked, page if isinstance(page, int) else 0)
        saying = Saying(desk.profile, desk.words, now)
        problems = [*found.problems, *[None] * (PAGE_N - len(found.problems))]
        rows = [fill_row(problem, saying, read_search(search)) for problem in problems]
        return {
            "as_of": render_as_of(found.as_of, saying),
            "table": not found.problems,
            "none": bool(found.problems),
            "pages": say_pages(found, saying),
            "singles": saying.word("problems.singles", n=found.singles_n),
            "earlier": found.page == 0,
            "later": found.page + 1 >= found.pages_n,
            "rows": {name: [row[name] for row in rows] for name in rows[0]},
        }


def _register_card(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(ids.HEAD, "children"),
        Output(ids.FORM, "hidden"),
        Output(ids.CARD, "children"),
        Output(ids.OPENED, "data"),
        Output(ids.NEWS, "hidden"),
        Input(ids.PLACE, "search"),
        Input(ids.BEAT, "n_intervals"),
        Input(ids.ACTED, "data"),
        Input(ids.SHOW, "n_clicks"),
        State(ids.OPENED, "data"),
    )
    def show(search: object, _beat: object, _acted: object, _shown: object, opened: object) -> tuple[Any, ...]:
        saying = Saying(desk.profile, desk.words, desk.clock.now())
        problem_id = read_search(search)
        drawn = render_nothing_opened(saying) if problem_id is None else _draw(desk, problem_id, saying)
        sign = _sign([*drawn.head, *drawn.rest])
        if ctx.triggered_id == ids.BEAT:
            # Somebody reads it, or has the keyboard on one of its buttons: it says that there is news, and waits.
            return no_update, no_update, no_update, no_update, sign == opened
        return drawn.head, not drawn.is_joinable, drawn.rest, sign, True

    @app.callback(Output(ids.OTHER, "value"), Input(ids.PLACE, "search"))
    def forget(_search: object) -> str:
        return ""  # a number that was typed for another problem


def _register_decisions(app: dash.Dash, desk: Desk) -> None:
    @app.callback(
        Output(frame.SAID, "children"),
        Output(frame.SAID_UNTIL, "data"),
        Output(ids.ACTED, "data"),
        Input({"type": ids.TAKE_OUT, "index": ALL}, "n_clicks"),
        Input({"type": ids.JOIN_APPEAL, "index": ALL}, "n_clicks"),
        Input({"type": ids.UNDO, "index": ALL}, "n_clicks"),
        Input(ids.JOIN_PROBLEM, "n_clicks"),
        State(ids.OTHER, "value"),
        State(ids.PLACE, "search"),
        State(ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    def decide(  # buttons of a card that is drawn anew come as clicks of nothing
        _out: object, _join: object, _undo: object, _problem: object, other: object, search: object, acted: object
    ) -> tuple[Any, ...]:
        problem_id = read_search(search)
        if problem_id is None or not any(one["value"] for one in ctx.triggered):
            return no_update, no_update, no_update
        change = _find_change(ctx.triggered_id, problem_id, other)
        if change is None:
            return *desk.say("problems.said.no_number"), no_update
        answer = desk.act(Action.ACT_ON_PROBLEM, str(problem_id), change)
        return *desk.say(f"problems.said.{answer.value}"), (acted if isinstance(acted, int) else 0) + 1


def read_search(search: object) -> int | None:
    """Return the number of the opened problem from the address, None where it names none."""
    found = _SEARCH.search(search) if isinstance(search, str) else None
    number = int(found[1]) if found else 0
    return number if 0 < number < _NUMBER_MAX else None


def _find_change(pressed: object, problem_id: int, other: object) -> Change | None:
    """Return what a button does, None where it lacks a number."""
    if pressed == ids.JOIN_PROBLEM:
        found = _SIGN.fullmatch(other) if isinstance(other, str) else None
        return None if found is None else _bind(join_problem, problem_id, int(found[1]))
    kind, index = (pressed.get("type"), pressed.get("index")) if isinstance(pressed, dict) else (None, None)
    if not isinstance(index, int) or not 0 < index < _NUMBER_MAX:
        return None
    if kind == ids.UNDO:
        return _bind(undo, index)
    return _bind(take_out if kind == ids.TAKE_OUT else join_appeal, problem_id, index)


def _bind(function: Callable[..., Answer], *numbers: int) -> Change:
    return lambda database, entry: function(database, entry, *numbers)


def _draw(desk: Desk, problem_id: int, saying: Saying) -> Drawn:
    found = desk.ask(read_problem, problem_id)
    return render_card(found, saying) if isinstance(found, OpenedProblem) else render_empty(found, saying)


def _sign(drawn: list[Component]) -> str:
    return blake2b(repr(drawn).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
