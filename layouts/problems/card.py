"""An opened problem: its appeals with masked words, why each is there, its history, and what a person can decide."""

from __future__ import annotations

from typing import NamedTuple

from dash import dcc, html
from dash.development.base_component import Component

from layouts.problems import ids
from layouts.problems.listing import PATH, link_to
from layouts.problems.saying import Saying, named
from svodka.domain.problems import EmptyProblem, FoundAppeal, FoundDecision, OpenedProblem, ShownAppeal, Step
from svodka.i18n.catalogue import Catalogue

_GLANCE_CHARS = 220


class Drawn(NamedTuple):
    """A card in two parts; between them stands a form that is never drawn anew, because somebody may be typing."""

    head: list[Component]
    rest: list[Component]
    is_joinable: bool


def render_form(words: Catalogue) -> Component:
    """Return the form that joins another problem by its number."""
    return html.Div(
        [
            html.Label(words.word("problems.other"), htmlFor=ids.OTHER),
            dcc.Input(id=ids.OTHER, type="text", inputMode="numeric", maxLength=12, className="desk-input"),
            html.Button(words.word("problems.same"), id=ids.JOIN_PROBLEM, className="desk-button"),
        ],
        className="desk-actions problems-join",
    )


def render_nothing_opened(saying: Saying) -> Drawn:
    """Return what stands in the card's place before anything is opened."""
    return Drawn([html.P(saying.word("problems.open_one"), className="desk-quiet")], [], is_joinable=False)


def render_empty(empty: EmptyProblem, saying: Saying) -> Drawn:
    """Return what is to be said about a number that no appeal has."""
    rest = [html.P(saying.word("problems.empty")), *_decisions(empty.decisions, empty.id, saying)]
    return Drawn([_head(empty.id, saying)], rest, is_joinable=False)


def render_card(opened: OpenedProblem, saying: Saying) -> Drawn:
    """Return an opened problem."""
    problem = opened.problem
    counts = saying.word(
        "problems.counts",
        n=problem.appeals_n,
        open=problem.open_n,
        answered=problem.appeals_n - problem.open_n - problem.rejected_n - problem.withdrawn_n,
        rejected=problem.rejected_n,
        withdrawn=problem.withdrawn_n,
    )
    head = [
        _head(problem.id, saying),
        html.P(saying.topic(problem.topic), className="problems-topic"),
        html.P(saying.place(problem.area, problem.address), className="problems-where"),
        html.P([counts, " ", saying.term(problem.oldest_due_at, is_open=True, label="problems.nearest_term")]),
    ]
    hidden_n = problem.appeals_n - len(opened.appeals)
    more = [html.P(saying.word("problems.more", n=hidden_n), className="desk-quiet")] if hidden_n else []
    no_singles = [html.P(saying.word("problems.no_alike"), className="desk-quiet")]
    rest = [
        *_decisions(opened.decisions, problem.id, saying),
        html.H3(saying.word("problems.appeals")),
        *(_appeal(one, saying, alone=problem.appeals_n == 1) for one in opened.appeals),
        *more,
        html.H3(saying.word("problems.alike")),
        *([_single(one, saying) for one in opened.singles] or no_singles),
    ]
    return Drawn(head, rest, is_joinable=True)


def _head(problem_id: int, saying: Saying) -> Component:
    return html.Div(
        [
            html.H2(saying.word("problems.title", n=problem_id)),
            dcc.Link(saying.word("problems.close"), href=PATH, className="problems-close"),
        ],
        className="problems-head",
    )


def _appeal(shown: ShownAppeal, saying: Saying, *, alone: bool) -> Component:
    appeal = shown.appeal
    button = html.Button(
        saying.word("problems.different"),
        id=ids.button_id(ids.TAKE_OUT, appeal.id),
        className="desk-button",
        **named(saying.word("problems.different_of", n=appeal.id)),
    )
    return html.Article(
        [
            html.Div(_facts(appeal, saying), className="problems-facts"),
            html.P(appeal.text or saying.word("problems.no_text"), className="problems-text"),
            html.P(_why(appeal, saying), className="desk-quiet"),
            html.Div([_history(shown.steps, saying), *([] if alone else [button])], className="problems-foot"),
        ],
        className="problems-appeal",
    )


