"""The log has no holes and its order is the order of commits."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime.reader import LogReader, Order, Position
from svodka.storage import change_log
from svodka.storage.change_log import Draft, append_changes, load_changes, load_head
from svodka.storage.log_state import load_log_state
from svodka.storage.pruning import Pruning
from tests.ingest_factory import T0, tiny_profile


def drafts(*keys):
    return [Draft(kind=ChangeKind.SOURCE, key=key) for key in keys]


def test_changes_are_numbered_from_one_and_come_back_in_order(database):
    """What is read is what was written, and half-open ranges are honoured."""
    with database.write() as connection:
        assert load_head(connection) == 0
        assert append_changes(connection, drafts("a", "b"), T0) == 2
        assert append_changes(connection, [], T0) == 2
    with database.write() as connection:
        assert append_changes(connection, drafts("c"), T0 + timedelta(seconds=1)) == 3
    with database.read() as connection:
        assert [(c.seq, c.key, c.at) for c in load_changes(connection, 1, 3)] == [
            (2, "b", T0),
            (3, "c", T0 + timedelta(seconds=1)),
        ]


def test_a_rolled_back_transaction_leaves_no_hole(database):
    """Numbers that were taken are given back."""
    with pytest.raises(RuntimeError), database.write() as connection:  # noqa: PT012 - the transaction is the point
        append_changes(connection, drafts("lost"), T0)
        raise RuntimeError
    with database.write() as connection:
        assert append_changes(connection, drafts("kept"), T0) == 1


def test_a_reader_never_sees_a_hole_while_several_write(database):
    """Four writers commit 25 times each; whenever somebody looks, the log is 1..head."""
    done = threading.Event()
    holes = []

    def write():
        for n in range(25):
            with database.write() as connection:
                append_changes(connection, drafts(f"{n}a", f"{n}b"), T0)

    def look():
        while not done.is_set():
            with database.read() as connection:
                head = load_head(connection)
                if [c.seq for c in load_changes(connection, 0, head)] != list(range(1, head + 1)):
                    holes.append(head)

    writers = [threading.Thread(target=write) for _ in range(4)]
    reader = threading.Thread(target=look)
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert holes == []
    with database.read() as connection:
        assert load_head(connection) == 200


def fill(database, n, at):
    with database.write() as connection:
        append_changes(connection, drafts(*(str(n) for n in range(n))), at)


def find_kept(database):
    with database.read() as connection:
        return [change.seq for change in load_changes(connection, 0, load_head(connection))]


def test_the_log_is_pruned_by_age_from_its_beginning_in_small_steps(database, monkeypatch):
    """What remains has no hole, whatever clocks did; a reader that is too far behind gets less than it asked for."""
    monkeypatch.setattr(change_log, "PRUNE_STEP", 100)
    for hours, n in ((0, 250), (2, 30), (1, 40), (30, 50)):  # the clock was set back once
        fill(database, n, T0 + timedelta(hours=hours))
    clock = ManualClock(T0 + timedelta(hours=24))
    removed = []
    with database.write() as connection:
        removed.append(change_log.prune_changes(connection, clock.now() - timedelta(hours=23)))
    assert (removed, find_kept(database)[0]) == ([100], 101)
    pruning = Pruning(database, clock, kept_h=22.5)
    monkeypatch.setattr("svodka.storage.pruning.PRUNE_STEP", 100)
    assert pruning.prune() == 220
    assert find_kept(database) == list(range(321, 371))
    assert pruning.prune() == 0


def test_the_log_is_bounded_in_number_too(database, monkeypatch):
    """A storm of a day must not fill the disk."""
    monkeypatch.setattr(change_log, "KEPT_CHANGES", 120)
    fill(database, 500, T0)
    assert Pruning(database, ManualClock(T0), kept_h=24).prune() == 380
    assert find_kept(database) == list(range(381, 501))


def test_a_browser_behind_the_pruned_part_gets_a_snapshot(database, monkeypatch):
    """And one whose number is still there gets its frame."""
    fill(database, 100, T0)
    monkeypatch.setattr(change_log, "KEPT_CHANGES", 50)
    Pruning(database, ManualClock(T0), kept_h=24).prune()
    reader = LogReader(database, tiny_profile(), ManualClock(T0))
    with database.read() as connection:
        epoch = load_log_state(connection).epoch
    gone, there = Position(EVERYTHING, epoch, 49), Position(EVERYTHING, epoch, 50)
    order = Order(epoch=epoch, tip=100, heard={}, positions=frozenset({gone, there}))
    reading = reader.read(order)
    assert set(reading.catch_ups) == {there}
    assert set(reading.snapshots) == {EVERYTHING}
