"""Feeds of JSON lines: a record in each line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock
from svodka.domain.errors import SourceContractBrokenError
from svodka.profiles.model import SourceConfig
from tests.contracts.hostile import answer

SOURCE = SourceConfig(
    id="lines",
    name="Lines",
    connector="http_json",
    records="appeals",
    channel="letter",
    url="{simulator}/appeals.jsonl",
    interval_s=5,
    ageing_s=30,
    stale_s=60,
    dead_s=300,
    params={
        "format": "jsonl",
        "fields": {"id": ["n"], "started_at": "=2026-11-20T00:00:00Z", "text": "text"},
        "status_default": "new",
    },
)


def read(server, body: bytes):
    server.behaviour = answer(body, content_type="application/x-ndjson")
    connector = build_connector(SOURCE, ManualClock(datetime(2026, 11, 21, tzinfo=UTC)), simulator_url=server.url)
    try:
        return connector.poll(None)
    finally:
        connector.close()


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n \n", b""])
def test_every_line_is_a_record_and_one_that_is_none_is_set_aside(server, end):
    body = end.join([b'\xef\xbb\xbf{"n": 1, "text": "a\\nb"}', b'{"n": 2}', b"[]", b'{"text": "c"}', b""])
    if not end:
        body = b'{"n": 1, "text": "a\\nb"}\n{"n": 2}\n[]\n{"text": "c"}'
    result = read(server, body)
    assert [(record.foreign_id, record.text) for record in result.records] == [("1", "a b"), ("2", "")]
    assert [one.reason.value for one in result.rejected] == ["not_an_object", "missing_id"]
    assert result.read_n == 4


@pytest.mark.parametrize(
    "body", [b"", b"\xef\xbb\xbf", b'{"n": 1}\n{"n": 2', b"<html></html>", b'{"n": 1}\nNaN', b"[" * 100_000]
)
def test_lines_that_are_no_json_or_are_cut_off_break_the_contract(server, body):
    with pytest.raises(SourceContractBrokenError):
        read(server, body)


def test_lines_without_end_break_the_contract(server):
    with pytest.raises(SourceContractBrokenError, match="more than 500000 lines"):
        read(server, b"\n" * 500_001 + b"{}")
