"""What operators wish of a source happens once, at once, and doubles nothing; on both databases."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from datasources.registry import begins_at
from svodka.domain.clock import ManualClock
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Completeness, Rejected
from svodka.ingest.cycle import run_cycle
from svodka.ingest.wishes import WishKeeper
from svodka.storage.change_log import load_changes
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.quarantine import load_quarantine_counts
from svodka.storage.sources import load_source
from svodka.storage.tables import appeal_versions, appeals
from svodka.storage.wishes import WishKind, load_waiting, load_wishes, pause_source, save_wish
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, minutes, page
from tests.integration.test_polling import Counted, Done, _poller, _source

SOURCE = appeal_source(backfill_h=48.0)


class Feedback:
    """A source that tells what changed since an instant, two records a page; words it does not know are unreadable."""

    def __init__(self, source=SOURCE):
        self.records = {f"a{n}": (T0 - timedelta(hours=10 * n), "new") for n in range(5)}
        self.known = {"new"}
        self.backfill_h = source.backfill_h
        self.asked = []
        self.clock = ManualClock(T0)

    def poll(self, cursor):
        since = T0 - timedelta(hours=self.backfill_h) if cursor is None else T0 - timedelta(hours=float(cursor))
        self.asked.append((cursor, since))
        waiting = sorted((at, key, word) for key, (at, word) in self.records.items() if at >= since)
        told, rest = waiting[:2], waiting[2:]
        good = [appeal(key, received_at=at, updated_at=at) for at, key, word in told if word in self.known]
        bad = [
            Rejected(reason=RejectReason.STATUS_UNKNOWN, foreign_id=key, raw=f"{key} {word}", word=word)
            for _at, key, word in told
            if word not in self.known
        ]
        next_at = rest[0][0] if rest else T0 + timedelta(hours=1)
        return page(
            *good,
            rejected=tuple(bad),
            cursor=str((T0 - next_at).total_seconds() / 3600),
            completeness=Completeness.PARTIAL if rest else Completeness.COMPLETE,
            read_n=len(told),
        )


def entry(action="act_on_source", at=T0, **words):
    return JournalEntry(at=at, link_id="x", who="Дежурный", action=action, subject=SOURCE.id, **words)


def cycle(database, feedback, *, able=True, **options):
    @contextmanager
    def anew(source):
        usual, feedback.backfill_h = feedback.backfill_h, source.backfill_h
        try:
            yield feedback
        finally:
            feedback.backfill_h = usual

    how = anew if able else None
    return run_cycle(database, PlainClassifier(), SOURCE, feedback, feedback.clock, anew=how, **options)


def keeper(database, *, holds=True, able=True, clock=None, hurried=None, keep=lambda _source, _cursor: None):
    return WishKeeper(
        database,
        [SOURCE],
        clock or ManualClock(T0 + minutes(1)),
        holds=lambda _source: holds,
        begins_at=lambda _source: able,
        poll_now=(hurried if hurried is not None else []).append,
        anew_from=keep,
    )


def wish(database, kind, from_at=None):
    with database.write() as connection:
        return save_wish(connection, SOURCE.id, kind, entry(), from_at)


def look(database, query):
    with database.read() as connection:
        return query(connection)


def stored(database):
    return look(
        database,
        lambda c: (
            sorted(c.scalars(sa.select(appeals.c.foreign_id))),
            c.scalar(sa.select(sa.func.count()).select_from(appeal_versions)),
        ),
    )


def newest(database):
    return look(database, lambda c: load_wishes(c, SOURCE.id, 1))[0]


def test_a_paused_source_is_not_asked_and_ages_until_it_goes_on(database):
    """Neither asked nor noted as polled; who and since when is stored; twice is once."""
    feedback = Feedback()
    cycle(database, feedback)
    before = look(database, lambda c: load_source(c, SOURCE.id))
    with database.write() as connection:
        assert pause_source(connection, SOURCE.id, entry(), paused=True)
        assert not pause_source(connection, SOURCE.id, entry(at=T0 + minutes(5)), paused=True)
    asked_n = len(feedback.asked)
    assert cycle(database, feedback).paused
    health = look(database, lambda c: load_source(c, SOURCE.id))
    assert len(feedback.asked) == asked_n
    assert (health.paused_at, health.paused_by) == (T0, "Дежурный")
    assert health.last_complete_at == before.last_complete_at
    with database.write() as connection:
        assert pause_source(connection, SOURCE.id, entry(), paused=False)
    assert not cycle(database, feedback).paused
    assert len(feedback.asked) > asked_n
    with database.read() as connection:
        assert len(load_entries(connection, ["act_on_source"], SOURCE.id, 10)) == 2
        kinds = [change.kind.value for change in load_changes(connection, 0, 100)]
    assert kinds.count("source") >= 4


def test_a_pause_ends_a_reading_under_way_after_the_answer_that_was_asked_for(database):
    """What was answered is stored; nothing more is asked."""

    class Paused(Feedback):
        def poll(self, cursor):
            with database.write() as connection:
                pause_source(connection, SOURCE.id, entry(), paused=True)
            return super().poll(cursor)

    feedback = Paused()
    report = cycle(database, feedback)
    assert (len(feedback.asked), report.pages, report.complete, report.failed) == (1, 1, False, False)
    assert len(stored(database)[0]) == 2


def test_a_wish_of_a_paused_source_waits_and_is_not_told_as_done(database):
    """Nothing is asked while it is paused, so nothing was done."""
    cycle(database, Feedback())
    for paused in (True, False):
        with database.write() as connection:
            pause_source(connection, SOURCE.id, entry(), paused=paused)
        wish(database, WishKind.POLL)
        keeper(database).look()
        assert (newest(database).done_at is None) == paused


def test_a_second_wish_does_not_call_the_first_one_done(database):
    """Wished for one after the other: all is read from the earlier instant, and both are done when that has ended."""
    feedback = Feedback()
    feedback.records["old"] = (T0 - timedelta(hours=70), "new")
    cycle(database, feedback)
    wish(database, WishKind.REFETCH, T0 - timedelta(hours=72))
    wish(database, WishKind.REPROCESS)
    keeper(database).look()
    assert [one.done_at for one in look(database, lambda c: load_wishes(c, SOURCE.id, 2))] == [None, None]
    feedback.clock.set(T0 + minutes(2))
    cycle(database, feedback)
    assert "old" in stored(database)[0]
    done = look(database, lambda c: load_wishes(c, SOURCE.id, 2))
    assert [one.done_at for one in done] == [T0 + minutes(2)] * 2


def test_a_wish_is_taken_once_by_the_holder_of_the_lease(database):
    """Nobody without the lease takes it; of two that believe to hold it, one does."""
    assert wish(database, WishKind.POLL)
    assert not wish(database, WishKind.POLL)  # it waits already
    hurried = []
    keeper(database, holds=False, hurried=hurried).look()
    assert len(look(database, load_waiting)) == 1
    keepers = [keeper(database, hurried=hurried) for _ in range(4)]
    threads = [threading.Thread(target=one.look) for one in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hurried == [SOURCE.id]
    assert newest(database).done_at == T0 + minutes(1)
    assert look(database, load_waiting) == []


def test_a_wish_is_neither_lost_nor_done_twice_by_whatever_dies(database, monkeypatch):
    """Before its commit it waits as if nothing had been; after it the source is read anew, hurried or not."""
    feedback = Feedback()
    cycle(database, feedback)
    wish(database, WishKind.REFETCH, T0 - timedelta(hours=48))

    def die(*_words, **_more):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("svodka.ingest.wishes.begin_anew", die)
        with pytest.raises(SystemExit):
            keeper(database).look()
    assert len(look(database, load_waiting)) == 1
    assert look(database, lambda c: load_source(c, SOURCE.id)).cursor is not None

    class Dying(list):
        append = die

    with pytest.raises(SystemExit):
        keeper(database, hurried=Dying()).look()
    assert look(database, load_waiting) == []
    hurried = []
    keeper(database, hurried=hurried).look()  # the process that comes after it
    assert hurried == []
    feedback.asked.clear()
    cycle(database, feedback)
    assert feedback.asked[0][0] is None
    assert newest(database).done_at is not None


def test_reading_anew_from_an_instant_asks_from_there_and_doubles_nothing(database):
    """Also what lies before the first reading's beginning; the span that counts as read grows when it has ended."""
    feedback = Feedback()
    feedback.records["old"] = (T0 - timedelta(hours=70), "new")
    cycle(database, feedback)
    names, versions_n = stored(database)
    assert "old" not in names
    covered = look(database, lambda c: load_source(c, SOURCE.id)).covered_from_at
    from_at = T0 - timedelta(hours=72)
    wish(database, WishKind.REFETCH, from_at)
    keeper(database).look()
    feedback.asked.clear()
    cycle(database, feedback, max_pages=1)
    assert feedback.asked[0] == (None, from_at)
    health = look(database, lambda c: load_source(c, SOURCE.id))
    assert (health.begin_at, health.covered_from_at) == (from_at, covered)  # it is not read yet
    assert newest(database).done_at is None
    cycle(database, feedback)
    assert stored(database) == ([*names, "old"], versions_n + 1)
    health = look(database, lambda c: load_source(c, SOURCE.id))
    assert (health.begin_at, health.covered_from_at) == (None, from_at)
    done = newest(database)
    assert (done.read_n, done.stored_n, done.is_whole) == (6, 1, False)
    assert done.done_at is not None


