"""Recordings served again over real HTTP: when, in which state, moved or not."""

import http.client
import io
import lzma
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from simulator.moving import PlaceMover
from simulator.replay import Recording, ReplayServer, ReplaySite
from simulator.server import SimulatorServer
from svodka.domain import codec
from svodka.domain.clock import ManualClock
from svodka.domain.errors import StartError
from tests.unit.simulated_profile import invented_profile

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
T0 = datetime(2024, 3, 1, 10, tzinfo=UTC)


def recorded(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not on this machine")
    return path


@contextmanager
def asking(server: SimulatorServer) -> Iterator:
    connection = http.client.HTTPConnection(urlsplit(server.start()).netloc, timeout=20)

    def ask(path: str, **params: object) -> tuple[int, bytes]:
        connection.request("GET", f"{path}?{urlencode(params)}")
        answer = connection.getresponse()
        return answer.status, answer.read()

    try:
        yield ask
    finally:
        connection.close()
        server.stop()


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Three polls of an invented feed, ten minutes apart."""
    polls = [
        {
            "captured_at": T0 + timedelta(minutes=10 * number),
            "commit": "x",
            "payload": [
                {"id": f"0{number}-01032024", "at": "1 Mar 2024 9:59", "lat": "10.5", "lon": 20.25, "n": number}
            ],
        }
        for number in range(3)
    ]
    path = tmp_path / "river.jsonl.xz"
    path.write_bytes(lzma.compress(b"\n".join(codec.encode(poll) for poll in polls)))
    return path


def test_the_newest_poll_not_after_the_clock_is_served(feed: Path) -> None:
    """Before the first there is nothing yet, between two the earlier, after the last it stays."""
    recording = Recording([feed])
    assert recording.instants == tuple(T0 + timedelta(minutes=10 * number) for number in range(3))
    clock = ManualClock(T0 - timedelta(seconds=1))
    with asking(ReplayServer(recording, clock)) as ask:
        assert ask("/feed.json")[0] == 503
        for minutes, number in ((0, 0), (9, 0), (10, 1), (25, 2), (9999, 2)):
            clock.set(T0 + timedelta(minutes=minutes))
            status, body = ask("/feeds/river.json")
            assert status == 200
            assert codec.decode(body)[0]["n"] == number
        assert ask("/feeds/brook.json")[0] == 404


def test_a_recording_moved_to_now_moves_its_times_and_not_its_ids(feed: Path) -> None:
    """The first poll is there at once, the next after as long as it took."""
    now = datetime(2026, 11, 21, 12, 0, 30, 123456, tzinfo=UTC)
    clock = ManualClock(now)
    with asking(ReplayServer(Recording([feed]), clock, starts_at=now)) as ask:
        clock.advance(seconds=1)
        (record,) = codec.decode(ask("/feed.json")[1])
        assert (record["id"], record["at"], record["n"]) == ("00-01032024", "21 Nov 2026 11:59", 0)
        clock.advance(seconds=601)
        assert codec.decode(ask("/feed.json")[1])[0]["n"] == 1


def test_moved_places_lie_on_the_regions_map_and_say_so(feed: Path) -> None:
    """Each in the form it had, the same place always to the same place; unmoved records carry no mark."""
    profile = invented_profile()
    with asking(ReplayServer(Recording([feed]), ManualClock(T0), profile=profile)) as ask:
        (record,) = codec.decode(ask("/feed.json")[1])
    assert record["place_moved"] is True
    assert isinstance(record["lat"], str)
    assert isinstance(record["lon"], float)
    assert 45 < float(record["lat"]) < 47
    assert -64 < record["lon"] < -62
    shape = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [20.25, 10.5]}, "properties": {}}
    moved = PlaceMover(profile).move({"features": [shape, shape]})
    assert moved == PlaceMover(profile).move({"features": [shape, shape]})
    assert moved["features"][0] == moved["features"][1]
    assert moved["features"][0]["place_moved"] is True
    assert -64 < moved["features"][0]["geometry"]["coordinates"][0] < -62
    assert PlaceMover(profile).move([{"lat": "", "lon": None}]) == [{"lat": "", "lon": None}]


def test_stepping_gives_the_next_poll_to_every_question(feed: Path) -> None:
    """As fast as the poller asks; the clock follows."""
    clock = ManualClock(T0)
    site = ReplaySite(Recording([feed]), starts_at=T0, stepping=clock)
    with asking(SimulatorServer(site, clock)) as ask:
        assert [codec.decode(ask("/feed.json")[1])[0]["n"] for _ in range(4)] == [0, 1, 2, 2]
        assert clock.now() == T0 + timedelta(minutes=20)


def test_a_recorded_request_arrives_is_open_and_then_is_as_it_was_recorded(tmp_path: Path) -> None:
    """Also one that was changed before it arrived; times without a zone are in the zone given."""
    (tmp_path / "town.json").write_bytes(
        codec.encode(
            [
                {"service_request_id": "1", "status": "closed", "requested_datetime": "2024-03-01 10:00:00",
                 "updated_datetime": "2024-03-01 11:30:00", "service_code": "a", "service_name": "A"},
                {"service_request_id": "2", "status": "closed", "requested_datetime": "2024-03-01 10:30:00",
                 "updated_datetime": "2024-03-01 09:00:00", "service_code": "b", "service_name": "B"},
            ]
        )
    )  # fmt: skip
    recording = Recording([tmp_path], zone=ZoneInfo("Asia/Omsk"))
    assert recording.instants == tuple(datetime(2024, 3, 1, hour, tzinfo=UTC) for hour in (3, 4, 5, 6))
    clock = ManualClock(datetime(2024, 3, 1, 4, 45, tzinfo=UTC))
    with asking(ReplayServer(recording, clock)) as ask:
        items = codec.decode(ask("/open311/town/v2/requests.json", updated_after="2024-03-01T00:00:00Z")[1])
        assert [(item["service_request_id"], item["status"]) for item in items] == [("1", "open"), ("2", "closed")]
        clock.set(datetime(2024, 3, 1, 6, tzinfo=UTC))
        (item,) = codec.decode(ask("/open311/town/v2/requests.json", updated_after="2024-03-01T05:00:00Z")[1])
        assert (item["service_request_id"], item["status"]) == ("1", "closed")
        assert [each["service_code"] for each in codec.decode(ask("/open311/town/v2/services.json")[1])] == ["a", "b"]


def test_what_is_no_recording_is_one_clear_sentence(tmp_path: Path) -> None:
    """A missing path, a file of another kind, a broken line, a folder without any."""
    (tmp_path / "a.jsonl").write_text('{"captured_at": "2024-03-01T00:00:00Z"\n', encoding="utf-8")
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for name, sentence in (
        ("c.jsonl", "there is no recording"),
        ("a.jsonl", "no recording of polls"),
        ("b.json", "neither polls nor requests"),
        ("empty", "nothing was recorded"),
    ):
        with pytest.raises(StartError, match=sentence):
            Recording([tmp_path / name])


@pytest.mark.parametrize(
    ("name", "polls", "id_field", "ids"),
    [
        ("feeds-replay/esa_act_2024-01-10_2024-01-24.jsonl.xz", 919, "id", 2954),
        ("feeds-replay/pge_outages_2022-04-09_2022-04-14.jsonl.xz", 585, "outageNumber", 4311),
    ],
)
def test_a_real_feed_is_served_poll_by_poll_byte_for_byte(name: str, polls: int, id_field: str, ids: int) -> None:
    """What is told over HTTP is what stands in the file."""
    path = recorded(name)
    recording = Recording([path])
    assert len(recording.instants) == polls
    clock = ManualClock(recording.instants[0])
    seen: set[str] = set()
    with asking(ReplayServer(recording, clock)) as ask, lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            poll = codec.decode(line)
            clock.set(datetime.fromisoformat(poll["captured_at"]))
            body = ask("/feed.json")[1]
            assert body.decode() in line
            seen |= {item[id_field] for item in codec.decode(body)}
    assert len(seen) == ids


def test_real_requests_of_every_form_are_served_in_one(tmp_path: Path) -> None:
    """Fixtures, XML, JSON, Socrata JSON and CSV: each list as a system of its own."""
    recording = Recording([recorded("open311")])
    counts = {name: len(requests) for name, requests in recording.requests.items()}
    assert counts["sf-requests-2011-06"] == 500
    assert counts["nyc311-2024-04-socrata"] == counts["nyc311-2024-05-socrata"] == 1000
    assert counts["nyc311-animals-2025-plotly-mit"] == 4969
    assert counts["requests-many"] == counts["service-requests"] == 2
    with asking(ReplayServer(recording, ManualClock(recording.instants[-1]))) as ask:
        for system, count in counts.items():
            status, body = ask(
                f"/open311/{system}/v2/requests.json", updated_after="2000-01-01T00:00:00Z", page_size=1000
            )
            items = codec.decode(body)
            assert status == 200
            assert len({item["service_request_id"] for item in items}) == min(count, 1000)
            assert ask(f"/open311/{system}/v2/requests.xml", page_size=1000)[0] == 200


def test_real_reports_without_ids_get_ids_that_stay(tmp_path: Path) -> None:
    """Files with and without a header row; reports that say the same remain several."""
    path = recorded("feeds-replay/stuttgart_gelbe_karten_2021_2022_2024-05.tar.xz")
    with tarfile.open(path) as archive:
        days = [member.name for member in archive if member.name.endswith(("2024-05-08.csv", "2024-05-09.csv"))]
        bodies = {name: archive.extractfile(name).read() for name in days}
    bodies["2030-01-01.csv"] = b"2030-01-01T00:00:00,2030-01-01,2,0,Lamp,Lane 1,,\n" * 2
    small = tmp_path / "reports.tar.xz"
    with tarfile.open(small, "w:xz") as archive:
        for name, body in bodies.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    rows = [
        line for body in bodies.values() for line in body.decode().splitlines() if not line.startswith("first_seen")
    ]
    first, second = (Recording([small]).requests["reports"] for _ in range(2))
    ids = [each.request["service_request_id"] for each in first]
    assert len(rows) == len(first) == len(set(ids))
    assert ids == [each.request["service_request_id"] for each in second]
    assert Counter(rows)[rows[-1]] == 2
    assert first[-1].request["lat"] is None
