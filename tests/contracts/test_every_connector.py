"""What every connector must do with a good source."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from datasources.registry import build_connector, connector_names
from svodka.domain.errors import ProfileError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Completeness
from svodka.ingest.commit import commit_page
from svodka.ingest.cycle import run_cycle
from svodka.storage.tables import (
    appeal_versions,
    appeals,
    change_log,
    incident_versions,
    incidents,
    quarantine,
    sources,
)
from tests.contracts.cases import load_all_cases
from tests.contracts.hostile import answer, gzipped
from tests.contracts.twins import load_twins
from tests.ingest_factory import PlainClassifier, tiny_profile

ROOT = Path(__file__).resolve().parents[2]
FACTS = (appeals, incidents, appeal_versions, incident_versions, quarantine)


def test_every_connector_has_cases_a_quality_card_and_a_readme():
    covered = {case.source.connector for case in load_all_cases()}
    assert set(connector_names()) == covered
    for name in connector_names():
        folder = ROOT / "datasources" / name
        card = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
        assert card["connector"] == name
        assert all(card[key] for key in ("family", "reads", "protocol", "records", "source", "rules"))
        assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {name}")
        assert {path.name for path in folder.glob("*.py")} >= {"client.py", "normalise.py"}
        twins = {twin.source.connector for twin in load_twins()}
        assert name in twins or card.get("no_twin"), f"datasources/{name}/twin.toml: how the simulator is polled"


def test_every_rule_of_a_quality_card_names_a_test_that_exists():
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in connector_names():
        card = tomllib.loads((ROOT / "datasources" / name / "manifest.toml").read_text(encoding="utf-8"))
        for rule, proof in card["rules"].items():
            assert f"def {proof}(" in tests, (name, rule)


def test_a_page_becomes_records_and_what_is_unreadable_is_set_aside_with_its_reason(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    result = connect(case.source).poll(None)
    assert tuple(record.foreign_id for record in result.records) == case.ids
    assert tuple(each.reason.value for each in result.rejected) == case.rejected
    assert sum(result.skipped.values()) == case.skipped
    assert result.read_n == len(case.ids) + len(case.rejected) + case.skipped
    assert len({record.foreign_id for record in result.records}) == len(case.ids)


def test_a_word_without_a_stage_is_told(case, server, connect):
    """Operators get one notice for each such word: a connector that keeps it to itself would leave them without.

    A record that has no such field at all has no word.
    """
    if "status_unknown" not in case.rejected:
        pytest.skip("no such word in its page")
    server.behaviour = answer(case.page, content_type=case.content_type)
    unknown = [each for each in connect(case.source).poll(None).rejected if each.reason is RejectReason.STATUS_UNKNOWN]
    for each in unknown:
        field = re.escape(each.detail.partition(",")[0])
        assert each.word or not re.search(f'[:<"]{field}[>"]', each.raw)


def test_every_instant_is_aware_utc(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    result = connect(case.source).poll(None)
    for record in result.records:
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if name.endswith("_at") and value is not None:
                assert value.utcoffset() == timedelta(0), name
    assert result.source_time_at.isoformat() == "2026-11-21T06:00:00+00:00"


def test_no_markup_and_no_control_characters_reach_a_record(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    words = msgspec.json.encode(connect(case.source).poll(None).records).decode()
    assert "<" not in words
    assert "&nbsp;" not in words
    assert "\\u00" not in words


def test_a_page_that_is_read_again_gives_the_same_records(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    connector = connect(case.source)
    first = connector.poll(None)
    assert connector.poll(first.cursor).records == first.records
    assert connect(case.source).poll(None).records == first.records


def test_a_replay_adds_no_row(case, server, connect, clock, database):
    """The same page once more, by its cursor and from the very beginning, through the real commit into a database."""
    connector, classifier = connect(case.source), PlainClassifier(tiny_profile())
    server.behaviour = answer(case.page, content_type=case.content_type)

    def rows() -> dict[str, list[sa.Row]]:
        with database.read() as connection:
            lines = change_log.select().where(change_log.c.kind != "source")
            kept = {table.name: list(connection.execute(table.select())) for table in FACTS}
            return {**kept, "lines": list(connection.execute(lines))}

    def cycle() -> None:
        clock.advance(seconds=10)
        assert run_cycle(database, classifier, case.source, connector, clock).error_kind == ""

    cycle()
    first = rows()
    assert len(first["appeals"]) + len(first["incidents"]) == len(case.ids)
    assert len(first["quarantine"]) == len(case.rejected)
    cycle()
    with database.write() as connection:
        connection.execute(sources.update().values(cursor=None))
    cycle()
    again = rows()
    assert {name: len(kept) for name, kept in again.items()} == {name: len(kept) for name, kept in first.items()}
    assert all(again[name] == first[name] for name in ("appeals", "incidents", "lines"))


def test_a_page_that_names_every_record_twice_brings_no_id_twice(case, server, connect, clock, database):
    """Two pages with the same records in one cycle, as when records move while pages are read."""
    server.behaviour = answer(case.page, content_type=case.content_type)
    result = connect(case.source).poll(None)
    doubled = msgspec.structs.replace(result, records=result.records * 2, rejected=result.rejected * 2)
    commit_page(database, PlainClassifier(tiny_profile()), case.source, doubled, clock)
    with database.read() as connection:
        stored = [row.foreign_id for table in FACTS[:2] for row in connection.execute(table.select())]
    assert sorted(stored) == sorted(case.ids)


def test_a_compressed_page_reads_as_the_plain_one(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    plain = connect(case.source).poll(None)
    server.behaviour = gzipped(case.page)
    assert connect(case.source).poll(None).records == plain.records


def test_an_empty_page_is_a_complete_answer_without_records(case, server, connect, clock):
    server.behaviour = answer(case.empty_page, content_type=case.content_type)
    connector = connect(case.source)
    result = connector.poll(None)
    for _ in range(3):
        if result.completeness is Completeness.COMPLETE:
            break
        result = connector.poll(result.cursor)
    assert result.completeness is Completeness.COMPLETE
    assert result.records == result.rejected == ()


def test_a_source_that_gives_the_same_page_for_ever_comes_to_an_end(case, server, connect):
    server.behaviour = answer(case.page, content_type=case.content_type)
    connector = connect(case.source)
    cursor, polls = None, 0
    while polls < 50:
        result = connector.poll(cursor)
        cursor, polls = result.cursor, polls + 1
        if result.completeness is Completeness.COMPLETE:
            break
    assert result.completeness is Completeness.COMPLETE
    assert polls < 10


def test_the_cursor_never_goes_back(case, server, connect, clock):
    connector = connect(case.source)
    cursor, positions = None, []
    for turn in range(12):
        empty = turn % 3 == 2
        server.behaviour = answer(case.empty_page if empty else case.page, content_type=case.content_type)
        cursor = connector.poll(cursor).cursor
        state = msgspec.json.decode(cursor)
        positions.append(state.get("point_at") or state["read_at"])
        clock.advance(seconds=30)
    assert positions == sorted(positions)


def test_params_with_an_unknown_key_are_refused_by_source_and_key(case, clock):
    source = msgspec.structs.replace(case.source, params={**case.source.params, "pagesize": 5})
    with pytest.raises(ProfileError, match=f"{source.id}.*pagesize"):
        build_connector(source, clock, simulator_url="http://127.0.0.1:9")


def test_a_word_that_leads_to_no_stage_stops_the_start(case, clock):
    key = next((key for key in ("statuses", "fine_statuses") if key in case.source.params), None)
    if key is None:
        pytest.skip("no words of its own")
    for stage in ("unheard", ""):
        params = {**case.source.params, key: {**case.source.params[key], "their word": stage}}
        with pytest.raises(ProfileError, match=f"{case.source.id}.*{key}.*"):
            build_connector(msgspec.structs.replace(case.source, params=params), clock, simulator_url="http://a.test")


@pytest.mark.attack(64)
def test_an_address_with_a_password_is_refused_without_repeating_it(case, clock):
    source = msgspec.structs.replace(case.source, url="https://user:hunter2@example.org/v2")
    with pytest.raises(ProfileError) as caught:
        build_connector(source, clock)
    assert "hunter2" not in str(caught.value)
