"""Open incidents by level (открытые инциденты). Source: docs/kpi.md, `incidents_open` and `incidents_level`."""

from __future__ import annotations

from collections import Counter

from svodka.profiles.model import Profile
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import IncidentsValue, LevelCount


def compute_incidents(moment: Moment, scope: Scope) -> IncidentsValue:
    """Return every level of the profile, gravest first, with its open incidents."""
    by_level = Counter[str]()
    for part in moment.count_incidents(scope.extent):
        by_level[part.level] += part.n
    levels = sorted(moment.profile.levels, key=lambda level: level.rank)
    return IncidentsValue(
        levels=tuple(LevelCount(level=level.id, open=by_level[level.id]) for level in levels),
        open=sum(by_level.values()),
    )


def find_incident_kinds(profile: Profile, sector: str | None) -> frozenset[str] | None:
    """Return the kinds of incidents of a sector; None: all, no sector was named.

    A kind of no sector (взрыв, ДТП) belongs to the region alone.
    """
    return None if sector is None else frozenset(kind.id for kind in profile.incident_kinds if kind.sector == sector)
