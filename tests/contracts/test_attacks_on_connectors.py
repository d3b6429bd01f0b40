"""Attacks that are tried on every connector: where it can be led, what it can be fed, whom it trusts, what it tells."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import traceback
import zipfile
from collections.abc import Callable, Iterator

import msgspec
import pytest
import structlog

from datasources.registry import build_connector
from svodka.domain.clock import ManualClock, monotonic_s
from svodka.domain.errors import ProfileError, SourceContractBrokenError, SourceUnavailableError
from svodka.domain.masking import mask
from svodka.ingest.cycle import run_cycle
from svodka.observability.logs import configure_logs
from svodka.storage.database import Database
from svodka.storage.sources import load_source
from tests.contracts import hostile
from tests.contracts.cases import Case
from tests.contracts.conftest import NOW
from tests.contracts.hostile import MIB, answer
from tests.contracts.papers import speak_tls
from tests.ingest_factory import PlainClassifier, tiny_profile

FAILURES = (SourceContractBrokenError, SourceUnavailableError)
INSIDE = (
    "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "127.1", "0", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1", "[fe80::1]", "[::]",
)  # fmt: skip
EXTERNAL = "http://127.0.0.1:{port}/evil.dtd"
DOCUMENT_TYPES = {
    "file of the machine": '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "address": f'<!DOCTYPE r [<!ENTITY e SYSTEM "{EXTERNAL}">]>',
    "billion laughs": '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;">]>',
    "outside document type": f'<!DOCTYPE r SYSTEM "{EXTERNAL}">',
    "entity of parameters": f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{EXTERNAL}"> %p;]>',
}
HOSTILE_VALUES = (
    10**25, -(10**25), 1e308, -0.0, True, None, "", "\x00", "\ud800", "x" * 30_000, "1" * 6000, "NaN", "Infinity",
    "-1", "0x10", "１２", "9999-99-99T99:99:99Z", "0001-01-01T00:00:00+23:59", "../../etc/passwd", "=1+1",
    "' OR 1=1 --", "<script>alert(1)</script>", "&#x1f600;&bogus;", [], {}, [[[[]]]], {"$ref": "#"}, ["x"] * 1000,
)  # fmt: skip


@pytest.fixture
def logged(database, capfd, clock) -> Iterator[tuple[Database, Callable[[], str]]]:
    """Log as the poller does; give a database, and what was logged."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    configure_logs("debug", "poll", clock.now, mask)
    yield database, lambda: "".join(capfd.readouterr())
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    structlog.reset_defaults()


@pytest.mark.attack(56)
def test_no_connector_asks_an_address_inside_however_it_is_written(case, server, clock):
    """The address is the operator's own word; without a word that allows it, nothing is asked."""
    for host in INSIDE:
        source = msgspec.structs.replace(case.with_limits(connect_s=1.0, total_s=3.0), url=_url(server, host))
        with pytest.raises((*FAILURES, ProfileError)):
            build_connector(source, clock).poll(None)
    assert server.paths == []


def _url(server: hostile.HostileServer, host: str) -> str:
    return f"http://{host}:{server.server_port}/v2"


@pytest.mark.attack(56)
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "ldap://127.0.0.1/", "javascript:1", "//a"]
)
def test_no_connector_starts_with_an_address_of_another_scheme(case, clock, url):
    with pytest.raises(ProfileError, match=case.source.id):
        build_connector(msgspec.structs.replace(case.source, url=url), clock)


@pytest.mark.attack(57)
@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_no_connector_reads_a_document_type(case, server, connect, kind):
    with hostile.hostile_server() as elsewhere:
        doctype = DOCUMENT_TYPES[kind].format(port=elsewhere.server_port)
        for body in _with_document_type(case, doctype):
            server.behaviour = answer(body, content_type=case.content_type)
            begun_s = monotonic_s()
            with pytest.raises(SourceContractBrokenError) as caught:
                connect(case.source).poll(None)
            assert monotonic_s() - begun_s < 3
            assert "root:" not in str(caught.value)
        assert elsewhere.paths == []


def _with_document_type(case: Case, doctype: str) -> list[bytes]:
    """Return the page with a document type before it, and its words replaced by what that declares."""
    declared = doctype.encode()
    if case.page.startswith(b"PK"):
        return [_rezipped(case.page, lambda text: declared + re.sub(rb"^<\?xml[^>]*\?>", b"", text))]
    if b"xml" not in case.content_type.encode():
        return [declared + b"<r>&e;</r>"]
    bare = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", case.page)
    return [declared + bare, declared + re.sub(rb">[^<>&]+</", b">&e;</", bare)]


