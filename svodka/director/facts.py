"""What the machine asks of the world: open incidents, overdue appeals, silent sources, known scenes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from svodka.director.plan import When


class OpenIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident: rank of its level (1 is the gravest), slug of its area, when it began."""

    id: int
    rank: int
    area: str | None
    started_at: datetime


class Scenes(Protocol):
    """Which scenes there are, now: files come and go."""

    def knows(self, reference: str) -> bool:
        """Return whether there is a scene for a reference."""
        ...

    def takes(self, scene: str) -> str:
        """Return what a scene takes by its id: `area`, `sector` or ""."""
        ...


class Facts(Scenes, Protocol):
    """The world at one moment; each part is asked for only when something depends on it."""

    @property
    def incidents(self) -> tuple[OpenIncident, ...]:
        """Open incidents, at least those of ranks that the plan names."""
        ...

    @property
    def overdue_n(self) -> int:
        """Open appeals after their term."""
        ...

    @property
    def is_source_silent(self) -> bool:
        """Whether a source is stale or dead."""
        ...

    def worst(self, takes: str) -> tuple[str, ...]:
        """Return the slugs of areas or sectors (`takes`) with overdue appeals, the most first."""
        ...


class PlainFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that are given: for looking ahead, and for tests."""

    incidents: tuple[OpenIncident, ...] = ()
    overdue_n: int = 0
    is_source_silent: bool = False
    worst_first: dict[str, tuple[str, ...]] = {}
    unknown: frozenset[str] = frozenset()
    scenes: Scenes | None = None
    scenes_take: dict[str, str] = msgspec.field(default_factory=lambda: {"area": "area", "sector": "sector"})

    def worst(self, takes: str) -> tuple[str, ...]:
        """Return the slugs that were given."""
        return self.worst_first.get(takes, ())

    def knows(self, reference: str) -> bool:
        """Return whether a reference is none of those that are unknown, or one of the scenes that were given."""
        return reference not in self.unknown if self.scenes is None else self.scenes.knows(reference)

    def takes(self, scene: str) -> str:
        """Return what was given for a scene."""
        return self.scenes_take.get(scene, "") if self.scenes is None else self.scenes.takes(scene)


def holds(when: When, facts: Facts) -> bool:
    """Return whether a condition holds."""
    if when.rank is not None and not any(incident.rank <= when.rank for incident in facts.incidents):
        return False
    if when.overdue_above is not None and facts.overdue_n <= when.overdue_above:
        return False
    return facts.is_source_silent or not when.source_silent
