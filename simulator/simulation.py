"""What a simulated region behaves like: types of `simulation.toml` and defaults for a profile without one.

Proportions only. Names, areas, channels and topics are the profile's. A system that `simulation.toml`
does not describe is not simulated; a profile without the file gets one system for each of its channels.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from svodka.domain.errors import ProfileError
from svodka.profiles.model import Profile

APPEALS_PER_10K_RESIDENTS = 3.2
DEFAULT_POPULATION = 20_000
_DAY_HOURS = (4, 2, 2, 1, 1, 2, 8, 24, 52, 78, 84, 76, 66, 62, 64, 62, 60, 58, 60, 62, 54, 40, 22, 10)
_WEEK = (1.18, 1.14, 1.1, 1.08, 1.02, 0.78, 0.7)


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in the file: a misspelt key is an error."""


class Origin(_Part, frozen=True):
    """Where the proportions come from."""

    source: str = ""
    date: str = ""


class System(_Part, frozen=True):
    """One simulated feedback system; it serves `/open311/<id>/v2`.

    Attributes:
        id: Slug in the address.
        channel: The profile's channel whose appeals it holds.
        share: Its share of all appeals, any scale.
        term_h: The term its records tell (`expected_datetime`), hours from receipt; None: they tell none.
        answer_h: The typical time to an answer, hours.
        in_time_share: How many answers come in time, 0..1, before a topic's own factor.
        accept_h: The typical time until somebody takes it up, hours.
        office_hours: Answers are written on working days between 8 and 20 o'clock.
        rated_share: How many answers get a mark, 0..1.
        reopened_share: How many answers with a mark of 1 or 2 are taken up again, 0..1.
    """

    id: str
    channel: str
    share: float = 1.0
    term_h: float | None = None
    answer_h: float = 20.0
    in_time_share: float = 0.93
    accept_h: float = 1.0
    office_hours: bool = True
    rated_share: float = 0.2
    reopened_share: float = 0.0


class Places(_Part, frozen=True):
    """How records tell their place; what remains of 1 tells area, address and point.

    Attributes:
        alias_share: The area by one of its other names.
        no_point_share: Area and address only.
        address_only_share: The address only, without house and point.
        point_only_share: The point only.
        nowhere_share: No place at all.
        urban, other: Templates of an address in a town and elsewhere: {place}, {street}, {house}.
        urban_short, other_short: The same without a house.
        streets: Names of streets.
    """

    alias_share: float = 0.05
    no_point_share: float = 0.1
    address_only_share: float = 0.05
    point_only_share: float = 0.05
    nowhere_share: float = 0.01
    urban: str = "{place}, {street}, {house}"
    other: str = "{place}, {street}, {house}"
    urban_short: str = "{place}, {street}"
    other_short: str = "{place}, {street}"
    streets: tuple[str, ...] = ("1", "2", "3")


class IncidentPlan(_Part, frozen=True):
    """Incidents of one kind in one feed.

    Attributes:
        kind: A kind of the profile; also the code in the feed.
        feed: `cards` is the list of emergency cards, `outages` the GeoJSON of utility outages.
        per_day: How many begin in a day.
        hours: Shortest and longest duration.
        affected: Fewest and most affected at the peak; (0, 0): the feed tells none.
        levels: Weights of levels by the profile's level id; empty: the mildest.
        titles: Templates of titles: {place}, {street}.
    """

    kind: str
    feed: Literal["cards", "outages"] = "cards"
    per_day: float = 4.0
    hours: tuple[float, float] = (1.0, 4.0)
    affected: tuple[int, int] = (0, 0)
    levels: dict[str, float] = {}
    titles: tuple[str, ...] = ("{place}",)


class AccidentPlan(_Part, frozen=True):
    """The heating accident that grows in one town and is repaired.

    Attributes:
        daily_share: Share of days that have one, 0..1.
        kind: A kind of the profile.
        topic: The topic of the complaints about it.
        population: Smallest and largest town it happens in.
        start_hours: Between which local hours it begins.
        hours: Shortest and longest duration.
        affected: Fewest and most houses at its peak.
        appeals: Fewest and most additional complaints.
        title: Template of the title: {place}, {street}.
    """

    daily_share: float = 1.0
    kind: str = ""
    topic: str = ""
    population: tuple[int, int] = (0, 10_000_000)
    start_hours: tuple[int, int] = (6, 17)
    hours: tuple[float, float] = (6.0, 9.0)
    affected: tuple[int, int] = (40, 140)
    appeals: tuple[int, int] = (35, 70)
    title: str = "{place}"


