"""One round of the gateway after another, with a source and an outlet that remember."""

from __future__ import annotations

from datetime import UTC, datetime

from svodka.domain.changes import Change, ChangeKind
from svodka.domain.clock import ManualClock
from svodka.realtime.announcement import Announcement
from svodka.realtime.gateway import Gateway
from svodka.realtime.messages import Hello
from svodka.realtime.reader import Reading

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Log:
    """A source that gives what it is told and keeps what it was asked."""

    def __init__(self):
        self.epoch, self.head, self.heartbeat_seq = "first", 10, 3
        self.orders = []

    def read(self, order):
        self.orders.append(order)
        return Reading(
            epoch=self.epoch,
            head=self.head,
            at=AT,
            heartbeat_seq=self.heartbeat_seq,
            jumped=order.epoch != self.epoch,
            snapshots={position.view: b"{}" for position in order.positions},
        )


class Outlet:
    """An outlet that keeps what it is given; nobody has joined."""

    def __init__(self):
        self.answered, self.joined = [], []

    def tell(self, event, text, view):
        pass

    def answer(self, event, text, sids):
        self.answered.append((event, sorted(sids)))

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
        gateway.greet(sid, Hello(v=2, page="wall"))
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
