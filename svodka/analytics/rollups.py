"""What one appeal adds to the rollups: pure, the same for live updates and for a rebuild from the facts.

A *cell* is one number of one rollup table. What an update changes is what the new facts contribute minus what the
old ones did. Definitions of the numbers stand in docs/kpi.md, the tables in `svodka.storage.tables`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from svodka.domain.hours import hour_start

Measure = Literal["received", "answered", "answered_with_term", "answered_in_time", "rating_sum", "rating_n"]
MEASURES: tuple[Measure, ...] = (
    "received",
    "answered",
    "answered_with_term",
    "answered_in_time",
    "rating_sum",
    "rating_n",
)


class HourCell(NamedTuple):
    """One measure of one local hour; `area` is "" where it is not determined."""

    hour_at: datetime
    area: str
    sector: str
    channel: str
    measure: Measure


class MinutesCell(NamedTuple):
    """Answers given in one local hour that took so many whole minutes."""

    hour_at: datetime
    minutes: int


class OpenCell(NamedTuple):
    """Appeals that are open."""

    area: str
    sector: str
    channel: str


Cell = HourCell | MinutesCell | OpenCell
Counts = Counter[Cell]


class AppealFacts(Protocol):
    """What the rollups need to know of an appeal."""

    @property
    def received_at(self) -> datetime: ...  # noqa: D102 - fields of a stored appeal
    @property
    def answered_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def is_open(self) -> bool: ...  # noqa: D102
    @property
    def rating(self) -> int | None: ...  # noqa: D102
    @property
    def area(self) -> str | None: ...  # noqa: D102
    @property
    def sector(self) -> str: ...  # noqa: D102
    @property
    def channel(self) -> str: ...  # noqa: D102


def contributions(facts: AppealFacts, zone: ZoneInfo) -> Iterable[tuple[Cell, int]]:
    """Give what one appeal adds to each cell it counts in; a cell comes at most once.

    Args:
        facts: The appeal as it is known.
        zone: The region's zone.

    Yields:
        Cell and amount, never 0.

    Source: docs/kpi.md.
    """
    group = (facts.area or "", facts.sector, facts.channel)
    yield HourCell(hour_start(facts.received_at, zone), *group, "received"), 1
    if facts.is_open:
        yield OpenCell(*group), 1
        return
    if facts.answered_at is None:
        return
    hour_at = hour_start(facts.answered_at, zone)
    yield HourCell(hour_at, *group, "answered"), 1
    minutes = max(0, (facts.answered_at - facts.received_at) // timedelta(minutes=1))
    yield MinutesCell(hour_at, minutes), 1
    if facts.due_at is not None:
        yield HourCell(hour_at, *group, "answered_with_term"), 1
        if facts.answered_at <= facts.due_at:
            yield HourCell(hour_at, *group, "answered_in_time"), 1
    if facts.rating is not None:
        yield HourCell(hour_at, *group, "rating_sum"), facts.rating
        yield HourCell(hour_at, *group, "rating_n"), 1


def compute_difference(
    changed: Iterable[tuple[AppealFacts | None, AppealFacts]],
    zone: ZoneInfo,
) -> Counts:
    """Return what to add to the rollups after appeals changed.

    Args:
        changed: Old (None: there was none) and new facts of each.
        zone: The region's zone.

    Returns:
        Amount by cell, cells that stay as they are left out.
    """
    counts: Counts = Counter()
    for old, new in changed:
        if old is not None:
            for cell, n in contributions(old, zone):
                counts[cell] -= n
        for cell, n in contributions(new, zone):
            counts[cell] += n
    return Counter({cell: n for cell, n in counts.items() if n})
