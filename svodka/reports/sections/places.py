"""Sections of comparisons: municipalities by a number, topics, the days of a week, the facts of one municipality."""

from __future__ import annotations

from datetime import UTC, datetime, time

from svodka.readmodels.values import AreaFactsValue, RatingRow, RatingValue, TopicCount, TopicsValue, WeekValue
from svodka.reports.content import Cell, Chart, Figure, Series, Table
from svodka.reports.sections.told import Parts, Told, count, number_cell, words_cell
from svodka.reports.wording import Wording

_BARS_N = 15


def write_rating(value: RatingValue, told: Told) -> Parts:
    """Return all municipalities by a number: both ends in the sentence, those of few cases without a place."""
    wording = told.wording
    names = {area.id: area.short_name for area in told.profile.areas}
    ranked = [row for row in value.rows if row.rank is not None]
    title = wording.t(f"rating.kpi.{value.kpi}")
    message = wording.t("report.say.nothing", what=title[:1].upper() + title[1:])
    if ranked:
        first, last = ranked[0], ranked[-1]
        message = wording.t(
            "report.say.rating",
            what=title[:1].upper() + title[1:],
            best=names.get(first.area, first.area),
            first=wording.value(first.value, value.unit),
            worst=names.get(last.area, last.area),
            last=wording.value(last.value, value.unit),
        )
    few = [names.get(row.area, row.area) for row in value.rows if row.rank is None and row.n]
    sentences = []
    if few:
        sentences.append(f"{wording.t('rating.few', n=wording.number(value.min_n))} {', '.join(few)}")
    if value.unknown_area:
        sentences.append(wording.t("rating.no_area", n=wording.number(value.unknown_area)))
    shown = ranked[:_BARS_N]
    return Parts(
        message=message,
        sentences=tuple(sentences),
        tables=(
            Table(
                caption=title[:1].upper() + title[1:],
                head=tuple(
                    wording.t(key)
                    for key in (
                        "report.head.rank",
                        "report.head.area",
                        "report.memo.value",
                        "report.memo.before",
                        "report.head.cases",
                    )
                ),
                rows=tuple(_rated(row, value, names.get(row.area, row.area), wording) for row in value.rows),
            ),
        ),
        chart=Chart(
            kind="bars",
            categories=tuple(names.get(row.area, row.area) for row in shown),
            series=(Series(name=title, values=tuple(_scaled(row.value, value.unit) for row in shown), look="main"),),
        )
        if shown
        else None,
    )


def _rated(row: RatingRow, value: RatingValue, name: str, wording: Wording) -> tuple[Cell, ...]:
    stem = f"rating_{value.kpi}"
    return (
        number_cell(f"{stem}_rank:{row.area}", row.rank, wording),
        words_cell(name),
        number_cell(f"{stem}:{row.area}", row.value, wording, value.unit),
        number_cell(f"{stem}_previous:{row.area}", row.previous, wording, value.unit),
        number_cell(f"{stem}_n:{row.area}", row.n, wording),
    )


def _scaled(value: float | None, unit: str) -> float | None:
    """Return a number as a chart's axis shows it: shares in percent, minutes in hours."""
    if value is None:
        return None
    return round(value * 100, 1) if unit == "share" else round(value / 60, 1) if unit == "minutes" else round(value, 2)


def write_topics(value: TopicsValue, told: Told) -> Parts:
    """Return topics beside the same hours a week ago, what is new or rises in the sentence."""
    wording = told.wording
    names = {topic.id: topic.name for topic in told.profile.topics}
    named = [row for row in value.topics if row.received or row.change]
    ranked = [row for row in named if not _is_other(row, value)]
    news = [names.get(row.topic, row.topic) for row in named if row.trend in {"new", "rising"}]
    message = wording.t("report.say.topics_none", span=told.span())
    if ranked:
        top = ranked[0]
        message = wording.t(
            "report.say.topics",
            span=told.span(),
            name=names.get(top.topic, top.topic),
            n=wording.number(top.received),
        )
    figures = (
        count(
            "topics_received", value.received, wording, label=wording.t("report.label.received_all", span=told.span())
        ),
    )
    shown = named[:_BARS_N]
    return Parts(
        message=message,
        sentences=(f"{wording.t('topics.more_news')} {', '.join(news)}",) if news else (),
        figures=figures,
        tables=(
            Table(
                caption=wording.t("topics.table"),
                head=tuple(wording.t(key) for key in ("report.head.topic", "flow.received", "report.head.change")),
                rows=tuple(
                    (
                        words_cell(names.get(row.topic, row.topic)),
                        number_cell(f"topic_received:{row.topic}", row.received, wording),
                        number_cell(f"topic_change:{row.topic}", row.change, wording, "change"),
                    )
                    for row in value.topics
                    if row.received or row.change or _is_other(row, value)
                ),
            ),
        ),
        chart=Chart(
            kind="bars",
            categories=tuple(names.get(row.topic, row.topic) for row in shown),
            series=(Series(name=wording.t("flow.received"), values=tuple(row.received for row in shown), look="main"),),
        )
        if shown
        else None,
    )


