"""One moment of the region: a read transaction, the profile and an instant, with what several read models ask of them.

Each question is asked at most once, when the first read model needs it; with the moment its answers are forgotten.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from svodka.profiles.model import Profile
from svodka.readmodels.history import compute_history_from
from svodka.readmodels.windows import Span, Windows, compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import answers, counts, open_now
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
    def overdue(self) -> tuple[answers.Overdue, ...]:
        """Open appeals whose term has ended, and those of them whose term ended within the day window."""
        return answers.load_overdue(self.connection, self.windows.last_24_hours.from_at, self.now)

    @cached_property
    def open_by_sector(self) -> dict[str, int]:
        """Open appeals by sector."""
        return self._standing[0]

    @cached_property
    def open_with_term_n(self) -> int:
        """Open appeals that have a term."""
        return sum(self._standing[1].values())

    @cached_property
    def known_n(self) -> int:
        """Appeals that are known at all."""
        return sum(self._standing[2].values())

    @cached_property
    def open_incidents(self) -> list[open_now.OpenIncidents]:
        """The open incidents by area, kind and level."""
        return open_now.count_open_incidents(self.connection)

    def is_covered(self, span: Span) -> bool:
        """Return whether the history holds a span from its first instant on."""
        return self.history_from is not None and self.history_from <= span.from_at

    @cached_property
    def _standing(self) -> tuple[dict[str, int], ...]:
        return counts.load_standing(self.connection, "open", "open_with_term", "known")
