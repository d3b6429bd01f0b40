"""The simulator's server, asked over real HTTP as a poller asks it."""

import gzip
import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import defusedxml.ElementTree as SafeTree
import pytest

from simulator.history import History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from simulator.truth import truth_appeals, truth_incidents
from svodka.domain import codec
from svodka.domain.clock import ManualClock
from svodka.domain.errors import StartError
from tests.unit.simulated_profile import invented_profile

NOW = datetime(2026, 11, 18, 16, tzinfo=UTC)
FEED = "/open311/post/v2/requests.json"


class Served:
    """A running simulator and one connection to it that is kept open."""

    def __init__(self) -> None:
        profile = invented_profile()
        self.clock = ManualClock(NOW)
        self.history = History(Region(profile, load_simulation(profile), 7))
        self.server = SimulatorServer(RegionSite(self.history), self.clock)
        self.url = self.server.start()
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)

    def ask(
        self, path: str, headers: dict[str, str] | None = None, **params: object
    ) -> tuple[int, dict[str, str], bytes]:
        self.connection.request("GET", f"{path}?{urlencode(params)}", headers=headers or {})
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def ask_json(self, path: str, **params: object):
        status, _, body = self.ask(path, **params)
        assert status == 200, body
        return codec.decode(body)

    def end(self) -> None:
        self.connection.close()
        self.server.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    served = Served()
    yield served
    served.end()


@pytest.fixture
def served(running: Served) -> Served:
    running.clock.set(NOW)
    return running


def test_one_connection_serves_many_questions_and_the_date_is_the_clocks(served: Served) -> None:
    """Keep-alive, and the Date header is the simulated time."""
    served.ask("/cards.json")
    socket_before = served.connection.sock
    for minutes in (0, 90):
        served.clock.set(NOW + timedelta(minutes=minutes))
        _, headers, _ = served.ask("/outages.geojson")
        assert headers["Date"] == f"Wed, 18 Nov 2026 {16 + minutes // 60}:{minutes % 60:02d}:00 GMT"
    assert served.connection.sock is socket_before is not None


def test_gzip_is_used_only_when_asked_for(served: Served) -> None:
    """The same answer in both forms."""
    _, plain_headers, plain = served.ask(FEED, page_size=50)
    _, headers, packed = served.ask(FEED, {"Accept-Encoding": "gzip, deflate"}, page_size=50)
    assert "Content-Encoding" not in plain_headers
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(plain) == len(gzip.decompress(packed))
    assert gzip.decompress(packed) == plain


def test_xml_is_well_formed_and_says_what_json_says(served: Served) -> None:
    """Field by field; null is an empty element."""
    items = served.ask_json(FEED, page_size=80)
    _, headers, body = served.ask("/open311/post/v2/requests.xml", page_size=80)
    assert headers["Content-Type"].startswith("text/xml")
    root = SafeTree.fromstring(body)
    assert root.tag == "service_requests"
    told = [{field.tag: field.text or "" for field in element} for element in root]
    assert told == [{key: "" if value is None else str(value) for key, value in item.items()} for item in items]


def test_pages_of_a_window_hold_every_changed_request_once_oldest_first(served: Served) -> None:
    """What a backfill reads page by page is exactly what has changed."""
    since = NOW - timedelta(days=3)
    found: list[dict[str, object]] = []
    for page in range(1, 100):
        items = served.ask_json(FEED, updated_after=since.isoformat(), page=page, page_size=100)
        found += items
        if len(items) < 100:
            break
    truth = [row for row in truth_appeals(served.history, NOW, since=since) if row["system"] == "post"]
    assert [item["service_request_id"] for item in found] == [row["foreign_id"] for row in truth]
    times = [datetime.fromisoformat(str(item["updated_datetime"])) for item in found]
    assert times == sorted(times) == [row["updated_at"] for row in truth]


def test_a_window_with_an_end_leaves_out_what_changed_after_it(served: Served) -> None:
    """updated_before is about the last change known now, so nothing is told in an old state."""
    end = NOW - timedelta(hours=6)
    items = served.ask_json(
        FEED, updated_after=(end - timedelta(hours=6)).isoformat(), updated_before=end.isoformat(), page_size=1000
    )
    ids = [item["service_request_id"] for item in items]
    later = served.ask_json(FEED, updated_after=(end + timedelta(seconds=1)).isoformat(), page_size=1000)
    assert ids
    assert not set(ids) & {item["service_request_id"] for item in later}


def test_a_record_is_shown_as_it_is_at_the_moment_of_the_question(served: Served) -> None:
    """An appeal is absent, then open, then closed, each at its instant."""
    appeal = next(
        a for a in served.history.day(NOW.date()).appeals if a.system == "post" and a.events[-1].at.day == NOW.day + 1
    )
    path = f"/open311/post/v2/requests/{appeal.id}.json"
    served.clock.set(appeal.received_at - timedelta(seconds=1))
    assert served.ask(path)[0] == 404
    served.clock.set(appeal.received_at)
    (shown,) = served.ask_json(path)
    assert (shown["status"], shown["stage"], shown["closed_datetime"]) == ("open", "received", None)
    served.clock.set(appeal.events[-1].at)
    (shown,) = served.ask_json(path)
    assert shown["status"] == "closed"
    assert datetime.fromisoformat(shown["closed_datetime"]) == appeal.events[-1].answered_at
    assert datetime.fromisoformat(shown["updated_datetime"]) == appeal.events[-1].at


