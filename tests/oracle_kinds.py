"""The numbers of ratings, topics, weeks, tables of sources and facts of areas a second time, in pandas.

Written from docs/kpi.md alone, as `tests/oracle.py`, whose reading of the terms it shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from tests.oracle import HOUR, Number, _appeals, _first_whole_hour, _hour_start, _median, _midnight, _share, _within

ENOUGH = 20
DAY = pd.Timedelta(days=1)


class Facts:
    """What is known at a moment, in one scope."""

    def __init__(
        self,
        truth: Mapping[str, Any],
        profile: Any,
        now: datetime,
        *,
        area: str | None = None,
        sector: str | None = None,
        period: str = "day",
    ) -> None:
        self.profile, self.zone = profile, profile.time_zone
        self.at = pd.Timestamp(now).tz_convert("UTC")
        self.hour = _hour_start(self.at, self.zone)
        self.began = _first_whole_hour(truth.get("history_from"), self.zone)
        frame = _appeals([{"topic": "heating", **row} for row in truth["appeals"]], profile)
        frame["topic"] = [row.get("topic", "heating") for row in truth["appeals"]]
        if area is not None:
            frame = frame[frame["area"] == area]
        self.appeals = frame if sector is None else frame[frame["sector"] == sector]
        self.end = self.hour + HOUR
        self.start = self.end - (168 if period == "week" else 24) * HOUR

    def covers(self, at: pd.Timestamp) -> bool:
        return self.began is not None and self.began <= at


def rating(facts: Facts, kpi: str) -> dict[str, Number]:
    """Return value, cases, earlier value and place of every area."""
    start, end = facts.start, facts.end
    if kpi == "satisfaction":
        start = end - 168 * HOUR
    shift = 168 * HOUR
    has_past = kpi not in {"open", "overdue"} and facts.covers(start - shift)
    found: dict[str, tuple[Number, int]] = {}
    numbers: dict[str, Number] = {}
    for area in facts.profile.areas:
        own = facts.appeals[facts.appeals["area"] == area.id]
        found[area.id] = _rated(own, kpi, (start, end), facts.at, area.population)
        then: tuple[Number, int] = (None, 0)
        if has_past:
            then = _rated(own, kpi, (start - shift, end - shift), None, area.population)
        numbers[f"rating_{kpi}:{area.id}"] = found[area.id][0]
        numbers[f"rating_{kpi}_n:{area.id}"] = found[area.id][1]
        numbers[f"rating_{kpi}_previous:{area.id}"] = then[0] if then[1] >= ENOUGH else None
    judged = {slug: value for slug, (value, n) in found.items() if value is not None and n >= ENOUGH}
    better = max if kpi in {"in_time", "satisfaction"} else min
    for area in facts.profile.areas:
        if area.id not in judged:
            numbers[f"rating_{kpi}_rank:{area.id}"] = None
            continue
        mine = judged[area.id]
        ahead = [value for value in judged.values() if value != mine and better(value, mine) == value]
        numbers[f"rating_{kpi}_rank:{area.id}"] = 1 + len(ahead)
    return numbers


def _rated(
    own: pd.DataFrame, kpi: str, span: tuple[pd.Timestamp, pd.Timestamp], at: pd.Timestamp | None, residents: int | None
) -> tuple[Number, int]:
    start, end = span
    if kpi == "in_time":
        silent = own["open"] & _within(own["due_at"], start, at) if at is not None else None
        if silent is None:
            late = own["answered"] & (own["answered_at"] >= end)
            silent = (own["open"] | late) & _within(own["due_at"], start, end)
        return _share(own, start, end, silent)
    if kpi == "response":
        return _median(own, start, end)
    if kpi == "satisfaction":
        marks = own.loc[own["answered"] & _within(own["answered_at"], start, end), "rating"].dropna().astype(float)
        return (float(marks.mean()) if len(marks) else None), len(marks)
    if kpi == "overdue":
        with_term = own[own["open"] & own["due_at"].notna()]
        late_n = int((with_term["due_at"] < at).sum())
        return (late_n / len(with_term) if len(with_term) else None), len(with_term)
    n = int(own["open"].sum()) if kpi == "open" else int(_within(own["received_at"], start, end).sum())
    return (n / residents * 10_000 if residents else None), n


def topics(facts: Facts, sector: str | None = None) -> dict[str, Number]:
    """Return what was received of every topic of the scope and in all, and the change of whole hours."""
    week = 168 * HOUR
    came = facts.appeals["received_at"]
    numbers: dict[str, Number] = {}

    def count(rows: pd.Series) -> tuple[Number, Number]:
        full = int(_within(rows, facts.start, facts.hour).sum())
        then = int(_within(rows, facts.start - week, facts.hour - week).sum())
        change = full - then if facts.covers(facts.start - week) else None
        return int(_within(rows, facts.start, facts.end).sum()), change

    for topic in facts.profile.topics:
        if sector in {None, topic.sector}:
            found = count(came[facts.appeals["topic"] == topic.id])
            numbers[f"topic_received:{topic.id}"], numbers[f"topic_change:{topic.id}"] = found
    numbers["topics_received"], numbers["topics_change"] = count(came)
    return numbers


def week(facts: Facts) -> dict[str, Number]:
    """Return what was received and answered on each of eight local days and, received, on the days a week earlier."""
    today = facts.at.tz_convert(facts.zone).date()
    came, done = facts.appeals["received_at"], facts.appeals.loc[facts.appeals["answered"], "answered_at"]
    numbers: dict[str, Number] = {}

    def count(rows: pd.Series, days_ago: int) -> int | None:
        start = _midnight(today - days_ago * DAY, facts.zone)
        end = facts.end if days_ago == 0 else _midnight(today - (days_ago - 1) * DAY, facts.zone)
        return int(_within(rows, start, end).sum()) if facts.covers(start) else None

    for days_ago in range(8):
        day = (today - days_ago * DAY).isoformat()
        numbers[f"day_received:{day}"] = count(came, days_ago)
        numbers[f"day_answered:{day}"] = count(done, days_ago)
        numbers[f"day_week_ago_received:{day}"] = count(came, days_ago + 7)
    for name, rows, first in (("received_7_days", came, 1), ("answered_7_days", done, 1), ("before_7_days", came, 8)):
        days = [count(rows, days_ago) for days_ago in range(first, first + 7)]
        numbers[name] = None if None in days else sum(n or 0 for n in days)
    return numbers
