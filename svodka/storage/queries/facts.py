"""What read models ask of the appeals: of the whole region from the rollups, of a part of it see `.parts`.

Both answer the same questions by the definitions of docs/kpi.md. What is asked twice of one object is read once.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Protocol

import msgspec
import sqlalchemy as sa

from svodka.storage.queries import answers, counts, received
from svodka.storage.queries.answers import Overdue
from svodka.storage.queries.counts import Stretch


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What stands now, whatever hour it came in.

    Attributes:
        open_by_sector: Open appeals by sector; sectors without any are absent.
        open_with_term_n: Open appeals that have a term.
        known_n: Appeals that are known at all.
    """

    open_by_sector: dict[str, int]
    open_with_term_n: int
    known_n: int


class Facts(Protocol):
    """The appeals of the region or a part of it, inside one read transaction."""

    @property
    def standing(self) -> Standing:
        """What stands now."""
        ...

    def sums(self, *stretches: Stretch) -> tuple[int, ...]:
        """Return the sum of each stretch, 0 where it holds nothing."""
        ...

    def by_instant(self, *stretches: Stretch) -> tuple[dict[datetime, int], ...]:
        """Return the sums of each stretch by local hour; hours that hold nothing are absent."""
        ...

    def by_name(self, *stretches: Stretch) -> tuple[dict[str, int], ...]:
        """Return the sums of each stretch by name; names that hold nothing are absent."""
        ...

    def answer_minutes(self, from_at: datetime, to_at: datetime) -> list[tuple[int, int]]:
        """Return (whole minutes to the answer, number of answers) of [from_at, to_at), quickest first."""
        ...

    def overdue(self, since_at: datetime, now: datetime) -> tuple[Overdue, ...]:
        """Return how many appeals are open whose term ended before `now`, and in [since_at, now)."""
        ...

    def silent_then(self, from_at: datetime, to_at: datetime) -> int:
        """Return how many appeals whose term ended in [from_at, to_at) had no answer by `to_at`."""
        ...

    def fed(self, after: datetime, upto: datetime) -> int:
        """Return how many appeals have their place in the feed in (after, upto], at least a minute apart."""
        ...


class RegionFacts:
    """All appeals, by the rollups.

    Args:
        connection: The read transaction.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._overdue: dict[tuple[datetime, datetime], tuple[Overdue, ...]] = {}

    @cached_property
    def standing(self) -> Standing:
        """What stands now."""
        is_open, with_term, known = counts.load_standing(self._connection, "open", "open_with_term", "known")
        return Standing(open_by_sector=is_open, open_with_term_n=sum(with_term.values()), known_n=sum(known.values()))

    def sums(self, *stretches: Stretch) -> tuple[int, ...]:
        """As in `Facts`."""
        return counts.load_sums(self._connection, *stretches)

    def by_instant(self, *stretches: Stretch) -> tuple[dict[datetime, int], ...]:
        """As in `Facts`."""
        return counts.load_by_instant(self._connection, *stretches)

    def by_name(self, *stretches: Stretch) -> tuple[dict[str, int], ...]:
        """As in `Facts`."""
        return counts.load_by_name(self._connection, *stretches)

    def answer_minutes(self, from_at: datetime, to_at: datetime) -> list[tuple[int, int]]:
        """As in `Facts`; the same minutes may come several times."""
        return answers.load_answer_minutes(self._connection, from_at, to_at)

    def overdue(self, since_at: datetime, now: datetime) -> tuple[Overdue, ...]:
        """As in `Facts`."""
        if (since_at, now) not in self._overdue:
            self._overdue[since_at, now] = answers.load_overdue(self._connection, since_at, now)
        return self._overdue[since_at, now]

    def silent_then(self, from_at: datetime, to_at: datetime) -> int:
        """As in `Facts`."""
        return answers.count_silent_then(self._connection, from_at, to_at)

    def fed(self, after: datetime, upto: datetime) -> int:
        """As in `Facts`."""
        return received.count_feed_since(self._connection, after, upto)
