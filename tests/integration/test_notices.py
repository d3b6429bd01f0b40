"""What is unusual about a source is noted once, counted and bounded, until an operator takes note; both databases."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from svodka.domain.clock import ManualClock
from svodka.domain.reasons import LossReason, NoticeKind, RejectReason
from svodka.domain.records import Loss, Rejected
from svodka.ingest.commit import commit_page
from svodka.ingest.hour_watch import HourWatch
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.notices import KEPT_PER_KIND, acknowledge_notices, count_notices, load_notices
from svodka.storage.usual import add_to_hour
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, minutes, page, tiny_profile

SOURCE = appeal_source()


def commit(database, *records, now=T0, **words):
    return commit_page(database, PlainClassifier(), SOURCE, page(*records, **words), now)


def notices(database):
    with database.read() as connection:
        return load_notices(connection, SOURCE.id)


def unknown(word, n=1):
    return tuple(
        Rejected(reason=RejectReason.STATUS_UNKNOWN, foreign_id=f"{word}{k}", detail="status", raw=f"{k}", word=word)
        for k in range(n)
    )


def test_an_unknown_status_is_one_notice_however_often_it_comes(database):
    """Each word once, with how often; taken note of, it stays so."""
    commit(database, rejected=unknown("Делегировано", 3) + unknown("Отозвано"))
    commit(database, rejected=unknown("Делегировано", 2), now=T0 + minutes(1))
    found = {(one.kind, one.subject): one for one in notices(database)}
    assert found.keys() == {(NoticeKind.STATUS_UNKNOWN, "Делегировано"), (NoticeKind.STATUS_UNKNOWN, "Отозвано")}
    many = found[NoticeKind.STATUS_UNKNOWN, "Делегировано"]
    assert (many.n, many.first_seen_at, many.last_seen_at) == (5, T0, T0 + minutes(1))
    entry = JournalEntry(at=T0 + minutes(2), link_id="x", who="Дежурный", action="act_on_source", subject=SOURCE.id)
    chosen = [(many.kind.value, many.subject)]
    with database.write() as connection:
        assert count_notices(connection) == 2
        assert acknowledge_notices(connection, SOURCE.id, chosen, entry) == 1
        assert acknowledge_notices(connection, SOURCE.id, chosen, entry) == 0
    commit(database, rejected=unknown("Делегировано"), now=T0 + minutes(3))
    with database.read() as connection:
        assert count_notices(connection) == 1
        assert len(load_entries(connection, ["act_on_source"], SOURCE.id, 10)) == 1
    assert {(one.n, one.acknowledged_by) for one in notices(database) if one.subject == "Делегировано"} == {
        (6, "Дежурный")
    }


def test_words_from_outside_are_cut_and_bounded(database):
    """A source that invents a status for each record fills neither table nor page; control characters are gone."""
    words = [f"{n} {'очень длинный статус ' * 20}" for n in range(KEPT_PER_KIND + 50)]
    commit(database, rejected=tuple(one for word in words for one in unknown(word)))
    commit(database, rejected=unknown("\0\u202eсутатс\ud800"), now=T0 + minutes(1))
    found = notices(database)
    assert len(found) == KEPT_PER_KIND
    assert all(len(one.subject) <= 80 and one.subject.isprintable() for one in found)


def test_no_flood_of_words_hides_a_loss_and_old_notes_make_room_for_new_ones(database):
    """Of each kind so many; what somebody took note of goes first, the newest stays."""
    for number in range(KEPT_PER_KIND):
        commit(database, rejected=unknown(f"слово {number}"), now=T0 + minutes(number))
    entry = JournalEntry(at=T0, link_id="x", who="Дежурный", action="act_on_source", subject=SOURCE.id)
    with database.write() as connection:
        acknowledge_notices(connection, SOURCE.id, [(NoticeKind.STATUS_UNKNOWN.value, "слово 70")], entry)
    loss = Loss(from_at=T0 - timedelta(hours=30), to_at=T0 - timedelta(hours=6), reason=LossReason.NOT_KEPT)
    commit(database, losses=(loss,), rejected=unknown("новое"), now=T0 + timedelta(days=1))
    found = {one.subject for one in notices(database) if one.kind is NoticeKind.STATUS_UNKNOWN}
    assert len(found) == KEPT_PER_KIND
    assert "новое" in found
    assert "слово 70" not in found
    assert NoticeKind.LOSS in {one.kind for one in notices(database)}


def test_a_clock_that_runs_ahead_again_after_months_is_news_again(database):
    """Taken note of it stays so while it goes on; a week of peace ends that."""
    entry = JournalEntry(at=T0, link_id="x", who="Дежурный", action="act_on_source", subject=SOURCE.id)
    waiting = []
    for day in (0, 3, 6, 90):
        now = T0 + timedelta(days=day)
        commit(database, source_time_at=now + timedelta(hours=2), now=now)
        with database.write() as connection:
            waiting.append(count_notices(connection))
            acknowledge_notices(connection, SOURCE.id, [(NoticeKind.CLOCK_AHEAD.value, "")], entry)
    assert waiting == [1, 0, 0, 1]


def test_a_name_of_a_field_that_cannot_be_encoded_stops_no_page(database):
    """Half a surrogate pair in a header: the page is stored, the name without it."""
    for at, names in enumerate(({"№"}, {"№", "Статус\ud800\0"})):
        commit(database, appeal(f"{at}"), fields=frozenset(names), fields_are_header=True, now=T0 + minutes(at))
    assert [one.subject for one in notices(database)] == ["Статус" + 2 * "\N{REPLACEMENT CHARACTER}"]


def test_losses_and_a_clock_that_runs_ahead_are_noted(database):
    """A loss by its span; the clock once, with how far."""
    loss = Loss(from_at=T0 - timedelta(hours=30), to_at=T0 - timedelta(hours=6), reason=LossReason.NOT_KEPT)
    commit(database, losses=(loss,), source_time_at=T0 + timedelta(hours=2))
    commit(database, losses=(loss,), source_time_at=T0 + timedelta(hours=2), now=T0 + minutes(1))
    found = {one.kind: one for one in notices(database)}
    assert found.keys() == {NoticeKind.LOSS, NoticeKind.CLOCK_AHEAD}
    assert found[NoticeKind.LOSS].subject == "2026-02-28T23:00:00Z/2026-03-01T23:00:00Z"
    assert (found[NoticeKind.LOSS].detail, found[NoticeKind.LOSS].n) == ("not_kept", 2)
    assert int(found[NoticeKind.CLOCK_AHEAD].detail) == 7140


def test_a_new_column_and_a_vanished_one_are_noted(database):
    """As the page tells its fields; a header counts at once."""
    for at, names in enumerate(({"№", "Статус"}, {"№", "Стадия"}, {"№", "Стадия"})):
        commit(database, fields=frozenset(names), fields_are_header=True, now=T0 + minutes(at))
    assert {(one.kind, one.subject, one.n) for one in notices(database)} == {
        (NoticeKind.FIELD_NEW, "Стадия", 1),
        (NoticeKind.FIELD_LOST, "Статус", 1),
    }


def watch_an_hour(database, *, read=lambda minute: True, begun=-4):
    """Watch from four minutes before an hour to ten after it, every four minutes; return what is noted."""
    source = appeal_source(ageing_s=600.0, stale_s=1200.0)
    profile = msgspec.structs.replace(tiny_profile(), sources=(source,))
    hour_at = T0.replace(minute=0)
    with database.write() as connection:
        for week in range(1, 8):
            add_to_hour(connection, SOURCE.id, hour_at - timedelta(days=7 * week), 40 + week)
    clock = ManualClock(hour_at + minutes(begun))
    watch = HourWatch(database, profile, clock)
    for minute in range(begun, 72, 4):
        clock.set(hour_at + minutes(minute))
        if read(minute):
            commit(database, now=clock.now())
        watch.look()
    return notices(database)


def test_an_hour_without_news_where_there_always_were_some_is_noted_once(database):
    """By the hours that were counted before; also where the source is asked seldom, and not just after the hour."""
    [found] = watch_an_hour(database, read=lambda minute: minute % 8 == 4)
    assert (found.kind, found.n, found.detail) == (NoticeKind.COUNT_NONE, 1, "12:00 0/44")


def test_an_hour_in_which_nobody_read_the_source_is_not_called_empty(database):
    """It did not answer, and does again: what it had is counted later. Or the poller was away, and has just begun."""
    assert watch_an_hour(database, read=lambda minute: not 16 < minute < 64) == []
    assert watch_an_hour(database, begun=8) == []


def test_only_news_of_the_present_count_for_the_hour(database):
    """The first reading of a source brings weeks at once; what comes later is counted where it came."""
    commit(database, appeal("1"), appeal("2"))
    commit(database, appeal("3"), now=T0 + minutes(5))
    commit(database, appeal("3"), now=T0 + minutes(6))
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT n FROM source_hours").all()
    assert [row[0] for row in rows] == [1]
