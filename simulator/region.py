"""What all simulated days of a region share, worked out once. Pure."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import accumulate
from random import Random

from simulator.life import Fates
from simulator.places import Spots
from simulator.simulation import APPEALS_PER_10K_RESIDENTS, DEFAULT_POPULATION, Simulation
from svodka.profiles.model import Profile

_QUICK_TERM_H = 96.0


class Region:
    """A profile with its simulation and seed."""

    def __init__(self, profile: Profile, simulation: Simulation, seed: int) -> None:
        self.profile = profile
        self.simulation = simulation
        self.seed = seed
        self.spots = Spots(profile, simulation.places)
        norms = {norm.id: norm.hours for norm in profile.norms}
        self.fates = Fates(simulation, {c.id: norms[c.norm] for c in profile.channels if c.norm})
        self.topics = {topic.id: topic for topic in profile.topics}
        self.topic_ids, self.topic_weights = _topic_weights(profile, simulation)
        self.system_weights = tuple(accumulate(system.share for system in simulation.systems))
        self.hour_weights = tuple(accumulate(simulation.hours))
        self.quick_systems = tuple(s for s in simulation.systems if (s.term_h or 0) <= _QUICK_TERM_H)
        residents = sum(area.population or DEFAULT_POPULATION for area in profile.areas)
        self.appeals_per_day = simulation.appeals_per_day or residents / 10_000 * APPEALS_PER_10K_RESIDENTS

    def chance(self, day: date, purpose: str) -> Random:
        """Return the source of chance of one purpose on one day: no purpose disturbs another."""
        return Random(f"{self.seed}|{self.profile.id}|{day.isoformat()}|{purpose}")  # noqa: S311 - a simulation, no secret

    def local_midnight(self, day: date) -> datetime:
        """Return the wall clock's instant at which the local day begins; adding to it moves the wall clock."""
        return datetime.combine(day, time(), tzinfo=self.profile.zone)


def _topic_weights(profile: Profile, simulation: Simulation) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return topics and their cumulative weights, «прочие» having its share of the whole."""
    named = simulation.topic_weights
    mean = sum(named.values()) / len(named) if named else 1.0
    usual = [topic.id for topic in profile.topics if not topic.other]
    weights = [named.get(topic, 0.0 if named else mean) for topic in usual]
    if not sum(weights):
        weights = [mean] * len(usual)
    share = simulation.other_share if usual else 1.0
    other = sum(weights) * share / (1 - share) if usual else 1.0
    return (*usual, profile.other_topic.id), tuple(accumulate((*weights, other)))
