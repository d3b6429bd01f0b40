"""The machine of a wall: time, conditions, takeovers, and what always holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from svodka.director.commands import (
    Answer,
    Choose,
    Colour,
    Dim,
    Keep,
    Next,
    Point,
    Previous,
    Release,
    Resume,
    Say,
    Show,
    Undo,
    Zoom,
    command,
)
from svodka.director.layers import left_of_top
from svodka.director.plan import Playlist, Rule, Span, Step, When
from svodka.director.state import Origin, State
from tests.director_factory import NOON, QUIET, S, after, facts, incident, make_machine, steps, takeover


def _go(machine, state, seconds, known=QUIET):
    return machine.advance(state, state.at + timedelta(seconds=seconds), known)


def _scene(state: State) -> str:
    return " ".join(state.shown[0])


def test_scenes_follow_one_another_with_their_own_lengths():
    """60 and 30 s, without end, whether somebody looks often or once."""
    machine = make_machine()
    begun = machine.begin(NOON, QUIET)
    often = begun
    for second in range(1, 301):
        often = machine.advance(often, after(second), QUIET)
        assert _scene(often) == ("overview" if second % 90 < 60 else "appeals")
    assert machine.advance(begun, after(300), QUIET) == often


def test_screens_of_one_wall_have_one_rhythm():
    """A pattern goes on with every change; the last scene serves all further screens."""
    machine = make_machine(("overview sector:* sources", 20), ("appeals", 30), screens_n=4)
    state = machine.begin(NOON, QUIET)
    shown = []
    for _ in range(5):
        shown.append(_scene(state))
        state = machine.advance(state, machine.next_due(state), QUIET)
    assert shown == [
        "overview sector:housing sources sources",
        "overview sector:health sources sources",
        "overview sector:energy sources sources",
        "appeals appeals appeals appeals",
        "overview sector:housing sources sources",
    ]


def test_the_worst_are_taken_when_their_step_begins():
    """Their order does not change while they are shown; a step without any is passed over."""
    machine = make_machine(("overview", 20), ("area:worst-2", 15))
    known = facts(worst_first={"area": ("prokopevsk", "kemerovo", "belovo")})
    state = _go(machine, machine.begin(NOON, known), 20, known)
    assert _scene(state) == "area:prokopevsk"
    turned = facts(worst_first={"area": ("belovo",)})
    assert _scene(_go(machine, state, 15, turned)) == "area:kemerovo"
    assert _scene(_go(machine, _go(machine, state, 30, QUIET), 20, QUIET)) == "overview"


def test_a_condition_is_judged_when_its_step_is_due():
    """«Only if there are open incidents of level 2 or higher»."""
    machine = make_machine()
    line = (*steps(("overview", 60)), Step(scenes=("incidents",), length_ms=30 * S, when=When(rank=2)))
    machine.plan.playlists["day"] = msgspec.structs.replace(machine.plan.playlists["day"], steps=line)
    mild, grave = facts(incident(1, rank=3)), facts(incident(1, rank=2))
    state = machine.begin(NOON, mild)
    assert _scene(_go(machine, state, 61, mild)) == "overview"
    assert _scene(_go(machine, state, 61, grave)) == "incidents"
    assert _scene(_go(machine, _go(machine, state, 61, grave), 5, mild)) == "incidents"  # stays to its end


def test_a_playlist_of_which_nothing_can_be_shown_shows_the_home_and_tries_again():
    """No wall is ever dead."""
    machine = make_machine()
    only = (Step(scenes=("incidents",), length_ms=30 * S, when=When(rank=2)),)
    machine.plan.playlists["day"] = msgspec.structs.replace(machine.plan.playlists["day"], steps=only)
    state = _go(machine, machine.begin(NOON, QUIET), 500)
    assert _scene(state) == "overview"
    assert _scene(_go(machine, state, 11, facts(incident(1, rank=2)))) == "incidents"


def test_a_scene_that_was_deleted_is_passed_over():
    """Scene files come and go."""
    machine = make_machine()
    known = facts(unknown=frozenset({"appeals"}))
    assert _scene(_go(machine, machine.begin(NOON, known), 61, known)) == "overview"


def test_the_first_rule_that_matches_decides_by_time_of_day_weekday_and_holiday():
    """Friday evening belongs to Friday past midnight; a holiday is no working day, a moved Saturday is one."""
    rules = (
        Rule(span=Span(from_min=20 * 60, to_min=2 * 60, days=("fri",)), playlist="night"),
        Rule(span=Span(days=("day-off",)), playlist="night"),
    )
    machine = make_machine(rules=rules)
    plan = msgspec.structs.replace(
        machine.plan,
        holidays=frozenset({datetime(2026, 11, 25).date()}),  # noqa: DTZ001 - a day
        working=frozenset({datetime(2026, 11, 28).date()}),  # noqa: DTZ001
    )

    def at(day: int, hour: int) -> str:
        return plan.playlist_at(machine.wall, datetime(2026, 11, day, hour, tzinfo=plan.zone).astimezone(UTC))

    assert [at(24, 12), at(25, 12), at(26, 12)] == ["day", "night", "day"]
    assert [at(27, 19), at(27, 20), at(28, 1), at(28, 2), at(28, 12), at(29, 12)] == [
        "day",
        "night",
        "night",
        "day",
        "day",
        "night",
    ]


def test_a_new_playlist_waits_for_the_minimum_dwell():
    """At 20:00 the scene has been there for 5 s only."""
    machine = make_machine(rules=(Rule(span=Span(from_min=20 * 60, to_min=0), playlist="night"),))
    begin = datetime(2026, 11, 25, 19, 58, 55, tzinfo=machine.plan.zone).astimezone(UTC)
    state = machine.begin(begin, QUIET)
    assert _scene(_go(machine, state, 66)) == "appeals"
    assert _scene(_go(machine, state, 69.9)) == "appeals"
    assert _scene(_go(machine, state, 70)) == "sources"


def test_an_incident_takes_over_and_what_was_interrupted_comes_back_with_its_time():
    """After 20 of 60 s; 40 s are left."""
    machine = make_machine()
    state = _go(machine, machine.begin(NOON, QUIET), 20)
    grave = facts(incident(7, at=after(19)))
    taken = machine.advance(state, after(20.2), grave)
    assert (_scene(taken), taken.takeover.incident.id) == ("incidents", 7)
    assert _scene(machine.advance(taken, after(80.1), grave)) == "incidents"
    back = machine.advance(taken, after(80.2), grave)
    assert (_scene(back), back.left_ms) == ("overview", 39_800)
    assert _scene(machine.advance(back, after(80.2 + 39.7), grave)) == "overview"
    assert _scene(machine.advance(back, after(80.2 + 39.9), grave)) == "appeals"


def test_only_what_is_new_and_grave_enough_takes_over():
    """Not what was open when the wall began, what is too mild, what began days ago; but what becomes graver does."""
    machine = make_machine()
    old = incident(1)
    state = machine.begin(NOON, facts(old))
    for known in (facts(old), facts(old, incident(2, rank=2)), facts(old, incident(3, at=after(-7 * 3600)))):
        state = _go(machine, state, 1, known)
        assert state.takeover is None
    state = _go(machine, state, 1, facts(old, incident(2, rank=1)))
    assert state.takeover.incident.id == 2


def test_a_second_incident_waits_and_a_graver_one_does_not():
    """Each has its time; the one that was put aside comes back after the graver one."""
    machine = make_machine(takeovers=(takeover(rank=2),))
    state = machine.begin(NOON, QUIET)
    first, second, graver = incident(1, rank=2), incident(2, rank=2), incident(3, rank=1)
    state = _go(machine, state, 1, facts(first))
    state = _go(machine, state, 5, facts(first, second))
    assert (state.takeover.incident.id, [each.id for each in state.waiting]) == (1, [2])
    state = _go(machine, state, 5, known := facts(first, second, graver))
    assert state.takeover.incident.id == 3
    order = []
    for _ in range(200):
        state = _go(machine, state, 1, known)
        order += [state.takeover.incident.id if state.takeover else None]
    assert list(dict.fromkeys(order)) == [3, 1, 2, None]


def test_an_incident_that_ends_gives_way_but_not_before_the_minimum_dwell():
    """It ends after 3 s; the scene stays 10."""
    machine = make_machine()
    state = _go(machine, machine.begin(NOON, QUIET), 20)
    state = _go(machine, state, 0, facts(incident(1)))
    state = _go(machine, state, 3, QUIET)
    assert _scene(state) == "incidents"
    assert _scene(_go(machine, state, 6.9)) == "incidents"
    assert _scene(_go(machine, state, 7)) == "overview"


def test_a_takeover_concerns_its_screens_and_may_show_the_incidents_area():
    """The other screens keep what they show, and the rhythm stands still."""
    rule = takeover(scene="area:*", screens=(2,))
    machine = make_machine(("overview appeals", 30), ("sources sources", 30), screens_n=2, takeovers=(rule,))
    state = machine.begin(NOON, QUIET)
    state = _go(machine, state, 10, known := facts(incident(1, area="prokopevsk")))
    assert _scene(state) == "overview area:prokopevsk"
    assert _scene(_go(machine, state, 59, known)) == "overview area:prokopevsk"
    assert _scene(_go(machine, state, 61, known)) == "overview appeals"
    lost = _go(machine, machine.begin(NOON, QUIET), 10, facts(incident(1, area=None)))
    assert _scene(lost) == "overview overview"


def test_a_held_wall_is_not_taken_over_until_it_is_let_go():
    """Unless the plan says that this level breaks a hold."""
    for breaks, expected in ((False, "overview"), (True, "incidents")):
        machine = make_machine(takeovers=(takeover(breaks=breaks),))
        state, _ = command(machine, machine.begin(NOON, QUIET), Keep(for_s=600), after(1), QUIET)
        state = machine.advance(state, after(30), known := facts(incident(1)))
        assert _scene(state) == expected
        state = machine.advance(state, after(95), known)
        assert _scene(state) == "overview"
        state = machine.advance(state, after(602), known)
        assert (_scene(state), state.hold) == ("overview" if breaks else "incidents", None)


def test_a_hold_ends_by_itself_and_the_playlist_goes_on_where_it_was():
    """20 of 60 s were gone."""
    machine = make_machine()
    state, answer = command(machine, machine.begin(NOON, QUIET), Keep(for_s=1800), after(20), QUIET)
    assert answer is Answer.DONE
    assert _scene(machine.advance(state, after(1819), QUIET)) == "overview"
    state = machine.advance(state, after(1820), QUIET)
    assert (state.hold, state.left_ms) == (None, 40_000)


def test_time_passes_while_nobody_advances_and_a_day_is_too_long():
    """After ten minutes without a process the wall is where it would have been; after a day it begins anew."""
    machine = make_machine()
    state = machine.begin(NOON, QUIET)
    assert _scene(machine.advance(state, after(600 + 65), QUIET)) == "appeals" if (665 % 90) >= 60 else "overview"
    later = machine.advance(state, after(3 * 86400 + 1), QUIET)
    assert (_scene(later), later.left_ms, later.rev) == ("overview", 60_000, state.rev + 1)


def test_a_clock_that_is_set_back_changes_nothing_else():
    """What is left stays left."""
    machine = make_machine()
    state = machine.advance(machine.begin(NOON, QUIET), after(20), QUIET)
    back = machine.advance(state, after(-3600), QUIET)
    assert (back.at, back.left_ms) == (after(-3600), 40_000)
    assert _scene(machine.advance(back, after(-3600 + 41), QUIET)) == "appeals"


def test_another_plan_finds_a_state_that_does_not_fit_it():
    """A playlist that is gone, a step too many, one more screen: it begins its playlist anew."""
    machine = make_machine(("overview", 20), ("appeals", 20), ("sources", 20))
    state = _go(machine, machine.begin(NOON, QUIET), 45)
    shorter = make_machine(("overview", 20))
    assert _scene(shorter.advance(state, after(46), QUIET)) == "overview"
    wider = make_machine(screens_n=2)
    assert _scene(wider.advance(state, after(46), QUIET)) == "overview overview"
    renamed = make_machine()
    renamed.plan.playlists.pop("day")
    renamed.plan.playlists["other"] = Playlist(id="other", name="", name_en="", steps=steps(("appeals", 30)))
    renamed.wall = msgspec.structs.replace(renamed.wall, playlist="other")
    assert _scene(renamed.advance(state, after(46), QUIET)) == "appeals"


_WORLDS = st.lists(
    st.builds(incident, st.integers(1, 4), st.integers(1, 3), st.sampled_from([None, "kemerovo"]), st.just(after(-60))),
    max_size=3,
    unique_by=lambda each: each.id,
).map(lambda each: facts(*each))
_ORDERS = st.one_of(
    st.sampled_from([None, None, None, None, Next(), Previous(), Release(), Resume(), Undo(), Point(panel="flow")]),
    st.builds(Keep, for_s=st.integers(0, 900)),
    st.builds(Choose, scenes=st.lists(st.sampled_from(["", "sources", "area:kemerovo"]), max_size=3).map(tuple)),
    st.just(Show(origin=Origin(kind="still", id="x"), for_s=120, scenes=("sources",))),
    st.sampled_from([Say(text="Совещание в 15:00"), Dim(percent=40), Colour(theme="light"), Zoom(area="kemerovo")]),
)
_EVENTS = st.lists(st.tuples(st.integers(1, 200_000), _WORLDS, _ORDERS), min_size=1, max_size=25)


@settings(max_examples=150, deadline=None)
@given(_EVENTS, st.booleans())
def test_whatever_people_and_incidents_do_no_wall_dies_and_each_layer_ends(events, breaks):
    """After any history: the dwell was kept but for people and takeovers, and the playlist comes back and goes on."""
    machine = make_machine(
        ("overview sources", 60),
        ("sector:*", 12),
        ("area:worst-2", 20),
        screens_n=2,
        takeovers=(takeover(rank=2, screens=(2,), breaks=breaks),),
        rules=(Rule(span=Span(from_min=12 * 60 + 5, to_min=12 * 60 + 15), playlist="night"),),
    )
    now, state = NOON, machine.begin(NOON, QUIET)
    for ms, world, order in events:
        end = now + timedelta(milliseconds=ms)
        while now < end:
            due = max(machine.next_due(state), now + timedelta(milliseconds=1))
            now = min(end, due)
            following = machine.advance(state, now, world)
            assert left_of_top(following) > 0
            assert len(following.shown[0]) == 2
            changed = following.shown != state.shown
            if changed and (following.takeover is None or following.top is not following.takeover):
                assert state.shown_ms + (now - state.at) / timedelta(milliseconds=1) >= 10_000
            assert following.rev > state.rev or not changed
            state = following
        if order is not None:
            state, _ = command(machine, state, order, now, world)
            assert len(state.shown[0]) == 2
    longest = now + timedelta(hours=1)
    state = machine.advance(state, longest, QUIET)
    assert state.top is None
    seen = {machine.advance(state, longest + timedelta(seconds=5 * n), QUIET).shown[0] for n in range(40)}
    assert len(seen) >= 4
    stored = msgspec.json.decode(msgspec.json.encode(state), type=State)
    assert stored == state
