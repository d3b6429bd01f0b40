"""The incidents that begin on one local day, and the heating accident among them. Pure.

Starts are spread evenly with some chance, so that a normal moment has a handful open and never none for long.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec

from simulator.lives import IncidentEvent, SimIncident
from simulator.places import Spot
from simulator.region import Region
from simulator.simulation import AccidentPlan, IncidentPlan
from svodka.domain.records import IncidentStatus
from svodka.profiles.model import Area, Profile

_MOST_COMPLAINTS = 0.15  # of a usual day's appeals: a small region has small accidents
_GROWTH = ((0.0, 0.12), (0.08, 0.3), (0.16, 0.55), (0.26, 0.8), (0.36, 1.0))
_REPAIR = ((0.62, 0.7), (0.78, 0.4), (0.9, 0.15))


class Accident(msgspec.Struct, frozen=True, kw_only=True):
    """The heating accident of a day: where, when and how large."""

    spot: Spot
    street: str
    started_at: datetime
    closed_at: datetime
    affected_peak_n: int
    appeals_n: int


def draw_accident(region: Region, day: date) -> Accident | None:
    """Return the heating accident of a day, None on a day without one."""
    plan, spots = region.simulation.accident, region.spots
    rng = region.chance(day, "accident")
    if not plan.kind or rng.random() >= plan.daily_share:
        return None
    spot = spots.main_spot(_draw_town(rng, plan, region.profile.areas))
    first, last = plan.start_hours
    wall = region.local_midnight(day) + timedelta(seconds=round(rng.uniform(first, last) * 3600))
    started_at = wall.astimezone(UTC)
    return Accident(
        spot=spot,
        street=spots.street(rng),
        started_at=started_at,
        closed_at=started_at + timedelta(seconds=round(rng.uniform(*plan.hours) * 3600)),
        affected_peak_n=rng.randint(*plan.affected),
        appeals_n=min(rng.randint(*plan.appeals), round(region.appeals_per_day * _MOST_COMPLAINTS)),
    )


def _draw_town(rng: Random, plan: AccidentPlan, areas: tuple[Area, ...]) -> Area:
    low, high = plan.population
    fitting = [area for area in areas if area.kind == "urban" and low <= (area.population or 0) <= high]
    return rng.choice(fitting or list(areas))


def draw_incidents(region: Region, day: date, accident: Accident | None) -> tuple[SimIncident, ...]:
    """Return the incidents that begin on a local day, in the order of their beginning."""
    found: list[SimIncident] = []
    for number, plan in enumerate(region.simulation.incidents):
        rng = region.chance(day, f"incidents {number} {plan.kind}")
        found.extend(_draw_kind(region, rng, plan, number, day))
    if accident is not None:
        found.append(_grow(accident, region.simulation.accident, region.profile, day))
    return tuple(sorted(found, key=lambda incident: (incident.started_at, incident.id)))


def _draw_kind(region: Region, rng: Random, plan: IncidentPlan, number: int, day: date) -> Iterable[SimIncident]:
    spots = region.spots
    n = int(plan.per_day) + (rng.random() < plan.per_day % 1)
    for slot in range(n):
        wall = region.local_midnight(day) + timedelta(seconds=int((slot + rng.random()) / n * 86_400))
        spot = spots.draw_spot(rng, spots.draw_area(rng))
        street = spots.street(rng)
        lat, lon = spots.draw_point(rng, spot)
        yield SimIncident(
            id=f"{plan.feed[0].upper()}{day:%y%m%d}-{number:02d}{slot:02d}",
            feed=plan.feed,
            kind=plan.kind,
            area=spot.area.id,
            area_name=spot.area.name,
            title=rng.choice(plan.titles).format(place=spot.place, street=street),
            address=spots.write_address(spot, street, rng.randint(1, 90)),
            lat=lat,
            lon=lon,
            accident=False,
            events=_live(rng, plan, region.profile, wall.astimezone(UTC)),
        )


def _live(rng: Random, plan: IncidentPlan, profile: Profile, started_at: datetime) -> tuple[IncidentEvent, ...]:
    levels = plan.levels or {profile.default_level.id: 1.0}
    level = rng.choices(list(levels), weights=list(levels.values()))[0]
    duration_s = rng.uniform(*plan.hours) * 3600
    peak = rng.randint(*plan.affected) if plan.affected[1] else None
    steps = (
        (0.0, IncidentStatus.NEW, 0.5),
        (rng.uniform(0.03, 0.12), IncidentStatus.IN_WORK, 0.8),
        (rng.uniform(0.3, 0.5), IncidentStatus.IN_WORK, 1.0),
        (rng.uniform(0.65, 0.85), IncidentStatus.CONTROLLED, 0.4),
        (1.0, IncidentStatus.CLOSED, 0.0),
    )
    return tuple(
        IncidentEvent(
            started_at + timedelta(seconds=round(share * duration_s)),
            status,
            level,
            None if peak is None else round(peak * part),
        )
        for share, status, part in steps
    )


def _grow(accident: Accident, plan: AccidentPlan, profile: Profile, day: date) -> SimIncident:
    """Make the accident's life: affected houses up, the level with them, then repair."""
    ranks = sorted(profile.levels, key=lambda level: level.rank)
    mild, grave = ranks[min(len(ranks) - 1, 2)].id, ranks[min(len(ranks) - 1, 1)].id
    duration = accident.closed_at - accident.started_at

    def event(share: float, status: IncidentStatus, level: str, part: float) -> IncidentEvent:
        at = accident.started_at + timedelta(seconds=round(duration.total_seconds() * share))
        return IncidentEvent(at, status, level, round(accident.affected_peak_n * part))

    growth = [
        event(share, IncidentStatus.IN_WORK if share else IncidentStatus.NEW, grave if part > 0.5 else mild, part)  # noqa: PLR2004 - half of the peak
        for share, part in _GROWTH
    ]
    repair = [event(share, IncidentStatus.CONTROLLED, grave, part) for share, part in _REPAIR]
    spot = accident.spot
    return SimIncident(
        id=f"C{day:%y%m%d}-9900",
        feed="cards",
        kind=plan.kind,
        area=spot.area.id,
        area_name=spot.area.name,
        title=plan.title.format(place=spot.place, street=accident.street),
        address=spot.place,
        lat=round(spot.lat, 6),
        lon=round(spot.lon, 6),
        accident=True,
        events=(*growth, *repair, event(1.0, IncidentStatus.CLOSED, grave, 0.0)),
    )
