"""Every area by one number, the best first (рейтинг муниципалитетов). Source: docs/kpi.md, `rating_…`.

No weights and no points: one measured number, its cases beside it, and no rank where the cases are few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from svodka.readmodels.keys import Extent, Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.response import compute_lower_median
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import RatingRow, RatingValue
from svodka.readmodels.windows import Span
from svodka.storage.queries import by_area

MIN_CASES = 20  # one case more or less moves a share by five points at most
DEFAULT_KPI = "in_time"
_RESIDENTS = 10_000

# A value, and how many cases it rests on, by area; None: appeals whose area is not determined.
Numbers = dict[str | None, tuple[float | None, int]]
_NOTHING: tuple[float | None, int] = (None, 0)


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One number that areas can be compared by.

    Attributes:
        unit: As on the wire.
        better: Which end of the list is the good one.
        load: The number of every area in a span that is still running.
        load_then: The number of every area in a span that is over; None: what it was then is not kept.
        target: The KPI of the profile whose target is this number's, "" for none.
    """

    unit: Literal["share", "minutes", "rating", "rate"]
    better: Literal["higher", "lower"]
    load: Callable[[Moment, str | None, Span], Numbers]
    load_then: Callable[[Moment, str | None, Span], Numbers] | None
    target: str = ""


def compute_rating(moment: Moment, scope: Scope) -> RatingValue:
    """Return every area of the profile: ranked ones best first, then those of few cases, then those without a number.

    Args:
        moment: The moment.
        scope: Of one sector or of all, over its period, by its `kpi` (one of `KPIS`).

    Raises:
        KeyError: There is no such KPI.
    """
    kpi = scope.kpi or DEFAULT_KPI
    measure, span, now = measure_areas(moment, scope)
    before, then = span.week_earlier(), Numbers()
    if measure.load_then is not None and moment.is_covered(before):
        then = measure.load_then(moment, scope.sector, before)
    return RatingValue(
        kpi=kpi,
        unit=measure.unit,
        better=measure.better,
        target=target_of(moment.profile, measure.target) if measure.target else None,
        min_n=MIN_CASES,
        rows=_rank(measure.better, [_row(area.id, now, then) for area in moment.profile.areas]),
        unknown_area=now.get(None, _NOTHING)[1],
    )


def measure_areas(moment: Moment, scope: Scope) -> tuple[Measure, Span, Numbers]:
    """Return the measure of a scope's `kpi`, the span it is taken over, and its number of every area.

    Raises:
        KeyError: There is no such KPI.
    """
    kpi = scope.kpi or DEFAULT_KPI
    measure = _MEASURES[kpi]
    # Marks are few: the region's own number takes a week as well.
    is_week = scope.period == "week" or kpi == "satisfaction"
    span = moment.windows.last_168_hours if is_week else moment.windows.last_24_hours
    return measure, span, measure.load(moment, scope.sector, span)


def _row(area: str, now: Numbers, then: Numbers) -> RatingRow:
    value, n = now.get(area, _NOTHING)
    previous, previous_n = then.get(area, _NOTHING)
    return RatingRow(area=area, value=value, n=n, previous=previous if previous_n >= MIN_CASES else None, rank=None)


def _rank(better: str, rows: list[RatingRow]) -> tuple[RatingRow, ...]:
    sign = -1.0 if better == "higher" else 1.0
    known = [(row.value, row) for row in rows if row.value is not None]
    few = sorted((row for _, row in known if row.n < MIN_CASES), key=lambda row: -row.n)
    ranked = sorted(
        ((value, row) for value, row in known if row.n >= MIN_CASES), key=lambda pair: (sign * pair[0], -pair[1].n)
    )
    first_places: dict[float, int] = {}  # equal numbers share a place
    for place, (value, _) in enumerate(ranked, start=1):
        first_places.setdefault(value, place)
    placed = (msgspec.structs.replace(row, rank=first_places[value]) for value, row in ranked)
    return (*placed, *few, *(row for row in rows if row.value is None))


def _in_time(moment: Moment, sector: str | None, span: Span) -> Numbers:
    silent = by_area.count_silent(moment.connection, sector, span.from_at, moment.now)
    return _shares(moment, sector, span, silent)


def _in_time_then(moment: Moment, sector: str | None, span: Span) -> Numbers:
    silent = by_area.count_silent_then(moment.connection, sector, span.from_at, span.to_at)
    return _shares(moment, sector, span, silent)


def _shares(moment: Moment, sector: str | None, span: Span, silent: by_area.Count) -> Numbers:
    kept = by_area.count_kept(moment.connection, sector, span.from_at, span.to_at)
    outcomes = {area: kept.get(area, (0, 0))[0] + silent.get(area, 0) for area in kept.keys() | silent.keys()}
    return {area: (kept.get(area, (0, 0))[1] / n, n) for area, n in outcomes.items()}


def _response(moment: Moment, sector: str | None, span: Span) -> Numbers:
    minutes = by_area.load_minutes(moment.connection, sector, span.from_at, span.to_at)
    return {area: (compute_lower_median([(one, 1) for one in sorted(of)]), len(of)) for area, of in minutes.items()}


def _satisfaction(moment: Moment, sector: str | None, span: Span) -> Numbers:
    marks = by_area.load_marks(moment.connection, sector, span.from_at, span.to_at)
    return {area: (total / n, n) for area, (n, total) in marks.items()}


def _received(moment: Moment, sector: str | None, span: Span) -> Numbers:
    (counts,) = moment.facts(Extent(sector=sector)).by_name(("received_by_area", span.from_at, span.to_at))
    return _rates(moment, {area or None: n for area, n in counts.items()})


def _open(moment: Moment, sector: str | None, _: Span) -> Numbers:
    standing = by_area.count_open(moment.connection, sector, moment.now)
    return _rates(moment, {area: n for area, (n, _, _) in standing.items()})


def _overdue(moment: Moment, sector: str | None, _: Span) -> Numbers:
    standing = by_area.count_open(moment.connection, sector, moment.now)
    return {area: (overdue / n if n else None, n) for area, (_, n, overdue) in standing.items()}


def _rates(moment: Moment, counts: by_area.Count) -> Numbers:
    """Return amounts per 10,000 residents; an area without any has 0, one of unknown population no rate."""
    rates: Numbers = {None: (None, counts.get(None, 0))}
    for area in moment.profile.areas:
        n = counts.get(area.id, 0)
        rates[area.id] = (n * _RESIDENTS / area.population if area.population else None), n
    return rates


_MEASURES: dict[str, Measure] = {
    "in_time": Measure(unit="share", better="higher", load=_in_time, load_then=_in_time_then, target="in_time"),
    "response": Measure(unit="minutes", better="lower", load=_response, load_then=_response, target="response_minutes"),
    "satisfaction": Measure(
        unit="rating", better="higher", load=_satisfaction, load_then=_satisfaction, target="satisfaction"
    ),
    "per_10k": Measure(unit="rate", better="lower", load=_received, load_then=_received),
    "open": Measure(unit="rate", better="lower", load=_open, load_then=None),
    "overdue": Measure(unit="share", better="lower", load=_overdue, load_then=None),
}
KPIS = tuple(_MEASURES)
