"""Walls in the database: state, value, journal and line of the log together; commands and time side by side."""

from __future__ import annotations

import threading
from datetime import timedelta

import msgspec
import pytest

from svodka.director.commands import Answer, Choose, Keep, Next, Say, Undo
from svodka.director.facts import PlainFacts
from svodka.director.keeper import Keeper
from svodka.director.plan import Step, When
from svodka.director.reader import load_plan
from svodka.domain.changes import ChangeKind
from svodka.domain.clock import ManualClock
from svodka.domain.records import IncidentStatus
from svodka.ingest.commit import commit_page
from svodka.readmodels.keys import Key, Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.registry import compute_value
from svodka.storage.change_log import load_changes, load_head
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.walls import load_walls
from tests.director_factory import steps, takeover
from tests.ingest_factory import (
    T0,
    PlainClassifier,
    appeal,
    appeal_source,
    incident,
    incident_source,
    page,
    tiny_profile,
)

INCIDENTS, APPEALS = incident_source(), appeal_source()
PROFILE = msgspec.structs.replace(tiny_profile(), sources=(INCIDENTS, APPEALS))


class Office:
    """Walls in a database on a clock that the test moves."""

    def __init__(self, database):
        self.database, self.clock = database, ManualClock(T0)
        plan = load_plan(PROFILE)
        line = (*steps(("overview", 60), ("appeals", 30)),)
        line += (Step(scenes=("sources",), length_ms=20_000, when=When(overdue_above=0)),)
        line += steps(("area:worst-1", 20))
        plan.playlists["default"] = msgspec.structs.replace(plan.playlists["default"], steps=line)
        plan.walls["main"] = msgspec.structs.replace(plan.walls["main"], takeovers=(takeover(),), dwell_ms=10_000)
        self.plan = plan
        self.keeper = self.restart()

    def restart(self):
        self.keeper = Keeper(self.plan, PROFILE, self.clock, PlainFacts(unknown=frozenset({"gone"})))
        return self.keeper

    def after(self, seconds):
        self.clock.advance(seconds=seconds)
        return self.keeper.advance(self.database)

    def act(self, order, rev=None, link_id="l1"):
        entry = JournalEntry(at=self.clock.now(), link_id=link_id, who="Пульт", action="act_on_wall", subject="main")
        return self.keeper.act(self.database, entry, "main", order, rev)

    def commit(self, source, *records):
        commit_page(self.database, PlainClassifier(PROFILE), source, page(*records), self.clock.now())

    @property
    def stage(self):
        with self.database.read() as connection:
            moment = Moment(connection, PROFILE, self.clock.now())
            return compute_value(moment, Key("stage", Scope(wall="main")))

    def lines(self):
        with self.database.read() as connection:
            return [
                each for each in load_changes(connection, 0, load_head(connection)) if each.kind is ChangeKind.STAGE
            ]

    def journal(self):
        with self.database.read() as connection:
            return load_entries(connection, ["act_on_wall"], "main", 100)


@pytest.fixture
def office(database):
    found = Office(database)
    assert not found.stage.screens, "nothing is told before the first look"
    assert found.after(0)
    return found


def test_a_wall_goes_on_and_says_so_in_the_log(office):
    """One line for each thing it is told, none while nothing changes; a restart goes on where it was."""
    first = office.stage
    assert (first.screens, first.next, first.why) == ({"1": "overview"}, {"1": "appeals"}, "playlist")
    assert first.until == T0 + timedelta(seconds=60)
    assert not office.after(30)
    office.restart()
    assert not office.after(20)
    before = len(office.lines())
    assert office.after(10)
    assert office.stage.screens == {"1": "appeals"}
    assert (len(office.lines()), office.lines()[-1].key) == (before + 1, "main")


def test_conditions_and_the_worst_area_come_from_the_facts(office):
    """Two appeals of the south are overdue, one of the north."""
    for number, area in enumerate(("south", "south", "north")):
        due_at = T0 - timedelta(minutes=1)
        office.commit(APPEALS, appeal(f"a{number}", received_at=T0 - timedelta(hours=2), due_at=due_at, area_name=area))
    shown = []
    for _ in range(26):
        office.after(5)
        shown.append(office.stage.screens["1"])
    assert list(dict.fromkeys(shown)) == ["overview", "appeals", "sources", "area:south"]


