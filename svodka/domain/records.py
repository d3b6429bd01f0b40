"""What a connector delivers: one source's words turned into typed facts, not yet into the region's terms.

A connector reads and normalises; it knows neither the region's topics nor its borders. `svodka.ingest`
then finds topic, area, body and term. Times are aware UTC. Texts are plain (no HTML).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from svodka.domain.reasons import LossReason, RejectReason


class AppealStatus(StrEnum):
    """Stages of an appeal (обращение) that every source is mapped to.

    WITHDRAWN (отозвано): its citizen took it back, or it was registered by mistake. Nobody owes an answer, and none was
    given, so it has no time of answer and is in no number about answers.
    """

    NEW = "new"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes an answer."""
        return self in {AppealStatus.NEW, AppealStatus.IN_WORK}


class IncidentStatus(StrEnum):
    """Stages of an incident (региональный инцидент) that every source is mapped to."""

    NEW = "new"
    IN_WORK = "in_work"
    CONTROLLED = "controlled"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether the incident still stands on the wall."""
        return self is not IncidentStatus.CLOSED


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in WGS84 degrees."""

    lat: float
    lon: float


class AppealRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One appeal as its source tells it.

    Attributes:
        foreign_id: The source's own id; never leaves the database.
        received_at: When the citizen's appeal arrived at the source.
        updated_at: When the source last changed it; None where it does not say: then the order of polls decides.
        status: The stage, mapped by the source's status map.
        answered_at: When the answer was given; None where it was not, or the source does not say.
        due_at: The term from the record itself; None where the source gives none.
        channel: A channel of the profile, where one source carries several; None means the source's channel.
        topic_code: The source's own code or name of the topic, for the source's topic map.
        text: The citizen's words as plain text; also the material for keywords.
        area_name: The municipality in the source's words.
        address: The place in words.
        point: Coordinates as given, unchecked (0 ≤ |lat| ≤ 180 possible: sources swap them).
        point_unreadable: The source gave coordinates that are no numbers.
        body_name: Who has to answer, in the source's words.
        rating: The citizen's mark of the answer, 1 to 5.
        repeat_of: The foreign id of the appeal that this one repeats.
        place_moved: The simulator moved the place onto this region's map.
    """

    foreign_id: str
    received_at: datetime
    status: AppealStatus
    updated_at: datetime | None = None
    answered_at: datetime | None = None
    due_at: datetime | None = None
    channel: str | None = None
    topic_code: str | None = None
    text: str = ""
    area_name: str | None = None
    address: str | None = None
    point: Point | None = None
    point_unreadable: bool = False
    body_name: str | None = None
    rating: int | None = None
    repeat_of: str | None = None
    place_moved: bool = False


class IncidentRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident as its source tells it.

    Attributes:
        foreign_id: The source's own id; never leaves the database.
        started_at: When it began.
        updated_at: When the source last changed it; None: the order of polls decides.
        closed_at: When it ended, where the source says so.
        status: The stage, mapped by the source's status map.
        kind: A kind of the profile found by the source's kind map; None means the profile's "other".
        level: A level of the profile found by the source's level map; None means the profile's default level.
        affected_n: How many consumers, houses or people it touches, as the source counts; None unknown.
        title: The source's own title (kept in the database, never on the wall).
    """

    foreign_id: str
    started_at: datetime
    status: IncidentStatus
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    kind: str | None = None
    level: str | None = None
    affected_n: int | None = None
    title: str = ""
    area_name: str | None = None
    address: str | None = None
    point: Point | None = None
    point_unreadable: bool = False
    place_moved: bool = False


Record = AppealRecord | IncidentRecord


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One record that could not be read.

    Attributes:
        reason: Why.
        foreign_id: Its id, where that much could be read.
        detail: Which field; never the field's content.
        raw: The record as it came, at most 4,000 characters, for the quarantine (stays in the database).
        word: For STATUS_UNKNOWN: the word itself, which raises a notice. A word of the source's own list, never text.
    """

    reason: RejectReason
    foreign_id: str | None = None
    detail: str = ""
    raw: str = ""
    word: str = ""


class Completeness(StrEnum):
    """How much of what the source has by `source_time` this poll and the ones before it have brought."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """A span of a source of which nothing can be had any more; shown as lost, never as quiet.

    Attributes:
        from_at, to_at: The span; None: not known.
        reason: Why.
    """

    from_at: datetime | None
    to_at: datetime | None
    reason: LossReason


class PollResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one poll brought; committed in one transaction together with its cursor.

    Attributes:
        records: What could be read, in the source's order.
        rejected: What could not.
        cursor: Where the next poll goes on (opaque text of the connector).
        source_time_at: The source's own clock (its Date header), None where it does not say.
        completeness: PARTIAL while more pages wait: the cycle polls on at once.
        lists_all_open: The answer names everything that is open now, so what is absent may have ended.
        read_n: Records in the answer, readable or not.
        skipped: What is no record on purpose (exercises, what a later message replaced) or not yet, counted by why.
        losses: Spans that this poll found to be lost for good.
        fields: Names of the fields or columns that this answer had, as the source writes them; empty: not told. A new
            or a vanished one raises a notice.
        fields_are_header: Every answer has all of them (the header of a table), not only those its records use.
    """

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    cursor: str
    source_time_at: datetime | None
    completeness: Completeness
    lists_all_open: bool = False
    read_n: int = 0
    skipped: dict[str, int] = {}
    losses: tuple[Loss, ...] = ()
    fields: frozenset[str] = frozenset()
    fields_are_header: bool = False


class Connector(Protocol):
    """One connected feedback system. It fetches and normalises; policy lives in `svodka.ingest`."""

    def poll(self, cursor: str | None) -> PollResult:
        """Read what is new since `cursor` (None: from the beginning of its backfill window).

        Raises:
            SourceUnavailableError: No answer, 429, 5xx: nothing was read, the cursor stays.
            SourceContractBrokenError: An answer that is not of the promised form: nothing was read, the cursor stays.
        """
        ...
