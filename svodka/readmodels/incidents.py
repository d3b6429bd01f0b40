"""Open incidents by level (открытые инциденты). Source: docs/kpi.md, `incidents_open` and `incidents_level`."""

from __future__ import annotations

from collections import Counter

from svodka.readmodels.moment import Moment
from svodka.readmodels.values import IncidentsValue, LevelCount


def compute_incidents(moment: Moment) -> IncidentsValue:
    """Return every level of the profile, gravest first, with its open incidents."""
    by_level = Counter[str]()
    for _, level, n in moment.open_incidents:
        by_level[level] += n
    levels = sorted(moment.profile.levels, key=lambda level: level.rank)
    return IncidentsValue(
        levels=tuple(LevelCount(level=level.id, open=by_level[level.id]) for level in levels),
        open=sum(by_level.values()),
    )