def _rezipped(archive: bytes, change) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = before.read(name)
            after.writestr(name, change(body) if name.endswith(".xml") else body)
    return file.getvalue()


@pytest.mark.attack(58)
def test_no_connector_unpacks_what_is_packed_twice(case, server, connect, tmp_path):
    """An archive in an archive, gzip in gzip, names that lead out: what is inside is not looked for."""
    slipped = tmp_path / "slipped"
    packed = gzip.compress(case.page)
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page", case.page)
        archive.writestr(f"../../../../..{slipped}", case.page)
        archive.writestr(str(slipped), case.page)
    for body, headers in (
        (packed, {}),
        (gzip.compress(packed), {"Content_Encoding": "gzip"}),
        (hostile.gzip_bomb_in_gzip(64), {"Content_Encoding": "gzip"}),
        (nested.getvalue(), {}),
    ):
        server.behaviour = answer(body, content_type=case.content_type, **headers)
        with pytest.raises(SourceContractBrokenError):
            connect(case.source).poll(None)
    assert not slipped.exists()


@pytest.mark.attack(59)
def test_no_value_of_a_record_does_more_than_to_be_set_aside(case, server, connect, database):
    """Every value of a record, one after the other, becomes something hostile; each is stored, set aside or counted."""
    page, template = _json_page(case)
    hostile_items = [
        _replaced(template, path, value) for path in _places(template) for value in (*HOSTILE_VALUES, "9" * 25)
    ]
    body = _written(page([*hostile_items, template]))
    server.behaviour = answer(body, content_type=case.content_type)
    connector = connect(case.with_limits(max_bytes=64 * MIB, total_s=60.0))
    report = run_cycle(database, PlainClassifier(tiny_profile()), case.source, connector, ManualClock(NOW), max_pages=3)
    assert report.error_kind == "", report.error_text
    assert report.read_n >= len(hostile_items) + 1
    passed_over_n = sum(report.skipped.values())  # no record on purpose, and counted
    assert sum(report.outcomes.values()) + passed_over_n >= len(hostile_items) + 1
    assert len(hostile_items) > 60


@pytest.mark.attack(59)
@pytest.mark.parametrize("digits", [20, 5000])
def test_no_number_is_too_long_for_a_connector(case, server, connect, digits):
    """A page with such a number is refused, or the record is; never more."""
    page, template = _json_page(case)
    connector, cursor, tried = connect(case.source), None, 0
    for path in _places(template):
        for number in ("9" * digits, f"-{'9' * digits}", f"0.{'9' * digits}", f"1e{digits}"):
            body = _written(page([_replaced(template, path, "@@")])).replace(b'"@@"', number.encode())
            server.behaviour = answer(body, content_type=case.content_type)
            tried += 1
            try:
                result = connector.poll(cursor)
            except SourceContractBrokenError:
                continue
            assert len(result.records) + len(result.rejected) + sum(result.skipped.values()) == result.read_n
    assert tried > 10


def _json_page(case: Case) -> tuple[Callable[[list[object]], object], dict[str, object]]:
    """Return what makes a page of records, and the first record of the case's own."""
    if "json" not in case.content_type:
        pytest.skip("values of XML and of tables are texts")
    document = msgspec.json.decode(case.page)
    outer, here = [], document
    while isinstance(here, dict):
        key = next(key for key, value in here.items() if isinstance(value, list | dict))
        outer.append(key)
        here = here[key]

    def page(items: list[object]) -> object:
        return _replaced(document, tuple(outer), items)

    return page, next(item for item in here if isinstance(item, dict))


def _places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    if path:
        yield path
    for key, below in inner:
        yield from _places(below, (*path, key))


def _replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


def _written(value: object) -> bytes:
    """Return a value as JSON, half of a surrogate pair included."""
    return json.dumps(value).encode()


@pytest.mark.attack(59)
def test_of_a_key_that_stands_twice_every_connector_takes_the_last(case, server, connect):
    if "json" not in case.content_type:
        pytest.skip("no keys")
    server.behaviour = answer(case.page, content_type=case.content_type)
    plain = connect(case.source).poll(None)
    doubled = re.sub(rb'\{\s*("[^"]+":)', rb'{\1 "shadow", \1', case.page)
    assert doubled != case.page
    server.behaviour = answer(doubled, content_type=case.content_type)
    assert connect(case.source).poll(None).records == plain.records


