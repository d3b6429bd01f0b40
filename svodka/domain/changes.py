"""What the change log holds and what a browser receives.

A *change* is one line of the log, written in the transaction that made it, numbered by `seq` in commit
order. A *frame* covers a range of the log for one page. Both are free of personal data: no citizen's
text, no foreign id, no exact point. `assets/js/reduce.mjs` is the only reducer of frames.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

import msgspec

PROTOCOL_VERSION = 3


NEVER = datetime.max.replace(tzinfo=UTC)


class ChangeKind(StrEnum):
    """What changed; read models say which kinds they depend on.

    ANSWER stands in no line of the log: it is what the change of an appeal means besides, unless its line says that no
    number about answers and ended terms can be another (`Change.kinds`).
    """

    APPEAL = "appeal"
    ANSWER = "answer"
    INCIDENT = "incident"
    SOURCE = "source"
    TICK = "tick"
    HEARTBEAT = "heartbeat"
    STAGE = "stage"
    CELLS = "cells"


class AppealRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An appeal as a wall may see it: a feed row and a mark.

    `feed_at` is when the appeal was received as first told; it never changes, so that the newest N rows
    stay the newest N whatever is corrected later. Rows are ordered by (feed_at, id), newest first.
    `lat` and `lon` are snapped to about 100 m.
    """

    id: int
    feed_at: datetime
    known_at: datetime
    topic: str
    sector: str
    area: str | None
    channel: str
    source: str
    status: str
    lat: float | None
    lon: float | None
    moved: bool


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An open incident as a wall may see it. `lat` and `lon` are snapped to about 100 m."""

    id: int
    kind: str
    level: str
    status: str
    area: str | None
    source: str
    started_at: datetime
    updated_at: datetime | None
    known_at: datetime
    affected_n: int | None
    lat: float | None
    lon: float | None
    moved: bool


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the change log.

    Attributes:
        seq: Its number; the log has no holes.
        at: When it was committed.
        kind: What changed.
        key: Id of the row, or of the source.
        op: `put` or `del` for rows; None where only values change.
        appeal: The row, for an appeal.
        incident: The row, for an incident that is open; a closed one is a `del`.
        left_area: The area that an appeal was in until now, where this change took it to another.
        left_sector: The same of its sector.
        unanswered_until: For an appeal that was open, if it was known at all, and still is: the first end of a term
            that it had or has (`NEVER` without one). Before this instant it counts in no number about answers and
            ended terms, neither as it was nor as it is. None: it may.
    """

    seq: int
    at: datetime
    kind: ChangeKind
    key: str
    op: Literal["put", "del"] | None = None
    appeal: AppealRow | None = None
    incident: IncidentRow | None = None
    left_area: str | None = None
    left_sector: str | None = None
    unanswered_until: datetime | None = None

    def kinds(self, now: datetime) -> tuple[ChangeKind, ...]:
        """Return what may be another after this change to who computes values at `now`."""
        is_silent = self.unanswered_until is not None and now < self.unanswered_until
        return (self.kind,) if self.kind is not ChangeKind.APPEAL or is_silent else (self.kind, ChangeKind.ANSWER)


class RowChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row put into, or removed from, a table of the page."""

    table: Literal["appeals", "incidents"]
    op: Literal["put", "del"]
    key: str
    row: AppealRow | IncidentRow | None = None


class Frame(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_seq": "from", "to_seq": "to"}
):
    """What changed between two numbers of the log, for all browsers of a page.

    The values are read in one transaction at exactly `to`.

    Attributes:
        v: Version of this protocol.
        epoch: Which log the numbers belong to.
        from_seq: The frame continues a page that is at this number.
        to_seq: The page is at this number afterwards, also when nothing in it changed.
        at: The server's clock when the frame was made.
        rows: Rows in the order of the log.
        values: The newest value of everything that changed, by the text of its key (`svodka.readmodels.keys`).
    """

    epoch: str
    from_seq: int
    to_seq: int
    at: datetime
    rows: tuple[RowChange, ...]
    values: dict[str, object]
    v: int = PROTOCOL_VERSION


class Origin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a snapshot comes from that is not live.

    Attributes:
        kind: A stopped picture, a past that was computed, a page of a briefing.
        id: Of the still or the briefing.
        at: The instant that it shows.
        basis: Of an archive: as it was seen then, or as it is known now.
        is_exercise: It is shown for training.
        are_sources_known: Of an archive: whether anybody noted how the sources stood then.
    """

    kind: Literal["still", "archive", "briefing"]
    id: str | None = None
    at: datetime | None = None
    basis: Literal["seen", "is"] | None = None
    is_exercise: bool = False
    are_sources_known: bool = True


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole state of a page at `seq`, read in one transaction.

    Attributes:
        rate: Seconds of the server's clock per real second (see `Clock.rate`).
        scene: Reference of the scene that it is of: the one that was asked for, or where that is unknown another.
        view: What exactly it holds, as a word that the browser gives back (`svodka.readmodels.view.View.mark`).
        tables: Rows by table, newest first.
        limits: How many rows of a table a page keeps, by table.
        values: Every value of the scene, by the text of its key.
        origin: None: it is live.
    """

    epoch: str
    seq: int
    at: datetime
    rate: float
    tables: dict[str, tuple[AppealRow, ...] | tuple[IncidentRow, ...]]
    limits: dict[str, int]
    values: dict[str, object]
    scene: str
    view: str
    origin: Origin | None = None
    v: int = PROTOCOL_VERSION


class MissedIncident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident that is over, as a wall may see it."""

    id: int
    kind: str
    level: str
    area: str | None
    source: str
    started_at: datetime
    ended_at: datetime
    affected_n: int | None


class Missed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What both began and ended while a page could not show it.

    Attributes:
        since: The page showed everything that was known until then.
        until: The server's clock when this was read.
        n: How many incidents there were.
        incidents: The newest of them.
    """

    since: datetime
    until: datetime
    n: int
    incidents: tuple[MissedIncident, ...]
    v: int = PROTOCOL_VERSION