def test_a_source_that_cannot_be_asked_from_an_instant_is_read_whole_and_claims_nothing(database):
    """The wish says so; what counts as read stays what it was."""
    feedback = Feedback()
    cycle(database, feedback)
    covered = look(database, lambda c: load_source(c, SOURCE.id)).covered_from_at
    wish(database, WishKind.REFETCH, T0 - timedelta(hours=500))
    keeper(database, able=False).look()
    cycle(database, feedback, able=False)
    assert newest(database).is_whole
    assert look(database, lambda c: load_source(c, SOURCE.id)).covered_from_at == covered


def test_what_a_source_cannot_tell_again_stays_of_its_position(database):
    """The connector says what stays, by the position at the moment the wish is taken."""
    feedback = Feedback()
    cycle(database, feedback)
    known = look(database, lambda c: load_source(c, SOURCE.id)).cursor
    wish(database, WishKind.REFETCH, T0 - timedelta(hours=5))
    keeper(database, keep=lambda source, cursor: f"{source.id} kept of {cursor}").look()
    assert look(database, lambda c: load_source(c, SOURCE.id)).cursor == f"{SOURCE.id} kept of {known}"


def test_an_answer_under_way_does_not_bring_the_old_position_back(database):
    """The question was asked before the wish: its answer is dropped, and the next one begins anew."""
    feedback = Feedback()
    cycle(database, feedback)

    class Interrupted(Feedback):
        def poll(self, cursor):
            answer = super().poll(cursor)
            wish(database, WishKind.REFETCH, T0 - timedelta(hours=48))
            keeper(database).look()
            return answer

    assert cycle(database, Interrupted()).taken
    assert look(database, lambda c: load_source(c, SOURCE.id)).cursor is None
    assert stored(database)[1] == 5


