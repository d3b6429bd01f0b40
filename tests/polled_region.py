"""A simulated region that is polled: real HTTP, real connectors, real ingest, one clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from datasources.registry import ClosableConnector, build_connector
from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from simulator.truth import truth_appeals, truth_incidents
from svodka.domain.clock import ManualClock
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.ingest.ticker import Ticker
from svodka.profiles.model import Profile, SourceConfig
from svodka.storage.database import Database

_QUIET = timedelta(minutes=15)
VENDOR = Path(__file__).resolve().parents[1] / "assets" / "vendor"


class PolledRegion:
    """Moves the clock, polls every source, and knows what is true."""

    def __init__(self, database: Database, profile: Profile, clock: ManualClock, home: Path, address: str) -> None:
        self.profile = profile
        self.clock = clock
        self.started_at = clock.now()
        self.ticker = Ticker(database, profile, clock)
        self._database = database
        self._classifier = Classifier(profile, AreaFinder(profile, ensure_geometry(home, profile, VENDOR)))
        self._connectors: list[tuple[SourceConfig, ClosableConnector]] = [
            (source, build_connector(source, clock, simulator_url=address)) for source in profile.sources
        ]
        self._history = History(Region(profile, load_simulation(profile), DEFAULT_SEED))

    def settled(self, moment: datetime) -> datetime:
        """Return the first moment from this one on before which no incident ended for a quarter of an hour.

        What vanishes from a feed ends for the product only after several polls, and where nothing is left in the
        feed after ten minutes (docs/adr/0012): until then product and truth differ, and are meant to.
        """
        while any(not row["is_open"] for row in truth_incidents(self._history, moment, closed_within=_QUIET)):
            moment += timedelta(minutes=1)
        return moment

    def poll_at(self, now: datetime) -> None:
        """Move the clock and poll: appeals once, incidents as often and as long as a vanished one takes to end."""
        for at in (now - _QUIET + timedelta(minutes=1), now):
            self.clock.set(at)
            for source, connector in self._connectors:
                if source.records == "incidents":
                    for _ in range(3 * (source.close_after_missing_polls or 1)):
                        self._poll(source, connector)
        for source, connector in self._connectors:
            if source.records == "appeals":
                self._poll(source, connector)
        self.ticker.tick()

    def _poll(self, source: SourceConfig, connector: ClosableConnector) -> None:
        report = run_cycle(self._database, self._classifier, source, connector, self.clock)
        assert report.complete, report
        assert not report.quarantined, report

    def close(self) -> None:
        """Give all connections back."""
        for _, connector in self._connectors:
            connector.close()

    def truth(self) -> dict[str, Any]:
        """Return what the simulated systems have told by now, in the oracle's form."""
        now = self.clock.now()
        began = {
            # The very first window begins an overlap before the backfill.
            source.channel: self.started_at - timedelta(hours=source.backfill_h, seconds=source.params["overlap_s"])
            for source in self.profile.sources
            if source.records == "appeals"
        }
        told = truth_appeals(self._history, now, since=min(began.values()))
        return {
            "appeals": [row for row in told if row["updated_at"] >= began[row["channel"]]],
            "incidents": [row for row in truth_incidents(self._history, now) if row["is_open"]],
            "history_from": self.started_at
            - timedelta(hours=min(s.backfill_h for s in self.profile.sources if s.records == "appeals")),
        }


@contextmanager
def polled_region(database: Database, profile: Profile, start: datetime, home: Path) -> Iterator[PolledRegion]:
    """Serve the profile's simulated region over HTTP on loopback, and give what polls it."""
    clock = ManualClock(start)
    region = Region(profile, load_simulation(profile), DEFAULT_SEED)
    server = SimulatorServer(RegionSite(History(region)), clock)
    polled = PolledRegion(database, profile, clock, home, server.start())
    try:
        yield polled
    finally:
        polled.close()
        server.stop()
