"""Leases: one holder at a time, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from svodka.domain.clock import ManualClock
from svodka.ingest import tenure as tenure_module
from svodka.ingest.tenure import LEASE_S, Tenure
from svodka.storage.database import Database, open_database
from svodka.storage.leases import acquire_leases, release_leases

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=9)


def test_a_lease_belongs_to_the_first_who_asks_until_it_runs_out(database: Database):
    assert acquire_leases(database, ["a", "b"], holder="one", now=NOW, expires_at=LATER) == {"a", "b"}
    assert acquire_leases(database, ["a", "c"], holder="two", now=NOW, expires_at=LATER) == {"c"}
    assert acquire_leases(database, ["a"], holder="two", now=LATER, expires_at=LATER + timedelta(seconds=9)) == {"a"}
    assert acquire_leases(database, ["a", "b"], holder="one", now=LATER, expires_at=LATER) == {"b"}


def test_a_lease_that_is_renewed_does_not_run_out(database: Database):
    for second in range(0, 30, 3):
        now = NOW + timedelta(seconds=second)
        assert acquire_leases(database, ["a"], holder="one", now=now, expires_at=now + timedelta(seconds=9)) == {"a"}
        assert not acquire_leases(database, ["a"], holder="two", now=now, expires_at=now + timedelta(seconds=9))


def test_a_clock_that_was_set_back_by_an_hour_holds_no_source_up_for_an_hour(database: Database):
    """The holder is gone and its lease ends in the future; a clock that is only a little behind takes nothing."""
    hour = timedelta(hours=1)
    acquire_leases(database, ["a"], holder="one", now=NOW + hour, expires_at=LATER + hour)
    assert acquire_leases(database, ["a"], holder="two", now=NOW, expires_at=LATER) == {"a"}
    little = timedelta(seconds=45)
    assert not acquire_leases(database, ["a"], holder="three", now=NOW - little, expires_at=LATER - little)


def test_a_lease_given_back_is_free_at_once_and_only_its_holder_can_give_it_back(database: Database):
    acquire_leases(database, ["a"], holder="one", now=NOW, expires_at=LATER)
    release_leases(database, ["a"], holder="two")
    assert not acquire_leases(database, ["a"], holder="two", now=NOW, expires_at=LATER)
    release_leases(database, ["a"], holder="one")
    assert acquire_leases(database, ["a"], holder="two", now=NOW, expires_at=LATER) == {"a"}


def test_of_many_who_ask_at_once_each_lease_goes_to_exactly_one(database: Database, database_url: str):
    names = [f"source-{number}" for number in range(8)]
    got: dict[str, frozenset[str]] = {}
    gate = threading.Barrier(6)

    def ask(holder: str) -> None:
        own = open_database(database_url)
        try:
            gate.wait()
            got[holder] = acquire_leases(own, names, holder=holder, now=NOW, expires_at=LATER)
        finally:
            own.close()

    threads = [threading.Thread(target=ask, args=(f"poller-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert sorted(name for held in got.values() for name in held) == sorted(names)


def test_a_process_that_cannot_renew_stops_by_itself_and_another_takes_over(database: Database):
    clock = ManualClock(NOW)
    first = Tenure(database, ["a"], holder="one", machine_clock=clock)
    second = Tenure(database, ["a"], holder="two", machine_clock=clock)
    first.renew()
    second.renew()
    assert (first.holds("a"), second.holds("a")) == (True, False)
    clock.advance(seconds=LEASE_S + 1)
    second.renew()
    first.renew()
    assert (first.holds("a"), second.holds("a")) == (False, True)
    second.give_up()
    first.renew()
    assert (first.holds("a"), second.holds("a")) == (True, False)


def test_a_renewal_in_flight_takes_nothing_back_after_the_end(database: Database, monkeypatch):
    """It was asked for before the end and reaches the database afterwards."""
    tenure = Tenure(database, ["a"], holder="one", machine_clock=ManualClock(NOW))
    asked, go_on = threading.Event(), threading.Event()
    acquire = tenure_module.acquire_leases

    def slowly(*words, **more):
        asked.set()
        assert go_on.wait(10)
        return acquire(*words, **more)

    monkeypatch.setattr(tenure_module, "acquire_leases", slowly)
    renewing = threading.Thread(target=tenure.renew)
    ending = threading.Thread(target=tenure.give_up)
    renewing.start()
    assert asked.wait(10)
    ending.start()
    ending.join(0.2)
    go_on.set()
    renewing.join()
    ending.join()
    tenure.renew()
    other = Tenure(database, ["a"], holder="two", machine_clock=ManualClock(NOW))
    other.renew()
    assert (tenure.holds("a"), other.holds("a")) == (False, True)