@pytest.mark.attack(59)
def test_a_byte_order_mark_changes_nothing_and_another_width_is_read_or_refused(case, server, connect):
    if case.page.startswith(b"PK"):
        pytest.skip("an archive has no character set")
    server.behaviour = answer(case.page, content_type=case.content_type)
    plain = connect(case.source).poll(None)
    text = case.page.decode()
    server.behaviour = answer(b"\xef\xbb\xbf" + case.page, content_type=case.content_type)
    assert connect(case.source).poll(None).records == plain.records
    for width in ("utf-16", "utf-16-le", "utf-32"):
        server.behaviour = answer(text.encode(width), content_type=case.content_type)
        try:
            assert connect(case.source).poll(None).records == plain.records
        except SourceContractBrokenError:
            continue


@pytest.mark.attack(61)
@pytest.mark.parametrize("trouble", ["issuer unknown", "signed itself", "expired", "other host", "old TLS", "no TLS"])
def test_no_connector_trusts_a_wrong_certificate_or_an_old_protocol(case, server, clock, papers, trouble):
    name = {"signed itself": "self", "expired": "expired", "other host": "other"}.get(trouble, "good")
    if trouble == "no TLS":
        url = server.url.replace("http:", "https:")
    else:
        url = speak_tls(server, papers, name, only_old=trouble == "old TLS")
    root = {} if trouble in {"issuer unknown", "signed itself"} else {"ca_file": str(papers / "ca.pem")}
    source = msgspec.structs.replace(case.with_limits(allow_private=True, total_s=3.0, **root), url=url)
    connector = build_connector(source, clock)
    with pytest.raises(FAILURES) as caught:
        connector.poll(None)
    connector.close()
    assert server.paths == []
    if name != "good" or trouble == "issuer unknown":
        assert isinstance(caught.value, SourceContractBrokenError), "a matter for the operator, not for a later try"
        assert "cannot be trusted" in str(caught.value)


@pytest.mark.attack(64)
def test_no_secret_and_no_word_of_a_page_stands_in_logs_errors_or_health(case, server, connect, tmp_path, logged):
    """Header, query and page; good answers and bad ones; log, traceback and what the database keeps of the source."""
    secret = tmp_path / "secret"
    secret.write_text("Bearer hunter2")
    secret.chmod(0o600)
    source = case.with_limits(authorization_file=str(secret), connect_s=1.0, read_s=0.2, total_s=0.4, max_bytes=MIB)
    source.params["query"] = {"api_key": "hunter3"}
    (database, logs), clock = logged, ManualClock(NOW)
    connector, classifier = connect(source), PlainClassifier(tiny_profile())
    words = b"<p>hunter4</p>"
    told: list[str] = []
    for behaviour in (
        answer(case.page, content_type=case.content_type),
        answer(words), answer(b'{"error": "hunter4"}'), answer(words, status=401), answer(words, status=503),
        answer(b'[{"id": "hunter4", "id"', content_type=case.content_type),
        answer(b"PK\x03\x04hunter4"), answer(b"hunter4;hunter4\nhunter4"),
        answer(b"", status=302, Location="http://u:hunter4@127.0.0.1/?hunter4"),
        answer(words, Content_Encoding="gzip"), hostile.half_a_body, hostile.silence,
    ):  # fmt: skip
        server.behaviour = behaviour
        clock.advance(seconds=10)
        told.append(msgspec.json.encode(run_cycle(database, classifier, source, connector, clock)).decode())
        with database.read() as connection:
            health = load_source(connection, source.id)
        told.append(health.error_text)
        try:
            connector.poll(None)
        except FAILURES as error:
            told += traceback.format_exception(error)
    lines = logs()
    assert '"cycle"' in lines
    assert "hunter" not in lines + "".join(told)
    assert any("api_key=hunter3" in path for path in server.paths), "it was shown to the source"


@pytest.mark.attack(65)
def test_no_connector_sends_cookies_or_secrets_to_another_host(case, server, connect, tmp_path):
    """A redirect and a link of any kind lead elsewhere: whatever is asked there, it carries nothing of ours."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    secret.chmod(0o600)
    source = case.with_limits(bearer_file=str(secret), header_files={"X-Key": str(secret)}, connect_s=1.0, total_s=2.0)
    with hostile.hostile_server() as elsewhere:
        trap = f"{elsewhere.url}/trap"
        for headers in ({"Location": trap}, {"Link": f'<{trap}>; rel="next"'}, {"Refresh": f"0; url={trap}"}):
            for status in (200, 302, 307, 308):
                server.behaviour = answer(
                    case.page, status=status, content_type=case.content_type, Set_Cookie="s=hunter5", **headers
                )
                connector = connect(source)
                cursor = None
                for _ in range(3):
                    try:
                        cursor = connector.poll(cursor).cursor
                    except FAILURES:
                        break
        assert elsewhere.paths == []
    assert all("Cookie" not in headers for headers in server.request_headers)
    assert all(headers["X-Key"] == "hunter2" for headers in server.request_headers)
