"""`/archive.json` on a real server with a real archivist beside it."""

from __future__ import annotations

from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from svodka.domain.codec import decode
from svodka.ingest.commit import commit_page
from svodka.past.reading_room import COMMAND, ReadingRoom
from tests.ingest_factory import PlainClassifier, appeal, appeal_source, page
from tests.integration.live import Live


@pytest.fixture
def live(tmp_path, monkeypatch):
    monkeypatch.setenv("SVODKA_DATABASE_URL", f"sqlite:///{tmp_path / 'live.sqlite3'}")
    monkeypatch.setenv("SVODKA_PROFILE", str(tmp_path / "region"))
    live = Live(tmp_path)
    object.__setattr__(live.services, "past", ReadingRoom(COMMAND))
    yield live
    live.services.past.close()
    live.close()


def get(live, **words):
    """Ask as a page does: once more, while the moment is still being built."""
    for _ in range(10):
        answer = ask(live, **words)
        if answer[0] != 503:
            break
    return answer


def ask(live, **words):
    connection = HTTPConnection("127.0.0.1", live.port, timeout=30)
    connection.request("GET", f"/archive.json?{urlencode(words)}")
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Retry-After"), answer.read()
    connection.close()
    return found


def test_a_moment_is_told_by_its_archivist(live):
    """What was learnt after an instant is not there; what is wrong with a question is said in words."""
    now = live.clock.now()
    source = appeal_source("one", channel=live.profile.channels[0].id)
    area, topic = live.profile.areas[0].id, live.profile.topics[0].id

    def tell(name, at):
        told = appeal(name, received_at=now - timedelta(hours=2), area_name=area, topic_code=topic)
        commit_page(live.database, PlainClassifier(live.profile), source, page(told), at)

    tell("a", now - timedelta(minutes=50))
    tell("b", now - timedelta(minutes=10))
    then = now - timedelta(minutes=30)
    status, _, body = get(live, at=then.isoformat(), basis="seen")
    seen = decode(body)
    assert status == 200
    assert len(seen["tables"]["appeals"]) == 1
    assert seen["values"]["open"]["open_now"]["value"] == 1
    assert seen["origin"] == {
        "kind": "archive",
        "id": None,
        "at": seen["at"],
        "basis": "seen",
        "is_exercise": False,
        "are_sources_known": True,
    }
    assert seen["rate"] == 0.0
    status, _, body = get(live, at=then.isoformat(), basis="is", exercise="1")
    was = decode(body)
    assert len(was["tables"]["appeals"]) == 2
    assert was["origin"]["is_exercise"]

    for words, sentence in (
        ({"at": "yesterday"}, "Гринвича"),
        ({"at": then.replace(tzinfo=None).isoformat()}, "Гринвича"),
        ({"at": "0001-01-01T05:00:00Z"}, "Гринвича"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "Гринвича"),
        ({"at": then.isoformat(), "basis": "dreamt"}, "основание"),
        ({"at": (now + timedelta(days=1)).isoformat()}, "не прошёл"),
        ({"at": (now - timedelta(days=40)).isoformat()}, "начинается"),
    ):
        status, again, body = get(live, **words)
        assert (status, again) == (400, None)
        assert sentence in body.decode()


def test_who_may_not_read_gets_no_past(live):
    """A browser from elsewhere without a link is refused, as everywhere."""
    connection = HTTPConnection("127.0.0.1", live.port, timeout=30)
    connection.request("GET", "/archive.json?at=2026-01-01T00:00:00Z", headers={"X-Forwarded-For": "192.0.2.1"})
    assert connection.getresponse().status == 403
    connection.close()
