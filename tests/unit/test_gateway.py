"""One round of the gateway after another, with a source and an outlet that remember."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from svodka.domain.changes import Change, ChangeKind
from svodka.domain.clock import ManualClock
from svodka.domain.errors import StorageUnavailableError
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime.announcement import Announcement
from svodka.realtime.gateway import SILENT_HEARTBEATS, Gateway
from svodka.realtime.messages import Hello
from svodka.realtime.reader import Reading

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Log:
    """A source that gives what it is told and keeps what it was asked."""

    def __init__(self):
        self.epoch, self.head, self.heartbeat_seq = "first", 10, 3
        self.orders = []
        self.is_away = False

    def read(self, order):
        self.orders.append(order)
        if self.is_away:
            raise StorageUnavailableError
        return Reading(
            epoch=self.epoch,
            head=self.head,
            at=AT,
            heartbeat_seq=self.heartbeat_seq,
            jumped=order.epoch != self.epoch,
            snapshots={position.view: b"{}" for position in order.positions},
            missed=dict.fromkeys(order.absences, b"{}"),
        )


class Outlet:
    """An outlet that keeps what it is given, and throws away which events it is told to; nobody has joined."""

    def __init__(self):
        self.answered, self.joined = [], []
        self.gone, self.too_slow_for = set(), {}

    def tell(self, event, text, view):
        pass

    def answer(self, event, text, sids):
        self.answered.append((event, sorted(sids)))
        return frozenset(sid for sid in sids if event not in self.too_slow_for.get(sid, ()))

    def has(self, sid):
        return sid not in self.gone

    def join(self, sid):
        self.joined.append(sid)

    def views(self):
        return frozenset()

    def connected_n(self):
        return 0


def announce(epoch, seq):
    change = Change(seq=seq, at=AT, kind=ChangeKind.TICK, key="k")
    return Announcement(epoch=epoch, from_seq=seq - 1, to_seq=seq, changes=(change,))


def test_what_was_heard_of_one_log_never_fills_a_hole_of_another():
    """After a restored or exchanged database the same numbers mean other changes."""
    log = Log()
    gateway = Gateway(log, Outlet(), ManualClock(AT))
    gateway.step()
    gateway.hear(announce("first", 12))
    gateway.step()
    assert set(log.orders[-1].heard) == {12}
    log.epoch, log.head = "second", 11
    gateway.step()
    gateway.step()
    assert not log.orders[-1].heard


def test_what_another_log_announces_is_not_kept():
    """A relay that still reads the old database wakes the gateway and tells it nothing."""
    log = Log()
    gateway = Gateway(log, Outlet(), ManualClock(AT))
    gateway.step()
    gateway.hear(announce("other", 11))
    gateway.step()
    assert not log.orders[-1].heard


def test_many_who_ask_at_once_are_answered_with_one_message():
    """Five hundred walls that come back cost one reading and one snapshot."""
    log, outlet = Log(), Outlet()
    gateway = Gateway(log, outlet, ManualClock(AT))
    sids = sorted(f"s{n}" for n in range(500))
    for sid in sids:
        gateway.greet(sid, Hello(v=3, page="wall"), EVERYTHING)
    gateway.step()
    assert outlet.answered == [("snapshot", sids)]
    assert sorted(outlet.joined) == sids


def test_only_a_heartbeat_that_comes_now_shows_that_the_pipeline_lives():
    """The one that stood in the log before this process looked may be hours old; another log's number says nothing."""
    now_s = 100.0
    log = Log()
    gateway = Gateway(log, Outlet(), ManualClock(AT), now_s=lambda: now_s)
    gateway.step()
    now_s = 107.0
    log.epoch, log.heartbeat_seq = "second", 9
    gateway.step()
    assert (gateway.pipeline_s, gateway.read_s) == (7.0, 0.0)
    log.heartbeat_seq = 12
    gateway.step()
    assert gateway.pipeline_s == 0.0
    now_s = 111.0
    gateway.step()
    assert gateway.pipeline_s == 4.0


@pytest.mark.parametrize("lost", ["missed", "snapshot"])
def test_a_browser_whose_answer_was_thrown_away_does_not_join(lost):
    """It was told to say hello again. What would still lead it on would hide that it lacks something."""
    log, outlet = Log(), Outlet()
    outlet.too_slow_for["slow"] = {lost}
    gateway = Gateway(log, outlet, ManualClock(AT))
    for sid in ("quick", "slow"):
        gateway.greet(sid, Hello(v=3, page="wall", at=AT), EVERYTHING)
    gateway.step()
    assert outlet.joined == ["quick"]
    assert outlet.answered[-1] == ("snapshot", ["quick"] if lost == "missed" else ["quick", "slow"])


def test_only_who_is_still_there_waits_for_an_answer():
    """A database that is away for a night, and browsers that come back every few seconds."""
    log, outlet = Log(), Outlet()
    log.is_away = True
    gateway = Gateway(log, outlet, ManualClock(AT))
    for sid in ("left-during-the-round", "left-between-rounds", "stays"):
        gateway.greet(sid, Hello(v=3, page="wall"), EVERYTHING)
    outlet.gone.add("left-during-the-round")
    with pytest.raises(StorageUnavailableError):
        gateway.step()
    gateway.forget("left-between-rounds")
    log.is_away = False
    gateway.step()
    assert outlet.answered == [("snapshot", ["stays"])]


def test_a_relay_that_announces_nothing_is_told_though_the_broker_is_there():
    """Heartbeats come through the log alone: the relay is stuck, or publishes elsewhere. Its first word ends that."""
    log = Log()
    gateway = Gateway(log, Outlet(), ManualClock(AT))
    assert gateway.broker is None
    gateway.ask_broker_with(lambda: True)
    gateway.step()
    for _ in range(SILENT_HEARTBEATS - 1):
        log.heartbeat_seq += 1
        gateway.step()
    assert gateway.broker is True
    log.heartbeat_seq += 1
    gateway.step()
    assert gateway.broker is False
    gateway.hear(announce("other", 11))
    assert gateway.broker is False
    gateway.hear(announce("first", 11))
    assert gateway.broker is True
    gateway.ask_broker_with(lambda: False)
    assert gateway.broker is False
