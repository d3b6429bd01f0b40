"""Sections of the four tiles: the number, its target and last week, in one sentence each."""

from __future__ import annotations

from svodka.readmodels.values import FeedValue, InTimeValue, KpiValue, OpenValue, ResponseValue, SatisfactionValue
from svodka.reports.sections.told import Parts, Told, count, figure
from svodka.reports.wording import Wording


def write_in_time(value: InTimeValue, told: Told) -> Parts:
    """Return the share answered in time, and which terms it rests on."""
    wording, basis = told.wording, value.basis
    number = figure(value.in_time, wording.t("report.label.in_time"), wording)
    names = {norm.id: norm.name for norm in told.profile.norms}
    terms = [f"{names.get(norm, norm)}: {wording.number(n)}" for norm, n in _most_first(basis.norms)]
    if basis.from_record_n:
        terms.append(f"{wording.t('kpi.term_record')}: {wording.number(basis.from_record_n)}")
    sentences = [wording.t("report.say.terms", terms=", ".join(terms))] if terms else []
    if basis.without_term_n:
        sentences.append(wording.t("report.say.without_term", n=wording.number(basis.without_term_n)))
    return Parts(
        message=_say(value.in_time, "report.say.in_time", number.text, number.target, wording, number.previous),
        sentences=tuple(sentences),
        figures=(number,),
    )


def write_response(value: ResponseValue, told: Told) -> Parts:
    """Return the median time to answer."""
    number = figure(value.response_minutes, told.wording.t("report.label.response"), told.wording)
    message = _say(
        value.response_minutes, "report.say.response", number.text, number.target, told.wording, number.previous
    )
    return Parts(message=message, figures=(number,))


def write_open(value: OpenValue, told: Told) -> Parts:
    """Return what is open, and how much of it is overdue."""
    wording = told.wording
    opened = figure(value.open_now, wording.t("report.label.open"), wording)
    overdue = figure(value.overdue_now, wording.t("report.label.overdue"), wording)
    if opened.value is None:
        return Parts(message=wording.t("report.say.nothing", what=opened.label), figures=(opened, overdue))
    key = "report.say.open" if overdue.value else "report.say.open_in_time"
    return Parts(message=wording.t(key, n=opened.text, late=overdue.text), figures=(opened, overdue))


def write_satisfaction(value: SatisfactionValue, told: Told) -> Parts:
    """Return the mean mark, with how many marks it rests on."""
    kpi, wording = value.satisfaction, told.wording
    number = figure(kpi, wording.t("report.label.satisfaction"), wording)
    marks = wording.t("kpi.marks", n=wording.number(kpi.n))
    message = _say(kpi, "report.say.satisfaction", number.text, number.target, wording, number.previous)
    return Parts(message=message, sentences=(marks,), figures=(number,))


def write_feed(value: FeedValue, told: Told) -> Parts:
    """Return how much came within the last hour; the rows themselves are no matter for a meeting."""
    number = count(
        "received_last_hour", value.received_last_hour, told.wording, label=told.wording.t("report.label.last_hour")
    )
    return Parts(message=told.wording.t("report.say.last_hour", n=number.text), figures=(number,))


def _say(kpi: KpiValue, key: str, text: str, target: str, wording: Wording, previous: str) -> str:  # noqa: PLR0917 - one sentence's words
    """Return the sentence of a number, with its target and last week's number where there are any."""
    if kpi.value is None:
        return wording.t("report.say.nothing", what=wording.t(f"report.label.{key.rpartition('.')[2]}"))
    said = wording.t(key, value=text)
    if target:
        said += f"; {target.lstrip('▲▼ ')}"
    if previous:
        said += f"; {wording.t('report.say.week_ago', value=previous)}"
    return said


def _most_first(norms: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(norms.items(), key=lambda pair: (-pair[1], pair[0]))
