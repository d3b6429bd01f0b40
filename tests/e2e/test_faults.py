"""Faults on purpose, in about three minutes: the fault harness with seeds that never change, on both databases."""

from __future__ import annotations

import pytest

from bench.faults.plan import KINDS, PAIR, SPLIT, SUPERVISED, find_log_kept_s, has_clock_jumps, make_plan
from tests.e2e.fault_run import run_faults

# The first is judged strictly; in the second the clock jumps and the log is pruned.
RUNS = [("sqlite", SPLIT, 20, True), ("postgres", PAIR, 13, False)]


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize(("database", "topology", "seed", "chromium"), RUNS)
def test_nothing_is_lost_doubled_or_out_of_order_and_every_browser_is_right(database, topology, seed, chromium):
    """More than thirty faults of nearly every kind each: tables equal the oracle, browsers the server's snapshot."""
    report = run_faults(
        "faults", 400, seed=seed, database=database, topology=topology, faults_n=34, events_n=2000, span_s=55.0,
        models_n=4, chromium=chromium, settle_limit_s=120.0, log_kept_s=find_log_kept_s(seed),
    )  # fmt: skip
    assert report["wrong"] == []
    assert sum(report["faults"].values()) >= 25
    assert report["events_n"] >= 2000
    assert report["browsers"]["frames"] > 0
    assert report["is_strict"] is not has_clock_jumps(seed)
    assert (report["pruned_n"] > 0) is (find_log_kept_s(seed) > 0)


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_dying_at_a_crash_point_loses_nothing(database):
    """Before and after the commit, between facts and versions, after the log, and on the way to the browsers."""
    report = run_faults(
        "crash",
        400,
        database=database,
        poll_points=("begin_after", "upsert_between", "log_after", "commit_after", "publish_before"),
        web_points=("snapshot_after", "emit_after"),
        events_n=800,
    )
    assert report["wrong"] == []
    assert sum(report["faults"].values()) == 7


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_killed_writer_or_server_leaves_a_clean_database_with_all_that_was_acknowledged(database):
    report = run_faults("kill", 280, database=database, kills_n=12)
    assert report["wrong"] == []
    assert report["kills_n"] == 12
    assert report["acknowledged_n"] >= 12


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("topology", [SPLIT, PAIR, SUPERVISED])
def test_a_plan_is_decided_by_its_seed_and_holds_every_kind_that_is_possible(database, topology):
    words = {"span_s": 150.0, "database": database, "topology": topology, "targets": {"net": 6, "source": 5}}
    plan = make_plan(7, faults_n=90, **words)
    assert plan == make_plan(7, faults_n=90, **words)
    assert plan != make_plan(8, faults_n=90, **words)
    possible = {kind.name for kind in KINDS if database in kind.databases and topology in kind.topologies}
    assert {fault.kind for fault in plan} == possible
    assert all(fault.at_s >= 0 and fault.at_s + fault.lasts_s <= 151 for fault in plan)
