"""Problems as an operator sees them: several appeals about the same, why they are together, and how fresh that is.

What citizens wrote is in these values. They reach a page only through `svodka.readmodels.problems`, which masks it.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

PAGE_N = 25  # problems on a page of the list


class ProblemFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which problems: with an open appeal in this area and sector, None for any."""

    area: str | None = None
    sector: str | None = None


class FoundProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem.

    Attributes:
        id: Its public number.
        appeals_n, open_n: How many appeals tell of it, are open.
        rejected_n, withdrawn_n: How many were refused an answer, were taken back.
        first_at, last_at: When the first and the last of them were received.
        oldest_due_at: The nearest term of an open one, or the longest ended; None: no open one has a term.
        channels, sources: Where they came from.
        topic, sector, area: Of its first appeal.
        address: Of its first appeal in words, as the source told it.
    """

    id: int
    appeals_n: int
    open_n: int
    rejected_n: int
    withdrawn_n: int
    first_at: datetime
    last_at: datetime
    oldest_due_at: datetime | None
    channels: tuple[str, ...]
    sources: tuple[str, ...]
    topic: str
    sector: str
    area: str | None
    address: str | None


class FoundAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """One appeal: `reason`, `like_id` and `joined_at` say why it is in its problem."""

    id: int
    source_id: str
    channel: str
    topic: str
    status: str
    is_open: bool
    received_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    text: str
    address: str | None
    reason: str
    like_id: int | None
    joined_at: datetime | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an appeal's history: a version that was told, applied or too old."""

    known_at: datetime
    valid_at: datetime
    status: str
    applied: bool
    is_reversal: bool


class FoundDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about a problem; `who` and `undone_by` are what the access links are called."""

    id: int
    at: datetime
    kind: str
    problem_id: int
    other_id: int
    who: str
    undone_at: datetime | None
    undone_by: str


class SilentSource(msgspec.Struct, frozen=True):
    """A source of appeals whose answers are late; `since` is its last complete answer, None where there is none."""

    name: str
    since: datetime | None


class AsOf(msgspec.Struct, frozen=True):
    """How fresh the picture is.

    Attributes:
        at: The oldest last complete answer of those sources of appeals that are in time; None: none is.
        silent: Those that are not.
        sources_n: How many sources of appeals there are.
    """

    at: datetime | None
    silent: tuple[SilentSource, ...]
    sources_n: int


class ProblemList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of problems with an open appeal.

    Attributes:
        problems: The page, the most appeals first.
        total_n: How many there are on all pages.
        page: Which page this is, from 0; the last one where a later one was asked for.
        pages_n: How many there are, at least 1.
        singles_n: Open appeals that nothing was joined with.
        as_of: How fresh that is.
    """

    problems: tuple[FoundProblem, ...]
    total_n: int
    page: int
    pages_n: int
    singles_n: int
    as_of: AsOf


class ShownAppeal(msgspec.Struct, frozen=True):
    """An appeal with its history."""

    appeal: FoundAppeal
    steps: tuple[Step, ...]


class OpenedProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with its appeals, open ones first.

    Attributes:
        problem: The problem.
        appeals: At most 50 of its appeals.
        singles: Open appeals of the same topic and area that are in no problem, at most 10.
        decisions: What people decided about it, the newest first.
    """

    problem: FoundProblem
    appeals: tuple[ShownAppeal, ...]
    singles: tuple[FoundAppeal, ...]
    decisions: tuple[FoundDecision, ...]


class EmptyProblem(msgspec.Struct, frozen=True):
    """A number that no appeal has (any more), with what was decided about it."""

    id: int
    decisions: tuple[FoundDecision, ...]
