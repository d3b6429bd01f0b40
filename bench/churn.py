"""What a region does all day, without end: `python -m bench.churn`, started by bench.endurance.

Ten commits a second through the product's ingest: most are new appeals, the others correct or answer earlier ones,
open and close incidents; now and then a source fails for a moment. Relay, ticker, heartbeat and complete polls as in
a poll process. Each line on standard input is answered with the number of commits so far; it ends with its input.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec

from bench.grid import Box, point_of
from bench.publisher import Upkeep
from svodka.domain.clock import SystemClock, monotonic_s
from svodka.domain.codec import decode_as
from svodka.domain.errors import SourceUnavailableError
from svodka.domain.records import AppealRecord, AppealStatus, Completeness, IncidentRecord, IncidentStatus, Point
from svodka.ingest.commit import commit_page, record_failure
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.realtime.loops import Loop
from svodka.realtime.relay import Relay
from svodka.settings import read_settings
from svodka.storage.database import Database, open_database
from tests.ingest_factory import PlainClassifier, page

EVERY_S = 0.1
_KEPT_OPEN_N = 400  # appeals that stay open; older ones are answered, or the region would only ever grow
_INCIDENTS_N = 30
_FAILS_EVERY_N = 600
_BEHIND_S = 1.0  # what a slow machine missed beyond this is not made up for


class Churn(Loop):
    """One commit every 100 ms."""

    def __init__(self, database: Database, profile: Profile, box: Box, relay: Relay) -> None:
        super().__init__("churn", EVERY_S)
        self.done_n = 0
        self._database, self._profile, self._box, self._relay = database, profile, box, relay
        self._clock, self._chance = SystemClock(), Random(1)  # noqa: S311 - invented facts, no secret
        self._classifier = PlainClassifier(profile)
        self._of_appeals = [source for source in profile.sources if source.records == "appeals"]
        self._of_incidents = next(source for source in profile.sources if source.records == "incidents")
        self._open: list[AppealRecord] = []
        self._told_n = 0
        self._due_s = monotonic_s()

    def pause_s(self) -> float:
        """Return the rest of the 100 ms."""
        return max(0.0, self._due_s - monotonic_s())

    def step(self) -> None:
        """Commit one thing and have it announced."""
        self._due_s = max(self._due_s, monotonic_s() - _BEHIND_S) + EVERY_S
        self.done_n += 1
        if self.done_n % _FAILS_EVERY_N == 0:
            source = self._chance.choice(self._profile.sources)
            record_failure(self._database, source, SourceUnavailableError("away"), self._clock.now())
        elif self._chance.random() < 0.1:
            self._commit_incident()
        else:
            self._commit_appeal()
        self._relay.kick()

    def _commit_appeal(self) -> None:
        """Commit a new appeal; where too many are open, or by chance, answer one instead."""
        now = self._clock.now()
        if len(self._open) > _KEPT_OPEN_N or (self._open and self._chance.random() < 0.3):
            told = self._open.pop(self._chance.randrange(len(self._open)))
            record = msgspec.structs.replace(
                told, status=AppealStatus.ANSWERED, updated_at=now, answered_at=now, rating=self._chance.choice([3, 5])
            )
        else:
            self._told_n += 1
            topics, areas = self._profile.topics, self._profile.areas
            record = AppealRecord(
                foreign_id=f"churn-{self._told_n}",
                received_at=now,
                status=AppealStatus.NEW,
                topic_code=self._chance.choice(topics).id,
                area_name=self._chance.choice(areas).id,
                due_at=now + timedelta(hours=self._chance.choice([0.01, 96])),
                point=Point(*point_of(self._told_n, self._box)),
            )
            self._open.append(record)
        source = self._of_appeals[int(record.foreign_id.partition("-")[2]) % len(self._of_appeals)]
        result = page(record, completeness=Completeness.PARTIAL, lists_all_open=False)
        commit_page(self._database, self._classifier, source, result, now)

    def _commit_incident(self) -> None:
        """Let one of thirty incidents begin, change, end or begin again."""
        now, n = self._clock.now(), self._chance.randrange(_INCIDENTS_N)
        record = IncidentRecord(
            foreign_id=f"churn-{n}",
            started_at=now - timedelta(minutes=n),
            updated_at=now,
            status=self._chance.choice([IncidentStatus.NEW, IncidentStatus.IN_WORK, IncidentStatus.CLOSED]),
            kind=self._chance.choice(self._profile.incident_kinds).id,
            level=self._chance.choice(self._profile.levels).id,
            affected_n=self._chance.randrange(1000),
            area_name=self._chance.choice(self._profile.areas).id,
            point=Point(*point_of(n, self._box)),
        )
        result = page(record, completeness=Completeness.PARTIAL, lists_all_open=False)
        commit_page(self._database, self._classifier, self._of_incidents, result, now)


def main() -> None:
    """Churn until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--home", "--sources", "--redis", "--box"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    profile = load_profile(read_settings({}).profile, options.sources)
    database = open_database(f"sqlite:///{Path(options.home) / 'svodka.sqlite3'}")
    relay = Relay(database, options.redis)
    churn = Churn(database, profile, decode_as(options.box, Box), relay)
    loops: list[Loop] = [relay, Upkeep(database, profile, relay.kick), churn]
    for loop in loops:
        loop.start()
    for _ in sys.stdin:
        print(churn.done_n, flush=True)
    for loop in reversed(loops):
        loop.stop()
    database.close()


if __name__ == "__main__":
    main()
