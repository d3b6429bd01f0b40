"""Every number of the wall a second time, in pandas, from the appeals themselves.

Written from docs/kpi.md alone. It shares no code with the product: what both have in common is that page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

HOUR = pd.Timedelta(hours=1)
INSTANTS = ["received_at", "feed_at", "answered_at", "due_at"]
Number = int | float | None


def compute(
    truth: Mapping[str, Any],
    profile: Any,
    now: datetime,
    *,
    area: str | None = None,
    sector: str | None = None,
    hours: int = 24,
) -> dict[str, Number]:
    """Return every number by its `data-kpi`.

    Args:
        truth: `appeals`: one mapping each with channel, sector, area, status, received_at, answered_at, due_at (the
            record's own, None where it has none), rating, and feed_at where it differs from received_at;
            `incidents`: area, level, is_open; `history_from`: since when the sources were read, None where never.
        profile: The region's profile; only its plain facts are read.
        now: The clock of the product, aware.
        area: Only what is of this area; None: the region.
        sector: Only what is of this sector; an incident is of the sector of its kind.
        hours: How long the window of shares, medians and areas is.
    """
    at = pd.Timestamp(now).tz_convert("UTC")
    appeals = _appeals(truth["appeals"], profile)
    incidents = pd.DataFrame(list(truth["incidents"]), columns=["area", "level", "is_open", "kind"])
    incidents = incidents[incidents["is_open"].astype(bool)]
    is_known = not appeals.empty
    if area is not None:
        appeals, incidents = appeals[appeals["area"] == area], incidents[incidents["area"] == area]
    if sector is not None:
        kinds = [kind.id for kind in profile.incident_kinds if kind.sector == sector]
        appeals, incidents = appeals[appeals["sector"] == sector], incidents[incidents["kind"].isin(kinds)]
    hour = _hour_start(at, profile.time_zone)
    began = _first_whole_hour(truth.get("history_from"), profile.time_zone)
    numbers: dict[str, Number] = {}
    numbers |= _in_time(appeals, at, hour, hours)
    numbers |= _response(appeals, hour, hours)
    numbers |= _open(appeals, at, is_known=is_known)
    numbers |= _satisfaction(appeals, hour)
    numbers |= _flow(appeals, profile, at, hour, began)
    numbers |= _areas(appeals, profile, hour, hours)
    numbers |= _sectors(appeals, profile, at)
    numbers["incidents_open"] = len(incidents)
    for kpi, window in (("in_time", hours), ("response_minutes", hours), ("satisfaction", 168)):
        if began is None or began > hour - (window + 167) * HOUR:
            numbers[f"{kpi}:previous"] = None
    for level in profile.levels:
        numbers[f"incidents_level:{level.id}"] = int((incidents["level"] == level.id).sum())
    feed = appeals["feed_at"]
    numbers["received_last_hour"] = int(((feed > at - HOUR) & (feed <= at)).sum())
    return numbers


def _appeals(rows: Sequence[Mapping[str, Any]], profile: Any) -> pd.DataFrame:
    columns = ["channel", "sector", "area", "status", "rating", *INSTANTS]
    frame = pd.DataFrame([{"feed_at": row["received_at"], **row} for row in rows], columns=columns)
    for name in INSTANTS:
        frame[name] = pd.to_datetime(frame[name], utc=True)
    hours = {norm.id: norm.hours for norm in profile.norms}
    norm_of = {channel.id: channel.norm for channel in profile.channels}
    frame["norm"] = frame["channel"].map(norm_of)
    by_norm = frame["received_at"] + pd.to_timedelta(frame["norm"].map(hours).astype(float), unit="h")
    frame["basis"] = "record"
    frame.loc[frame["due_at"].isna(), "basis"] = "norm"
    frame["due_at"] = frame["due_at"].fillna(by_norm)
    frame.loc[frame["due_at"].isna(), "basis"] = "none"
    frame["open"] = frame["status"].isin(["new", "in_work"])
    frame["answered"] = ~frame["open"] & frame["answered_at"].notna()
    return frame


def _hour_start(at: pd.Timestamp, zone: str) -> pd.Timestamp:
    local = at.tz_convert(zone)
    into = pd.Timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at - into


def _first_whole_hour(at: datetime | None, zone: str) -> pd.Timestamp | None:
    if at is None:
        return None
    exact = pd.Timestamp(at).tz_convert("UTC")
    return exact if _hour_start(exact, zone) == exact else _hour_start(exact, zone) + HOUR


def _midnight(day: Any, zone: str) -> pd.Timestamp:
    return pd.Timestamp(day).tz_localize(zone, nonexistent="shift_forward", ambiguous=True).tz_convert("UTC")


def _within(column: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    return (column >= start) & (column < end)


def _share(appeals: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, silent: pd.Series) -> tuple[Number, int]:
    done = appeals[appeals["answered"] & _within(appeals["answered_at"], start, end) & appeals["due_at"].notna()]
    kept = int((done["answered_at"] <= done["due_at"]).sum())
    outcomes = len(done) + int(silent.sum())
    return (kept / outcomes if outcomes else None), outcomes


def _in_time(appeals: pd.DataFrame, at: pd.Timestamp, hour: pd.Timestamp, hours: int) -> dict[str, Number]:
    start, end = hour - (hours - 1) * HOUR, hour + HOUR
    silent = appeals["open"] & _within(appeals["due_at"], start, at)
    share, n = _share(appeals, start, end, silent)
    start_then, end_then = start - 168 * HOUR, end - 168 * HOUR
    late = appeals["answered"] & (appeals["answered_at"] >= end_then)
    silent_then = (appeals["open"] | late) & _within(appeals["due_at"], start_then, end_then)
    previous, _ = _share(appeals, start_then, end_then, silent_then)
    answered = appeals["answered"] & _within(appeals["answered_at"], start, end)
    resting = appeals[answered | silent]
    numbers: dict[str, Number] = {"in_time": share, "in_time:n": n, "in_time:previous": previous}
    numbers["in_time:term_record"] = int((resting["basis"] == "record").sum())
    numbers["in_time:term_none"] = int((resting["basis"] == "none").sum())
    for norm, rows in resting[resting["basis"] == "norm"].groupby("norm"):
        numbers[f"in_time:term:{norm}"] = len(rows)
    return numbers


def _median(appeals: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> tuple[Number, int]:
    done = appeals[appeals["answered"] & _within(appeals["answered_at"], start, end)]
    minutes = ((done["answered_at"] - done["received_at"]) // pd.Timedelta(minutes=1)).clip(lower=0)
    return (int(minutes.quantile(0.5, interpolation="lower")) if len(done) else None), len(done)


def _response(appeals: pd.DataFrame, hour: pd.Timestamp, hours: int) -> dict[str, Number]:
    start, end = hour - (hours - 1) * HOUR, hour + HOUR
    value, n = _median(appeals, start, end)
    previous, _ = _median(appeals, start - 168 * HOUR, end - 168 * HOUR)
    return {"response_minutes": value, "response_minutes:n": n, "response_minutes:previous": previous}


def _open(appeals: pd.DataFrame, at: pd.Timestamp, *, is_known: bool) -> dict[str, Number]:
    is_open = appeals[appeals["open"]]
    with_term = int(is_open["due_at"].notna().sum())
    nobody_knows = not is_known or (len(is_open) > 0 and with_term == 0)
    return {
        "open_now": len(is_open) if is_known else None,
        "open_now:n": len(appeals),
        "overdue_now": None if nobody_knows else int((is_open["due_at"] < at).sum()),
        "overdue_now:n": with_term,
    }


def _mean(appeals: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> tuple[Number, int]:
    marks = appeals.loc[appeals["answered"] & _within(appeals["answered_at"], start, end), "rating"].dropna()
    return (float(marks.astype(float).mean()) if len(marks) else None), len(marks)


def _satisfaction(appeals: pd.DataFrame, hour: pd.Timestamp) -> dict[str, Number]:
    start, end = hour - 167 * HOUR, hour + HOUR
    value, n = _mean(appeals, start, end)
    previous, _ = _mean(appeals, start - 168 * HOUR, end - 168 * HOUR)
    return {"satisfaction": value, "satisfaction:n": n, "satisfaction:previous": previous}


def _hours_between(start: pd.Timestamp, end: pd.Timestamp, zone: str) -> dict[tuple[Any, int], pd.Timestamp]:
    """Return the beginnings of local hours in [start, end) by (hour of the clock, how often it came that day)."""
    hours: dict[tuple[Any, int], pd.Timestamp] = {}
    for at in pd.date_range(start, end, freq="1h", inclusive="left"):
        name = at.tz_convert(zone).hour
        hours[name, sum(known == name for known, _ in hours)] = at
    return hours


def _flow(
    appeals: pd.DataFrame, profile: Any, at: pd.Timestamp, hour: pd.Timestamp, first: pd.Timestamp | None
) -> dict[str, Number]:
    zone = profile.time_zone
    day = at.tz_convert(zone).date()
    midnight, tomorrow = _midnight(day, zone), _midnight(day + pd.Timedelta(days=1), zone)
    then = day - pd.Timedelta(days=7)
    midnight_then, tomorrow_then = _midnight(then, zone), _midnight(then + pd.Timedelta(days=1), zone)
    received, answered = appeals["received_at"], appeals.loc[appeals["answered"], "answered_at"]

    def count(column: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> int:
        return int(_within(column, start, end).sum())

    numbers: dict[str, Number] = {
        "received_today": count(received, midnight, hour + HOUR),
        "answered_today": count(answered, midnight, hour + HOUR),
        "received_full_hours": count(received, midnight, hour),
    }
    hours_then = _hours_between(midnight_then, tomorrow_then, zone)
    full_then = 0
    for name, start in _hours_between(midnight, tomorrow, zone).items():
        place = start.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
        is_past = start <= hour
        numbers[f"flow_received:{place}"] = count(received, start, start + HOUR) if is_past else None
        numbers[f"flow_answered:{place}"] = count(answered, start, start + HOUR) if is_past else None
        other = hours_then.get(name)
        known = other is not None and first is not None and other >= first
        numbers[f"flow_week_ago_received:{place}"] = count(received, other, other + HOUR) if known else None
        numbers[f"flow_week_ago_answered:{place}"] = count(answered, other, other + HOUR) if known else None
        if known and start < hour:
            full_then += count(received, other, other + HOUR)
    has_history = first is not None and first <= midnight_then
    numbers["week_ago_received_full_hours"] = full_then if has_history else None
    today = appeals[_within(received, midnight, hour + HOUR)]
    for channel in profile.channels:
        numbers[f"channel_today:{channel.id}"] = int((today["channel"] == channel.id).sum())
    return numbers


def _areas(appeals: pd.DataFrame, profile: Any, hour: pd.Timestamp, hours: int) -> dict[str, Number]:
    came = appeals[_within(appeals["received_at"], hour - (hours - 1) * HOUR, hour + HOUR)]
    numbers: dict[str, Number] = {"unknown_area": int(came["area"].isna().sum())}
    for area in profile.areas:
        n = int((came["area"] == area.id).sum())
        numbers[f"area_received:{area.id}"] = n
        numbers[f"area_per_10k:{area.id}"] = n / area.population * 10_000 if area.population else None
    return numbers


def _sectors(appeals: pd.DataFrame, profile: Any, at: pd.Timestamp) -> dict[str, Number]:
    is_open = appeals[appeals["open"]]
    overdue = is_open[is_open["due_at"] < at]
    numbers: dict[str, Number] = {}
    for sector in profile.sectors:
        numbers[f"sector_open:{sector.id}"] = int((is_open["sector"] == sector.id).sum())
        numbers[f"sector_overdue:{sector.id}"] = int((overdue["sector"] == sector.id).sum())
    return numbers
