"""What one appeal adds to the rollups: pure, the same for live updates and for a rebuild from the facts.

A *cell* is one number of a rollup. What an update changes is what the new facts contribute minus what the old ones
did. Definitions of the numbers stand in docs/kpi.md, the tables in `svodka.storage.tables`.

A cell of `rollup_counts` belongs to a series and has an instant, the beginning of what it counts, and a name:

| series | instant | name |
|---|---|---|
| `received`, `answered`, `answered_with_term`, `answered_in_time`, `rating_sum`, `rating_n` | local hour | |
| `received_by_channel` | local hour | channel |
| `received_by_area` | local hour | area, "" where it is not determined |
| `received_by_area_day` | local day | area |
| `answered_by_term` | local hour of the answer | the term's basis, and after a colon its norm |
| `fed` | minute of the place in the feed | |
| `known`, `open`, `open_with_term` | `STANDING`: what stands now belongs to no hour | sector |
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from svodka.domain.hours import day_start, hour_start, local_day

STANDING = datetime(1970, 1, 1, tzinfo=UTC)
Series = Literal[
    "received",
    "answered",
    "answered_with_term",
    "answered_in_time",
    "rating_sum",
    "rating_n",
    "received_by_channel",
    "received_by_area",
    "received_by_area_day",
    "answered_by_term",
    "fed",
    "known",
    "open",
    "open_with_term",
]


class Cell(NamedTuple):
    """One number of `rollup_counts`."""

    series: Series
    at: datetime
    name: str = ""


class MinutesCell(NamedTuple):
    """Answers given in one local hour that took so many whole minutes."""

    hour_at: datetime
    minutes: int


Counts = Counter[Cell | MinutesCell]
_Tally = defaultdict[Cell | MinutesCell, int]
_MINUTE = timedelta(minutes=1)


class AppealFacts(Protocol):
    """What the rollups need to know of an appeal."""

    @property
    def received_at(self) -> datetime: ...  # noqa: D102 - fields of a stored appeal
    @property
    def feed_at(self) -> datetime: ...  # noqa: D102
    @property
    def answered_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def due_basis(self) -> str: ...  # noqa: D102
    @property
    def due_norm(self) -> str | None: ...  # noqa: D102
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


def contributions(facts: AppealFacts, zone: ZoneInfo) -> Iterable[tuple[Cell | MinutesCell, int]]:
    """Return what one appeal adds to each cell it counts in; a cell comes at most once, no amount is 0.

    Args:
        facts: The appeal as it is known.
        zone: The region's zone.

    Source: docs/kpi.md.
    """
    counts: _Tally = defaultdict(int)
    _add_receipt(counts, facts, zone, 1)
    _add_outcome(counts, facts, zone, 1)
    return counts.items()


def _add_receipt(counts: _Tally, facts: AppealFacts, zone: ZoneInfo, times: int) -> None:
    hour_at, day_at = _hour_and_day(minute_start(facts.received_at), zone)
    area = facts.area or ""
    counts[Cell("received", hour_at)] += times
    counts[Cell("received_by_channel", hour_at, facts.channel)] += times
    counts[Cell("received_by_area", hour_at, area)] += times
    counts[Cell("received_by_area_day", day_at, area)] += times
    counts[Cell("fed", minute_start(facts.feed_at))] += times
    counts[Cell("known", STANDING, facts.sector)] += times


def _has_same_receipt(one: AppealFacts, other: AppealFacts) -> bool:
    """Return whether all that `_add_receipt` looks at is the same: then it adds up to nothing."""
    return (
        one.received_at == other.received_at
        and one.channel == other.channel
        and one.area == other.area
        and one.feed_at == other.feed_at
        and one.sector == other.sector
    )


def _add_outcome(counts: _Tally, facts: AppealFacts, zone: ZoneInfo, times: int) -> None:
    if facts.is_open:
        counts[Cell("open", STANDING, facts.sector)] += times
        if facts.due_at is not None:
            counts[Cell("open_with_term", STANDING, facts.sector)] += times
    elif facts.answered_at is not None:
        _add_answer(counts, facts, facts.answered_at, zone, times)


def _add_answer(counts: _Tally, facts: AppealFacts, answered_at: datetime, zone: ZoneInfo, times: int) -> None:
    hour_at, _ = _hour_and_day(minute_start(answered_at), zone)
    counts[Cell("answered", hour_at)] += times
    counts[Cell("answered_by_term", hour_at, term_name(facts.due_basis, facts.due_norm))] += times
    counts[MinutesCell(hour_at, max(0, (answered_at - facts.received_at) // _MINUTE))] += times
    if facts.due_at is not None:
        counts[Cell("answered_with_term", hour_at)] += times
        if answered_at <= facts.due_at:
            counts[Cell("answered_in_time", hour_at)] += times
    if facts.rating is not None:
        counts[Cell("rating_sum", hour_at)] += times * facts.rating
        counts[Cell("rating_n", hour_at)] += times


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
    counts: _Tally = defaultdict(int)
    for old, new in changed:
        if old is None or not _has_same_receipt(old, new):
            _add_receipt(counts, new, zone, 1)
            if old is not None:
                _add_receipt(counts, old, zone, -1)
        if old is not None:
            _add_outcome(counts, old, zone, -1)
        _add_outcome(counts, new, zone, 1)
    return Counter({cell: n for cell, n in counts.items() if n})


def minute_start(at: datetime) -> datetime:
    """Return the beginning of the minute around `at`."""
    return at.replace(second=0, microsecond=0)


@lru_cache(maxsize=4096)
def _hour_and_day(minute_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginnings of the local hour and day around a minute; a page's appeals share few minutes."""
    return hour_start(minute_at, zone), day_start(local_day(minute_at, zone), zone)


def term_name(basis: str, norm: str | None) -> str:
    """Return the name that a term of this origin has in the series `answered_by_term`."""
    return basis if norm is None else f"{basis}:{norm}"


def split_term_name(name: str) -> tuple[str, str | None]:
    """Return basis and norm of `term_name`."""
    basis, _, norm = name.partition(":")
    return basis, norm or None
