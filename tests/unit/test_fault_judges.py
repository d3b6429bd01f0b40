"""The judges of the fault harness: each finds what is wrong, and excuses no more than docs/adr/0110 says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psycopg
import pytest

from bench.faults import kills
from bench.faults.__main__ import _MIXED
from bench.faults.chromium import Lists, wrong_lists, wrong_missed, wrong_values
from bench.faults.clock import Jump
from bench.faults.oracle import Tables, _wrong_log, find_unsettled
from bench.faults.plan import find_log_kept_s, has_clock_jumps, make_plan
from bench.faults.run import find_ended, find_undatable, not_presented
from bench.faults.world import SOURCES
from svodka.reports.collect import PageView

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RANKS = {"grave": 1, "light": 2}
APPEALS = [{"id": number} for number in (9, 8, 7)]
INCIDENTS = {
    "1": {"id": 1, "level": "light", "started_at": "2026-11-18T10:00:00Z"},
    "2": {"id": 2, "level": "grave", "started_at": "2026-11-18T09:00:00Z"},
    "3": {"id": 3, "level": "light", "started_at": "2026-11-18T11:00:00Z"},
}


def make_view(*, values=None, appeals=("9", "8"), incidents=("2", "3")):
    return PageView(panels={}, values=values or {}, conflicts=(), appeals=appeals, incidents=incidents, ready=True)


def make_lists(*, more=1, missed_more=0, missed=(), feed_room=0):
    return Lists(more=more, missed_more=missed_more, missed=list(missed), feed_room=feed_room)


def find_list_faults(view=None, lists=None, *, appeals=APPEALS, incidents=INCIDENTS):
    numbers = {"incidents_open": len(incidents)}
    picture = {"appeals": appeals, "incidents": incidents}
    return list(wrong_lists(view or make_view(), lists or make_lists(), picture, numbers, RANKS))


def make_tables(*, log=(), head=0, incidents=None, versions=None, may_be_pruned=False):
    return Tables(
        appeals={}, incidents=incidents or {}, appeal_versions={}, incident_versions=versions or {}, log=list(log),
        head=head, sources={}, quarantined={}, may_be_pruned=may_be_pruned,
    )  # fmt: skip


def make_line(seq, op, key="7"):
    return {"seq": seq, "kind": "incident", "key": key, "payload": f'{{"op":"{op}"}}'}


def make_version(status, known_at):
    return {"status": status, "known_at": known_at, "applied": True}


def make_watcher(presented=(), unnamed=0):
    return SimpleNamespace(name="wall", presented=set(presented), missed_without_name=unnamed)


def test_half_of_the_runs_are_strict_in_every_topology():
    seeds = range(1, 9)
    strict = [seed for seed in seeds if not has_clock_jumps(seed)]
    assert len(strict) == 4
    assert {_MIXED[seed % 4] for seed in strict} == {_MIXED[seed % 4] for seed in seeds if has_clock_jumps(seed)}
    assert {_MIXED[seed % 4] for seed in strict} == set(_MIXED)
    assert not has_clock_jumps(1)  # --quick
    assert 0 < sum(find_log_kept_s(seed) > 0 for seed in seeds) < len(seeds)


@pytest.mark.parametrize("is_jumping", [True, False])
def test_a_strict_plan_has_no_jump_of_the_clock(is_jumping):
    plan = make_plan(
        3, faults_n=90, span_s=150.0, database="sqlite", topology="1x1", targets={"net": 6, "source": 5},
        clock_jumps=is_jumping,
    )  # fmt: skip
    assert any(fault.kind.startswith("clock") for fault in plan) is is_jumping


def test_only_records_of_the_hour_that_a_clock_lost_are_excused():
    items = [
        SimpleNamespace(key="before", changed_at=NOON - HOUR),
        SimpleNamespace(key="within", changed_at=NOON - MINUTE),
        SimpleNamespace(key="at the end", changed_at=NOON + MINUTE),
        SimpleNamespace(key="after", changed_at=NOON + 2 * MINUTE),
    ]
    world = SimpleNamespace(published=lambda source, _now: items if source == SOURCES[0] else [])
    back = Jump(NOON, NOON + MINUTE, -HOUR)
    assert find_unsettled(world, NOON, [back]) == {(SOURCES[0], "within"), (SOURCES[0], "at the end")}
    assert find_unsettled(world, NOON, [Jump(NOON, NOON + MINUTE, HOUR)]) == frozenset()
    assert find_unsettled(world, NOON, []) == frozenset()


@pytest.mark.parametrize(
    ("by", "learnt_at", "is_excused"),
    [
        (HOUR, NOON - MINUTE, False),
        (HOUR, NOON + HOUR, True),
        (HOUR, NOON + HOUR + 2 * MINUTE, False),
        (-HOUR, NOON - HOUR - MINUTE, False),
        (-HOUR, NOON - HOUR, True),
        (-HOUR, NOON + 2 * MINUTE, False),
    ],
)
def test_only_incidents_learnt_at_an_instant_that_the_clock_showed_twice_are_excused(by, learnt_at, is_excused):
    tables = make_tables(
        incidents={("dispatch", "d"): {"id": 7, "closed_at": None}}, versions={7: [{"known_at": learnt_at}]}
    )
    assert find_undatable(tables, [Jump(NOON, NOON + MINUTE, by)]) == ({"7"} if is_excused else set())
    assert find_undatable(tables, []) == set()


def test_what_began_and_ended_must_have_been_presented_also_where_the_log_was_pruned():
    log = [make_line(1, "put"), make_line(2, "del"), make_line(3, "put", "8"), make_line(4, "del", "9")]
    one_after_the_other = [make_version("new", NOON), make_version("closed", NOON + MINUTE)]
    at_once = [make_version("new", NOON), make_version("closed", NOON)]
    over = {("dispatch", str(key)): {"id": key, "is_open": False} for key in (5, 6)}
    assert find_ended(make_tables(log=log)) == {"7"}
    pruned = make_tables(incidents=over, versions={5: one_after_the_other, 6: at_once, 8: one_after_the_other})
    assert find_ended(pruned) == {"5"}
    assert list(not_presented(make_watcher(["7"]), {"7"})) == []
    assert list(not_presented(make_watcher(unnamed=1), {"7"})) == []
    assert list(not_presented(make_watcher(["8"]), {"7"})) != []


def test_a_log_must_be_dense_where_it_is_kept_and_whole_where_it_is_not_pruned():
    beats = [{"seq": seq, "kind": "heartbeat", "key": "", "payload": "{}"} for seq in (4, 5, 6)]
    assert list(_wrong_log(make_tables(log=beats, head=6, may_be_pruned=True))) == []
    assert "was not to be pruned" in " ".join(_wrong_log(make_tables(log=beats, head=6)))
    assert list(_wrong_log(make_tables(log=[beats[0], beats[2]], head=6, may_be_pruned=True))) != []
    assert list(_wrong_log(make_tables(log=beats, head=7, may_be_pruned=True))) != []


def test_a_number_that_is_not_on_the_wall_is_wrong():
    numbers = {"open_now": 3.0, "open_now:n": 3.0, "answered_today": None}
    shown = {"open_now": 3.0, "answered_today": None}
    assert list(wrong_values(make_view(values=shown), numbers)) == []
    assert list(wrong_values(make_view(values={"open_now": 3.0}), numbers)) != []
    assert list(wrong_values(make_view(values=shown | {"open_now": 4.0}), numbers)) != []
    assert list(wrong_values(make_view(values=shown | {"open_now:n": 4.0}), numbers)) != []


def test_lists_that_lost_something_are_wrong():
    assert find_list_faults() == []
    assert find_list_faults(make_view(incidents=()), make_lists(more=3)) != []
    assert find_list_faults(lists=make_lists(more=0)) != []
    assert find_list_faults(make_view(incidents=("3", "2"))) != []
    assert find_list_faults(make_view(appeals=("9",)), make_lists(feed_room=1)) != []
    assert find_list_faults(make_view(appeals=("8", "7"))) != []
    assert find_list_faults(make_view(appeals=())) != []
    assert find_list_faults(make_view(appeals=(), incidents=()), make_lists(more=0), appeals=[], incidents={}) == []


def test_what_was_told_as_missed_must_stand_on_the_wall_or_be_counted():
    told = {"4": "2026-11-18T10:00:00Z", "5": "2026-11-18T11:00:00Z", "1": "2026-11-18T12:00:00Z"}
    assert list(wrong_missed(make_lists(missed=["5", "4"]), told, INCIDENTS)) == []
    assert list(wrong_missed(make_lists(missed=["5"], missed_more=1), told, INCIDENTS)) == []
    assert list(wrong_missed(make_lists(missed=["5"]), told, INCIDENTS)) != []
    assert list(wrong_missed(make_lists(missed=[]), told, INCIDENTS)) != []
    assert list(wrong_missed(make_lists(missed=["4"], missed_more=1), told, INCIDENTS)) != []


def test_indexes_that_nobody_could_look_at_are_told():
    class Opened:
        def transaction(self):
            raise psycopg.errors.UndefinedFunction

    assert kills._check_indexes(Opened()) == kills.NOT_INSTALLED
    assert "amcheck is not installed" in kills.KillReport(database="postgres", indexes_unchecked_n=2).line()
    assert "amcheck" not in kills.KillReport(database="postgres").line()
