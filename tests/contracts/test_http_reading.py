"""How the declarative connector pages, asks for windows and reads XML, against a server that pages in every way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from datasources.registry import build_connector
from svodka.domain.errors import ProfileError, SourceContractBrokenError
from svodka.domain.records import Completeness
from svodka.profiles.model import SourceConfig
from tests.contracts.hostile import Handler, answer

AT = "2026-11-21T05:00:00Z"
KINDS = {
    "page": {"kind": "page", "size_param": "per_page", "size": 3},
    "offset": {"kind": "offset", "size_param": "limit", "size": 3},
    "cursor": {"kind": "cursor", "param": "after", "next": "meta.next[0].word"},
    "link header": {"kind": "link"},
    "link in the body": {"kind": "link", "next": "meta.link"},
}


class Pages:
    """A list of records, three a page, by page number, offset, cursor and link alike."""

    def __init__(self, n: int = 7) -> None:
        self.ids = [f"r{number}" for number in range(n)]
        self.questions: list[dict[str, str]] = []
        self.before: Callable[[int], None] = lambda _n: None
        self.forgets: set[str] = set()

    def __call__(self, handler: Handler) -> None:
        question = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        self.questions.append(question)
        self.before(len(self.questions))
        start = int(question.get("offset") or question.get("after", "0").removeprefix("w"))
        start = (int(question["page"]) - 1) * 3 if "page" in question else start
        if question.get("after") in self.forgets:
            self.forgets.clear()
            answer(b"{}", status=410)(handler)
            return
        more = start + 3 < len(self.ids)
        body = {
            "items": [{"id": key, "at": AT} for key in self.ids[start : start + 3]],
            "meta": {
                "next": [{"word": f"w{start + 3}" if more else None}],
                "link": f"/list?after=w{start + 3}" if more else None,
            },
        }
        link = {"Link": f'</list?after=w{start + 3}>; rel="next"'} if more else {}
        answer(msgspec.json.encode(body), **link)(handler)


def _source(**params: object) -> SourceConfig:
    return SourceConfig(
        id="list",
        name="List",
        connector="http_json",
        records="incidents",
        url="{simulator}/list?constant=1",
        interval_s=5,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        backfill_h=72,
        close_after_missing_polls=3,
        params={
            "records": "items",
            "status_default": "in_work",
            "fields": {"id": ["id"], "started_at": "at"},
            **params,
        },
    )


def _cycle(connector, cursor=None):
    results = []
    while not results or results[-1].completeness is Completeness.PARTIAL:
        assert len(results) < 50, "the cycle does not end"
        results.append(connector.poll(cursor))
        cursor = results[-1].cursor
    return results, cursor


def _ids(results):
    return [record.foreign_id for result in results for record in result.records]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 2, 6, 7])
def test_every_kind_of_paging_brings_every_record_once(server, connect, kind, n):
    pages = server.behaviour = Pages(n)
    connector = connect(_source(paging=KINDS[kind]))
    for _ in range(2):
        results, _ = _cycle(connector)
        assert _ids(results) == pages.ids
    assert pages.questions[0]["constant"] == "1"


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_all_that_is_open_is_read_in_one_poll(server, connect, kind):
    pages = server.behaviour = Pages()
    result = connect(_source(paging=KINDS[kind], lists_all_open=True)).poll(None)
    assert (result.completeness, result.lists_all_open, result.read_n) == (Completeness.COMPLETE, True, 7)
    assert _ids([result]) == pages.ids


def test_the_place_of_a_reading_survives_a_new_process(server, connect):
    pages = server.behaviour = Pages()
    cursor, seen, complete = None, [], False
    while not complete:
        result = connect(_source(paging=KINDS["cursor"])).poll(cursor)
        cursor, complete = result.cursor, result.completeness is Completeness.COMPLETE
        seen += _ids([result])
    assert seen == pages.ids


def test_a_record_that_leaves_while_pages_are_read_hides_another_until_the_next_reading_only(server, connect):
    pages = server.behaviour = Pages()
    pages.before = lambda n: pages.ids.remove("r0") if n == 2 else None
    connector = connect(_source(paging=KINDS["page"]))
    results, cursor = _cycle(connector)
    assert "r3" not in _ids(results)
    results, _ = _cycle(connector, cursor)
    assert _ids(results) == pages.ids


def test_a_page_that_repeats_ends_the_reading(server, connect):
    server.behaviour = answer(msgspec.json.encode({"items": [{"id": "r", "at": AT}], "meta": {"link": "?page=2"}}))
    for paging in (KINDS["page"], KINDS["link in the body"]):
        results, _ = _cycle(connect(_source(paging=paging)))
        assert len(results) == 2


def test_a_feed_of_too_many_pages_is_broken_off(server, connect):
    server.behaviour = Pages(30)
    with pytest.raises(SourceContractBrokenError, match="more than 4 pages"):
        _cycle(connect(_source(paging={**KINDS["cursor"], "max_pages": 4})))


def test_a_place_that_the_source_has_forgotten_begins_the_reading_anew(server, connect):
    pages = server.behaviour = Pages()
    pages.forgets.add("w3")
    results, _ = _cycle(connect(_source(paging=KINDS["cursor"])))
    assert set(_ids(results)) == set(pages.ids)
    pages.before = lambda _n: pages.forgets.add("w3")
    with pytest.raises(SourceContractBrokenError, match="410"):
        _cycle(connect(_source(paging=KINDS["cursor"])))


def test_a_paging_without_its_kind_is_no_paging_and_is_refused(connect):
    """Else one page would be read, and nobody would know of the others."""
    for paging in ({"size_param": "n", "size": 2}, {"param": "skip"}, {"next": "meta.next"}):
        with pytest.raises(ProfileError, match=r"paging\.kind is missing: page, offset"):
            connect(_source(paging=paging))


@pytest.mark.attack(56, 65)
def test_a_next_page_on_another_server_is_refused(server, connect):
    body = {"items": [{"id": "r", "at": AT}], "meta": {"link": "http://127.0.0.2:1/list"}}
    server.behaviour = answer(msgspec.json.encode(body))
    with pytest.raises(SourceContractBrokenError, match="another server"):
        connect(_source(paging=KINDS["link in the body"])).poll(None)


@pytest.mark.parametrize(
    ("form", "first"),
    [("iso", "2026-11-18T06:00:30.000Z"), ("epoch_s", "1794981630"), ("epoch_ms", "1794981630000"), ("%d.%m.%Y", "")],
)
def test_a_window_goes_on_from_the_time_of_the_source_less_an_overlap(server, connect, clock, form, first):
    pages = server.behaviour = Pages(7)
    window = {"since": "since", "form": form, "overlap_s": 60, "whole_every_h": 24}
    connector = connect(_source(paging=KINDS["page"], window=window))
    _, cursor = _cycle(connector)
    assert {question["since"] for question in pages.questions} == {first or "18.11.2026"}
    clock.advance(seconds=600)
    pages.questions.clear()
    _, cursor = _cycle(connector, cursor)
    if form == "iso":
        # The source's clock stands at 06:00:00.
        assert pages.questions[0]["since"] == "2026-11-21T05:59:00.000Z"
    clock.advance(seconds=25 * 3600)
    pages.questions.clear()
    _cycle(connector, cursor)
    if form == "iso":
        assert datetime.fromisoformat(pages.questions[0]["since"]) == clock.now() - timedelta(hours=72)


def test_a_window_that_named_nothing_is_asked_for_again(server, connect, clock):
    pages = server.behaviour = Pages(1)
    connector = connect(_source(window={"since": "since", "overlap_s": 0}))
    _, cursor = _cycle(connector)
    pages.ids.clear()
    for _ in range(3):
        clock.advance(seconds=600)
        _, cursor = _cycle(connector, cursor)
    assert pages.questions[-1]["since"] == "2026-11-21T06:00:00.000Z"


XML = """<?xml version="1.0"?><rss xmlns:g="urn:x"><channel><title>Feed</title>
<item kind="a"><g:id>1</g:id><at tz="x">2026-11-21T05:00:00Z</at>
<place><name>First</name></place><place><name>Second</name></place></item>
<item><g:id>2</g:id><at>2026-11-21T05:00:00Z</at>
<place><name lang="en">Only</name></place></item><item/></channel></rss>"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("place.name", ["First", "Only"]),
        ("place[1].name", ["Second", None]),
        ("place[0].name", ["First", "Only"]),
        ("@kind", ["a", None]),
        ("place.name@lang", [None, "en"]),
    ],
)
def test_xml_is_read_by_the_same_paths(server, connect, path, names):
    server.behaviour = answer(XML.encode(), content_type="application/rss+xml")
    fields = {"id": ["id"], "started_at": "at", "area_name": path}
    result = connect(_source(format="xml", records="channel.item", fields=fields)).poll(None)
    assert [record.area_name for record in result.records] == names
    assert [each.reason for each in result.rejected] == ["not_an_object"]


