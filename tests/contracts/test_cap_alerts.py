"""Alerts over time: changes, ends, linked documents, and what an address of alerts may not do."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime

import msgspec
import pytest
import shapely

from datasources._toolkit import transport
from datasources.cap.shapes import read_circle, read_polygon
from datasources.registry import anew_from, build_connector, check_against
from svodka.domain.clock import monotonic_s
from svodka.domain.errors import ProfileError, SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness, IncidentStatus, Point
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from tests.contracts.cases import load_cases
from tests.contracts.hostile import Behaviour, Handler, answer, hostile_server

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>x</title>{}</feed>'
CAP = b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>%s</identifier></alert>'
XXE = b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + CAP % b"&x;"
LAUGHS = (
    b'<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "%s"><!ENTITY c "%s">]>' % (b"&a;" * 10, b"&b;" * 10) + CAP % b"&c;"
)
EXTERNAL = b'<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/alert.dtd">' + CAP % b"1"


def _source(**params: object) -> SourceConfig:
    return SourceConfig(
        id="alerts",
        name="Alerts",
        connector="cap",
        records="incidents",
        url="{simulator}/feed",
        interval_s=5,
        ageing_s=30,
        stale_s=60,
        dead_s=300,
        params=params,
    )


def _alert(name: str, **words: str) -> str:
    """One message; `words` may replace what stands in it, `refs` names earlier ones, `info` its content."""
    sent = words.get("sent", "2026-11-21T05:00:00Z")
    refs = "".join(f"s@x,{each},2026-11-21T04:00:00Z " for each in words.get("refs", "").split())
    info = words.get("info", _info())
    return (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{name}</identifier><sender>s@x</sender><sent>{sent}</sent>"
        f"<status>{words.get('status', 'Actual')}</status><msgType>{words.get('kind', 'Alert')}</msgType>"
        f"<scope>{words.get('scope', 'Public')}</scope><references>{refs}</references>{info}</alert>"
    )


def _info(*, severity: str = "Severe", expires: str = "2026-11-21T08:00:00Z", more: str = "") -> str:
    expires = f"<expires>{expires}</expires>" if expires else ""
    return (
        f"<info><category>Met</category><event>Wind</event><urgency>Expected</urgency><severity>{severity}</severity>"
        f"<certainty>Likely</certainty>{expires}{more}</info>"
    )


def _feed(*alerts: str) -> Behaviour:
    entries = (f"<entry><id>{at}</id><content>{alert}</content></entry>" for at, alert in enumerate(alerts))
    return answer(ATOM.format("".join(entries)).encode(), content_type="application/atom+xml")


def _statuses(result) -> dict[str, str]:
    return {record.foreign_id.removeprefix("s@x|"): record.status.value for record in result.records}


def test_an_alert_in_two_languages_says_what_the_preferred_one_says(server, connect):
    case = next(case for case in load_cases() if case.name == "cap-alert")
    server.behaviour = answer(case.page, content_type=case.content_type)
    (record,) = connect(case.source).poll(None).records
    assert (record.title, record.kind, record.level) == ("Подъём воды", "flood", "high")
    # Found through its geocode, inside of the bent polygon, and from the first message of the chain on.
    assert (record.area_name, record.address) == ("Northern", "North of the river")
    assert not record.point_unreadable
    assert 53.0 <= record.point.lat <= 54.0
    assert 87.0 <= record.point.lon <= 87.1 or record.point.lat <= 53.1
    assert record.started_at == datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    assert record.updated_at == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    assert record.status is IncidentStatus.IN_WORK


def test_messages_of_one_chain_are_one_incident(server, connect):
    case = next(case for case in load_cases() if case.name == "cap-atom")
    server.behaviour = answer(case.page, content_type=case.content_type)
    result = connect(case.source).poll(None)
    found = {record.foreign_id.rpartition("|")[2]: record for record in result.records}
    assert {name: record.status.value for name, record in found.items()} == {
        "A-1": "in_work",
        "A-2": "closed",
        "A-3": "in_work",
        "A-4": "in_work",
        "A-6": "closed",
    }
    assert found["A-2"].closed_at == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert (found["A-3"].title, found["A-3"].level) == ("Frost hard", "low")
    assert (found["A-4"].level, found["A-4"].started_at.hour, found["A-4"].updated_at.hour) == ("high", 3, 4)
    assert (found["A-6"].closed_at.hour, found["A-6"].title, found["A-6"].kind) == (4, "Wind", "weather")
    assert result.skipped == {"superseded": 2}


def test_an_update_that_names_only_the_message_before_it_changes_the_same_incident(server, connect, clock):
    """Each message replaces the one before in the feed; each poll is one after a restart, with only its cursor."""
    cursor, told = None, []
    for number, words in enumerate(
        (
            {},
            {"kind": "Update", "refs": "m0", "sent": "2026-11-21T05:10:00Z", "info": _info(severity="Extreme")},
            {"kind": "Update", "refs": "m1", "sent": "2026-11-21T05:20:00Z", "info": _info(severity="Minor")},
            {"kind": "Cancel", "refs": "m2", "sent": "2026-11-21T05:30:00Z", "info": ""},
        )
    ):
        server.behaviour = _feed(_alert(f"m{number}", **words))
        result = connect(_source()).poll(cursor)
        cursor = result.cursor
        told += [(record.foreign_id, record.level, record.status.value) for record in result.records]
    assert told == [
        ("s@x|m0", "high", "in_work"),
        ("s@x|m0", "critical", "in_work"),
        ("s@x|m0", "low", "in_work"),
        ("s@x|m0", "low", "closed"),
    ]
    assert result.records[0].closed_at == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


def test_an_alert_whose_time_is_over_is_closed_once_though_nobody_names_it(server, connect, clock):
    server.behaviour = _feed(_alert("gone"), _alert("stays", info=_info(expires="2026-11-21T20:00:00Z")))
    cursor = connect(_source()).poll(None).cursor
    server.behaviour = _feed()
    result = connect(_source()).poll(cursor)
    assert result.records == ()
    clock.advance(seconds=10_800)
    result = connect(_source()).poll(result.cursor)
    assert _statuses(result) == {"gone": "closed"}
    assert result.records[0].closed_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert connect(_source()).poll(result.cursor).records == ()


def test_reading_anew_leaves_no_alert_open_that_the_feed_no_longer_names(server, connect, clock):
    """Nothing but the position knows when it ends, and under which id an update of it goes."""
    server.behaviour = _feed(_alert("gone"), _alert("m0"))
    cursor = connect(_source()).poll(None).cursor
    server.behaviour = _feed(_alert("m1", kind="Update", refs="m0", sent="2026-11-21T05:10:00Z"))
    cursor = connect(_source()).poll(cursor).cursor
    server.behaviour = _feed(_alert("m2", kind="Cancel", refs="m1", sent="2026-11-21T05:20:00Z", info=""))
    clock.advance(seconds=10_800)
    result = connect(_source()).poll(anew_from(_source(), cursor))
    assert _statuses(result) == {"gone": "closed", "m0": "closed"}


def test_an_update_that_came_late_opens_an_alert_again(server, connect, clock):
    """Sent before the end of the first message, seen after it: the incident goes on."""
    server.behaviour = _feed(_alert("a", info=_info(expires="2026-11-21T05:30:00Z")))
    first = connect(_source()).poll(None)
    late = _alert("b", kind="Update", refs="a", sent="2026-11-21T05:20:00Z", info=_info())
    server.behaviour = _feed(late)
    second = connect(_source()).poll(first.cursor)
    assert (_statuses(first), _statuses(second)) == ({"a": "closed"}, {"a": "in_work"})
    assert second.records[0].updated_at > first.records[0].updated_at  # so that the older end does not stand above it


def test_an_older_copy_of_a_feed_takes_nothing_back(server, connect):
    update = _alert("b", kind="Update", refs="a", sent="2026-11-21T05:20:00Z", info=_info(severity="Minor"))
    server.behaviour = _feed(update)
    connector = connect(_source())
    first = connector.poll(None)
    server.behaviour = _feed(_alert("a"))
    second = connector.poll(first.cursor)
    assert second.records == first.records
    assert second.skipped == {"superseded": 1}


def test_exercises_and_messages_for_few_are_counted_and_no_incidents(server, connect):
    drills = [_alert(f"d{at}", status=word) for at, word in enumerate(("Exercise", "Test", "System", "Draft"))]
    closed = [_alert(f"p{at}", scope=word) for at, word in enumerate(("Private", "Restricted"))]
    server.behaviour = _feed(*drills, *closed, _alert("ack", kind="Ack"), _alert("c", kind="Cancel", refs="x", info=""))
    result = connect(_source()).poll(None)
    assert result.records == result.rejected == ()
    assert result.skipped == {"not_actual": 4, "not_public": 2, "acknowledgement": 1, "cancel_of_unknown": 1}


def test_an_all_clear_ends_an_incident_and_an_alert_without_an_end_ends_by_time(server, connect, clock):
    clear = _info(more="<responseType>AllClear</responseType>")
    server.behaviour = _feed(_alert("clear", info=clear), _alert("endless", info=_info(expires="")))
    connector = connect(_source(default_expires_h=2))
    result = connector.poll(None)
    assert _statuses(result) == {"clear": "closed", "endless": "in_work"}
    clock.advance(seconds=3600)
    assert _statuses(connector.poll(result.cursor)) == {"clear": "closed", "endless": "closed"}


def test_of_several_blocks_the_gravest_that_is_no_all_clear_is_read(server, connect):
    blocks = [
        _info(severity="Extreme", expires="2026-11-21T09:00:00Z", more="<responseType>AllClear</responseType>"),
        _info(severity="Minor", expires="2026-11-21T05:30:00Z"),
        _info(severity="Severe", expires="2026-11-21T05:40:00Z", more="<headline>gravest</headline>"),
    ]
    server.behaviour = _feed(_alert("a", info="".join(blocks)))
    (record,) = connect(_source()).poll(None).records
    assert (record.title, record.level, record.status.value) == ("gravest", "high", "closed")
    assert record.closed_at == datetime(2026, 11, 21, 5, 40, tzinfo=UTC), "the last end of what is in force"


def test_levels_follow_rules_of_severity_urgency_and_certainty(server, connect):
    rules = [{"level": "critical", "severity": ["severe"], "urgency": ["expected"]}, {"level": "low"}]
    server.behaviour = _feed(_alert("a"), _alert("b", info=_info(severity="Extreme")))
    records = connect(_source(levels=rules)).poll(None).records
    assert [record.level for record in records] == ["critical", "low"]


@pytest.mark.attack(57)
@pytest.mark.parametrize("body", [XXE, LAUGHS, EXTERNAL], ids=["outside reference", "billion laughs", "outside DTD"])
def test_alerts_with_entities_or_outside_references_are_refused(server, connect, body):
    server.behaviour = answer(body, content_type="application/cap+xml")
    with pytest.raises(SourceContractBrokenError, match="document type, entities or outside references"):
        connect(_source()).poll(None)


@pytest.mark.attack(57)
def test_a_feed_of_too_many_entries_or_elements_is_refused(server, connect):
    server.behaviour = _feed(*[_alert(f"a{at}") for at in range(6)])
    with pytest.raises(SourceContractBrokenError, match=r"6 entries, more than max_entries \(5\)"):
        connect(_source(max_entries=5)).poll(None)
    server.behaviour = _feed("".join(_alert(f"a{at}") for at in range(6)))
    with pytest.raises(SourceContractBrokenError, match="6 entries"):
        connect(_source(max_entries=5)).poll(None)
    attributes = b" ".join(b'a%d=""' % at for at in range(610_000))
    for body in (b"<feed>" + b"<a/>" * 700_000 + b"</feed>", b"<feed " + attributes + b"/>"):
        server.behaviour = answer(body)
        with pytest.raises(SourceContractBrokenError, match="more elements or attributes"):
            connect(_source()).poll(None)


@pytest.mark.attack(59)
def test_an_alert_that_is_nested_without_end_is_read_or_set_aside(server, connect):
    deep = "<p>" * 50_000 + "</p>" * 50_000
    server.behaviour = _feed(_alert("a", info=_info(more=deep)), _alert("b", sent="soon", info=deep), _alert("c"))
    result = connect(_source()).poll(None)
    assert _statuses(result) == {"a": "in_work", "c": "in_work"}
    assert [(each.reason.value, each.foreign_id) for each in result.rejected] == [("time_unreadable", "s@x|b")]


def test_shapes_that_are_none_are_unreadable_and_a_bent_one_gives_a_point_inside():
    assert read_circle("53.5,87.25 12.5") == Point(53.5, 87.25)
    assert read_circle("181,10 5") is read_circle("north") is None
    assert read_polygon("0,0 0,9 9,9 9,8 1,8 1,0 0,0") == Point(4.5, 8.5)
    assert read_polygon("0,0 0,4 5,0 5,4 0,0") == Point(2.5, 2.0)  # crosses itself
    for text in ("", "1,2", "1,2 3,4", "1,2 1,3 1,2", "a,b c,d e,f", "91,0 91,1 92,1 91,0", "nan,1 2,2 3,3 nan,1"):
        assert read_polygon(text) is None, text
    assert read_polygon("1,2 " * 30_000) is None


@pytest.mark.parametrize("seed", range(20))
def test_the_point_of_any_polygon_lies_inside_of_it(seed):
    """Stars with dents, against shapely; and what crosses itself everywhere takes no time to speak of."""
    rng = random.Random(seed)
    turns = sorted(rng.uniform(0, math.tau) for _ in range(rng.randint(5, 300)))
    corners = [(54 + r * math.sin(turn), 87 + r * math.cos(turn)) for turn in turns if (r := rng.uniform(0.1, 2))]
    point = read_polygon(" ".join(f"{lat:.9f},{lon:.9f}" for lat, lon in corners))
    shape = shapely.Polygon([(lon, lat) for lat, lon in corners])
    assert shape.is_valid
    assert shape.contains(shapely.Point(point.lon, point.lat))
    knot = " ".join(f"{rng.uniform(50, 51)},{rng.uniform(80, 81)}" for _ in range(20_000))
    begun_s = monotonic_s()
    assert read_polygon(knot) is not None
    assert monotonic_s() - begun_s < 2


class Linked:
    """A feed that links to documents, on one host; how often each was asked for is counted."""

    def __init__(self, names: list[str], *, at: str = "") -> None:
        self.names = names
        self.at = at
        self.asked: list[str] = []
        self.answers: dict[str, Behaviour] = {}

    def __call__(self, handler: Handler) -> None:
        name = handler.path.strip("/").partition("?")[0]
        if name != "feed":
            self.asked.append(name)
            alert = answer(_alert(name).encode(), content_type="application/cap+xml")
            self.answers.get(name, alert)(handler)
            return
        links = (
            f'<entry><id>{name}</id><updated>2026-11-21T05:00:00Z</updated><link href="/page.html" type="text/html"/>'
            f'<link type="application/cap+xml" href="{self.at}/{name}"/></entry>'
            for name in self.names
        )
        answer(ATOM.format("".join(links)).encode(), content_type="application/atom+xml")(handler)


def test_linked_documents_are_read_once_some_at_a_poll_and_told_as_long_as_they_stand(server, connect, clock):
    linked = Linked([f"d{at}" for at in range(5)])
    server.behaviour = linked
    first = connect(_source(max_links=3)).poll(None)
    assert (first.completeness, len(first.records)) == (Completeness.PARTIAL, 3)
    assert first.skipped == {"link_waits": 2}
    second = connect(_source(max_links=3)).poll(first.cursor)
    assert (second.completeness, len(second.records)) == (Completeness.COMPLETE, 5)
    third = connect(_source(max_links=3)).poll(second.cursor)
    assert sorted(linked.asked) == linked.names
    assert [result.read_n for result in (first, second, third)] == [3, 5, 5]
    assert _statuses(third) == dict.fromkeys(linked.names, "in_work")
    clock.advance(seconds=10_800)
    assert _statuses(connect(_source()).poll(third.cursor)) == dict.fromkeys(linked.names, "closed")


def test_reading_anew_reads_linked_documents_again(server, connect):
    linked = Linked(["a", "b", "c"])
    server.behaviour = linked
    cursor = connect(_source()).poll(None).cursor
    assert connect(_source()).poll(anew_from(_source(), cursor)).completeness is Completeness.COMPLETE
    assert sorted(linked.asked) == ["a", "a", "b", "b", "c", "c"]


def test_a_linked_document_that_is_away_holds_up_no_other_and_is_asked_for_again(server, connect):
    linked = Linked(["away", "b", "c"])
    linked.answers["away"] = answer(b"", status=503)
    server.behaviour = linked
    connector = connect(_source(lists_all_open=True))
    first = connector.poll(None)
    assert (first.records, first.skipped) == ((), {"link_unavailable": 1, "link_waits": 2})
    assert not first.lists_all_open  # what is not read has not ended
    second = connector.poll(first.cursor)
    assert set(_statuses(second)) == {"b", "c"}
    del linked.answers["away"]
    third = connector.poll(second.cursor)
    assert set(_statuses(third)) == {"away", "b", "c"}
    assert third.lists_all_open


def test_a_link_to_no_alert_is_set_aside_and_left_alone_after_five_attempts(server, connect):
    linked = Linked(["page", "missing", "xxe"])
    linked.answers = {
        "page": answer(b"<html/>", content_type="text/html"),
        "missing": answer(b"", status=404),
        "xxe": answer(XXE),
    }
    server.behaviour = linked
    connector, cursor = connect(_source()), None
    reasons: list[list[str]] = []
    for _ in range(7):
        result = connector.poll(cursor)
        cursor = result.cursor
        reasons.append([each.reason.value for each in result.rejected])
    assert reasons == [["link_unread"] * 3] * 5 + [[]] * 2
    assert len(linked.asked) == 15


@pytest.mark.attack(56, 65)
def test_links_lead_nowhere_but_where_the_operator_allows_and_there_without_the_secret(server, connect, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("Bearer hunter2")
    secret.chmod(0o600)
    http = {"authorization_file": str(secret)}
    with hostile_server() as elsewhere:
        elsewhere.behaviour = answer(_alert("far").encode(), content_type="application/cap+xml")
        for refused in (elsewhere.url, "http://user:pw@127.0.0.1", "file:///etc", "gopher://x", "http://[x"):
            server.behaviour = Linked(["far"], at=refused)
            result = connect(_source(http=http)).poll(None)
            assert [each.reason.value for each in result.rejected] == ["link_unread"], refused
            assert "pw" not in result.rejected[0].detail
        server.behaviour = Linked(["far"], at=server.url.replace("http://", "https://"))
        assert connect(_source()).poll(None).rejected[0].reason.value == "link_unread", "another scheme is another host"
        assert elsewhere.paths == []
        server.behaviour = Linked(["far"], at=elsewhere.url)
        assert connect(_source(follow_links=False)).poll(None).rejected[0].detail.startswith("links are not followed")
        allowed = connect(_source(http=http, link_hosts=[elsewhere.url.removeprefix("http://")]))
        assert set(_statuses(allowed.poll(result.cursor))) == {"far"}  # also after it was refused before
        assert "Authorization" not in elsewhere.request_headers[0]
    assert server.request_headers[-1]["Authorization"] == "Bearer hunter2"


@pytest.mark.attack(56)
def test_a_named_host_in_a_private_network_needs_a_word_of_its_own(server, connect, monkeypatch):
    """That the source itself is private says nothing of others, also where a name changes its mind."""
    with hostile_server() as elsewhere:
        port = elsewhere.server_port
        for host in ("127.0.0.1", "mixed.test"):
            at = f"http://{host}:{port}"
            server.behaviour = Linked(["far"], at=at)
            elsewhere.behaviour = answer(_alert("far").encode(), content_type="application/cap+xml")
            if host == "mixed.test":
                _lead(monkeypatch, host, ["93.184.216.34", "127.0.0.1"])
            params = {"http": {"allow_private": True}, "link_hosts": [f"{host}:{port}"]}
            source = msgspec.structs.replace(_source(**params), url=f"{server.url}/feed")
            (refused,) = connect(source).poll(None).rejected
            assert (refused.reason.value, "private address" in refused.detail) == ("link_unread", True), host
        assert elsewhere.paths == []
        connector, cursor = connect(source), None
        for _ in range(7):
            cursor = connector.poll(cursor).cursor
        params = {"http": {"allow_private": True, "allowed_hosts": ["mixed.test"]}, "link_hosts": ["mixed.test"]}
        _lead(monkeypatch, "mixed.test", ["127.0.0.1"])
        source = msgspec.structs.replace(_source(**params), url=f"{server.url}/feed")
        assert set(_statuses(connect(source).poll(cursor))) == {"far"}, "nobody gave it up meanwhile"


def _lead(monkeypatch, name: str, addresses: list[str]) -> None:
    """Let a name lead to addresses, and every other one where it leads."""
    known = transport.getaddrinfo

    def resolve(host, port):
        return [(0, 0, 0, "", (each, port)) for each in addresses] if host == name else known(host, port)

    monkeypatch.setattr(transport, "getaddrinfo", resolve)


def test_an_outage_of_the_feed_itself_reads_nothing(server, connect):
    server.behaviour = answer(b"", status=503)
    with pytest.raises(SourceUnavailableError):
        connect(_source()).poll(None)


def test_the_cursor_of_a_feed_of_ever_new_alerts_stays_small(server, connect, clock):
    connector, cursor, sizes = connect(_source(max_entries=5)), None, []
    for turn in range(12):
        names = [f"t{turn}n{at}" for at in range(5)]
        server.behaviour = _feed(*[_alert(name, info=_info(expires="2027-01-01T00:00:00Z")) for name in names])
        cursor = connector.poll(cursor).cursor
        sizes.append(len(cursor))
        clock.advance(seconds=5)
    assert max(sizes[2:]) - min(sizes[2:]) < 100
    assert len(msgspec.json.decode(cursor)["chains"]) == 10


def test_a_cursor_of_another_connector_is_told(server, connect):
    server.behaviour = _feed()
    with pytest.raises(SourceContractBrokenError, match="not of this connector"):
        connect(_source()).poll('{"point_at": 5}')


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"kinds": {"Met": "nonsense"}}, "kinds: 'nonsense' does not exist"),
        ({"levels": [{"level": "purple"}]}, "levels: 'purple' does not exist"),
    ],
)
def test_maps_that_lead_to_nothing_stop_the_start(params, words):
    with pytest.raises(ProfileError, match=words):
        check_against(_source(**params), load_profile("kuzbass"))


@pytest.mark.parametrize(
    "params",
    [
        {"status": "closed"},
        {"max_links": 0},
        {"default_expires_h": -1},
        {"http": {"allowed_hosts": 1}},
        {"http": {"allowed_hosts": "a"}},
        {"http": 1},
    ],
)
def test_params_that_mean_nothing_are_refused(params, clock):
    with pytest.raises(ProfileError, match="alerts"):
        build_connector(_source(**params), clock, simulator_url="http://127.0.0.1:9")


def test_appeals_are_refused(clock):
    source = msgspec.structs.replace(_source(), records="appeals", channel="pos")
    with pytest.raises(ProfileError, match="brings incidents"):
        build_connector(source, clock, simulator_url="http://127.0.0.1:9")
