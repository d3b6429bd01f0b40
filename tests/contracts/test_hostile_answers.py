"""What every connector must do with a bad source: a clear error of the right class, in bounded time and memory.

An error means that nothing was read: the cursor stays and nothing is closed (see svodka.ingest).
"""

from __future__ import annotations

import tracemalloc

import pytest

from svodka.domain.clock import monotonic_s
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from tests.contracts import hostile
from tests.contracts.hostile import MIB, answer

TIGHT = {"connect_s": 1.0, "read_s": 0.4, "total_s": 0.8, "max_bytes": MIB}
HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"


def test_missing_rights_and_missing_pages_are_a_matter_for_the_operator(case, server, connect):
    for status in (400, 401, 403, 404, 410):
        server.behaviour = answer(b"{}", status=status)
        with pytest.raises(SourceContractBrokenError, match=str(status)):
            connect(case.source).poll(None)


def test_trouble_of_the_server_is_tried_again_later(case, server, connect):
    for status in (408, 500, 502, 503, 504):
        server.behaviour = answer(b"oops", status=status)
        with pytest.raises(SourceUnavailableError, match=str(status)) as caught:
            connect(case.source).poll(None)
        assert caught.value.retry_after_s is None


@pytest.mark.attack(63)
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Sat, 21 Nov 2026 06:01:30 GMT", 60),
        ("1000000000", 3600),
        ("9" * 400, 3600),
        ("Sat, 21 Nov 2099 06:01:30 GMT", 3600),
        ("Sat, 21 Nov 2020 06:01:30 GMT", 0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_bounded(case, server, connect, header, seconds):
    for status in (429, 503):
        server.behaviour = answer(b"", status=status, Retry_After=header)
        with pytest.raises(SourceUnavailableError) as caught:
            connect(case.source).poll(None)
        assert caught.value.retry_after_s == seconds


@pytest.mark.attack(60)
@pytest.mark.parametrize("behaviour", [hostile.silence, hostile.trickling_head, hostile.trickling_body])
def test_an_answer_that_hangs_or_trickles_ends_in_time(case, server, connect, behaviour):
    server.behaviour = behaviour
    begun_s = monotonic_s()
    with pytest.raises(SourceUnavailableError):
        connect(case.with_limits(**TIGHT | {"read_s": 0.2, "total_s": 0.4})).poll(None)
    assert monotonic_s() - begun_s < 3


@pytest.mark.attack(60)
def test_a_connection_that_breaks_in_the_middle_is_tried_again_later(case, server, connect):
    server.behaviour = hostile.half_a_body
    with pytest.raises(SourceUnavailableError, match="breaks its answer off"):
        connect(case.source).poll(None)


def test_nobody_listening_is_tried_again_later(case, server, connect):
    source = case.source
    server.shutdown()  # while its thread waits for questions, the closed socket still takes them
    server.server_close()
    with pytest.raises(SourceUnavailableError, match="does not answer"):
        connect(source).poll(None)


def test_after_an_outage_the_same_connector_reads_on(case, server, connect):
    connector = connect(case.with_limits(**TIGHT))
    for behaviour in (hostile.half_a_body, hostile.trickling_body, answer(b"", status=503)):
        server.behaviour = behaviour
        with pytest.raises(SourceUnavailableError):
            connector.poll(None)
    server.behaviour = answer(case.page, content_type=case.content_type)
    assert tuple(record.foreign_id for record in connector.poll(None).records) == case.ids


def test_a_kept_connection_that_the_source_has_closed_is_no_failure(case, server, connect):
    """Many servers close an idle connection after five seconds: just when the next poll is on its way."""
    served: list[hostile.Handler] = []
    dropped: list[hostile.Handler] = []
    orderly = answer(case.page, content_type=case.content_type)

    def close_on_the_second_question(handler: hostile.Handler) -> None:
        if handler in served:  # one handler for each connection
            handler.close_connection = True
            dropped.append(handler)
            return
        served.append(handler)
        orderly(handler)

    server.behaviour = close_on_the_second_question
    connector = connect(case.source)
    first = connector.poll(None)
    assert connector.poll(None).records == first.records
    assert dropped


def test_half_a_document_breaks_the_contract(case, server, connect):
    server.behaviour = answer(case.page[: len(case.page) // 2], content_type=case.content_type)
    with pytest.raises(SourceContractBrokenError):
        connect(case.source).poll(None)


@pytest.mark.attack(62)
@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json", "text/xml", ""])
def test_html_in_place_of_data_breaks_the_contract(case, server, connect, content_type):
    server.behaviour = answer(HTML, content_type=content_type)
    with pytest.raises(SourceContractBrokenError):
        connect(case.source).poll(None)


@pytest.mark.attack(59)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"42",
        b'"text"',
        b'{"error": "maintenance"}',
        b"\xff\xfe[\x00]\x00",
        b"[NaN]",
        b"[1e999]",
        b"[" * 200_000,
    ],
    ids=["nothing", "null", "number", "text", "object", "utf-16", "nan", "infinite", "deep"],
)
def test_another_document_than_promised_breaks_the_contract(case, server, connect, body):
    server.behaviour = answer(body, content_type=case.content_type)
    with pytest.raises(SourceContractBrokenError):
        connect(case.source).poll(None)


@pytest.mark.attack(58)
def test_a_gzip_bomb_stops_early_and_takes_little_memory(case, server, connect):
    server.behaviour = hostile.gzip_bomb(256)
    connector = connect(case.source)
    tracemalloc.start()
    try:
        with pytest.raises(SourceContractBrokenError, match="more than"):
            connector.poll(None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB


@pytest.mark.attack(58)
def test_broken_and_half_gzip_break_the_contract(case, server, connect):
    for behaviour in (hostile.gzipped(case.page, keep=0.5), answer(b"no gzip", Content_Encoding="gzip")):
        server.behaviour = behaviour
        with pytest.raises(SourceContractBrokenError, match="gzip"):
            connect(case.source).poll(None)


@pytest.mark.attack(60)
def test_an_answer_above_the_limit_stops_early(case, server, connect):
    for behaviour in (answer(b" " * (10 * MIB)), hostile.endless_body, hostile.lying_length):
        server.behaviour = behaviour
        with pytest.raises(SourceContractBrokenError, match="more than"):
            connect(case.source).poll(None)


def test_a_larger_answer_is_read_where_the_source_is_allowed_it(case, server, connect):
    body = case.padded(9 * MIB)
    server.behaviour = answer(body, content_type=case.content_type)
    result = connect(case.with_limits(max_bytes=16 * MIB)).poll(None)
    assert tuple(record.foreign_id for record in result.records) == case.ids


@pytest.mark.attack(56, 65)
def test_no_redirect_is_followed_and_nothing_is_sent_elsewhere(case, server, connect, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Bearer hunter2")
    secret.chmod(0o600)
    with hostile.hostile_server() as elsewhere:
        server.behaviour = hostile.redirect_to(f"{elsewhere.url}/trap?token=hunter2")
        with pytest.raises(SourceContractBrokenError, match="redirects to") as caught:
            connect(case.with_limits(authorization_file=str(secret))).poll(None)
        assert elsewhere.paths == []
    assert server.request_headers[0]["Authorization"] == "Bearer hunter2"
    assert "hunter2" not in str(caught.value)
    assert len(server.paths) == 1


@pytest.mark.attack(64)
def test_errors_carry_no_query_and_no_header(case, server, connect, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Bearer hunter2")
    secret.chmod(0o600)
    source = case.with_limits(**TIGHT, authorization_file=str(secret))
    source.params["query"] = {"api_key": "hunter3"}
    for behaviour in (answer(b"", status=401), answer(b"", status=503), hostile.silence, answer(HTML)):
        server.behaviour = behaviour
        with pytest.raises((SourceContractBrokenError, SourceUnavailableError)) as caught:
            connect(source).poll(None)
        assert "hunter" not in str(caught.value)
    assert "hunter3" in server.paths[0]
