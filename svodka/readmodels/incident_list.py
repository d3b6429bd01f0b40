"""Open incidents of a scope by level, and how long it has been calm (список инцидентов). Source: docs/kpi.md."""

from __future__ import annotations

from collections import Counter

from svodka.readmodels.incidents import find_incident_kinds
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import IncidentListValue, LevelCount
from svodka.storage.queries.ended import find_last_ended_at


def compute_incident_list(moment: Moment, scope: Scope) -> IncidentListValue:
    """Return every level of the profile, gravest first, with its open incidents, and when the last one ended."""
    kinds = find_incident_kinds(moment.profile, scope.sector)
    by_level = Counter[str]()
    for part in moment.count_incidents(scope.extent):
        by_level[part.level] += part.n
    levels = sorted(moment.profile.levels, key=lambda level: level.rank)
    return IncidentListValue(
        levels=tuple(LevelCount(level=level.id, open=by_level[level.id]) for level in levels),
        open=sum(by_level.values()),
        last_ended_at=find_last_ended_at(moment.connection, area=scope.area, kinds=kinds),
    )
