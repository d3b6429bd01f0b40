"""A page of a source in one transaction: what is told twice, late, backwards or from the future."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.domain.errors import StorageUnavailableError
from svodka.domain.reasons import Outcome, RejectReason
from svodka.domain.records import AppealStatus, Completeness, Point, Rejected
from svodka.ingest.commit import commit_page, record_failure
from svodka.storage.change_log import load_changes, load_head
from svodka.storage.rollups import compute_rollups, load_rollups
from svodka.storage.sources import load_source
from svodka.storage.tables import appeal_versions, appeals, quarantine
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, incident, minutes, page

SOURCE = appeal_source()
CLASSIFIER = PlainClassifier()


def commit(database, *records, at=0.0, source=SOURCE, **changes):
    return commit_page(database, CLASSIFIER, source, page(*records, **changes), T0 + minutes(at))


def rows(database, table):
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def changes_of(database, kind):
    with database.read() as connection:
        return [c for c in load_changes(connection, 0, load_head(connection)) if c.kind is kind]


def everything(database):
    """Facts, versions, rollups and appeal changes: what a re-read must not touch."""
    with database.read() as connection:
        rollups = load_rollups(connection)
    return rows(database, appeals), rows(database, appeal_versions), rollups, changes_of(database, ChangeKind.APPEAL)


def assert_rollups_follow_the_facts(database):
    with database.read() as connection:
        assert load_rollups(connection) == compute_rollups(connection, CLASSIFIER.profile.zone)


def test_what_is_new_is_stored_with_version_rollup_cursor_and_change(database):
    """One page leaves its mark everywhere, and our ids have no holes."""
    outcome = commit(database, appeal("a"), appeal("b", status=AppealStatus.IN_WORK), at=1, cursor='{"p":2}')
    assert outcome.outcomes[Outcome.STORED] == 2
    assert (outcome.read_n, outcome.opened_n, outcome.head) == (2, 2, 3)
    assert [(row["id"], row["foreign_id"], row["version"]) for row in rows(database, appeals)] == [
        (1, "a", 1),
        (2, "b", 1),
    ]
    assert [row["applied"] for row in rows(database, appeal_versions)] == [True, True]
    with database.read() as connection:
        health = load_source(connection, SOURCE.id)
    assert (health.cursor, health.records_total, health.read_total, health.polls_total) == ('{"p":2}', 2, 2, 1)
    assert health.last_complete_at == T0 + minutes(1)
    assert [c.key for c in changes_of(database, ChangeKind.APPEAL)] == ["1", "2"]
    assert_rollups_follow_the_facts(database)


def test_a_page_that_is_read_again_changes_nothing(database):
    """The same words are a duplicate: facts, versions, rollups and log stay as they are."""
    told = (appeal("a"), appeal("b", status=AppealStatus.ANSWERED))
    commit(database, *told, at=1)
    before = everything(database)
    outcome = commit(database, *told, at=2)
    assert outcome.outcomes[Outcome.DUPLICATE] == 2
    assert everything(database) == before


def test_an_older_status_is_kept_but_not_applied_and_only_once(database):
    """An id that reappears with an older status keeps its present facts; the late news is a version."""
    commit(database, appeal("a", status=AppealStatus.ANSWERED, updated_at=T0 + minutes(20)), at=30)
    before = rows(database, appeals)
    late = appeal("a", status=AppealStatus.IN_WORK, updated_at=T0 + minutes(10))
    assert commit(database, late, at=31).outcomes[Outcome.OUTDATED] == 1
    assert commit(database, late, at=32).outcomes[Outcome.DUPLICATE] == 1
    assert rows(database, appeals) == before
    assert [(v["version"], v["status"], v["applied"]) for v in rows(database, appeal_versions)] == [
        (1, "answered", True),
        (2, "in_work", False),
    ]
    newer = appeal("a", status=AppealStatus.ANSWERED, updated_at=T0 + minutes(40), rating=5)
    assert commit(database, newer, at=41).outcomes[Outcome.UPDATED] == 1
    assert rows(database, appeals)[0]["version"] == 3
    assert_rollups_follow_the_facts(database)


def test_a_status_that_goes_back_is_applied_and_marked(database):
    """A reopened appeal is open again and has no answer any more."""
    commit(database, appeal("a", status=AppealStatus.ANSWERED, updated_at=T0 + minutes(5)), at=6)
    outcome = commit(database, appeal("a", status=AppealStatus.IN_WORK, updated_at=T0 + minutes(7)), at=8)
    assert (outcome.outcomes[Outcome.UPDATED], outcome.opened_n) == (1, 1)
    assert [v["is_reversal"] for v in rows(database, appeal_versions)] == [False, True]
    assert rows(database, appeals)[0]["answered_at"] is None
    assert_rollups_follow_the_facts(database)


def test_several_records_of_one_appeal_in_a_page_are_applied_in_their_order(database):
    """Three stages in one page: three versions, one row of the log with the last stage."""
    outcome = commit(
        database,
        appeal("a", updated_at=T0),
        appeal("a", updated_at=T0 + minutes(1), status=AppealStatus.IN_WORK),
        appeal("a", updated_at=T0 + minutes(2), status=AppealStatus.ANSWERED),
        appeal("a", updated_at=T0 + minutes(1), status=AppealStatus.IN_WORK),
        at=3,
    )
    assert {key: n for key, n in outcome.outcomes.items() if n} == {
        Outcome.STORED: 1,
        Outcome.UPDATED: 2,
        Outcome.DUPLICATE: 1,
    }
    assert len(rows(database, appeal_versions)) == 3
    assert [c.appeal.status for c in changes_of(database, ChangeKind.APPEAL)] == ["answered"]
    assert_rollups_follow_the_facts(database)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"answered_at": T0 + minutes(3), "updated_at": T0 + minutes(5)}, T0 + minutes(3)),
        ({"updated_at": T0 + minutes(5)}, T0 + minutes(5)),
        ({}, None),
    ],
)
def test_the_instant_of_an_answer_is_the_first_that_is_known_and_stays(database, told, expected):
    """The record's own instant, else when it changed; met as answered without either, nobody knows."""
    commit(database, appeal("a", status=AppealStatus.ANSWERED, **told), at=10)
    assert rows(database, appeals)[0]["answered_at"] == expected
    edited = {key: at for key, at in told.items() if key == "answered_at"}
    if expected is None:
        edited["updated_at"] = None
    commit(
        database,
        appeal("a", status=AppealStatus.ANSWERED, rating=4, **{"updated_at": T0 + minutes(20), **edited}),
        at=21,
    )
    assert rows(database, appeals)[0]["answered_at"] == expected
    assert_rollups_follow_the_facts(database)


