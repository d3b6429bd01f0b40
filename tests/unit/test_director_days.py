"""Three days of a wall on an injected clock: what share of the time each scene has, against the plan.

The plan's shares are counted here from the file, not by the machine; the wall is looked at as late as the loop may be.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from svodka.director.care import SIDE, path, shift_at
from svodka.director.commands import Keep, command
from svodka.director.facts import PlainFacts
from svodka.director.machine import Machine
from svodka.director.preview import look_ahead
from svodka.director.reader import load_plan
from svodka.profiles.reader import load_profile
from tests.director_factory import facts, incident

HOURS = 72
WORST = {"sector": ("housing", "health", "energy"), "area": ("kemerovo", "belovo")}
CALM = PlainFacts(worst_first=WORST)
LATE = timedelta(seconds=0.25)


@pytest.fixture(scope="module")
def machine() -> Machine:
    plan = load_plan(load_profile("kuzbass"))
    return Machine(plan, plan.walls["main"])


def _friday(machine: Machine) -> datetime:
    return datetime(2026, 11, 27, tzinfo=machine.plan.zone).astimezone(UTC)  # and Saturday, Sunday


def _shares(spent: Counter) -> dict[str, float]:
    return {scene: ms / sum(spent.values()) for scene, ms in spent.items()}


def _planned(hours_of: dict[str, float], lines: dict[str, dict[str, float]]) -> dict[str, float]:
    shares: Counter = Counter()
    for playlist, hours in hours_of.items():
        for scene, seconds in lines[playlist].items():
            shares[scene] += hours / HOURS * seconds / sum(lines[playlist].values())
    return dict(shares)


def _say(title: str, shown: dict[str, float], planned: dict[str, float]) -> None:
    rows = [f"{scene:16} {shown.get(scene, 0):8.4%} {planned[scene]:8.4%}" for scene in sorted(planned)]
    print(f"\n{title}: shown, planned", *rows, sep="\n")  # noqa: T201 - the figures that were asked for


def _assert_within_a_percent(shown: dict[str, float], planned: dict[str, float]) -> None:
    assert shown.keys() == planned.keys()
    for scene, share in planned.items():
        assert abs(shown[scene] - share) <= 0.01, scene


def test_each_scene_has_its_share_of_three_days(machine):
    """A working day and a weekend; two playlists, a condition that never holds, the worst two sectors and areas."""
    start, chance = _friday(machine), Random(1)
    end, state, spent = start + timedelta(hours=HOURS), machine.begin(start, CALM), Counter()
    at, looks_n = start, 0
    while at < end:
        later = min(end, max(machine.next_due(state), at) + chance.random() * LATE)
        spent[state.shown[0][0]] += (later - at) / timedelta(milliseconds=1)
        state, at, looks_n = machine.advance(state, later, CALM), later, looks_n + 1
    assert looks_n > 1400
    day = {"overview": 180, "appeals": 60, "sector:housing": 45, "sector:health": 45}
    day |= {"area:kemerovo": 45, "area:belovo": 45}
    duty = {"overview": 600, "incidents": 120, "sources": 60}
    planned = _planned({"day": 12.5, "duty": 59.5}, {"day": day, "duty": duty})
    shown = _shares(spent)
    _say("72 hours", shown, planned)
    _assert_within_a_percent(shown, planned)


def test_each_scene_has_its_share_also_with_takeovers_and_conditions_that_come_and_go(machine):
    """150 grave incidents of a minute each, three held hours, and «incidents» in the day's round for six hours."""
    start, chance = _friday(machine), Random(2)
    end = start + timedelta(hours=HOURS)
    quarter = timedelta(minutes=15)
    # One in each quarter of an hour that is nobody's, so that none waits for another; none in the held hours.
    quarters = [n for n in range(1, HOURS * 4 - 1) if not 160 <= n < 190]
    grave_at = sorted(
        start + n * quarter + timedelta(seconds=chance.random() * 800) for n in chance.sample(quarters, 150)
    )
    rank_two = (start + timedelta(hours=9), start + timedelta(hours=15))  # of Friday, a working day
    held_at = start + timedelta(hours=40)
    at, state, spent, why = start, machine.begin(start, CALM), Counter(), Counter()
    held_scene = ""
    edges = [
        *rank_two,
        held_at,
        held_at + timedelta(hours=3.5),
        *grave_at,
        *(each + timedelta(minutes=5) for each in grave_at),
    ]
    while at < end:
        due = min([machine.next_due(state), *(edge for edge in edges if edge > at)])
        later = min(end, max(due, at) + chance.random() * LATE)
        spent[state.shown[0][0]] += (later - at) / timedelta(milliseconds=1)
        why["takeover" if state.takeover else "held" if state.hold else "playlist"] += (later - at).total_seconds()
        at = later
        open_now = [
            incident(number, rank=1, at=began)
            for number, began in enumerate(grave_at, start=10)
            if began <= at < began + timedelta(minutes=5)
        ]
        open_now += [incident(1, rank=2, at=start)] if rank_two[0] <= at < rank_two[1] else []
        known = facts(*open_now, worst_first=WORST)
        state = machine.advance(state, at, known)
        if at >= held_at and not held_scene:
            held_scene = state.shown[0][0]
            state, _ = command(machine, state, Keep(for_s=3 * 3600), at, known)
    taken_h, held_h = 150 / 60, 3.0
    # A grave incident is one of «level 2 or higher» too: five minutes each, 26 of them on a working day's hours.
    by_day = [each for each in grave_at if 7.5 <= (each - start) / timedelta(hours=1) < 20]
    also_h = sum(not rank_two[0] <= each < rank_two[1] for each in by_day) * 4 / 60
    taken_by_day_h = len(by_day) / 60
    inside_h = 6 - sum(rank_two[0] <= each < rank_two[1] for each in by_day) / 60
    day = {"overview": 180, "appeals": 60, "sector:housing": 45, "sector:health": 45}
    day |= {"area:kemerovo": 45, "area:belovo": 45}
    lines = {"day": day, "grave": {**day, "incidents": 60}}
    lines["duty"] = {"overview": 600, "incidents": 120, "sources": 60}
    hours = {"grave": inside_h + also_h, "day": 12.5 - taken_by_day_h - inside_h - also_h}
    hours["duty"] = HOURS - 12.5 - (taken_h - taken_by_day_h) - held_h
    planned = Counter(_planned(hours, lines))
    planned["incidents"] += taken_h / HOURS
    assert abs(why["takeover"] / 3600 - taken_h) < 0.05
    assert abs(why["held"] / 3600 - held_h) < 0.01
    shown = _shares(spent)
    planned[held_scene] += held_h / HOURS
    _say("72 hours with 150 takeovers, a hold and a condition", shown, dict(planned))
    _assert_within_a_percent(shown, dict(planned))


