"""One suite for every connector: each test that asks for `case` runs for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.records import Connector
from svodka.profiles.model import SourceConfig
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
