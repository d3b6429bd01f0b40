"""What people at the controller have a wall do, and what a wall is told of it."""

from __future__ import annotations

import pytest

from svodka.director.commands import (
    MAX_HOLD_S,
    MESSAGE_S,
    POINTED_S,
    UNDO_S,
    WANTED_S,
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
    See,
    Show,
    Undo,
    Zoom,
    command,
)
from svodka.director.plan import Colouring, Dimming, Span
from svodka.director.stage import make_stage
from svodka.director.state import Origin
from svodka.domain.codec import decode, encode
from tests.director_factory import NOON, QUIET, after, facts, incident, make_machine, takeover


class Wall:
    """A wall on a clock that the test moves."""

    def __init__(self, machine, known=QUIET):
        self.machine, self.facts, self.s = machine, known, 0.0
        self.state = machine.begin(NOON, known)

    def do(self, order, rev=None, by=""):
        now = after(self.s)
        self.state, answer = command(self.machine, self.state, order, now, self.facts, rev=rev, by=by)
        return answer

    def wait(self, seconds):
        self.s += seconds
        self.state = self.machine.advance(self.state, after(self.s), self.facts)

    @property
    def stage(self):
        return make_stage(self.machine, self.state, self.facts)

    @property
    def scenes(self):
        return " ".join(self.stage.screens.values())


@pytest.fixture
def wall():
    return Wall(make_machine(("overview appeals", 60), ("sources sources", 30), screens_n=2))


def test_a_scene_is_chosen_for_one_screen_and_the_playlist_comes_back_with_its_time(wall):
    """20 of 60 s were gone; the other screen keeps what it shows."""
    wall.wait(20)
    assert wall.do(Choose(scenes=("", "sector:housing"))) is Answer.DONE
    assert (wall.scenes, wall.stage.why) == ("overview sector:housing", "chosen")
    wall.wait(299)
    assert wall.stage.next == {"1": "overview", "2": "appeals"}
    wall.wait(1)
    assert (wall.scenes, wall.stage.why, wall.state.left_ms) == ("overview appeals", "playlist", 40_000)


@pytest.mark.parametrize("order", [Next(), Previous()])
@pytest.mark.parametrize("kind", ["briefing", "archive", "still"])
def test_the_playlist_is_not_turned_below_a_moment_that_is_not_the_present_one(wall, kind, order):
    """A briefing is not left by a wrong key, for a live scene that would be held for hours."""
    wall.do(Show(origin=Origin(kind=kind, id="one"), for_s=3600, scenes=("appeals",)))
    shown = wall.scenes
    assert wall.do(order) is Answer.NOT_LIVE
    assert (wall.scenes, wall.stage.origin.kind) == (shown, kind)


def test_next_and_back_go_through_the_playlist_and_keep_a_hold(wall):
    """A held wall is turned like a page and stays held."""
    wall.do(Keep(for_s=600))
    assert wall.do(Next()) is Answer.DONE
    assert (wall.scenes, wall.stage.held) == ("sources sources", True)
    assert wall.do(Previous()) is Answer.DONE
    assert (wall.scenes, wall.stage.held) == ("overview appeals", True)
    assert wall.do(Release()) is Answer.DONE
    assert (wall.scenes, wall.stage.why) == ("overview appeals", "playlist")
    assert wall.do(Release()) is Answer.NOTHING


def test_a_hold_is_never_for_days(wall):
    """What is asked for longer is held for four hours; asked anew it is held anew."""
    wall.do(Keep(for_s=10**6))
    assert wall.stage.held_until == after(MAX_HOLD_S)
    wall.wait(3600)
    wall.do(Keep(for_s=1800))
    assert wall.stage.held_until == after(3600 + 1800)


def test_another_moment_is_held_and_ends(wall):
    """An archive keeps its moment under another scene; a still has only what was stored, so that is live again."""
    archive = Origin(kind="archive", at=NOON, basis="seen", speed=60, since=NOON, is_exercise=True)
    wall.do(Show(origin=archive, for_s=600, scenes=("sources",)))
    told = decode(encode(wall.stage))
    assert told["origin"] == {
        "kind": "archive",
        "at": "2026-11-25T05:00:00Z",
        "basis": "seen",
        "speed": 60.0,
        "since": "2026-11-25T05:00:00Z",
        "is_exercise": True,
    }
    assert (wall.scenes, wall.stage.why) == ("sources appeals", "held")
    wall.do(Choose(scenes=("area:kemerovo",)))
    assert (wall.scenes, wall.stage.origin) == ("area:kemerovo appeals", archive)
    wall.do(Show(origin=Origin(kind="still", id="s1"), for_s=600))
    wall.do(Choose(scenes=("overview",)))
    assert (wall.stage.origin.kind, wall.stage.held) == ("live", True)
    wall.do(Show(origin=Origin(kind="briefing", id="b1", page=3), for_s=60))
    wall.wait(61)
    assert (wall.stage.origin.kind, wall.stage.held) == ("live", False)


