"""What stands of every source: for the page «Источники» and for the command line, the same figures.

Words from outside (examples, subjects of notices, texts of errors) are masked here, before anybody formats them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

import msgspec

from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.domain.masking import mask
from svodka.domain.reasons import NoticeKind, RejectReason
from svodka.profiles.model import Profile, SourceConfig
from svodka.readmodels.source_table import plan_next_poll_at
from svodka.storage.database import Connection
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.notices import Notice, load_notices
from svodka.storage.quarantine import load_examples, load_quarantine_counts
from svodka.storage.queries.reversals import count_reversals
from svodka.storage.sources import SourceHealth, load_sources
from svodka.storage.wishes import Wish, load_wishes

EXAMPLES_PER_REASON = 3
_EXAMPLE_CHARS = 240
_HISTORY_ROWS = 5
_NOTICE_ROWS = 30


class Standing(StrEnum):
    """How a source stands, from what needs a person most to what needs nobody."""

    NEVER = "never"  # it has never answered
    DEAD = "dead"
    STALE = "stale"
    FAILING = "failing"
    AGEING = "ageing"
    FIRST = "first"  # read for the first time, not to its end yet
    PAUSED = "paused"
    READING = "reading"  # read anew, not to its end yet
    FRESH = "fresh"


_GRAVITY = {standing: place for place, standing in enumerate(Standing)}


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One source in the list.

    Attributes:
        source: As the sources file has it.
        health: What is stored of it.
        standing: How it stands.
        state: Its state by age alone, as on the wall.
        age_s: Seconds of the product's clock since it was last read to its end; None: it never was.
        clock_ahead_s: How far the source's clock was ahead of ours at the last answer, below 0: behind; None: it did
            not tell.
        quarantined: Different records in quarantine now, by reason.
        notices_n: Unusual things that nobody has taken note of.
    """

    source: SourceConfig
    health: SourceHealth
    standing: Standing
    state: State
    age_s: float | None
    clock_ahead_s: float | None
    quarantined: dict[RejectReason, int]
    notices_n: int

    @property
    def quarantined_n(self) -> int:
        """Return how many different records are in quarantine now."""
        return sum(self.quarantined.values())


class ShownNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An unusual thing; its subject masked and cut. `key` names it to `find_notice`."""

    key: str
    kind: NoticeKind
    subject: str
    detail: str
    n: int
    first_seen_at: datetime
    last_seen_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


class Passport(msgspec.Struct, frozen=True, kw_only=True):
    """All about one source.

    Attributes:
        line: As in the list.
        error_text: What the last error says, masked.
        examples: Masked beginnings of records in quarantine, by reason.
        notices: Unusual things, those that wait first.
        more_notices_n: How many are left out.
        reversals_n: Versions that went back to an earlier stage.
        wishes, entries: What operators wished and did last.
    """

    line: SourceLine
    error_text: str
    examples: dict[RejectReason, tuple[str, ...]]
    notices: tuple[ShownNotice, ...]
    more_notices_n: int
    reversals_n: int
    wishes: tuple[Wish, ...]
    entries: tuple[JournalEntry, ...]


def load_lines(connection: Connection, profile: Profile, now: datetime) -> list[SourceLine]:
    """Return every source of the sources file, what needs a person most first."""
    known = load_sources(connection)
    waiting = Counter(notice.source_id for notice in load_notices(connection) if notice.acknowledged_at is None)
    lines = []
    for source in profile.sources:
        health = known.get(source.id, SourceHealth(source_id=source.id))
        counts = load_quarantine_counts(connection, source.id)
        lines.append(build_line(source, health, now, quarantined=counts, notices_n=waiting[source.id]))
    return sorted(lines, key=lambda line: _GRAVITY[line.standing])  # of equal gravity in the file's order


def build_line(
    source: SourceConfig, health: SourceHealth, now: datetime, *, quarantined: dict[RejectReason, int], notices_n: int
) -> SourceLine:
    """Return how a source stands at an instant."""
    limits = Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
    at = health.last_complete_at
    age_s = None if at is None else abs((now - at).total_seconds())  # as on the wall: a clock set back is not fresh
    state = decide_source_state(age_s, limits)
    ahead_s = None
    if health.source_time_at is not None and health.last_success_at is not None:
        ahead_s = (health.source_time_at - health.last_success_at).total_seconds()
    return SourceLine(
        source=source,
        health=health,
        standing=_standing(health, state),
        state=state,
        age_s=age_s,
        clock_ahead_s=ahead_s,
        quarantined=quarantined,
        notices_n=notices_n,
    )


def _standing(health: SourceHealth, state: State) -> Standing:
    if health.paused_at is not None:
        return Standing.PAUSED
    if health.last_complete_at is None:
        return Standing.NEVER if health.last_success_at is None or health.failures_n else Standing.FIRST
    by_age = {State.DEAD: Standing.DEAD, State.STALE: Standing.STALE, State.AGEING: Standing.AGEING}
    if health.failures_n and state in {State.FRESH, State.AGEING}:
        return Standing.FAILING
    if state in by_age:
        return by_age[state]
    return Standing.READING if health.begin_at is not None else Standing.FRESH


def load_passport(connection: Connection, profile: Profile, source_id: str, now: datetime) -> Passport | None:
    """Return all about one source of the sources file, None where it has no such source."""
    source = next((source for source in profile.sources if source.id == source_id), None)
    if source is None:
        return None
    health = load_sources(connection).get(source_id, SourceHealth(source_id=source_id))
    notices = load_notices(connection, source_id)
    waiting_n = sum(notice.acknowledged_at is None for notice in notices)
    examples = load_examples(connection, source_id, EXAMPLES_PER_REASON)
    counts = load_quarantine_counts(connection, source_id)
    return Passport(
        line=build_line(source, health, now, quarantined=counts, notices_n=waiting_n),
        error_text=_masked(health.error_text),
        examples={reason: tuple(_masked(one.raw) for one in some) for reason, some in examples.items()},
        notices=tuple(_shown(notice) for notice in notices[:_NOTICE_ROWS]),
        more_notices_n=max(0, len(notices) - _NOTICE_ROWS),
        reversals_n=count_reversals(connection, source_id),
        wishes=tuple(load_wishes(connection, source_id, _HISTORY_ROWS)),
        entries=tuple(load_entries(connection, [*JOURNAL_ACTIONS], source_id, _HISTORY_ROWS)),
    )


JOURNAL_ACTIONS = ("act_on_source",)


def find_notice(connection: Connection, source_id: str, key: str) -> Notice | None:
    """Return the notice that a key of `ShownNotice` names."""
    return next((notice for notice in load_notices(connection, source_id) if _key_of(notice) == key), None)


def next_poll_at(line: SourceLine) -> datetime | None:
    """Return about when a source will be asked next; None while it is left alone or was never asked."""
    return plan_next_poll_at(line.source, line.health)


def _shown(notice: Notice) -> ShownNotice:
    return ShownNotice(
        key=_key_of(notice),
        kind=notice.kind,
        subject=_masked(notice.subject),
        detail=notice.detail,
        n=notice.n,
        first_seen_at=notice.first_seen_at,
        last_seen_at=notice.last_seen_at,
        acknowledged_at=notice.acknowledged_at,
        acknowledged_by=notice.acknowledged_by,
    )


def _key_of(notice: Notice) -> str:
    return blake2b(f"{notice.kind.value}\0{notice.subject}".encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=512)  # a page asks again every few seconds, and a mask takes longer than the database
def _masked(text: str) -> str:
    """Return the masked beginning of a text: masked whole, so that nothing is cut where a mask would have seen it."""
    shown = " ".join(mask(text).split())
    return shown if len(shown) <= _EXAMPLE_CHARS else f"{shown[:_EXAMPLE_CHARS]}…"