def test_looking_ahead_is_what_will_be_shown(machine):
    """The preview is the same machine: every picture at its instant."""
    start = _friday(machine) + timedelta(hours=7)
    state = machine.begin(start, CALM)
    ahead = list(look_ahead(machine, state, CALM, timedelta(hours=24)))
    assert (ahead[0].from_at, ahead[-1].to_at) == (start, start + timedelta(hours=24))
    assert all(shown.to_at == following.from_at for shown, following in pairwise(ahead))
    for shown in ahead[::25]:
        middle = shown.from_at + (shown.to_at - shown.from_at) / 2
        assert machine.advance(state, middle, CALM).shown[0] == shown.screens
    assert {shown.playlist for shown in ahead} == {"day", "duty"}


def test_the_picture_wanders_over_every_offset_evenly_and_unnoticed():
    """Ten times a day each, one pixel a minute, at most 22 pixels of a wall of 3840x2160."""
    day = [shift_at(datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=n)) for n in range(1440)]
    assert set(Counter(day).values()) == {10}
    assert len(set(day)) == SIDE * SIDE == len(path())
    for here, there in zip(day, [*day[1:], day[0]], strict=True):
        assert abs(here[0] - there[0]) + abs(here[1] - there[1]) == 1
    assert 2 * (max(x for x, _ in day) - min(x for x, _ in day)) <= 24