def test_an_answer_that_was_seen_to_come_is_as_old_as_the_poll_that_saw_it(database):
    """Open at one poll and answered at the next, no time told: it came when it was learnt."""
    commit(database, appeal("a"), at=1)
    commit(database, appeal("a", status=AppealStatus.ANSWERED), at=4)
    assert rows(database, appeals)[0]["answered_at"] == T0 + minutes(4)
    assert_rollups_follow_the_facts(database)


def test_the_place_in_the_feed_never_changes(database):
    """A corrected time of receipt moves the counts and not the row."""
    commit(database, appeal("a"))
    commit(database, appeal("a", received_at=T0 - minutes(90)), at=1)
    row = rows(database, appeals)[0]
    assert (row["feed_at"], row["received_at"]) == (T0, T0 - minutes(90))
    assert_rollups_follow_the_facts(database)


@pytest.mark.parametrize("field", ["received_at", "updated_at", "answered_at"])
def test_times_from_the_future_go_to_quarantine_and_the_rest_of_the_page_goes_on(database, field):
    """Ten minutes ahead is a clock that is off, eleven is not believed; a term may lie in the future."""
    ahead = appeal("ahead", **{field: T0 + minutes(11), "status": AppealStatus.ANSWERED})
    fine = appeal("fine", **{field: T0 + minutes(10), "status": AppealStatus.ANSWERED, "due_at": T0 + minutes(9999)})
    outcome = commit(database, ahead, fine)
    assert outcome.quarantined == {RejectReason.TIME_IN_FUTURE: 1}
    assert [row["foreign_id"] for row in rows(database, appeals)] == ["fine"]
    assert [(row["foreign_id"], row["detail"]) for row in rows(database, quarantine)] == [("ahead", field)]


