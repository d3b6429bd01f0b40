"""What time alone changes is told once, survives a restart, and nothing else is told."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from svodka.domain import codec
from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.domain.records import AppealStatus
from svodka.ingest.commit import commit_page
from svodka.ingest.ticker import Ticker
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime.reader import LogReader, Order
from svodka.storage.change_log import load_changes, load_head, prune_changes
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, page, tiny_profile

SOURCE = appeal_source(ageing_s=30.0, stale_s=60.0, dead_s=100_000.0)
PROFILE = msgspec.structs.replace(tiny_profile("Asia/Kolkata"), sources=(SOURCE,))
START = T0 + timedelta(minutes=31)  # a minute after the local hour began: hours begin at half past


class Watch:
    """A ticker on a clock that the test moves."""

    def __init__(self, database):
        self.database, self.clock = database, ManualClock(START)
        self.ticker = Ticker(database, PROFILE, self.clock)

    def commit(self, *records):
        commit_page(self.database, PlainClassifier(PROFILE), SOURCE, page(*records), self.clock.now())

    def after(self, seconds):
        self.clock.advance(seconds=seconds)
        return self.ticker.tick()

    def restart(self):
        self.ticker = Ticker(self.database, PROFILE, self.clock)


@pytest.fixture
def watch(database):
    found = Watch(database)
    assert found.ticker.tick(), "an empty log is told the time once"
    return found


def test_nothing_is_told_while_nothing_changes(watch):
    """A second, a minute and a quarter of an hour pass in an empty region without a word."""
    assert not watch.after(0)
    assert not watch.after(1)
    assert not watch.after(900)


def test_a_term_that_ends_is_told_once(watch):
    """Overdue means past the term, so the very instant of the term is not yet told."""
    watch.commit(appeal("a", received_at=START - timedelta(hours=3), due_at=START + timedelta(seconds=10)))
    assert not watch.after(10)
    assert watch.after(0.5)
    assert not watch.after(0.5)


def test_the_term_of_an_answered_appeal_ends_in_silence(watch):
    """Only who still waits can be overdue."""
    told = appeal(
        "a",
        received_at=START - timedelta(hours=3),
        status=AppealStatus.ANSWERED,
        answered_at=START - timedelta(hours=1),
        due_at=START + timedelta(seconds=10),
    )
    watch.commit(told)
    assert not watch.after(20)


def test_a_local_hour_that_begins_is_told(watch):
    """In India it begins at half past in UTC."""
    assert not watch.after(58 * 60)
    assert watch.after(60)
    assert not watch.after(60)


def test_an_appeal_that_leaves_the_last_hour_is_told(watch):
    """The number beside the feed covers (now - 60 min, now]."""
    watch.commit(appeal("a", received_at=START - timedelta(minutes=59, seconds=50)))
    assert not watch.after(9)
    assert watch.after(1)
    assert not watch.after(1)


def test_an_appeal_known_before_its_time_is_told_when_its_time_comes(watch):
    """A source whose clock is ahead: it enters the last hour later than the database."""
    watch.commit(appeal("a", received_at=START + timedelta(seconds=20)))
    assert not watch.after(19)
    assert watch.after(1)


def test_a_source_that_grows_old_is_told_at_each_limit(watch):
    """Fresh to ageing to stale, each once; a poll in between begins anew."""
    watch.commit()
    assert not watch.after(29)
    assert watch.after(1)
    assert not watch.after(29)
    watch.commit()
    assert not watch.after(29)
    assert watch.after(1)
    assert watch.after(30)


def test_a_restart_neither_repeats_nor_loses_what_time_changed(watch):
    """It stands in the database and not in memory: what changed while nobody ran is told at once, and once."""
    watch.commit(appeal("a", received_at=START - timedelta(hours=3), due_at=START + timedelta(seconds=10)))
    watch.restart()
    assert not watch.after(1)
    watch.clock.advance(seconds=20)
    watch.restart()
    assert watch.after(1)
    watch.restart()
    assert not watch.after(1)


def test_a_pruned_log_does_not_forget_when_time_was_last_told(watch, database):
    """The last TICK may be older than the oldest line that is kept."""
    with database.write() as connection:
        assert prune_changes(connection, START + timedelta(days=1)) == 1
    watch.restart()
    assert not watch.after(1)


def test_a_clock_that_is_set_back_over_the_hour_is_told(watch):
    """Numbers of an hour that has not begun must not stay on the wall."""
    assert watch.after(59 * 60)
    assert watch.after(-120)


def test_a_tick_is_a_change_without_a_row(watch, database):
    """It asks for values only and carries no data."""
    with database.read() as connection:
        (tick,) = load_changes(connection, 0, load_head(connection))
    assert (tick.kind, tick.op, tick.appeal, tick.incident, tick.at) == (ChangeKind.TICK, None, None, None, START)


def test_values_after_a_tick_are_of_its_instant_though_the_web_servers_clock_is_behind(watch):
    """No other tick repeats what this one told; a clock that was set back on purpose is believed."""
    watch.commit(appeal("a", received_at=START - timedelta(hours=3), due_at=START + timedelta(seconds=10)))
    web_clock = ManualClock(START)
    reader = LogReader(watch.database, PROFILE, web_clock)
    before = codec.decode(reader.read_moment(["overview"])["overview"])
    assert watch.after(11)
    web_clock.set(watch.clock.now() - timedelta(seconds=1.5))
    order = Order(epoch=before["epoch"], tip=before["seq"], heard={}, views=frozenset({EVERYTHING}))
    reading = reader.read(order)
    frame, snapshot = (
        codec.decode(reading.frames[EVERYTHING]),
        codec.decode(reader.read_moment(["overview"])["overview"]),
    )
    for told in (frame, snapshot):
        assert told["values"]["open"]["overdue_now"]["value"] == 1
        assert told["at"] == codec.decode(codec.encode(watch.clock.now()))
    web_clock.set(watch.clock.now() - timedelta(hours=1))
    assert reader.read(order).at == web_clock.now()