def test_a_mended_mapping_lets_records_out_of_quarantine_and_all_counts_are_told(database):
    """Stored, unreadable once more, and no longer shown by the source."""
    feedback = Feedback()
    feedback.records |= {
        "m1": (T0 - timedelta(hours=3), "принято"),
        "m2": (T0 - timedelta(hours=4), "принято"),
        "x": (T0 - timedelta(hours=5), "чудо"),
        "gone": (T0 - timedelta(hours=6), "принято"),
    }
    cycle(database, feedback)
    assert look(database, lambda c: load_quarantine_counts(c, SOURCE.id)) == {RejectReason.STATUS_UNKNOWN: 4}
    feedback.known.add("принято")
    del feedback.records["gone"]
    feedback.clock.set(T0 + minutes(5))
    cycle(database, feedback)  # the mended mapping alone brings nothing: the source tells only what changed
    assert look(database, lambda c: load_quarantine_counts(c, SOURCE.id)) == {RejectReason.STATUS_UNKNOWN: 4}
    assert wish(database, WishKind.REPROCESS)
    keeper(database, clock=ManualClock(T0 + minutes(6))).look()
    feedback.clock.set(T0 + minutes(7))
    cycle(database, feedback)
    done = newest(database)
    assert (done.waiting_n, done.released_n, done.again_n, done.unseen_n) == (4, 2, 1, 1)
    assert look(database, lambda c: load_quarantine_counts(c, SOURCE.id)) == {RejectReason.STATUS_UNKNOWN: 2}
    assert {"m1", "m2"} <= set(stored(database)[0])


