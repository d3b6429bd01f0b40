"""Open and overdue by sector (отраслевые блоки). Source: docs/kpi.md, `sector_open` and `sector_overdue`."""

from __future__ import annotations

from collections import Counter

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import SectorCount, SectorsValue


def compute_sectors(moment: Moment, scope: Scope) -> SectorsValue:
    """Return every sector of the profile, most open first; ties in the profile's order.

    A sector that holds nothing but the topic «прочие» comes last whatever its number: it is no trade of its own.
    """
    profile, facts = moment.profile, moment.facts(scope.extent)
    is_open = facts.standing.open_by_sector
    overdue = Counter[str]()
    for part in facts.overdue(moment.windows.last_24_hours.from_at, moment.now):
        overdue[part.sector] += part.n
    trades = {topic.sector for topic in profile.topics if not topic.other}
    counts = [
        SectorCount(sector=sector.id, open=is_open.get(sector.id, 0), overdue=overdue[sector.id])
        for sector in profile.sectors
    ]
    return SectorsValue(sectors=tuple(sorted(counts, key=lambda count: (count.sector not in trades, -count.open))))