def test_to_the_plan_ends_everything_that_lies_over_the_playlist():
    """Also a takeover."""
    wall = Wall(make_machine())
    wall.wait(5)
    wall.facts = facts(incident(1))
    wall.wait(1)
    assert wall.stage.taken_by == 1
    assert wall.do(Resume()) is Answer.DONE
    assert (wall.scenes, wall.stage.why, wall.stage.taken_by) == ("overview", "playlist", None)
    wall.wait(1)
    assert wall.stage.taken_by is None  # it had its turn


def test_an_incident_that_waits_for_the_end_of_a_hold_is_told():
    """The controller says so; it takes over as soon as it may."""
    wall = Wall(make_machine(takeovers=(takeover(),)))
    wall.do(Keep(for_s=600))
    wall.facts = facts(incident(1))
    wall.wait(10)
    assert (wall.stage.waiting_n, wall.stage.taken_by) == (1, None)
    wall.do(Release())
    assert (wall.stage.waiting_n, wall.stage.taken_by) == (0, 1)


def test_what_is_pointed_at_and_zoomed_to_ends_with_the_scene(wall):
    """And pointing by itself."""
    assert wall.do(Point(panel="flow")) is Answer.DONE
    assert wall.do(Zoom(area="kemerovo")) is Answer.DONE
    assert wall.do(Zoom(area="nowhere")) is Answer.UNKNOWN_AREA
    assert (wall.stage.pointed, wall.stage.zoom) == ("flow", "kemerovo")
    wall.wait(61)
    assert (wall.stage.pointed, wall.stage.zoom) == (None, None)
    wall.do(Keep(for_s=600))
    wall.do(Point(panel="flow"))
    wall.wait(POINTED_S)
    assert wall.stage.pointed is None


def test_light_theme_and_vision_follow_the_plan_unless_somebody_wants_otherwise_for_a_while():
    """The plan dims by 30 at noon."""
    machine = make_machine(
        dims=(Dimming(span=Span(from_min=11 * 60, to_min=13 * 60), percent=30),),
        themes=(Colouring(span=Span(from_min=11 * 60, to_min=13 * 60), theme="night"),),
    )
    wall = Wall(machine)
    assert (wall.stage.dim, wall.stage.theme, wall.stage.vision) == (30, "night", "normal")
    for order in (Dim(percent=95), Colour(theme="light"), See(vision="low")):
        assert wall.do(order) is Answer.DONE
    assert (wall.stage.dim, wall.stage.theme, wall.stage.vision) == (80, "light", "low")
    wall.wait(WANTED_S)
    assert (wall.stage.dim, wall.stage.theme, wall.stage.vision) == (0, "dark", "normal")
    wall.do(Dim(percent=20))
    assert wall.do(Dim(percent=None)) is Answer.DONE


@pytest.mark.parametrize(
    ("text", "answer", "shown"),
    [
        ("  Совещание\n штаба в 15:00  ", Answer.DONE, "Совещание штаба в 15:00"),
        ("", Answer.NOTHING, ""),
        ("х" * 121, Answer.TOO_LONG, ""),
        ("Звоните 8 905 123-45-67", Answer.PERSONAL, ""),
        ("Спросить Иванова Петра Сергеевича", Answer.PERSONAL, ""),
        ("ул. Мира, д. 5, кв. 12", Answer.PERSONAL, ""),
    ],
)
def test_a_line_of_text_is_short_and_names_nobody(wall, text, answer, shown):
    assert wall.do(Say(text=text)) is answer
    assert wall.stage.message == shown
    wall.wait(MESSAGE_S)
    assert wall.stage.message == ""


def test_undo_takes_back_what_the_last_command_did_and_nothing_else(wall):
    """The scene has gone on meanwhile and stays; after five minutes there is nothing to undo."""
    wall.do(Dim(percent=40))
    wall.wait(70)
    assert wall.scenes == "sources sources"
    assert wall.do(Undo()) is Answer.DONE
    assert (wall.stage.dim, wall.scenes) == (0, "sources sources")
    assert wall.do(Undo()) is Answer.NO_UNDO
    wall.do(Choose(scenes=("overview",)))
    wall.do(Undo())
    assert (wall.scenes, wall.stage.why) == ("sources sources", "playlist")
    wall.do(Say(text="Тест"))
    wall.wait(UNDO_S)
    assert not wall.stage.can_undo
    assert wall.do(Undo()) is Answer.NO_UNDO


def test_a_command_from_an_old_picture_is_refused_where_it_matters(wall):
    """What depends on the picture always, everything once somebody else has commanded since."""
    rev = wall.stage.rev
    wall.wait(61)  # the playlist went on
    assert wall.do(Next(), rev, "a") is Answer.STALE
    assert wall.do(Say(text="Тест"), rev, "a") is Answer.DONE
    assert wall.do(Say(text="Ещё"), rev, "b") is Answer.STALE
    assert wall.do(Say(text="Ещё"), wall.stage.rev, "b") is Answer.DONE
    assert wall.do(Choose(scenes=("gone",)), wall.stage.rev) is Answer.DONE
    wall.facts = facts(unknown=frozenset({"gone"}))
    assert wall.do(Choose(scenes=("gone",)), wall.stage.rev) is Answer.UNKNOWN_SCENE
