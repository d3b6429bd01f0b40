"""What the writers of sections work with, and what they hand back. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from svodka.domain.changes import IncidentRow
from svodka.profiles.model import Profile
from svodka.readmodels.values import ClustersValue, KpiValue
from svodka.reports.content import Cell, Chart, Figure, Table
from svodka.reports.wording import NBSP, Wording

_CHANGE_DIGITS = {"share": 1, "rating": 2, "minutes": 0, "count": 0}
_LONG_MINUTES, _HOUR_MINUTES, _DAY_MINUTES = 2 * 1440, 60, 1440


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a section may be written from.

    Attributes:
        profile: The region's names.
        wording: Language and zone.
        at: The instant that the panel's words count from: the moment of the snapshot, or the last word of its sources
            where they are silent.
        incidents: Open incidents of the scene.
        params: Area, sector, period and KPI of the panel, by name; absent: the region, the day.
        has_appeals: Whether any source of appeals ever answered, or the database holds appeals.
        clusters: What the map of the same area, sector and period counts, where it is one with clusters or heat.
    """

    profile: Profile
    wording: Wording
    at: datetime
    incidents: tuple[IncidentRow, ...] = ()
    params: dict[str, str] = {}
    has_appeals: bool = True
    clusters: ClustersValue | None = None

    def span(self) -> str:
        """Return the window of the panel in words."""
        return self.wording.t("report.label.week" if self.params.get("period") == "week" else "report.label.day")


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a section says; see `svodka.reports.content.Section`."""

    message: str
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: Chart | None = None


Write = Callable[[Any, Told], Parts]


def is_missed(kpi: KpiValue) -> bool:
    """Whether a number misses its target."""
    if kpi.value is None or kpi.target is None:
        return False
    return kpi.value < kpi.target.value if kpi.target.better == "higher" else kpi.value > kpi.target.value


def figure(kpi: KpiValue, label: str, wording: Wording) -> Figure:
    """Return the number of a tile with its target and its change."""
    return Figure(
        id=kpi.kpi,
        label=label,
        value=kpi.value,
        unit=kpi.unit,
        text=wording.value(kpi.value, kpi.unit) + (f" {wording.t('kpi.rating_of')}" if _has_scale(kpi) else ""),
        previous="" if kpi.previous is None else wording.value(kpi.previous, kpi.unit),
        change=change_of(kpi, wording),
        target=_target(kpi, wording),
        is_missed=is_missed(kpi),
    )


def change_of(kpi: KpiValue, wording: Wording) -> str:
    """Return the change against a week ago as the tile says it, "" where there is nothing to compare with."""
    if kpi.value is None or kpi.previous is None:
        return ""
    digits = _CHANGE_DIGITS.get(kpi.unit, 0)
    change = (kpi.value - kpi.previous) * (100 if kpi.unit == "share" else 1)
    size = wording.number(abs(change), digits)
    if size == wording.number(0, digits):
        return wording.t("kpi.same")
    if kpi.unit == "minutes":
        size = _round_span(abs(change), wording)
    elif kpi.unit == "share":
        size = f"{size}{NBSP}{wording.t('unit.point')}"
    return wording.t("kpi.up" if change > 0 else "kpi.down", value=size)


def count(id_: str, n: int | None, wording: Wording, *, label: str) -> Figure:
    """Return a plain count."""
    return Figure(id=id_, label=label, value=n, unit="count", text=wording.value(n, "count"))


def number_cell(id_: str, value: float | None, wording: Wording, unit: str = "count") -> Cell:
    """Return a cell with a number; what is not known is a dash and never 0."""
    text = "–" if value is None else wording.value(value, unit)
    return Cell(text=text, id=id_, value=value, unit=unit)


def words_cell(text: str) -> Cell:
    """Return a cell with words."""
    return Cell(text=text)


def _has_scale(kpi: KpiValue) -> bool:
    return kpi.unit == "rating" and kpi.value is not None


def _target(kpi: KpiValue, wording: Wording) -> str:
    if kpi.target is None:
        return ""
    value = wording.goal(kpi.target.value, kpi.unit)
    key = "kpi.target"
    if is_missed(kpi):
        key = "kpi.missed_lower" if kpi.target.better == "higher" else "kpi.missed_higher"
    words = wording.t(key, value=value)
    return f"{words} ({wording.t('kpi.example')})" if kpi.target.example else words


def _round_span(minutes: float, wording: Wording) -> str:
    size, unit = (1, "minute")
    if minutes >= _LONG_MINUTES:
        size, unit = _DAY_MINUTES, "day"
    elif minutes >= _HOUR_MINUTES:
        size, unit = _HOUR_MINUTES, "hour"
    return f"{wording.up_to(minutes / size, 1)}{NBSP}{wording.t(f'unit.{unit}')}"
