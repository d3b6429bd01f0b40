"""The list of problems, and the line that says how fresh it is."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.problems import ids
from layouts.problems.saying import Saying
from svodka.domain.problems import PAGE_N, AsOf, FoundProblem, ProblemList
from svodka.i18n.catalogue import Catalogue

PATH = "/problems/"
CELLS = ("number", "where", "appeals", "open", "channels", "first_last", "term")
_HEADS = ("number", "what", "appeals", "open", "channels", "first_last", "term")


def link_to(problem_id: int) -> str:
    """Return the address of an opened problem."""
    return f"{PATH}?n={problem_id}"


def render_as_of(as_of: AsOf, saying: Saying) -> list[Component]:
    """Return how fresh the picture is, the silent sources by name."""
    if not as_of.sources_n:
        return [html.Span(saying.word("problems.no_source"), className="desk-bad")]
    key, at = ("problems.as_of", saying.at(as_of.at)) if as_of.at is not None else ("problems.as_of_nothing", "")
    line: list[Component] = [html.Span(saying.word(key, at=at))]
    if as_of.silent:
        names = "; ".join(
            saying.word("problems.silent_since", name=one.name, at=saying.at(one.since))
            if one.since is not None
            else saying.word("problems.silent_ever", name=one.name)
            for one in as_of.silent
        )
        line.append(html.Span(saying.word("problems.silent", names=names), className="desk-bad"))
    return line


def render_table(words: Catalogue) -> list[Component]:
    """Return the list with all its rows, empty and out of sight.

    Rows are filled and never made anew: who has the keyboard on a line keeps it while numbers change.
    """
    head = html.Tr(
        [html.Th(words.word(f"problems.head.{name}"), scope="col", className=_class_of(name)) for name in _HEADS]
    )
    body = html.Tbody([_row(row) for row in range(PAGE_N)])
    table = html.Table([html.Thead(head), body], id=ids.TABLE, className="desk-table problems-table")
    pager = html.Div(
        [
            html.Button(words.word("problems.earlier"), id=ids.EARLIER, className="desk-button", disabled=True),
            html.Button(words.word("problems.later"), id=ids.LATER, className="desk-button", disabled=True),
            html.Span(words.word("problems.loading"), id=ids.PAGES, className="desk-quiet"),
        ],
        className="desk-actions problems-pager",
    )
    none = html.P(words.word("problems.none"), id=ids.NONE, className="desk-card", hidden=True)
    return [table, none, pager, html.P(id=ids.SINGLES, className="desk-quiet")]


def fill_row(problem: FoundProblem | None, saying: Saying, opened_id: int | None) -> dict[str, Any]:
    """Return what a row shows, by the name of the cell; nothing, out of sight, where there is no problem for it."""
    if problem is None:
        return {"hidden": True, "className": "", "link": "", "href": PATH, **dict.fromkeys(CELLS, "")}
    return {
        "hidden": False,
        "className": "is-opened" if problem.id == opened_id else "",
        "link": saying.topic(problem.topic),
        "href": link_to(problem.id),
        "number": f"№ {problem.id}",
        "where": saying.place(problem.area, problem.address),
        "appeals": str(problem.appeals_n),
        "open": str(problem.open_n),
        "channels": saying.channels(problem.channels),
        "first_last": f"{saying.at(problem.first_at)}\n{saying.at(problem.last_at)}",
        "term": saying.term(problem.oldest_due_at, is_open=True),
    }


def say_pages(found: ProblemList, saying: Saying) -> str:
    """Return which page this is, of how many."""
    return saying.word("problems.pages", page=found.page + 1, pages=found.pages_n, n=found.total_n)


def _row(row: int) -> Component:
    def cell(name: str) -> Component:
        return html.Td(id=ids.cell_id(name, row), className=_class_of(name))

    what = html.Td(
        [
            dcc.Link("", href=PATH, id=ids.row_id(ids.LINK, row), className="problems-topic"),
            html.Div(id=ids.cell_id("where", row), className="problems-where"),
        ]
    )
    cells = [cell("number"), what, *(cell(name) for name in _HEADS[2:])]
    return html.Tr(cells, id=ids.row_id(ids.ROW, row), hidden=True)


def _class_of(name: str) -> str:
    return {"appeals": "is-number problems-n", "first_last": "problems-span"}.get(
        name, "is-number" if name in {"number", "open"} else ""
    )