def test_a_record_that_is_unreadable_in_another_way_was_seen_again(database):
    """Its status is known now and its text is not: the source still shows it."""
    feedback = Feedback()
    feedback.records = {"m1": (T0 - timedelta(hours=3), "принято")}
    cycle(database, feedback)
    wish(database, WishKind.REPROCESS)
    keeper(database).look()
    feedback.records = {"m1": (T0 - timedelta(hours=3), "отменено")}
    feedback.clock.set(T0 + minutes(7))
    cycle(database, feedback)
    done = newest(database)
    assert (done.waiting_n, done.released_n, done.again_n, done.unseen_n) == (1, 0, 1, 0)


def test_news_of_a_record_let_it_out_of_quarantine_by_themselves(database):
    """The next version of it could be read: what was set aside has been overtaken."""
    feedback = Feedback()
    feedback.records = {"m1": (T0 - timedelta(hours=3), "принято")}
    cycle(database, feedback)
    feedback.records = {"m1": (T0 + timedelta(hours=1), "new")}
    feedback.clock.set(T0 + timedelta(hours=2))
    cycle(database, feedback)
    assert look(database, lambda c: load_quarantine_counts(c, SOURCE.id)) == {}


def test_a_wish_hurries_the_poll_and_one_that_comes_during_a_poll_brings_another(sqlite_database):
    """A source asked once an hour is asked at once; nothing is lost while it is being asked."""
    counted, inside, go_on = Counted(), threading.Event(), threading.Event()

    def run(_feed):
        counted()
        if len(counted.at_s) == 2:
            inside.set()
            go_on.wait(20)
        return Done()

    poller = _poller(sqlite_database, [_source("a", interval_s=3600)], run)
    poller.start()
    counted.wait_for(1)
    poller.poll_now("a")
    assert inside.wait(20)
    poller.poll_now("a")
    go_on.set()
    counted.wait_for(3)
    assert poller.stop(3)
    assert len(counted.at_s) in {3, 4}  # the schedule may wake once more behind the poll that the wish brought


@pytest.mark.parametrize(
    ("connector", "params", "expected"),
    [
        ("open311", {}, True),
        ("http_json", {"fields": {"id": ["id"], "started_at": "at"}, "status_default": "new"}, False),
        (
            "http_json",
            {
                "fields": {"id": ["id"], "started_at": "at"},
                "status_default": "new",
                "window": {"since": "from"},
            },
            True,
        ),
        ("cap", {}, False),
        ("table", {}, False),
    ],
)
def test_a_connector_says_whether_it_can_begin_at_an_instant(connector, params, expected):
    """By its settings: only a source with a window can be asked from an instant."""
    assert begins_at(appeal_source(connector=connector, params=params)) is expected
