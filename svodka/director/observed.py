"""The facts of the machine as the database has them: each is asked for when a plan first depends on it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from svodka.director.facts import OpenIncident, PlainFacts, Scenes
from svodka.director.plan import Plan
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.profiles.model import Profile
from svodka.storage.database import Connection
from svodka.storage.queries.standing import count_overdue
from svodka.storage.sources import load_sources
from svodka.storage.walls import load_open_of_levels


class ObservedFacts:
    """The world at one moment.

    Args:
        connection: One transaction.
        profile: The region.
        now: The product's clock, aware.
        rank: Of incidents only these and graver ones matter; 0: none does.
        scenes: Which there are.
    """

    def __init__(self, connection: Connection, profile: Profile, now: datetime, *, rank: int, scenes: Scenes) -> None:
        self._connection, self._profile, self._now, self._rank = connection, profile, now, rank
        self._scenes = scenes
        self.knows, self.takes = scenes.knows, scenes.takes

    @cached_property
    def incidents(self) -> tuple[OpenIncident, ...]:
        """Open incidents of the ranks that matter."""
        ranks = {level.id: level.rank for level in self._profile.levels if level.rank <= self._rank}
        if not ranks:
            return ()
        return tuple(
            OpenIncident(id=number, rank=ranks[level], area=area, started_at=started_at)
            for number, level, area, started_at in load_open_of_levels(self._connection, sorted(ranks))
        )

    @cached_property
    def overdue_n(self) -> int:
        """Open appeals after their term."""
        return sum(count_overdue(self._connection, "sector", self._now).values())

    @cached_property
    def is_source_silent(self) -> bool:
        """Whether a source is stale or dead; one that was never asked is silent."""
        known = load_sources(self._connection)
        for source in self._profile.sources:
            at = known[source.id].last_complete_at if source.id in known else None
            limits = Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
            age_s = None if at is None else (self._now - at).total_seconds()
            if decide_source_state(age_s, limits) in {State.STALE, State.DEAD}:
                return True
        return False

    def worst(self, takes: str) -> tuple[str, ...]:
        """Return the slugs of areas or sectors with overdue appeals, the most first; «прочие» is no sector here."""
        if takes not in {"area", "sector"}:
            return ()
        found = count_overdue(self._connection, "area" if takes == "area" else "sector", self._now)
        other = self._profile.other_topic.sector if takes == "sector" else None
        counted = {slug: n for slug, n in found.items() if slug is not None and slug != other}
        return tuple(sorted(counted, key=lambda slug: (-counted[slug], slug)))

    def load(self) -> PlainFacts:
        """Return everything at once, for use after the transaction."""
        return PlainFacts(
            incidents=self.incidents,
            overdue_n=self.overdue_n,
            is_source_silent=self.is_source_silent,
            scenes=self._scenes,
            worst_first={takes: self.worst(takes) for takes in ("area", "sector")},
        )


def deepest_rank(plan: Plan) -> int:
    """Return the mildest rank that a plan names, 0 where it names none."""
    ranks = [takeover.rank for wall in plan.walls.values() for takeover in wall.takeovers]
    ranks += [step.when.rank or 0 for playlist in plan.playlists.values() for step in playlist.steps]
    return max(ranks, default=0)