@pytest.mark.attack(57)
def test_xml_of_a_million_tiny_elements_is_refused(server, connect):
    server.behaviour = answer(b"<r>" + b"<a/>" * 600_000 + b"</r>", content_type="text/xml")
    with pytest.raises(SourceContractBrokenError, match="more elements"):
        connect(_source(format="xml", records="")).poll(None)


@pytest.mark.parametrize(
    "params",
    [
        {"paging": {"kind": "cursor"}},
        {"paging": {"kind": "page", "size": 0}},
        {"window": {"since": ""}},
        {"window": {"since": "s", "form": "words"}},
        {"window": {"since": "s"}, "lists_all_open": True},
        {"http": {"bearer_file": "a", "basic_file": "b"}},
        {"http": {"header_files": {"Host": "a"}}},
        {"http": {"header_files": {"X\r\nY": "a"}}},
        {"http": {"client_key_file": "a"}},
        {"http": {"oauth": {"token_url": "http://tokens.test/", "client_file": "a"}}},
        {"http": {"oauth": {"token_url": "https://user:secret@tokens.test/", "client_file": "a"}}},
        {"http": {"verify": False}},
    ],
)
def test_params_that_contradict_each_other_stop_the_start(clock, params):
    with pytest.raises(ProfileError) as caught:
        build_connector(_source(**params), clock, simulator_url="http://127.0.0.1:9")
    assert "secret" not in str(caught.value).replace("for a secret", "")


def test_a_position_is_told_from_another_connectors(server, connect):
    with pytest.raises(SourceContractBrokenError, match="cursor"):
        connect(_source(paging=KINDS["page"])).poll('{"point_at":"2026-11-21T00:00:00Z","v":1}')
