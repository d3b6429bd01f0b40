"""The log has no holes and its order is the order of commits."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from svodka.domain.changes import ChangeKind
from svodka.storage import change_log
from svodka.storage.change_log import Draft, append_changes, load_changes, load_head
from tests.ingest_factory import T0


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


def test_the_log_is_pruned_from_its_beginning_and_says_so(database, monkeypatch):
    """A reader that is too far behind gets fewer changes than it asked for, so it takes a snapshot."""
    monkeypatch.setattr(change_log, "KEPT_CHANGES", 500)
    for start in range(0, 2400, 400):
        with database.write() as connection:
            append_changes(connection, drafts(*(str(start + n) for n in range(400))), T0)
    with database.read() as connection:
        kept = load_changes(connection, 0, 2400)
        assert [kept[0].seq, kept[-1].seq, len(kept)] == [1501, 2400, 900]
