"""One round of the gateway after another, with a source and an outlet that remember."""

from __future__ import annotations

from datetime import UTC, datetime

from svodka.domain.changes import Change, ChangeKind
from svodka.domain.clock import ManualClock
from svodka.realtime.announcement import Announcement
from svodka.realtime.gateway import Gateway
from svodka.realtime.reader import Reading

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Log:
    """A source that gives what it is told and keeps what it was asked."""

    def __init__(self):
        self.epoch, self.head = "first", 10
        self.orders = []

    def read(self, order):
        self.orders.append(order)
        return Reading(epoch=self.epoch, head=self.head, jumped=order.epoch != self.epoch)


class Nobody:
    """An outlet without browsers."""

    def emit(self, event, text, to):
        pass

    def join(self, sid, page):
        pass

    def watchers_n(self):
        return 0

    def drop_slow(self):
        return 0


def announce(epoch, seq):
    change = Change(seq=seq, at=AT, kind=ChangeKind.TICK, key="k")
    return Announcement(epoch=epoch, from_seq=seq - 1, to_seq=seq, changes=(change,))


def test_what_was_heard_of_one_log_never_fills_a_hole_of_another():
    """After a restored or exchanged database the same numbers mean other changes."""
    log = Log()
    gateway = Gateway(log, Nobody(), ManualClock(AT))
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
    gateway = Gateway(log, Nobody(), ManualClock(AT))
    gateway.step()
    gateway.hear(announce("other", 11))
    gateway.step()
    assert not log.orders[-1].heard
