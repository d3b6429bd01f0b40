"""A cycle goes on to the end, keeps what it has when something breaks, and says it once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from svodka.domain.clock import ManualClock
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness, IncidentStatus
from svodka.ingest.cycle import run_cycle
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.sources import load_source
from svodka.storage.tables import appeals, incidents, sources
from tests.ingest_factory import T0, PlainClassifier, appeal, appeal_source, incident, incident_source, minutes, page

SOURCE = appeal_source()


class Pages:
    """A connector over a list of answers; its cursor is the number of the next one."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def poll(self, cursor):
        n = int(cursor or 0)
        answer = self.answers[n]
        if isinstance(answer, Exception):
            self.answers[n] = page(appeal(f"late-{n}"))
            raise answer
        last = n == len(self.answers) - 1
        return page(
            *answer.records,
            cursor=str(n if last else n + 1),
            completeness=Completeness.COMPLETE if last else Completeness.PARTIAL,
        )


def cycle(database, connector, **options):
    return run_cycle(database, PlainClassifier(), SOURCE, connector, ManualClock(T0), **options)


def state(database):
    with database.read() as connection:
        return load_source(connection, SOURCE.id), list(
            connection.scalars(sa.select(appeals.c.foreign_id).order_by(appeals.c.id))
        )


def test_a_cycle_reads_page_after_page_until_nothing_waits(database):
    """Three pages, one complete cycle, one canonical line in the journal."""
    with capture_logs() as lines:
        report = cycle(database, Pages(*(page(appeal(f"{n}")) for n in range(3))))
    assert (report.pages, report.complete, report.read_n, report.error_kind) == (3, True, 3, "")
    [line] = lines
    assert (line["event"], line["stored"], line["source"]) == ("cycle", 3, SOURCE.id)
    assert state(database)[1] == ["0", "1", "2"]


def test_data_are_as_old_as_the_question_that_brought_them(database):
    """An answer that takes a minute is a minute old when it is stored."""
    clock = ManualClock(T0)

    class Slow(Pages):
        def poll(self, cursor):
            clock.advance(seconds=60)
            return super().poll(cursor)

    report = run_cycle(database, PlainClassifier(), SOURCE, Slow(page(appeal("1"))), clock)
    health, _ = state(database)
    assert report.complete
    assert (health.last_complete_at, health.last_success_at) == (T0, T0 + minutes(1))


def test_a_cycle_that_has_done_enough_goes_on_next_time(database):
    """The cursor of the last committed page is where the next cycle begins."""
    connector = Pages(*(page(appeal(f"{n}")) for n in range(3)))
    assert cycle(database, connector, max_pages=2).complete is False
    assert cycle(database, connector, max_pages=2).complete is True
    assert state(database)[1] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("error", "kind", "retry_after_s"),
    [
        (SourceUnavailableError("503", retry_after_s=90.0), "SourceUnavailableError", 90.0),
        (SourceContractBrokenError("HTML"), "SourceContractBrokenError", None),
        (ZeroDivisionError("a fault of the connector"), "ZeroDivisionError", None),
    ],
)
def test_a_failure_in_the_middle_keeps_the_pages_before_it(database, error, kind, retry_after_s):
    """The second page fails: the first is stored, the cursor stands behind it, the failure is on record."""
    connector = Pages(page(appeal("0")), error, page(appeal("2")))
    report = cycle(database, connector)
    assert (report.pages, report.error_kind, report.retry_after_s, report.failures_n) == (1, kind, retry_after_s, 1)
    health, stored = state(database)
    assert (health.cursor, health.failures_n, health.error_kind, stored) == ("1", 1, kind, ["0"])
    with capture_logs() as lines:
        assert cycle(database, connector).complete
    assert [line["event"] for line in lines] == ["source_recovered", "cycle"]
    assert state(database)[1] == ["0", "late-1", "2"]


def test_an_outage_is_warned_about_once(database):
    """Three failed cycles: one warning, three canonical lines."""
    with capture_logs() as lines:
        for _ in range(3):
            cycle(database, Pages(SourceUnavailableError("away")))
    assert [line["event"] for line in lines] == ["source_failed", "cycle", "cycle", "cycle"]
    assert [line["failures"] for line in lines if line["event"] == "cycle"] == [1, 2, 3]


