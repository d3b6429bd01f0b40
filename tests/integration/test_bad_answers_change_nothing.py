"""Whatever a source answers, what is known stays: no incident is closed and no record is lost by a bad answer.

Bad answers come from a hostile server over HTTP, through the real connectors, cycle and database.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
import sqlalchemy as sa

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.ingest.cycle import run_cycle
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from svodka.storage.sources import load_sources
from svodka.storage.tables import appeals, change_log, incidents, quarantine
from tests.contracts import hostile
from tests.contracts.cases import Case, load_cases
from tests.contracts.conftest import NOW
from tests.contracts.hostile import MIB, HostileServer, answer, hostile_server
from tests.ingest_factory import PlainClassifier, tiny_profile

TIGHT = {"connect_s": 1.0, "read_s": 0.3, "total_s": 0.6, "max_bytes": MIB}
BAD = {
    "401": answer(b"", status=401),
    "403": answer(b"", status=403),
    "404": answer(b"", status=404),
    "429": answer(b"", status=429, Retry_After="7"),
    "500": answer(b"", status=500),
    "503": answer(b"", status=503),
    "silence": hostile.silence,
    "half a body": hostile.half_a_body,
    "half a document": answer(b'[{"id": 1'),
    "html": answer(b"<html></html>", content_type="text/html"),
    "gzip bomb": hostile.gzip_bomb(64),
    "10 MB": answer(b" " * (10 * MIB)),
    "redirect": hostile.redirect_to("http://127.0.0.1:9/elsewhere"),
    "another document": answer(b'{"maintenance": true}'),
}


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def _facts(database: Database) -> list[list[sa.Row]]:
    with database.read() as connection:
        return [list(connection.execute(sa.select(table).order_by(table.c.id))) for table in (appeals, incidents)]


def _lines_of_records(database: Database) -> int:
    with database.read() as connection:
        query = sa.select(sa.func.count()).where(change_log.c.kind != "source").select_from(change_log)
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_after_every_bad_answer_facts_cursor_and_open_incidents_are_as_before(case: Case, sqlite, server):
    clock = ManualClock(NOW)
    source = case.with_limits(**TIGHT)
    connector = build_connector(source, clock, simulator_url=server.url)
    classifier = PlainClassifier(tiny_profile())

    def cycle() -> object:
        clock.advance(seconds=10)
        return run_cycle(sqlite, classifier, source, connector, clock)

    server.behaviour = answer(case.page, content_type=case.content_type)
    assert cycle().error_kind == ""
    facts, lines = _facts(sqlite), _lines_of_records(sqlite)
    with sqlite.read() as connection:
        cursor = load_sources(connection)[source.id].cursor
        quarantined = connection.execute(sa.select(sa.func.count()).select_from(quarantine)).scalar_one()
    assert quarantined == len(case.rejected)
    for n, (name, behaviour) in enumerate(BAD.items(), start=1):
        server.behaviour = behaviour
        report = cycle()
        assert report.error_kind in {"SourceUnavailableError", "SourceContractBrokenError"}, name
        assert report.failures_n == n, name
        assert _facts(sqlite) == facts, name
    with sqlite.read() as connection:
        health = load_sources(connection)[source.id]
    assert health.cursor == cursor
    assert "hunter" not in health.error_text
    server.behaviour = answer(case.page, content_type=case.content_type)
    assert cycle().error_kind == ""
    assert _facts(sqlite) == facts, "the same page again adds nothing"
    assert _lines_of_records(sqlite) == lines
    connector.close()


def test_records_of_both_kinds_are_stored_once(sqlite, server):
    clock = ManualClock(NOW)
    for case in load_cases():
        connector = build_connector(case.source, clock, simulator_url=server.url)
        server.behaviour = answer(case.page, content_type=case.content_type)
        for _ in range(3):
            run_cycle(sqlite, PlainClassifier(tiny_profile()), case.source, connector, clock)
        connector.close()
    stored = sum(len(rows) for rows in _facts(sqlite))
    assert stored == sum(len(case.ids) for case in load_cases())
    with sqlite.read() as connection:
        assert msgspec.json.encode(sorted(load_sources(connection))) == msgspec.json.encode(
            sorted(case.source.id for case in load_cases())
        )
