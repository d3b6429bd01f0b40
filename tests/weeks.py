"""A generated week of a region through the real ingest, with everything that makes a past hard to tell.

Late words, corrections of topic, area, receipt and answer, answers taken back, appeals withdrawn, sources of which one
tells no time of change, outages, a source that an operator paused, incidents that vanish and come back.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec

from svodka.domain.clock import ManualClock
from svodka.domain.errors import SourceUnavailableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, IncidentStatus, Point, Record, Rejected
from svodka.ingest.commit import commit_page, record_failure
from svodka.storage.database import Database
from svodka.storage.journal import JournalEntry
from svodka.storage.sources import load_sources
from svodka.storage.wishes import pause_source
from tests.ingest_factory import (
    T0,
    PlainClassifier,
    appeal,
    appeal_source,
    incident,
    incident_source,
    page,
    tiny_profile,
)

PORTAL = appeal_source("portal", backfill_h=240.0)
PHONE = appeal_source("phone", channel="phone", backfill_h=240.0)  # says nothing of when something changed
DUTY = incident_source("duty", backfill_h=240.0)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_POLL_EVERY_S = (300, 420, 660)


class Week:
    """What happens, and the clock that it happens by.

    Args:
        database: Where the real ingest stores it.
        seed: Of chance.
        per_day: How many appeals a day.
        days: How long it is.

    Attributes:
        done: How often each kind of thing happened.
    """

    def __init__(self, database: Database, seed: int, *, per_day: int = 60, days: float = 7.0) -> None:
        self.database, self.chance = database, Random(seed)
        self.clock = ManualClock(T0)
        self.profile = msgspec.structs.replace(tiny_profile("Asia/Kolkata"), sources=(PORTAL, PHONE, DUTY))
        self.ends_at = T0 + timedelta(days=days)
        self.done: Counter[str] = Counter()
        self._classifier = PlainClassifier(self.profile)
        self._words: dict[str, list[tuple[datetime, int, Record]]] = {PORTAL.id: [], PHONE.id: []}
        self._number = 0
        # A backlog from before, all of it told by the first poll.
        for _ in range(int(per_day * 3)):
            self._live(T0 - timedelta(days=10 * self.chance.random()))
        at = T0
        while at < self.ends_at:
            at += timedelta(days=self.chance.expovariate(per_day))
            self._live(at)
        self._incidents = [self._draw_incident(n) for n in range(int(per_day * days / 8) + 3)]

    def run(self, moments: list[datetime]) -> Iterator[datetime]:
        """Let the week pass.

        Yields:
            Each of the moments when it is now, in their order.
        """
        plans = [(T0 + timedelta(seconds=n), n, source) for n, source in enumerate((PORTAL, PHONE, DUTY))]
        heapq.heapify(plans)
        waiting = sorted(moments)
        while plans[0][0] <= self.ends_at:
            at, n, source = heapq.heappop(plans)
            while waiting and waiting[0] < at:
                self.clock.set(waiting.pop(0))
                yield self.clock.now()
            self.clock.set(at)
            self._poll(source)
            heapq.heappush(plans, (at + timedelta(seconds=self.chance.choice(_POLL_EVERY_S)), n, source))
        for at in waiting:
            self.clock.set(at)
            yield at

    def _poll(self, source) -> None:
        now, chance = self.clock.now(), self.chance
        if chance.random() < (0.01 if source.id not in self._paused() else 0.2):
            entry = JournalEntry(at=now, link_id="l", who="w", action="a", subject=source.id, detail="")
            with self.database.write() as connection:
                if pause_source(connection, source.id, entry, paused=source.id not in self._paused()):
                    self.done["paused or not"] += 1
        if source.id in self._paused():
            return
        if chance.random() < 0.06:
            record_failure(self.database, source, SourceUnavailableError("away"), now)
            self.done["failed"] += 1
            return
        if source is DUTY:
            told = [record for lived in self._incidents if (record := _said(lived, now, chance)) is not None]
            self._commit(source, told)
            return
        words = self._words[source.id]
        told = []
        while words and words[0][0] <= now:
            told.append(heapq.heappop(words)[2])
        if len(told) > 3 and chance.random() < 0.3:
            self._commit(source, told[:2], completeness=Completeness.PARTIAL)
            told = told[2:]
        self._commit(source, told)

    def _paused(self) -> set[str]:
        with self.database.read() as connection:
            return {name for name, health in load_sources(connection).items() if health.paused_at is not None}

    def _commit(self, source, told: list[Record], **changes: object) -> None:
        bad = Rejected(reason=RejectReason.WRONG_TYPE, foreign_id=None, detail="status", raw=str(self.clock.now()))
        rejected = (bad,) * (self.chance.random() < 0.05)
        asked_at = self.clock.now() - timedelta(microseconds=self.chance.randrange(900_000))
        source_time_at = asked_at.replace(microsecond=0)
        result = page(*told, rejected=rejected, source_time_at=source_time_at, **changes)
        outcome = commit_page(self.database, self._classifier, source, result, self.clock.now(), asked_at=asked_at)
        self.done.update({reason.value: n for reason, n in outcome.outcomes.items()})
        self.done["vanished"] += outcome.vanished_n

    def _live(self, received_at: datetime) -> None:
        """Draw the life of an appeal, and when its source says what."""
        chance = self.chance
        self._number += 1
        source = PORTAL if chance.random() < 0.7 else PHONE
        has_times = source is PORTAL
        record = appeal(
            f"a{self._number}",
            received_at=received_at,
            topic_code=chance.choice(["cold-flat", "pothole", "?"]),
            area_name=chance.choice(["north", "south", None]),
            due_at=received_at + chance.choice([6, 30, 72]) * _HOUR if chance.random() < 0.8 else None,
            point=chance.choice([None, Point(55.12345, 86.54321)]),
            updated_at=received_at if has_times else None,
        )
        late = timedelta(hours=chance.expovariate(0.2)) if chance.random() < 0.15 else timedelta()
        self._say(source, received_at + late, record)
        at = received_at
        for changes in self._draw_changes(received_at):
            at += timedelta(hours=chance.expovariate(1 / 9))
            if changes.get("status") in {AppealStatus.ANSWERED, AppealStatus.REJECTED}:
                said_at = at - timedelta(minutes=chance.randrange(300)) * (chance.random() < 0.3)
                changes["answered_at"] = max(said_at, received_at) if chance.random() < 0.8 else None
            elif changes.get("status") is not None:
                changes["answered_at"] = None
            record = msgspec.structs.replace(record, updated_at=at if has_times else None, **changes)
            late = timedelta(hours=chance.expovariate(0.1)) if chance.random() < 0.2 else timedelta()
            self._say(source, at + late, record)
            if chance.random() < 0.05:  # an old state again
                stale = msgspec.structs.replace(record, updated_at=received_at if has_times else None)
                self._say(source, at + late + 3 * _HOUR, stale)

    def _draw_changes(self, received_at: datetime) -> list[dict[str, object]]:
        chance = self.chance
        changes: list[dict[str, object]] = []
        if chance.random() < 0.7:
            changes.append({"status": AppealStatus.IN_WORK})
        if chance.random() < 0.15:
            changes.append({"topic_code": "pothole", "area_name": chance.choice(["north", "south"])})
        if chance.random() < 0.06:
            changes.append({"received_at": received_at - timedelta(hours=chance.randrange(1, 60))})
        if chance.random() < 0.06:
            changes.append({"status": AppealStatus.WITHDRAWN})
            return changes
        if chance.random() < 0.85:
            changes.append({"status": chance.choice([AppealStatus.ANSWERED] * 4 + [AppealStatus.REJECTED])})
            if chance.random() < 0.5:
                changes.append({"rating": chance.choice([1, 3, 5])})
            if chance.random() < 0.15:  # taken back, and answered again
                changes.append({"status": AppealStatus.IN_WORK, "rating": None})
                changes.append({"status": AppealStatus.ANSWERED})
        return changes

    def _say(self, source, at: datetime, record: AppealRecord) -> None:
        heapq.heappush(self._words[source.id], (at, len(self._words[source.id]) + self._number * 100, record))

    def _draw_incident(self, n: int):
        chance = self.chance
        started_at = T0 + (self.ends_at - T0) * chance.uniform(-0.1, 1)
        record = incident(
            f"i{n}",
            started_at=started_at,
            updated_at=started_at if chance.random() < 0.5 else None,
            level=chance.choice(["grave", "mild"]),
            area_name=chance.choice(["north", None]),
            affected_n=chance.choice([None, 40]),
        )
        lasts = timedelta(hours=chance.expovariate(0.1))
        return record, started_at, started_at + lasts, chance.random() < 0.5


def _said(lived, now: datetime, chance: Random) -> Record | None:
    """Return what the duty service says of an incident now: it forgets one now and then, and closes one in two."""
    record, from_at, to_at, says_end = lived
    if now < from_at or chance.random() < 0.08 or now > to_at + 3 * _HOUR:
        return None
    if now >= to_at:
        if not says_end:
            return None
        return msgspec.structs.replace(
            record,
            status=IncidentStatus.CLOSED,
            closed_at=to_at,
            updated_at=to_at if record.updated_at is not None else None,
        )
    middle = from_at + (to_at - from_at) / 2
    if now < middle:
        return record
    return msgspec.structs.replace(
        record,
        status=IncidentStatus.IN_WORK,
        level="grave",
        updated_at=middle if record.updated_at is not None else None,
    )


def draw_moments(seed: int, n: int, days: float = 7.0) -> list[datetime]:
    """Return random moments of the week, to the microsecond."""
    chance = Random(seed)
    return sorted(T0 + _MINUTE + (timedelta(days=days) - _MINUTE) * chance.random() for _ in range(n))