def test_a_source_whose_second_page_never_comes_is_one_outage(database):
    """The first page of each cycle is stored and clears the failure for a moment: no reason to warn every time."""

    class Halting:
        def poll(self, cursor):
            if cursor == "half":
                message = "away"
                raise SourceUnavailableError(message)
            return page(appeal("a"), cursor="half", completeness=Completeness.PARTIAL)

    with capture_logs() as lines:
        for _ in range(3):
            cycle(database, Halting())
            with database.write() as connection:
                connection.execute(sa.update(sources).values(cursor=None))
        cycle(database, Pages(page(appeal("a"))))
    events = [line["event"] for line in lines if line["event"] != "cycle"]
    assert events == ["source_failed", "source_recovered"]


def test_a_fault_of_ours_is_shown_with_its_place_once_in_an_outage(database):
    with capture_logs() as lines:
        for _ in range(3):
            cycle(database, Pages(ZeroDivisionError("a fault of the connector")))
    assert [line["event"] for line in lines].count("cycle_fault") == 1


def test_a_database_that_is_away_is_told_once_and_once_that_it_is_back(database):
    """However many cycles fail meanwhile; of a source nothing is said, for it did nothing wrong."""
    there, nowhere = database.engine, sa.create_engine("sqlite:////nowhere/at/all")
    with capture_logs() as lines:
        database.engine = nowhere
        for _ in range(3):
            assert cycle(database, Pages(page(appeal("a")))).storage_failed
        database.engine = there
        assert cycle(database, Pages(page(appeal("a")))).complete
    told = [(line["event"], line["access"]) for line in lines if line["event"] != "cycle"]
    assert told == [("database_away", "read"), ("database_back", "read")]
    assert [outage.failures_n for outage in database.outages] == [3, 0]


def test_an_answer_that_another_poller_has_overtaken_is_dropped(database):
    """A poller stalls with an answer in its hand, its lease runs out, the next one tells the end: that stands."""
    source, quick = incident_source(), ManualClock(T0 + minutes(1))

    class Stalling:
        def poll(self, _cursor):
            report = run_cycle(database, PlainClassifier(), source, Quick(), quick)
            assert (report.complete, report.taken) == (True, False)
            return page(incident("a"), cursor="old", lists_all_open=True)

    class Quick:
        def poll(self, _cursor):
            return page(incident("a", status=IncidentStatus.CLOSED), cursor="new", lists_all_open=True)

    late = ManualClock(T0 + minutes(2))
    report = run_cycle(database, PlainClassifier(), source, Stalling(), late)
    assert (report.taken, report.complete, report.failed, report.pages) == (True, False, False, 0)
    with database.read() as connection:
        health = load_source(connection, source.id)
        assert list(connection.scalars(sa.select(incidents.c.is_open))) == [False]
    assert (health.cursor, health.polls_total, health.failures_n) == ("new", 1, 0)
    assert health.last_complete_at == quick.now()


def test_a_failure_that_another_poller_has_overtaken_is_not_noted(database):
    """A poller stops in the middle of a question and goes on when its lease is another's: what it missed is no news."""
    away = SourceUnavailableError("no whole answer within 30 s")

    class Stopped:
        def poll(self, _cursor):
            assert cycle(database, Pages(page(appeal("0")))).complete
            raise away

    report = cycle(database, Stopped())
    assert (report.taken, report.failed, report.failures_n) == (True, False, 0)
    health = state(database)[0]
    assert (health.failures_n, health.error_kind, health.polls_total) == (0, "", 1)


def test_a_database_that_refuses_writes_moves_no_cursor(tmp_path):
    """A read-only SQLite file: the cycle reports the storage, and after it is mended everything comes."""
    path = tmp_path / "svodka.sqlite3"
    migrate(open_database(f"sqlite:///{path}"))
    refusing = open_database(f"sqlite:///file:{path}?mode=ro&uri=true")
    report = cycle(refusing, Pages(page(appeal("0"))))
    assert (report.storage_failed, report.failures_n, report.pages) == (True, None, 0)
    mended = open_database(f"sqlite:///{path}")
    assert state(mended)[0].cursor is None
    assert cycle(mended, Pages(page(appeal("0")))).complete
    assert state(mended)[1] == ["0"]
