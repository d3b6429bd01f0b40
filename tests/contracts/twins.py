"""The simulator's twin of every connector, found by looking: the sources of `datasources/<connector>/twin.toml`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from datasources.registry import connector_names
from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from svodka.domain.clock import ManualClock
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile, load_sources
from svodka.settings import read_settings
from tests.contracts.cases import secret_file

ROOT = Path(__file__).resolve().parents[2]
STARTS_AT = datetime(2026, 11, 18, 6, tzinfo=UTC)


class Twin(msgspec.Struct, frozen=True):
    """One address of the simulator, as a source."""

    source: SourceConfig

    @property
    def is_rough(self) -> bool:
        """Whether it has bad manners on purpose."""
        return "-rough" in self.source.url


class Simulated:
    """A simulated region that listens."""

    def __init__(self) -> None:
        self.profile: Profile = load_profile(read_settings({}).profile)
        self.clock = ManualClock(STARTS_AT)
        self.history = History(Region(self.profile, load_simulation(self.profile), DEFAULT_SEED))
        self.site = RegionSite(self.history)
        self.server = SimulatorServer(self.site, self.clock)
        self.url = self.server.start()


@contextmanager
def simulated_region() -> Iterator[Simulated]:
    """Run a simulator for the length of a test or of several."""
    running = Simulated()
    try:
        yield running
    finally:
        running.server.stop()


def load_twins() -> list[Twin]:
    """Read all twins."""
    files = [ROOT / "datasources" / name / "twin.toml" for name in connector_names()]
    return [Twin(_with_secret(source)) for path in files if path.is_file() for source in load_sources(path)]


def _with_secret(source: SourceConfig) -> SourceConfig:
    """Return a source whose secret files are there."""
    if "token_file" not in source.params:
        return source
    return msgspec.structs.replace(source, params={**source.params, "token_file": secret_file().name})
