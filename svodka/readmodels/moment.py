"""One moment of the region: a read transaction, the profile and an instant, with what several read models ask of them.

Each question is asked at most once, when the first read model needs it; with the moment its answers are forgotten.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from svodka.profiles.model import Profile
from svodka.readmodels.history import compute_history_from
from svodka.readmodels.keys import REGION, Extent
from svodka.readmodels.windows import Span, Windows, compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import open_now
from svodka.storage.queries.facts import Facts, RegionFacts
from svodka.storage.queries.parts import PartFacts
from svodka.storage.sources import SourceHealth, load_sources


class Moment:
    """What the values of one frame or snapshot are computed from.

    Args:
        connection: One read transaction: all values belong to the same `seq`.
        profile: The region.
        now: The product's clock, aware; never older than the newest change that the transaction sees.
    """

    def __init__(self, connection: Connection, profile: Profile, now: datetime) -> None:
        self.connection, self.profile, self.now = connection, profile, now
        self._facts: dict[Extent, Facts] = {}

    @cached_property
    def windows(self) -> Windows:
        """The spans around `now`."""
        return compute_windows(self.now, self.profile.zone)

    @cached_property
    def history_from(self) -> datetime | None:
        """Where the history begins (`svodka.readmodels.history`)."""
        return compute_history_from(self.sources, self.profile)

    @cached_property
    def sources(self) -> dict[str, SourceHealth]:
        """What is known of every source that was ever polled, by id."""
        return load_sources(self.connection)

    @cached_property
    def open_incidents(self) -> list[open_now.OpenIncidents]:
        """The open incidents by area, kind and level."""
        return open_now.count_open_incidents(self.connection)

    def is_covered(self, span: Span) -> bool:
        """Return whether the history holds a span from its first instant on."""
        return self.history_from is not None and self.history_from <= span.from_at

    def facts(self, extent: Extent) -> Facts:
        """Return the appeals of the region or a part of it."""
        if extent not in self._facts:
            part = {"area": extent.area, "sector": extent.sector}
            of_part = PartFacts(self.connection, self.profile.zone, **part)
            self._facts[extent] = RegionFacts(self.connection) if extent == REGION else of_part
        return self._facts[extent]

    def count_incidents(self, extent: Extent) -> list[open_now.OpenIncidents]:
        """Return the open incidents of the region or a part of it; to a sector belong those whose kind is of it."""
        return [part for part in self.open_incidents if extent.holds(part.area, self.sectors.get(part.kind))]

    @cached_property
    def sectors(self) -> dict[str, str | None]:
        """The sector of each kind of incident."""
        return {kind.id: kind.sector for kind in self.profile.incident_kinds}
