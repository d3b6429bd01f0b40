"""Open incidents by level (открытые инциденты). Source: docs/kpi.md, `incidents_open` and `incidents_level`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.values import IncidentsValue, LevelCount
from svodka.storage.database import Connection
from svodka.storage.queries import open_now


def compute_incidents(connection: Connection, profile: Profile, now: datetime) -> IncidentsValue:  # noqa: ARG001 - time decides nothing here
    """Return every level of the profile, gravest first, with its open incidents."""
    by_level = Counter[str]()
    for _, level, n in open_now.count_open_incidents(connection):
        by_level[level] += n
    levels = sorted(profile.levels, key=lambda level: level.rank)
    return IncidentsValue(
        levels=tuple(LevelCount(level=level.id, open=by_level[level.id]) for level in levels),
        open=sum(by_level.values()),
    )
