"""Where people complain: appeals of 24 hours by area, per 10,000 residents (карта). Source: docs/kpi.md, `area_…`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from svodka.domain.hours import day_start, local_day
from svodka.profiles.model import Area
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.rating import DEFAULT_KPI, MIN_CASES, measure_areas
from svodka.readmodels.shades import compute_kpi_steps, compute_steps
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import AreaNumber, AreaValue, MapValue, ShadedBy
from svodka.readmodels.windows import Span
from svodka.storage.queries import counts

_RESIDENTS = 10_000
_USUAL_DAYS = 7
_DAY = timedelta(days=1)


def compute_map(moment: Moment, scope: Scope) -> MapValue:
    """Return every area of the profile with its appeals of 24 hours and its open incidents, and the shades' bounds."""
    span, usual_from_at = moment.windows.of_period(scope.period), _usual_from(moment)
    by_area, *usual = moment.facts(scope.extent).by_name(
        ("received_by_area", span.from_at, span.to_at),
        *([] if usual_from_at is None else _whole_days_and_the_rest(moment, usual_from_at)),
    )
    incidents = Counter[str | None]()
    for part in moment.count_incidents(scope.extent):
        incidents[part.area] += part.n
    areas = tuple(
        AreaValue(
            area=area.id,
            received=by_area.get(area.id, 0),
            per_10k=_per_10k(area, by_area.get(area.id, 0)),
            open_incidents=incidents[area.id],
        )
        for area in moment.profile.areas
    )
    total = sum(by_area.values())
    by = shade_by(moment, scope) if scope.kpi else None
    return MapValue(
        areas=areas,
        steps=compute_steps(None if usual_from_at is None else _usual_per_10k(moment, usual_from_at, usual, span))
        if by is None
        else _steps_of(by),
        by=by,
        received=total,
        unknown_area=total - sum(area.received for area in areas),
    )


def shade_by(moment: Moment, scope: Scope) -> ShadedBy:
    """Return the number of every area of the profile that a scope's `kpi` means, as the rating has it.

    Raises:
        KeyError: There is no such KPI.
    """
    measure, _, numbers = measure_areas(moment, scope)
    found = {area.id: numbers.get(area.id, (None, 0)) for area in moment.profile.areas}
    return ShadedBy(
        kpi=scope.kpi or DEFAULT_KPI,
        unit=measure.unit,
        better=measure.better,
        target=target_of(moment.profile, measure.target) if measure.target else None,
        min_n=MIN_CASES,
        rows=tuple(AreaNumber(area=area, value=value, n=n) for area, (value, n) in found.items()),
    )


def _steps_of(by: ShadedBy) -> tuple[float, ...]:
    told = [row.value for row in by.rows if row.value is not None and row.n >= by.min_n]
    return compute_kpi_steps(by.unit, by.better, None if by.target is None else by.target.value, told)


def _per_10k(area: Area, count: int) -> float | None:
    return count * _RESIDENTS / area.population if area.population else None


def _usual_from(moment: Moment) -> datetime | None:
    """Return since when the region's usual number is counted: up to seven local days before today.

    Returns:
        The first instant; None where the history holds no whole day before today.
    """
    first, day_at = moment.history_from, moment.windows.day_at
    if first is None:
        return None
    from_at = max(day_start(moment.windows.day - _USUAL_DAYS * _DAY, moment.profile.zone), first)
    return from_at if day_at - from_at >= _DAY else None


def _whole_days_and_the_rest(moment: Moment, from_at: datetime) -> tuple[counts.Stretch, ...]:
    """Return the two stretches that make up what areas received from an hour's beginning up to today."""
    zone = moment.profile.zone
    day = local_day(from_at, zone)
    midnight_at = day_start(day, zone)
    if midnight_at < from_at:
        midnight_at = day_start(day + _DAY, zone)
    return ("received_by_area", from_at, midnight_at), ("received_by_area_day", midnight_at, moment.windows.day_at)


def _usual_per_10k(moment: Moment, from_at: datetime, received: list[dict[str, int]], span: Span) -> float | None:
    """Return what is usual per 10,000 residents in a span, by the local days before today.

    Areas without a known population are left out on both sides.

    Returns:
        The rate; None where no population is known.
    """
    known = {area.id: area.population for area in moment.profile.areas if area.population}
    if not known:
        return None
    days = (moment.windows.day_at - from_at) / _DAY
    count = sum(by_area.get(slug, 0) for by_area in received for slug in known)
    return count * _RESIDENTS / (sum(known.values()) * days) * ((span.to_at - span.from_at) / _DAY)