def test_an_incident_takes_the_wall_over_and_gives_it_back(office):
    """40 of 60 s were left; nobody is told of it twice."""
    office.after(20)
    office.commit(INCIDENTS, incident("i1", level="grave", started_at=office.clock.now()))
    assert office.after(0)
    stage = office.stage
    assert (stage.screens, stage.why, stage.taken_by) == ({"1": "incidents"}, "takeover", 1)
    office.restart()
    assert not office.after(10)
    assert office.after(50)
    back = office.stage
    assert (back.screens, back.taken_by) == ({"1": "overview"}, None)
    assert back.until == office.clock.now() + timedelta(seconds=40)


def test_an_incident_that_is_closed_is_forgotten_and_may_come_again(office):
    """After its end the same incident, opened anew, is news."""
    opened = incident("i1", level="grave", started_at=office.clock.now())
    office.commit(INCIDENTS, opened)
    office.after(1)
    closed = msgspec.structs.replace(opened, status=IncidentStatus.CLOSED, updated_at=office.clock.now())
    office.commit(INCIDENTS, closed)
    office.after(15)
    assert office.stage.screens == {"1": "overview"}
    with office.database.read() as connection:
        assert '"announced":{}' in load_walls(connection)["main"].state


def test_a_command_is_done_once_and_stands_in_the_journal(office):
    """Another person's press on the same picture is stale; what was refused leaves no trace."""
    rev = office.stage.rev
    assert office.act(Next(), rev) is Answer.DONE
    assert office.stage.screens == {"1": "appeals"}
    assert office.act(Next(), rev, "l2") is Answer.STALE
    assert office.act(Say(text="Поздно"), rev, "l2") is Answer.STALE
    assert office.act(Choose(scenes=("gone",))) is Answer.UNKNOWN_SCENE
    assert office.act(Say(text="Звоните Иванову на 8 905 123-45-67")) is Answer.PERSONAL
    assert office.act(Say(text="х" * 121)) is Answer.TOO_LONG
    assert office.stage.screens == {"1": "appeals"}
    assert [entry.detail for entry in office.journal()] == ['{"do":"next"}']
    assert office.keeper.act(office.database, office.journal()[0], "none", Next()) is Answer.NO_WALL


def test_a_hold_is_kept_by_the_database_and_undone(office):
    """Whatever process dies, the wall stays held; undoing brings the playlist back with its time."""
    office.after(20)
    assert office.act(Keep(for_s=600)) is Answer.DONE
    office.restart()
    office.after(120)
    stage = office.stage
    assert (stage.held, stage.screens, stage.why) == (True, {"1": "overview"}, "held")
    assert stage.held_until == T0 + timedelta(seconds=620)
    assert office.act(Undo(), stage.rev) is Answer.DONE
    stage = office.stage
    assert (stage.held, stage.why, stage.until) == (False, "playlist", office.clock.now() + timedelta(seconds=40))
    assert office.act(Undo(), stage.rev) is Answer.NO_UNDO


def test_what_cannot_be_read_begins_anew(office):
    """A state of another version takes no wall down."""
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE walls SET state = '{\"odd\":1}'")
    office.restart()
    office.after(90)
    assert office.stage.screens == {"1": "overview"}


def test_commands_and_time_side_by_side_lose_nothing(office):
    """Three people press while the loop runs: every command that was answered with «done» is in the journal once."""
    done, threads = [], []

    def press(number):
        answers = [office.act(Say(text=f"Строка {number} раз {turn}")) for turn in range(8)]
        done.extend(answer for answer in answers if answer is Answer.DONE)

    def look():
        for _ in range(20):
            office.keeper.advance(office.database)

    for target, words in ((press, (1,)), (press, (2,)), (press, (3,)), (look, ())):
        threads.append(threading.Thread(target=target, args=words))
        threads[-1].start()
    for thread in threads:
        thread.join(60)
    assert len(done) == len(office.journal()) == 24
    assert office.stage.message in {f"Строка {number} раз 7" for number in (1, 2, 3)}


def test_whoever_presses_twice_before_the_page_follows_is_not_in_his_own_way(office):
    """Two quick presses are two steps; once the wall has gone on by itself the old picture is stale."""
    rev = office.stage.rev
    assert office.act(Next(), rev) is Answer.DONE
    assert office.act(Keep(for_s=60), rev) is Answer.DONE
    assert office.act(Undo(), rev) is Answer.DONE
    office.after(31)
    assert office.act(Next(), rev) is Answer.STALE
