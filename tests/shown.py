"""The values of the read models by `data-kpi`, as the wall shows them, to compare them with the oracle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Number = int | float | None
_NOT_ON_THE_WALL = re.compile(r":(n|previous|term.*)$|^flow_week_ago_answered")


def shown_numbers(values: Mapping[str, Any]) -> dict[str, Number]:
    """Return every number of the read models' values by its `data-kpi`; `map` and `sectors` may be missing."""
    numbers: dict[str, Number] = {}
    tiles = [
        values["in_time"].in_time,
        values["response"].response_minutes,
        values["open"].open_now,
        values["open"].overdue_now,
        values["satisfaction"].satisfaction,
    ]
    for tile in tiles:
        numbers[tile.kpi] = tile.value
        numbers[f"{tile.kpi}:n"] = tile.n
        if tile.unit != "count":
            numbers[f"{tile.kpi}:previous"] = tile.previous
    basis = values["in_time"].basis
    numbers["in_time:term_record"] = basis.from_record_n
    numbers["in_time:term_none"] = basis.without_term_n
    numbers |= {f"in_time:term:{norm}": n for norm, n in basis.norms.items()}
    numbers |= _flow(values["flow"])
    if "map" in values:
        numbers["unknown_area"] = values["map"].unknown_area
        for area in values["map"].areas:
            numbers[f"area_received:{area.area}"] = area.received
            numbers[f"area_per_10k:{area.area}"] = area.per_10k
    for sector in values["sectors"].sectors if "sectors" in values else ():
        numbers[f"sector_open:{sector.sector}"] = sector.open
        numbers[f"sector_overdue:{sector.sector}"] = sector.overdue
    numbers["incidents_open"] = values["incidents"].open
    numbers |= {f"incidents_level:{level.level}": level.open for level in values["incidents"].levels}
    numbers["received_last_hour"] = values["feed"].received_last_hour
    return numbers


def is_on_wall(name: str) -> bool:
    """Whether the wall shows a number: not how many another one rests on, nor what it was before."""
    return not _NOT_ON_THE_WALL.search(name)


def _flow(flow: Any) -> dict[str, Number]:
    numbers: dict[str, Number] = {
        "received_today": flow.received_today,
        "answered_today": flow.answered_today,
        "received_full_hours": flow.received_full_hours,
        "week_ago_received_full_hours": flow.week_ago_received_full_hours,
    }
    for name, hours in (
        ("flow_received", flow.received),
        ("flow_answered", flow.answered),
        ("flow_week_ago_received", flow.week_ago_received),
        ("flow_week_ago_answered", flow.week_ago_answered),
    ):
        numbers |= {f"{name}:{hour:%Y-%m-%dT%H:%M:%SZ}": n for hour, n in zip(flow.hours, hours, strict=True)}
    return numbers | {f"channel_today:{channel.channel}": channel.received_today for channel in flow.channels}


def differences(shown: Mapping[str, Number], expected: Mapping[str, Number]) -> dict[str, tuple[Number, Number]]:
    """Return what differs as (shown, expected): counts exactly, shares and means to nine digits."""
    missing = object()
    wrong = {}
    for name in shown.keys() | expected.keys():
        left, right = shown.get(name, missing), expected.get(name, missing)
        if (
            isinstance(left, float)
            and isinstance(right, (int, float))
            and abs(left - right) <= 1e-9 * max(1.0, abs(right))
        ):
            continue
        if left is missing or right is missing or left != right:
            wrong[name] = (left, right)
    return wrong
