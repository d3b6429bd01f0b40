"""Section of the flow: appeals by hour, beside the same hours a week ago."""

from __future__ import annotations

from svodka.readmodels.values import FlowValue
from svodka.reports.content import Chart, Figure, Series, Table
from svodka.reports.sections.told import Parts, Told, count, number_cell, words_cell
from svodka.reports.wording import Wording


def write_flow(value: FlowValue, told: Told) -> Parts:
    """Return the day so far, hour by hour, and the channels."""
    wording = told.wording
    received = count("received_today", value.received_today, wording, label=wording.t("report.label.received"))
    answered = count("answered_today", value.answered_today, wording, label=wording.t("report.label.answered"))
    return Parts(
        message=wording.t("report.say.flow", received=received.text, answered=answered.text),
        sentences=_compare(value, wording),
        figures=(received, answered, *_spans(value, wording)),
        tables=(_hours(value, wording), _channels(value, told)),
        chart=Chart(
            kind="columns",
            categories=tuple(wording.hour(hour) for hour in value.hours),
            series=(
                Series(name=wording.t("flow.received"), values=value.received, look="main"),
                Series(name=wording.t("flow.answered"), values=value.answered, look="beside"),
                Series(name=wording.t("flow.week_ago"), values=value.week_ago_received, look="before"),
            ),
            unfinished=_now(value),
        ),
    )


def _now(value: FlowValue) -> int:
    """Return the hour that is not over yet."""
    return sum(count is not None for count in value.received) - 1


def _compare(value: FlowValue, wording: Wording) -> tuple[str, ...]:
    """Return the full hours of today beside those of a week ago, in one sentence."""
    now_n, before_n = value.received_full_hours, value.week_ago_received_full_hours
    passed = _now(value)
    if before_n is None or passed < 1:
        return ()
    until = wording.time(value.hours[passed])
    said = wording.t("report.say.full_hours", until=until, n=wording.number(now_n), before=wording.number(before_n))
    if not before_n:
        return (f"{said}.",)
    share = (now_n - before_n) / before_n * 100
    size = f"{wording.number(abs(share))}\u00a0{wording.t('unit.percent')}"
    if wording.number(abs(share)) == wording.number(0):
        return (f"{said}: {wording.t('report.say.as_much')}.",)
    key = "report.say.more_by" if share > 0 else "report.say.less_by"
    return (f"{said}: {wording.t(key, size=size)}.",)


def _spans(value: FlowValue, wording: Wording) -> tuple[Figure, ...]:
    label = wording.t("report.label.full_hours")
    before = wording.t("report.label.full_hours_before")
    return (
        count("received_full_hours", value.received_full_hours, wording, label=label),
        count("week_ago_received_full_hours", value.week_ago_received_full_hours, wording, label=before),
    )


def _hours(value: FlowValue, wording: Wording) -> Table:
    lists = {
        "flow_received": value.received,
        "flow_answered": value.answered,
        "flow_week_ago_received": value.week_ago_received,
        "flow_week_ago_answered": value.week_ago_answered,
    }
    rows = tuple(
        (
            words_cell(wording.time(hour)),
            *(number_cell(f"{name}:{hour:%Y-%m-%dT%H:%M:%SZ}", one[index], wording) for name, one in lists.items()),
        )
        for index, hour in enumerate(value.hours)
    )
    head = ("flow.hour", "flow.received", "flow.answered", "report.head.received_before", "report.head.answered_before")
    return Table(caption=wording.t("flow.table"), head=tuple(wording.t(key) for key in head), rows=rows)


def _channels(value: FlowValue, told: Told) -> Table:
    wording = told.wording
    names = {channel.id: channel.short_name for channel in told.profile.channels}
    most_first = sorted(value.channels, key=lambda channel: (-channel.received_today, channel.channel))
    return Table(
        caption=wording.t("report.table.channels"),
        head=(wording.t("report.head.channel"), wording.t("flow.received")),
        rows=tuple(
            (
                words_cell(names.get(one.channel, one.channel)),
                number_cell(f"channel_today:{one.channel}", one.received_today, wording),
            )
            for one in most_first
        ),
    )