class Simulation(_Part, frozen=True):
    """A whole region's behaviour.

    Attributes:
        origin: Where the proportions come from.
        appeals_per_day: Mean of a week; None: by population.
        hours: Weights of the 24 local hours.
        week: Weights of the days from Monday; only their proportions count.
        other_share: Share of «прочие», 0..1.
        rejected_share: Share of appeals closed without an answer in substance, 0..1.
        repeat_share: Share of appeals that repeat an earlier one of the same day, 0..1.
        ratings: Weights of the marks 1 to 5 after an answer in time.
        late_ratings: The same after a late answer.
        topic_weights: By the profile's topic id; topics not named share what the named ones' mean is.
        topic_in_time: Factors of `in_time_share` by topic id.
        texts: Templates by topic id: {place}, {street}. A topic without one shows its own name.
        systems, places, incidents, accident: See their types.
    """

    origin: Origin = Origin()
    appeals_per_day: float | None = None
    hours: tuple[float, ...] = _DAY_HOURS
    week: tuple[float, ...] = _WEEK
    other_share: float = 0.06
    rejected_share: float = 0.02
    repeat_share: float = 0.03
    ratings: tuple[float, ...] = (6, 6, 14, 30, 44)
    late_ratings: tuple[float, ...] = (30, 20, 20, 18, 12)
    topic_weights: dict[str, float] = {}
    topic_in_time: dict[str, float] = {}
    texts: dict[str, tuple[str, ...]] = {}
    systems: tuple[System, ...] = ()
    places: Places = Places()
    incidents: tuple[IncidentPlan, ...] = ()
    accident: AccidentPlan = AccidentPlan()


def load_simulation(profile: Profile) -> Simulation:
    """Read the profile's `simulation.toml` and fill what it leaves out.

    Returns:
        The simulation, complete in the sense of `complete_simulation`.

    Raises:
        ProfileError: The file cannot be read, or names what the profile does not have.
    """
    path = Path(profile.folder) / "simulation.toml"
    simulation = Simulation()
    if profile.folder and path.is_file():
        try:
            simulation = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Simulation)
        except (ValueError, OSError) as error:
            message = f"{path}: {error}."
            raise ProfileError(message) from error
    return complete_simulation(profile, simulation)


def complete_simulation(profile: Profile, simulation: Simulation) -> Simulation:
    """Fill in what follows from the profile, and refuse names that it does not have.

    Args:
        profile: The region.
        simulation: What was written for it, or `Simulation()`.

    Returns:
        The simulation with systems, incidents and an accident; each of them may still be empty for a
        profile that has no channel, kind or topic.

    Raises:
        ProfileError: A name is not of the profile, or a list of weights has the wrong length.
    """
    systems = simulation.systems or tuple(System(id=c.id, channel=c.id) for c in profile.channels)
    kinds = [kind for kind in profile.incident_kinds if not kind.other] or list(profile.incident_kinds)
    told = kinds * 2 if len(kinds) == 1 else kinds  # both feeds have something to tell
    incidents = simulation.incidents or tuple(
        IncidentPlan(kind=kind.id, feed=("cards", "outages")[index % 2], per_day=36 / len(told), affected=(5, 200))
        for index, kind in enumerate(told)
    )
    accident = simulation.accident
    if not accident.topic or not accident.kind:
        topics = [topic for topic in profile.topics if not topic.other] or list(profile.topics)
        accident = msgspec.structs.replace(
            accident, topic=accident.topic or topics[0].id, kind=accident.kind or (kinds[0].id if kinds else "")
        )
    _check_names(profile, simulation, systems, (*incidents, IncidentPlan(kind=accident.kind)), accident.topic)
    return msgspec.structs.replace(simulation, systems=systems, incidents=incidents, accident=accident)


def _check_names(
    profile: Profile,
    simulation: Simulation,
    systems: tuple[System, ...],
    plans: tuple[IncidentPlan, ...],
    accident_topic: str,
) -> None:
    topics = {topic.id for topic in profile.topics}
    named_topics = {*simulation.topic_weights, *simulation.topic_in_time, *simulation.texts, accident_topic}
    named = {
        "topics": (named_topics, topics),
        "channels": ({system.channel for system in systems}, {channel.id for channel in profile.channels}),
        "kinds": ({plan.kind for plan in plans if plan.kind}, {kind.id for kind in profile.incident_kinds}),
        "levels": ({level for plan in plans for level in plan.levels}, {level.id for level in profile.levels}),
    }
    for what, (used, known) in named.items():
        if used - known:
            message = f"simulation.toml of {profile.id}: unknown {what}: {', '.join(sorted(used - known))}."
            raise ProfileError(message)
    lengths = (len(simulation.hours), len(simulation.week), len(simulation.ratings), len(simulation.late_ratings))
    if lengths != (24, 7, 5, 5):
        message = f"simulation.toml of {profile.id}: hours, week and ratings need 24, 7 and 5 weights."
        raise ProfileError(message)
