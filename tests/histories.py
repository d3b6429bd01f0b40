"""Random histories of a region through the real ingest: everything that can write a line of the change log, or end it.

A history is made by a seeded chance. What it did is counted, so that a test can say what it has covered.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from svodka.domain.clock import ManualClock
from svodka.domain.errors import SourceUnavailableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, IncidentStatus, Point, Rejected
from svodka.ingest.commit import commit_page, record_failure
from svodka.ingest.ticker import Ticker
from svodka.storage.change_log import load_head
from svodka.storage.database import Database
from svodka.storage.heartbeat import append_heartbeat
from svodka.storage.tables import change_log, counters, incidents, meta
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

APPEALS, INCIDENTS = appeal_source(), incident_source()
APPEALS_N = 40  # how many different ones there are; what is told of them again are corrections
INCIDENTS_N = 12  # how many different ones there are at a time: old ones are told of no more


class History:
    """One region, one clock, and what happens.

    Attributes:
        done: How often each thing was done, by its word.
        ever_open: Our ids of all incidents that were open after any step.
    """

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.chance = Random(seed)
        self.clock = ManualClock(T0)
        self.profile = msgspec.structs.replace(tiny_profile("Asia/Kolkata"), sources=(APPEALS, INCIDENTS))
        self.ticker = Ticker(database, self.profile, self.clock)
        self.done: Counter[str] = Counter()
        self.ever_open: set[int] = set()
        self._oldest_incident = 0
        self._classifier = PlainClassifier(self.profile)
        self.usual = {
            self.commit_appeals: 30,
            self.commit_incidents: 24,
            self.tick: 6,
            self.beat: 4,
            self.fail: 3,
            self.commit_part: 3,
            self.commit_nothing: 3,
        }
        self.rare = {self.commit_many: 1, self.prune: 3, self.begin_epoch: 1}

    def step(self, *, rare_share: float = 0.05) -> None:
        """Let one thing happen, drawn by its weight; one of the rare ones now and then."""
        among = self.rare if self.chance.random() < rare_share else self.usual
        [act] = self.chance.choices(list(among), weights=list(among.values()))
        act()
        self.done[act.__name__] += 1
        with self.database.read() as connection:
            self.ever_open |= set(connection.scalars(sa.select(incidents.c.id).where(incidents.c.is_open == sa.true())))

    def commit_appeals(self) -> None:
        """Tell of a few appeals: new, corrected, taken back, too old, unreadable."""
        told = [self._appeal() for _ in range(self.chance.randrange(1, 4))]
        commit_page(self.database, self._classifier, APPEALS, self._page(told), self.clock.now())

    def commit_incidents(self) -> None:
        """Tell of what is open; who is not named for three polls has ended."""
        self._oldest_incident += self.chance.randrange(2)
        told = [self._incident() for _ in range(self.chance.randrange(1, 5))]
        commit_page(self.database, self._classifier, INCIDENTS, self._page(told), self.clock.now())

    def commit_part(self) -> None:
        """Tell one page of several: what is missing in it says nothing."""
        told = self._page([self._appeal()], completeness=Completeness.PARTIAL)
        commit_page(self.database, self._classifier, APPEALS, told, self.clock.now())

    def commit_nothing(self) -> None:
        """Answer with an empty list."""
        commit_page(self.database, self._classifier, INCIDENTS, page(), self.clock.now())

    def commit_many(self) -> None:
        """Tell of more at once than a frame takes."""
        self.commit([self._appeal() for _ in range(120)])

    def commit(self, told: list) -> None:
        """Tell of these appeals or of these incidents."""
        source = APPEALS if isinstance(told[0], AppealRecord) else INCIDENTS
        commit_page(self.database, self._classifier, source, page(*told), self.clock.now())

    def fail(self) -> None:
        """Let a source not answer."""
        source = self.chance.choice([APPEALS, INCIDENTS])
        record_failure(self.database, source, SourceUnavailableError("away"), self.clock.now())

    def tick(self) -> None:
        """Look whether time changed anything."""
        self.ticker.tick()

    def beat(self) -> None:
        """Put a heartbeat into the log."""
        with self.database.write() as connection:
            append_heartbeat(connection, self.clock.now())

    def prune(self) -> None:
        """Throw away all of the log but a few of its newest lines."""
        with self.database.write() as connection:
            kept = load_head(connection) - self.chance.choice([0, 3, 20])
            connection.execute(sa.delete(change_log).where(change_log.c.seq <= kept))

    def begin_epoch(self) -> None:
        """Give the log another name, as a new schema does; now and then with numbers that were there before."""
        with self.database.write() as connection:
            connection.execute(sa.update(meta).where(meta.c.key == "epoch").values(value=f"test.{uuid4().hex}"))
            if self.chance.random() < 0.7:
                connection.execute(sa.delete(change_log))
                back = max(0, load_head(connection) - 30)
                connection.execute(sa.update(counters).where(counters.c.name == "seq").values(value=back))

    def _page(self, told: list, **changes: object):
        unreadable = Rejected(reason=RejectReason.WRONG_TYPE, foreign_id=None, detail="status", raw="{}")
        return page(*told, rejected=(unreadable,) * (self.chance.random() < 0.1), **changes)

    def _appeal(self):
        """Return an appeal of few ids; some lie ahead of the clock, some far back."""
        chance, now = self.chance, self.clock.now()
        received_at = now - timedelta(seconds=chance.choice([-300, 0, 5, 3590, 3600, 90_000, 86_400 * 7, 86_400 * 8]))
        status = chance.choice(list(AppealStatus))
        done = not status.is_open
        return appeal(
            f"a{chance.randrange(APPEALS_N)}",
            received_at=received_at,
            updated_at=chance.choice([None, None, now - timedelta(seconds=chance.randrange(600))]),
            status=status,
            topic_code=chance.choice(["cold-flat", "pothole", "?"]),
            area_name=chance.choice(["north", "south", None]),
            answered_at=now - timedelta(seconds=chance.randrange(4000)) if done else None,
            due_at=chance.choice([None, now + timedelta(seconds=chance.randrange(-50, 900))]),
            rating=chance.choice([None, 1, 4, 5]) if done else None,
            point=chance.choice([None, Point(55.12345, 86.54321)]),
        )

    def _incident(self):
        chance, now = self.chance, self.clock.now()
        return incident(
            f"i{self._oldest_incident + chance.randrange(INCIDENTS_N)}",
            started_at=now - timedelta(seconds=chance.randrange(9000)),
            updated_at=chance.choice([None, None, now - timedelta(seconds=chance.randrange(600))]),
            status=chance.choice(list(IncidentStatus)),
            level=chance.choice(["grave", "mild"]),
            area_name=chance.choice(["north", None]),
            affected_n=chance.choice([None, 40]),
        )