def _is_other(row: TopicCount, value: TopicsValue) -> bool:
    """Whether a row is that of «прочие», which always stands on the wall."""
    return value.has_other and row is value.topics[-1]


def write_week(value: WeekValue, told: Told) -> Parts:
    """Return the last eight local days; today's is not over."""
    wording = told.wording
    days = [datetime.combine(day, time(12), tzinfo=told.profile.zone).astimezone(UTC) for day in value.days]
    figures = [
        count("received_7_days", value.received_7_days, wording, label=wording.t("report.label.week_received")),
        count("answered_7_days", value.answered_7_days, wording, label=wording.t("report.label.week_answered")),
        count("before_7_days", value.before_7_days, wording, label=wording.t("report.label.week_before")),
    ]
    message = wording.t("report.say.week", n=figures[0].text)
    if value.received_7_days is not None and value.before_7_days:
        message = f"{message}; {wording.t('report.say.week_before', n=figures[2].text)}"
    lists = {
        "day_received": value.received,
        "day_answered": value.answered,
        "day_week_ago_received": value.week_ago_received,
    }
    head = ("report.head.day", "flow.received", "flow.answered", "report.head.received_before")
    return Parts(
        message=message,
        figures=tuple(figures),
        tables=(
            Table(
                caption=wording.t("report.table.days"),
                head=tuple(wording.t(key) for key in head),
                rows=tuple(
                    (
                        words_cell(wording.calendar_day(day)),
                        *(number_cell(f"{name}:{day}", one[index], wording) for name, one in lists.items()),
                    )
                    for index, day in enumerate(value.days)
                ),
            ),
        ),
        chart=Chart(
            kind="columns",
            categories=tuple(wording.day_month(day) for day in days),
            series=(
                Series(name=wording.t("flow.received"), values=value.received, look="main"),
                Series(name=wording.t("flow.answered"), values=value.answered, look="beside"),
                Series(name=wording.t("flow.week_ago"), values=value.week_ago_received, look="before"),
            ),
            unfinished=len(value.days) - 1,
        ),
    )


def write_area_facts(value: AreaFactsValue, told: Told) -> Parts:
    """Return what one municipality is, beside the region."""
    wording = told.wording
    area = next((area for area in told.profile.areas if area.id == value.area), None)
    label = wording.t("report.label.received_all", span=told.span())
    figures = [count(f"area_received:{value.area or ''}", value.received, wording, label=label)]
    if area is not None:
        figures.append(_rate(f"area_per_10k:{area.id}", value.per_10k, wording.t("report.head.per_10k"), wording))
    label = wording.t("report.label.per_10k_beside" if area else "report.label.per_10k_of", name=told.profile.name)
    figures.append(_rate("region_per_10k", value.region_per_10k, label, wording))
    message = wording.t(
        "report.say.area_facts", name=area.name if area else told.profile.name, n=figures[0].text, span=told.span()
    )
    population = area.population if area else None
    sentences: tuple[str, ...] = ()
    if area is not None and population is not None:
        people = wording.number(population)
        sentences = (wording.t("report.say.population", n=people, on=area.population_on),)
    return Parts(message=message, sentences=sentences, figures=tuple(figures))


def _rate(id_: str, value: float | None, label: str, wording: Wording) -> Figure:
    return Figure(id=id_, label=label, value=value, unit="rate", text=wording.value(value, "rate"))
