"""Open and overdue by sector (отраслевые блоки). Source: docs/kpi.md, `sector_open` and `sector_overdue`."""

from __future__ import annotations

from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.values import SectorCount, SectorsValue
from svodka.storage.database import Connection
from svodka.storage.queries import open_now


def compute_sectors(connection: Connection, profile: Profile, now: datetime) -> SectorsValue:
    """Return every sector of the profile, most open first; ties in the profile's order.

    A sector that holds nothing but the topic «прочие» comes last whatever its number: it is no trade of its own.
    """
    is_open = open_now.count_open_by_sector(connection)
    overdue = open_now.count_overdue_by_sector(connection, now)
    trades = {topic.sector for topic in profile.topics if not topic.other}
    counts = [
        SectorCount(sector=sector.id, open=is_open.get(sector.id, 0), overdue=overdue.get(sector.id, 0))
        for sector in profile.sectors
    ]
    return SectorsValue(sectors=tuple(sorted(counts, key=lambda count: (count.sector not in trades, -count.open))))