def test_a_clock_set_back_between_question_and_commit_refuses_nothing(database):
    """The cursor rests on the time of the question, so what was refused after it would never be asked for again."""
    told = page(appeal("a", updated_at=T0))
    outcome = commit_page(database, CLASSIFIER, SOURCE, told, T0 - minutes(60), asked_at=T0)
    assert outcome.quarantined == {}
    assert [row["foreign_id"] for row in rows(database, appeals)] == ["a"]


def test_an_unreadable_record_is_in_quarantine_once_however_often_it_is_read(database):
    """A re-read counts up and adds no row."""
    bad = Rejected(reason=RejectReason.TIME_UNREADABLE, foreign_id="x", detail="received_at", raw='{"id":"x\0"}')
    commit(database, appeal("a"), rejected=(bad, bad))
    outcome = commit(database, appeal("a"), rejected=(bad,), at=5)
    assert outcome.quarantined == {RejectReason.TIME_UNREADABLE: 1}
    assert outcome.quarantined_new_n == 0
    [row] = rows(database, quarantine)
    assert (row["seen_n"], row["first_seen_at"], row["last_seen_at"]) == (3, T0, T0 + minutes(5))
    with database.read() as connection:
        assert load_source(connection, SOURCE.id).quarantined_total == 1


def test_a_source_that_tells_nothing_but_rubbish_does_not_fill_the_disk(database, monkeypatch):
    """The newest quarantined records are kept up to a bound; the total goes on counting."""
    monkeypatch.setattr("svodka.storage.quarantine.KEPT_PER_SOURCE", 30)
    for n in range(5):
        bad = tuple(Rejected(reason=RejectReason.WRONG_TYPE, raw=f"{n}/{k}") for k in range(20))
        commit(database, rejected=bad, at=n)
    kept = rows(database, quarantine)
    assert len(kept) == 30
    assert {row["raw"] for row in kept} > {f"4/{k}" for k in range(20)}
    with database.read() as connection:
        assert load_source(connection, SOURCE.id).quarantined_total == 100


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (appeal(" "), RejectReason.MISSING_ID),
        (appeal("x" * 257), RejectReason.TOO_LARGE),
        (appeal("nul\0"), RejectReason.WRONG_TYPE),
        (appeal("half\ud83d"), RejectReason.WRONG_TYPE),
        (incident("not an appeal"), RejectReason.WRONG_TYPE),
    ],
)
def test_what_no_database_can_hold_goes_to_quarantine(database, record, reason):
    """One such record must not make its page fail again and again."""
    outcome = commit(database, record, appeal("fine"))
    assert outcome.quarantined == {reason: 1}
    assert [row["foreign_id"] for row in rows(database, appeals)] == ["fine"]


def test_hostile_texts_and_numbers_are_stored_harmlessly(database):
    """NUL, half surrogate pairs, marks out of range and texts of 15,000 characters do not break the page."""
    commit(database, appeal("a", text="a\0b\ud83d" + "ш" * 15_000, rating=77, repeat_of="r\0" + "r" * 300))
    [row] = rows(database, appeals)
    assert row["text"] == "ab" + "ш" * 15_000
    assert (row["rating"], len(row["repeat_of"])) == (None, 256)


