"""One deterministic local day of a region: every appeal that arrives and every incident that begins on it.

Made from the profile, its simulation, a seed and a date alone; no clock, no I/O. Days know nothing of one
another, so any of them can be made at any time and in any order.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from simulator.incidents import Accident, draw_accident, draw_incidents
from simulator.lives import AppealEvent, SimAppeal, SimIncident
from simulator.places import Spot, Telling
from simulator.region import Region
from simulator.simulation import Simulation, System
from svodka.profiles.model import Profile, Topic

_NOISE = 0.04
_NOWHERE = Telling(None, None, None, None)
_ACCIDENT_DELAY_S = 300


class Day:
    """One local day.

    Attributes:
        day: The date in the region.
        appeals: What arrives on it, in the order of arrival, each with its whole life.
        incidents: What begins on it, in the order of beginning, each with its whole life.
        accident: The heating accident, None on a day without one.
    """

    def __init__(self, region: Region, day: date) -> None:
        self.day = day
        self._region = region
        self.accident = draw_accident(region, day)
        self.incidents: tuple[SimIncident, ...] = draw_incidents(region, day, self.accident)
        self.appeals: tuple[SimAppeal, ...] = _draw_appeals(region, day, self.accident)


def make_day(profile: Profile, simulation: Simulation, seed: int, day: date) -> Day:
    """Return one day of a region; the same arguments give the same day to the last letter."""
    return Day(Region(profile, simulation, seed), day)


def _draw_appeals(region: Region, day: date, accident: Accident | None) -> tuple[SimAppeal, ...]:
    if not region.simulation.systems:
        return ()
    rng = region.chance(day, "appeals")
    moments = [(at, False) for at in _usual_moments(region, rng, day)]
    if accident is not None:
        extra = region.chance(day, "complaints")
        moments += [(at, True) for at in _accident_moments(extra, accident)]
    moments.sort()
    made: list[SimAppeal] = []
    by_system: dict[str, list[SimAppeal]] = {system.id: [] for system in region.simulation.systems}
    for number, (at, of_accident) in enumerate(moments, start=1):
        appeal = _draw_appeal(
            region,
            rng,
            appeal_id=f"{day:%y%m%d}-{number:05d}",
            at=at,
            accident=accident if of_accident else None,
            by_system=by_system,
        )
        by_system[appeal.system].append(appeal)
        made.append(appeal)
    return tuple(made)


def _usual_moments(region: Region, rng: Random, day: date) -> list[datetime]:
    week = region.simulation.week
    n = region.appeals_per_day * week[day.weekday()] * len(week) / sum(week) * rng.lognormvariate(0, _NOISE)
    midnight = region.local_midnight(day)
    hours = rng.choices(range(24), cum_weights=region.hour_weights, k=round(n))
    return [(midnight + timedelta(seconds=hour * 3600 + int(rng.random() * 3600))).astimezone(UTC) for hour in hours]


def _accident_moments(rng: Random, accident: Accident) -> list[datetime]:
    """Complaints come soon after the beginning and fade with the repair."""
    duration_s = (accident.closed_at - accident.started_at).total_seconds()
    return [
        accident.started_at + timedelta(seconds=_ACCIDENT_DELAY_S + int(rng.betavariate(1.6, 2.6) * duration_s))
        for _ in range(accident.appeals_n)
    ]


def _draw_appeal(
    region: Region,
    rng: Random,
    *,
    appeal_id: str,
    at: datetime,
    accident: Accident | None,
    by_system: dict[str, list[SimAppeal]],
) -> SimAppeal:
    simulation = region.simulation
    system = _draw_system(region, rng, accident)
    earlier = by_system[system.id]
    original = earlier[int(rng.random() * len(earlier))] if earlier and rng.random() < simulation.repeat_share else None
    if original is not None and original.accident != (accident is not None):
        original = None
    topic = _draw_topic(region, rng, accident, original)
    if original is not None:
        area = original.area
        telling = Telling(original.area_name, original.address, original.lat, original.lon)
        text = original.text
    elif rng.random() < simulation.places.nowhere_share and accident is None:
        area, telling, text = None, _NOWHERE, topic.name
    else:
        spot = accident.spot if accident else region.spots.draw_spot(rng, region.spots.draw_area(rng))
        street = accident.street if accident and rng.random() < 0.5 else region.spots.street(rng)  # noqa: PLR2004 - half of them
        area, telling = spot.area.id, region.spots.tell(rng, spot, street)
        text = _write(simulation, rng, topic, spot, street)
    local = at.astimezone(region.profile.zone).replace(tzinfo=None)
    events: tuple[AppealEvent, ...] = region.fates.draw(rng, system, topic.id, at, local)
    return SimAppeal(
        id=f"{system.id.upper()}-{appeal_id}",
        system=system.id,
        channel=system.channel,
        topic=topic.id,
        sector=topic.sector,
        area=area,
        text=text,
        area_name=telling.area_name,
        address=telling.address,
        lat=telling.lat,
        lon=telling.lon,
        repeat_of=original.id if original else None,
        accident=accident is not None,
        events=events,
    )


def _draw_system(region: Region, rng: Random, accident: Accident | None) -> System:
    """People in the cold do not write letters: an accident is told in the quick systems."""
    if accident is not None and region.quick_systems:
        return rng.choices(region.quick_systems, weights=[system.share for system in region.quick_systems])[0]
    return rng.choices(region.simulation.systems, cum_weights=region.system_weights)[0]


def _draw_topic(region: Region, rng: Random, accident: Accident | None, original: SimAppeal | None) -> Topic:
    if original is not None:
        return region.topics[original.topic]
    if accident is not None:
        return region.topics[region.simulation.accident.topic]
    return region.topics[rng.choices(region.topic_ids, cum_weights=region.topic_weights)[0]]


def _write(simulation: Simulation, rng: Random, topic: Topic, spot: Spot, street: str) -> str:
    texts = simulation.texts.get(topic.id)
    if not texts:
        return f"{topic.name}. {spot.place}, {street}."
    return texts[int(rng.random() * len(texts))].format(place=spot.place, street=street)