def test_without_a_window_the_newest_requests_come_first_and_filters_hold(served: Served) -> None:
    """GeoReport's own order, status, service_code and spans of receipt."""
    items = served.ask_json(FEED, status="open", service_code="leak,hole", page_size=20)
    times = [datetime.fromisoformat(item["requested_datetime"]) for item in items]
    assert times == sorted(times, reverse=True)
    assert {item["status"] for item in items} == {"open"}
    assert {item["service_code"] for item in items} == {"leak", "hole"}
    span = served.ask_json(FEED, start_date="2026-11-17T12:00:00Z", end_date="2026-11-17T14:00:00Z", page_size=500)
    assert span
    assert all(12 <= datetime.fromisoformat(item["requested_datetime"]).astimezone(UTC).hour <= 14 for item in span)


def test_services_are_the_topics_of_the_profile(served: Served) -> None:
    """The services list names every code that a request may carry."""
    services = served.ask_json("/open311/chat/v2/services.json")
    assert [service["service_code"] for service in services] == ["heat", "leak", "hole", "other"]
    assert b"<service_code>leak</service_code>" in served.ask("/open311/chat/v2/services.xml")[2]


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/open311/post/v2/requests", {"page": "0"}, 400),
        ("/open311/post/v2/requests", {"page": "-1"}, 400),
        ("/open311/post/v2/requests", {"page": "²"}, 400),
        ("/open311/post/v2/requests", {"page_size": "100000"}, 400),
        ("/open311/post/v2/requests", {"status": "lost"}, 400),
        ("/open311/post/v2/requests", {"updated_after": "yesterday"}, 400),
        ("/open311/post/v2/requests", {"start_date": "2026-11-18T10:00:00"}, 400),
        ("/open311/nobody/v2/requests", {}, 404),
        ("/open311/post/v2/requests/POST-261118-99999", {}, 404),
        ("/open311/post/v2/requests/POST-999999-1", {}, 404),
        ("/open311/post/v3/requests", {}, 404),
    ],
)  # fmt: skip
def test_a_bad_question_is_answered_in_georeports_form_of_errors(served: Served, path, params, code) -> None:
    """In the format that was asked for."""
    status, _, body = served.ask(f"{path}.json", **params)
    (error,) = codec.decode(body)
    assert (status, error["code"]) == (code, code)
    assert error["description"]
    status, _, body = served.ask(f"{path}.xml", **params)
    root = SafeTree.fromstring(body)
    assert (status, root.tag, root.findtext("error/code")) == (code, "errors", str(code))


def test_an_address_without_a_format_and_an_unknown_address_are_refused(served: Served) -> None:
    """400 in GeoReport's tree, a plain 404 elsewhere."""
    assert served.ask("/open311/post/v2/requests")[0] == 400
    assert served.ask("/nothing")[0] == 404
    assert served.ask("/open311")[0] == 400


def test_cards_tell_local_times_and_their_end_and_outages_vanish(served: Served) -> None:
    """The two manners in which systems of incidents end what they tell."""
    zone = served.history.region.profile.zone
    rows = truth_incidents(served.history, NOW, closed_within=timedelta(hours=2))
    cards = {card["number"]: card for card in served.ask_json("/cards.json")["cards"]}
    assert set(cards) == {row["foreign_id"] for row in rows if row["feed"] == "cards"}
    for row in rows:
        if row["feed"] == "cards":
            card = cards[row["foreign_id"]]
            told = datetime.strptime(card["registered"], "%d.%m.%Y %H:%M:%S").replace(tzinfo=zone)
            assert told == row["started_at"]
            assert (card["state"] == "closed") == (not row["is_open"])
    shown: set[str] = set()
    for hours in range(12):
        served.clock.set(NOW + timedelta(hours=hours))
        now_shown = {feature["id"] for feature in served.ask_json("/outages.geojson")["features"]}
        open_rows = truth_incidents(served.history, served.clock.now())
        assert now_shown == {row["foreign_id"] for row in open_rows if row["feed"] == "outages"}
        shown |= now_shown
    assert shown - now_shown, "something ended and is gone without a word"


def test_a_port_in_use_is_one_clear_sentence(served: Served) -> None:
    """And not a traceback."""
    port = int(served.url.rsplit(":", 1)[1])
    with pytest.raises(StartError, match=f"cannot use port {port}"):
        SimulatorServer(RegionSite(served.history), served.clock, port=port).start()


def test_stop_ends_open_connections_and_gives_the_port_back() -> None:
    """A supervisor that stops and starts again finds no remains."""
    served = Served()
    served.ask("/cards.json")
    port = int(served.url.rsplit(":", 1)[1])
    served.server.stop()
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        served.ask("/cards.json")
    again = SimulatorServer(RegionSite(served.history), served.clock, port=port)
    assert again.start() == served.url
    served.connection.close()
    assert served.ask_json("/cards.json")["cards"]
    served.connection.close()
    again.stop()
    again.stop()