def test_the_log_carries_no_text_no_foreign_id_and_no_exact_point(database):
    """What a wall never receives it cannot leak."""
    secret = appeal("foreign-77", text="My door is green", address="Secret st. 7", point=Point(55.354219, 86.087331))
    commit(database, secret)
    with database.read() as connection:
        raw = connection.scalar(sa.text("SELECT payload FROM change_log WHERE kind = 'appeal'"))
    for hidden in ("foreign-77", "green", "Secret", "55.354219", "86.087331"):
        assert hidden not in raw
    [change] = changes_of(database, ChangeKind.APPEAL)
    assert (change.appeal.lat, change.appeal.lon) == (55.354, 86.088)


def test_a_page_that_is_not_the_last_does_not_make_the_source_fresh(database):
    """Age counts from the last complete poll; its counts change with every page, and every page says so."""
    commit(database, appeal("a"), completeness=Completeness.PARTIAL, cursor="1")
    with database.read() as connection:
        health = load_source(connection, SOURCE.id)
    assert (health.cursor, health.last_success_at, health.last_complete_at) == ("1", T0, None)
    assert len(changes_of(database, ChangeKind.SOURCE)) == 1
    commit(database, appeal("b"), cursor="2")
    assert len(changes_of(database, ChangeKind.SOURCE)) == 2


def test_a_failure_keeps_cursor_and_facts_and_is_told(database):
    """Three failures in a row are three changes, for each says when the source is asked next; recovery is another."""
    commit(database, appeal("a"), cursor="1")
    for n in (1, 2, 3):
        assert record_failure(database, SOURCE, StorageUnavailableError("away"), T0 + minutes(n)) == n
    with database.read() as connection:
        health = load_source(connection, SOURCE.id)
    assert (health.cursor, health.failures_n, health.error_kind) == ("1", 3, "StorageUnavailableError")
    assert (health.last_attempt_at, health.last_success_at) == (T0 + minutes(3), T0)
    assert len(changes_of(database, ChangeKind.SOURCE)) == 4
    commit(database, appeal("a"), at=4)
    with database.read() as connection:
        assert load_source(connection, SOURCE.id).failures_n == 0
    assert len(changes_of(database, ChangeKind.SOURCE)) == 5


def test_a_crash_in_the_middle_of_a_page_leaves_nothing_of_it(database, monkeypatch):
    """Facts, rollups, cursor and log are of one transaction: when its last step fails there is no trace."""
    commit(database, appeal("a"), cursor="1")
    before = everything(database)

    def fail(*_arguments):
        raise StorageUnavailableError

    monkeypatch.setattr("svodka.ingest.commit.append_changes", fail)
    with pytest.raises(StorageUnavailableError):
        commit(database, appeal("a", rating=5), appeal("b"), at=1, cursor="2")
    monkeypatch.undo()
    assert everything(database) == before
    with database.read() as connection:
        assert load_source(connection, SOURCE.id).cursor == "1"
    commit(database, appeal("b"), at=2)
    assert [row["id"] for row in rows(database, appeals)] == [1, 2]


def test_the_same_id_in_two_sources_is_two_appeals(database):
    """Foreign ids mean something only within their source."""
    commit(database, appeal("7"))
    commit(database, appeal("7"), source=appeal_source("letters"))
    assert [row["source_id"] for row in rows(database, appeals)] == ["portal", "letters"]


def test_a_page_of_a_thousand_takes_a_few_statements(database):
    """Not a round trip per record: statements are counted, executemany as one."""
    seen = []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    told = [appeal(f"{n}", received_at=T0 - minutes(n), status=list(AppealStatus)[n % 4]) for n in range(1000)]
    sa.event.listen(database.engine, "before_cursor_execute", count)
    commit(database, *told)
    assert len(seen) <= 30
    seen.clear()
    commit(database, *told, at=1)
    assert len(seen) <= 12


def test_an_empty_first_answer_of_a_source_of_appeals_is_as_if_time_had_passed(database):
    """Where the history begins may move with it; with the second answer, and beside appeals, it needs no line."""
    outcome = commit(database)
    assert [change.seq for change in changes_of(database, ChangeKind.TICK)] == [outcome.head]
    commit(database, at=1)
    commit(database, appeal("a"), source=appeal_source("other"))
    assert len(changes_of(database, ChangeKind.TICK)) == 1
