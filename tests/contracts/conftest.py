"""One suite for every connector: each test that asks for `case` runs for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.records import Connector
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from tests.contracts.cases import Case, load_cases
from tests.contracts.hostile import HostileServer, hostile_server
from tests.contracts.papers import make_papers

NOW = datetime(2026, 11, 21, 6, 0, 30, tzinfo=UTC)


@pytest.fixture(params=load_cases(), ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates (see `make_papers`)."""
    try:
        return make_papers(tmp_path_factory.mktemp("papers"))
    except FileNotFoundError:
        pytest.skip("openssl is absent")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a database without rows, made once: migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Iterator[Database]:
    """A database of this test alone."""
    shutil.copy(empty_database, tmp_path / "contract.db")
    opened = open_database(f"sqlite:///{tmp_path}/contract.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def connect(server: HostileServer, clock: ManualClock) -> Iterator[Callable[[SourceConfig], Connector]]:
    """Build connectors that ask the hostile server."""
    built: list[Connector] = []

    def build(source: SourceConfig) -> Connector:
        built.append(build_connector(source, clock, simulator_url=server.url))
        return built[-1]

    yield build
    for connector in built:
        connector.close()
