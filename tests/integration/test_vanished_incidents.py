"""What a feed no longer names has ended, but only after several good answers, and never because one was empty."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from svodka.domain.changes import ChangeKind
from svodka.domain.errors import SourceUnavailableError
from svodka.domain.reasons import Outcome, RejectReason
from svodka.domain.records import Completeness, IncidentStatus, Rejected
from svodka.ingest.commit import commit_page, record_failure
from svodka.storage.change_log import load_changes, load_head
from svodka.storage.records import count_open_incidents
from svodka.storage.tables import incident_versions, incidents
from tests.ingest_factory import T0, PlainClassifier, incident, incident_source, minutes, page

SOURCE = incident_source()
CLASSIFIER = PlainClassifier()
A, B = incident("a"), incident("b")


class Feed:
    """Answers of one source, ten minutes apart."""

    def __init__(self, database, source=SOURCE):
        self.database, self.source, self.n = database, source, 0

    def tell(self, *records, **changes):
        self.n += 1
        return commit_page(self.database, CLASSIFIER, self.source, page(*records, **changes), self.now)

    @property
    def now(self):
        return T0 + minutes(10 * self.n)

    def open_ids(self):
        with self.database.read() as connection:
            query = sa.select(incidents.c.foreign_id).where(incidents.c.is_open).order_by(incidents.c.id)
            return list(connection.scalars(query))

    def row(self, foreign_id):
        with self.database.read() as connection:
            query = sa.select(incidents).where(incidents.c.foreign_id == foreign_id)
            return dict(connection.execute(query).mappings().one())

    def changes(self):
        with self.database.read() as connection:
            changes = load_changes(connection, 0, load_head(connection))
        return [(c.key, c.op) for c in changes if c.kind is ChangeKind.INCIDENT]


@pytest.fixture
def feed(database):
    return Feed(database)


def test_an_incident_ends_after_it_was_missing_from_three_good_answers(feed):
    """Twice missing it stands, the third time it is closed as vanished and leaves the wall."""
    feed.tell(A, B)
    for _ in range(2):
        assert feed.tell(B).vanished_n == 0
    assert feed.open_ids() == ["a", "b"]
    assert feed.tell(B).vanished_n == 1
    assert feed.open_ids() == ["b"]
    row = feed.row("a")
    assert (row["status"], row["close_reason"], row["closed_at"]) == ("closed", "vanished", feed.now)
    assert feed.changes() == [("1", "put"), ("2", "put"), ("1", "del")]


def test_who_reappears_in_time_starts_again_from_zero(feed):
    """Missing twice, there again, missing twice: still open, and nothing was told to the wall."""
    feed.tell(A, B)
    for named in [(B,), (B,), (A, B), (B,), (B,)]:
        feed.tell(*named)
    assert feed.open_ids() == ["a", "b"]
    assert feed.row("a")["missing_polls"] == 2
    assert len(feed.changes()) == 2


def test_failed_partial_and_unreadable_answers_do_not_count(feed):
    """Only a good answer says that something is missing."""
    feed.tell(A, B)
    bad = Rejected(reason=RejectReason.WRONG_TYPE, raw="?")
    for _ in range(10):
        feed.tell(B, completeness=Completeness.PARTIAL)
        feed.tell(B, lists_all_open=False)
        feed.tell(rejected=(bad,), read_n=1)
        record_failure(feed.database, SOURCE, SourceUnavailableError("503"), feed.now)
    assert feed.open_ids() == ["a", "b"]
    assert feed.row("a")["missing_polls"] == 0


def test_a_record_that_is_named_but_unreadable_is_not_missing(feed):
    """Its id is in the answer."""
    feed.tell(A, B)
    bad = Rejected(reason=RejectReason.TIME_UNREADABLE, foreign_id="a", raw="?")
    for _ in range(5):
        feed.tell(B, rejected=(bad,))
    assert feed.open_ids() == ["a", "b"]


def test_an_empty_answer_in_a_storm_closes_nothing(feed):
    """Eight empty answers between full ones, again and again: everything stays open."""
    for _ in range(4):
        feed.tell(A, B)
        for _ in range(8):
            assert feed.tell().closed_n == 0
    assert feed.open_ids() == ["a", "b"]
    assert feed.row("a")["missing_polls"] == 0


def test_a_feed_that_stays_empty_is_believed_in_the_end(feed):
    """Nine empty answers in a row (three times the needed three) over more than ten minutes close what was open."""
    feed.tell(A, B)
    closed = [feed.tell().vanished_n for _ in range(9)]
    assert closed == [0] * 8 + [2]
    assert feed.open_ids() == []
    assert feed.tell().vanished_n == 0


def test_a_quick_burst_of_empty_answers_is_not_believed(database):
    """A system that restarts answers empty twenty times within a minute; that closes nothing."""
    commit_page(database, CLASSIFIER, SOURCE, page(A, B), T0)
    for n in range(20):
        commit_page(database, CLASSIFIER, SOURCE, page(), T0 + minutes(n / 20))
    with database.read() as connection:
        assert count_open_incidents(connection, SOURCE.id) == 2


def test_a_vanished_incident_that_is_named_again_reopens(feed):
    """Even in the very same words, or with an older time than the last: the source names it now."""
    told = incident("a", updated_at=T0, status=IncidentStatus.CONTROLLED)
    feed.tell(told, B)
    for _ in range(3):
        feed.tell(B)
    outcome = feed.tell(told, B)
    assert (outcome.outcomes[Outcome.UPDATED], outcome.opened_n) == (1, 1)
    row = feed.row("a")
    assert (row["status"], row["close_reason"], row["closed_at"]) == ("controlled", None, None)
    assert feed.changes()[-2:] == [("1", "del"), ("1", "put")]
    with feed.database.read() as connection:
        query = sa.select(incident_versions).where(incident_versions.c.incident_id == 1)
        versions = connection.execute(query.order_by(incident_versions.c.version)).mappings().all()
    assert [(v["status"], v["is_reversal"]) for v in versions] == [
        ("controlled", False),
        ("closed", False),
        ("controlled", True),
    ]


def test_a_source_that_does_not_list_what_is_open_never_closes_by_silence(database):
    """Absence says nothing where the sources file does not say so."""
    feed = Feed(database, incident_source(close_after_missing_polls=None))
    feed.tell(A, B)
    for _ in range(20):
        feed.tell(B)
        feed.tell()
    assert feed.open_ids() == ["a", "b"]


def test_silence_of_one_source_says_nothing_about_another(database):
    """Each source closes its own."""
    one, other = Feed(database), Feed(database, incident_source("other"))
    other.tell(incident("z"))
    one.tell(A, B)
    for _ in range(4):
        one.tell(B)
    assert one.open_ids() == ["z", "b"]


def test_a_closed_incident_that_the_source_reopens_is_a_reversal(feed):
    """Closed by its source, then in work again: applied, on the wall again, and marked."""
    feed.tell(A, B)
    feed.tell(incident("a", status=IncidentStatus.CLOSED, updated_at=T0 + minutes(5)), B)
    assert (feed.row("a")["close_reason"], feed.row("a")["closed_at"]) == ("source", T0 + minutes(5))
    feed.tell(incident("a", status=IncidentStatus.IN_WORK, updated_at=T0 + minutes(15)), B)
    assert feed.row("a")["is_open"] is True
    assert feed.changes()[-2:] == [("1", "del"), ("1", "put")]
    with feed.database.read() as connection:
        flags = connection.scalars(
            sa.select(incident_versions.c.is_reversal)
            .where(incident_versions.c.incident_id == 1)
            .order_by(incident_versions.c.version)
        ).all()
    assert flags == [False, False, True]