def _facts(appeal: FoundAppeal, saying: Saying) -> list[Component]:
    parts = [
        html.Strong(f"№ {appeal.id}"),
        html.Span(saying.word(f"problems.status.{appeal.status}")),
        html.Span(saying.word("problems.received", at=saying.at(appeal.received_at))),
        saying.term(appeal.due_at, is_open=appeal.is_open, label="problems.term"),
        html.Span(saying.way(appeal.channel, appeal.source_id), className="desk-quiet"),
    ]
    if appeal.address:
        parts.append(html.Span(appeal.address))
    return parts


def _why(appeal: FoundAppeal, saying: Saying) -> str:
    reason = saying.word(f"reason.join.{appeal.reason}") if appeal.reason else ""
    if appeal.like_id is None:
        return saying.word("problems.why", reason=reason)
    return saying.word("problems.why_like", reason=reason, n=appeal.like_id)


def _history(steps: tuple[Step, ...], saying: Saying) -> Component:
    back_n = sum(step.is_reversal for step in steps)
    lines = [_step(step, saying) for step in steps]
    summary: list[str | Component] = [saying.word("problems.history", n=len(steps))]
    if back_n:
        summary.append(html.Span(saying.word("problems.returned", n=back_n), className="desk-bad problems-back"))
    return html.Details([html.Summary(summary), html.Ol(lines)], open=bool(back_n))


def _step(step: Step, saying: Saying) -> Component:
    words: list[str | Component] = [f"{saying.at(step.valid_at)} — {saying.word(f'problems.status.{step.status}')}"]
    if step.is_reversal:
        words.append(html.Span(saying.word("problems.reversal"), className="desk-bad problems-back"))
    if not step.applied:
        words.append(html.Span(saying.word("problems.outdated"), className="desk-quiet problems-back"))
    return html.Li(words)


def _single(appeal: FoundAppeal, saying: Saying) -> Component:
    text = appeal.text if len(appeal.text) <= _GLANCE_CHARS else appeal.text[:_GLANCE_CHARS] + "…"
    return html.Article(
        [
            html.Div(_facts(appeal, saying), className="problems-facts"),
            html.P(text or saying.word("problems.no_text"), className="problems-text"),
            html.Button(
                saying.word("problems.same"),
                id=ids.button_id(ids.JOIN_APPEAL, appeal.id),
                className="desk-button",
                **named(saying.word("problems.same_of", n=appeal.id)),
            ),
        ],
        className="problems-appeal",
    )


def _decisions(decisions: tuple[FoundDecision, ...], problem_id: int, saying: Saying) -> list[Component]:
    if not decisions:
        return []
    return [
        html.H3(saying.word("problems.decisions")),
        html.Ul([_decision(one, problem_id, saying) for one in decisions], className="problems-decisions"),
    ]


def _decision(decision: FoundDecision, problem_id: int, saying: Saying) -> Component:
    is_gone = decision.kind == "join_problem" and decision.problem_id != problem_id
    key = "problems.decided.joined_to" if is_gone else f"problems.decided.{decision.kind}"
    number = decision.problem_id if is_gone else decision.other_id
    what = saying.word(key, at=saying.at(decision.at), who=decision.who, n=number)
    words: list[Component] = [dcc.Link(what, href=link_to(number)) if is_gone else html.Span(what)]
    if decision.undone_at is None:
        words.append(
            html.Button(
                saying.word("problems.undo"),
                id=ids.button_id(ids.UNDO, decision.id),
                className="desk-button",
                **named(saying.word("problems.undo_of", what=what)),
            )
        )
    else:
        undone = saying.word("problems.undone", at=saying.at(decision.undone_at), who=decision.undone_by)
        words.append(html.Span(undone, className="desk-quiet"))
    return html.Li(words, className="desk-actions")
