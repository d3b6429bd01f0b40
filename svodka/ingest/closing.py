"""Which incidents have ended because their source no longer names them. Pure.

Only for a source that lists everything open and says so (`close_after_missing_polls` = N):

- A *good poll* is a complete answer with at least one readable record. Who is missing from N of them in a row has
  ended (`CloseReason.VANISHED`). A failed poll, a partial one, and one in which nothing could be read do not count.
- An answer without any record is what a broken system gives as well as a quiet one. It counts for nobody. Only when
  it has come 3 N times in a row, over at least ten minutes, is it believed, and everything open has ended.
- A record that is named but unreadable (it has an id) is there.

Decision and reasons: docs/adr/0012-vanished-incidents.md.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from svodka.domain import codec
from svodka.domain.reasons import CloseReason
from svodka.domain.records import Completeness, IncidentStatus, PollResult
from svodka.profiles.model import SourceConfig
from svodka.storage.facts import StoredIncident, Version
from svodka.storage.sources import SourceHealth

EMPTY_POLLS_FACTOR = 3
EMPTY_FOR_AT_LEAST = timedelta(minutes=10)


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """What silence says.

    Attributes:
        vanished: Ids of incidents that have ended.
        missing: New number of missed polls by id, for those where it changes.
        empty_polls_n: Empty answers in a row, this one included.
        empty_since_at: When the first of them came.
    """

    vanished: frozenset[int]
    missing: dict[int, int]
    empty_polls_n: int
    empty_since_at: datetime | None


def decide_closing(
    open_incidents: Sequence[StoredIncident],
    named_ids: Collection[str],
    *,
    source: SourceConfig,
    result: PollResult,
    health: SourceHealth,
    now: datetime,
) -> Closing:
    """Return what an answer says about the open incidents that it does not name.

    Args:
        open_incidents: All that are open after the answer's records were applied.
        named_ids: Foreign ids in the answer, readable or not.
        source: Their source.
        result: The answer.
        health: The source's row before this answer.
        now: The present instant.
    """
    needed = source.close_after_missing_polls
    counts = needed is not None and result.lists_all_open and result.completeness is Completeness.COMPLETE
    if needed is None or not counts or (result.rejected and not result.records):
        return Closing(
            vanished=frozenset(),
            missing={},
            empty_polls_n=0 if result.records else health.empty_polls_n,
            empty_since_at=None if result.records else health.empty_since_at,
        )
    if not result.records:
        return _decide_empty(open_incidents, needed, health, now)
    missing = {
        incident.id: 0 if incident.foreign_id in named_ids else incident.missing_polls + 1
        for incident in open_incidents
    }
    return Closing(
        vanished=frozenset(incident_id for incident_id, n in missing.items() if n >= needed),
        missing={
            incident.id: missing[incident.id]
            for incident in open_incidents
            if missing[incident.id] != incident.missing_polls and missing[incident.id] < needed
        },
        empty_polls_n=0,
        empty_since_at=None,
    )


def close_vanished(incident: StoredIncident, version: int, now: datetime) -> tuple[StoredIncident, Version]:
    """Return the facts of an incident that ended unannounced, and the version that says so.

    Its fingerprint is empty: if the source names it again, even in the same words, that is news.
    """
    closed = msgspec.structs.replace(
        incident,
        status=IncidentStatus.CLOSED.value,
        is_open=False,
        close_reason=CloseReason.VANISHED.value,
        closed_at=now,
        missing_polls=0,
        fingerprint="",
        version=version,
        valid_at=now,
        known_at=now,
    )
    return closed, Version(
        id=incident.id,
        version=version,
        valid_at=now,
        known_at=now,
        status=closed.status,
        applied=True,
        is_reversal=False,
        fingerprint="",
        facts=codec.encode_text({"close_reason": CloseReason.VANISHED.value}),
    )


def _decide_empty(
    open_incidents: Sequence[StoredIncident], needed: int, health: SourceHealth, now: datetime
) -> Closing:
    if not open_incidents:
        return Closing(vanished=frozenset(), missing={}, empty_polls_n=0, empty_since_at=None)
    since = health.empty_since_at or now
    n = health.empty_polls_n + 1
    believed = n >= EMPTY_POLLS_FACTOR * needed and now - since >= EMPTY_FOR_AT_LEAST
    return Closing(
        vanished=frozenset(incident.id for incident in open_incidents) if believed else frozenset(),
        missing={},
        empty_polls_n=0 if believed else n,
        empty_since_at=None if believed else since,
    )
