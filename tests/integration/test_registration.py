"""What operators register by hand: stored as any record, once, signed in the journal, never deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier, get_ident
from types import SimpleNamespace

import msgspec
import pytest
import sqlalchemy as sa
from dash import no_update

from callbacks.register import FormPage
from commands.intake import FormLife, connect_forms
from svodka.domain.clock import ManualClock
from svodka.domain.errors import ProfileError, RecordUnreadableError, StorageUnavailableError
from svodka.domain.freshness import Limits, State, decide_source_state
from svodka.domain.registration import Entry
from svodka.i18n.catalogue import load_catalogue
from svodka.ingest.pushed import Storeroom
from svodka.ingest.registration import AlreadyRegisteredError, Registration
from svodka.profiles.model import SourceConfig
from svodka.storage.journal import JournalEntry
from svodka.storage.sources import load_sources
from svodka.storage.tables import appeal_versions, appeals, incidents, journal, rollup_counts
from tests.contracts.conftest import NOW
from tests.ingest_factory import PlainClassifier, tiny_profile

LIMITS = {"interval_s": 30, "ageing_s": 60, "stale_s": 120, "dead_s": 600}
SOURCES = (
    SourceConfig(id="calls", name="Calls", connector="operator", records="appeals", channel="phone", **LIMITS),
    SourceConfig(id="duty", name="Duty", connector="operator", records="incidents", **LIMITS),
)


class Room:
    """A registration on a real database with a clock that stands."""

    def __init__(self, database):
        self.database, self.clock = database, ManualClock(NOW)
        self.is_away = False
        profile = msgspec.structs.replace(tiny_profile(), sources=SOURCES)
        storeroom = Storeroom(database, PlainClassifier(profile), self.clock, in_time=self._call)
        self.registration = Registration(connect_forms(profile, self.clock), storeroom)

    def _call(self, call):
        if self.is_away:
            message = "away"
            raise StorageUnavailableError(message)
        return call()

    def sign(self):
        return JournalEntry(at=self.clock.now(), link_id="l1", who="Смена 2", action="register", subject="")

    def register(self, kind="appeals", **words):
        return self.registration.register(kind, Entry(**({"id": "f-1", "text": "Нет тепла"} | words)), self.sign())

    def set_status(self, number, status, kind="appeals"):
        self.clock.advance(seconds=60)
        return self.registration.set_status(kind, number, status, self.sign())

    def rows(self, table):
        with self.database.read() as connection:
            return list(connection.execute(sa.select(table)).mappings())

    def state(self, source):
        with self.database.read() as connection:
            health = load_sources(connection).get(source.id)
        age_s = None if health is None else (self.clock.now() - health.last_complete_at).total_seconds()
        return decide_source_state(
            age_s, Limits(ageing_s=source.ageing_s, stale_s=source.stale_s, dead_s=source.dead_s)
        )


@pytest.fixture
def room(database):
    return Room(database)


def test_a_form_that_is_sent_twice_is_one_record_with_one_number(room):
    """A double click, and a click after an answer that was lost; the second one does not move its time."""
    first = room.register()
    room.clock.advance(seconds=20)
    assert room.register() == first
    assert len(room.rows(appeals)) == len(room.rows(appeal_versions)) == len(room.rows(journal)) == 1
    other = room.register(id="f-2")
    assert other.number != first.number


class Meeting:
    """A form at which two processes meet, after both have looked whether it is stored and before either stores it."""

    def __init__(self, form):
        self.form, self.together, self.met = form, Barrier(2, timeout=20), set()

    def read(self, entry):
        if get_ident() not in self.met:
            self.met.add(get_ident())
            self.together.wait()
        return self.form.read(entry)


def test_both_halves_of_a_double_click_in_two_processes_are_one_record(room, monkeypatch):
    """Each has a registration of its own; both find nothing stored, each at an instant of its own."""
    seconds = count(1)
    monkeypatch.setattr(room.clock, "now", lambda: NOW + timedelta(seconds=next(seconds)))
    rooms = (room, Room(room.database))
    hand = room.registration.forms["appeals"]
    hand = msgspec.structs.replace(hand, form=Meeting(hand.form))
    for one in rooms:
        one.registration.forms["appeals"] = hand
    with ThreadPoolExecutor(2) as pool:
        stored = list(pool.map(lambda one: one.register(), rooms))
    assert stored[0] == stored[1]
    assert len(room.rows(appeals)) == len(room.rows(appeal_versions)) == len(room.rows(journal)) == 1


def test_a_form_that_is_sent_again_in_other_words_overwrites_no_appeal(room):
    """A tab that was doubled has the name of a form that is stored already, and tells of another citizen."""
    first = room.register()
    room.set_status(first.number, "in_work")
    room.clock.advance(seconds=20)
    with pytest.raises(AlreadyRegisteredError) as caught:
        room.register(text="Яма на дороге")
    assert caught.value.known.number == first.number
    again = room.register()
    assert (again.number, again.record.text, again.record.status.value) == (first.number, "Нет тепла", "in_work")
    assert len(room.rows(appeals)) == 1
    assert len(room.rows(appeal_versions)) == 2


def fill_in(room, name, text="Нет тепла"):
    """Press the button of the page, as far as nothing is stored; return what it sets."""
    words = load_catalogue()
    desk = SimpleNamespace(
        words=words, profile=tiny_profile(), clock=room.clock, sign=lambda *_: room.sign(), time_text=lambda: "03:00:00"
    )
    return FormPage(desk, room.registration).save(1, name, None, "appeals", text, *[""] * 7)


def test_the_page_says_what_is_not_known_to_be_stored_and_keeps_it_under_its_name(room):
    """The sentence about the appeal before must not stand there as if it were about this one."""
    room.is_away = True
    result, changed, name, *fields = fill_in(room, None)
    assert "Не подтверждено" in str(result)
    assert isinstance(name, str)
    assert {changed, *fields} == {no_update}
    room.is_away = False
    number = room.register(id=name).number
    result, _changed, other, *fields = fill_in(room, name, "Яма на дороге")
    assert f"обращение № {number}" in str(result)
    assert other not in {name, no_update}
    assert set(fields) == {no_update}


def test_who_registered_stands_in_the_journal_and_no_word_of_the_citizen_does(room):
    number = room.register(text="Канарейкина Анна, +7 900 123-45-67").number
    room.set_status(number, "answered")
    lines = room.rows(journal)
    assert [(line["action"], line["subject"], line["who"]) for line in lines] == [
        ("register", f"appeals:{number}", "Смена 2"),
        ("register_status", f"appeals:{number}", "Смена 2"),
    ]
    assert "Канарейкина" not in str(lines)


def test_what_was_registered_by_mistake_is_withdrawn_by_a_version_and_stays(room):
    number = room.register().number
    withdrawn = room.set_status(number, "")
    assert withdrawn.record.status.value == "withdrawn"
    assert [recent.is_withdrawn for recent in room.registration.load_recent(NOW - timedelta(hours=1))] == [True]
    (row,) = room.rows(appeals)
    assert (row["is_open"], row["text"], row["version"]) == (False, "Нет тепла", 2)
    assert row["answered_at"] is None, "a mistake is no answer, and none that took no time"
    assert not [cell for cell in room.rows(rollup_counts) if cell["series"].startswith("answered") and cell["n"]]
    room.set_status(number, "in_work")
    assert [recent.is_withdrawn for recent in room.registration.load_recent(NOW - timedelta(hours=1))] == [False]
    assert room.rows(appeals)[0]["is_open"]
    assert [version["is_reversal"] for version in room.rows(appeal_versions)] == [False, False, True]


def test_what_was_withdrawn_stays_so_when_its_form_comes_again(room):
    """A form that hung in a slow line."""
    number = room.register().number
    room.set_status(number, "")
    room.clock.advance(seconds=20)
    assert room.register().record.status.value == "withdrawn"
    assert [recent.is_withdrawn for recent in room.registration.load_recent(NOW - timedelta(hours=1))] == [True]


def test_an_incident_goes_through_its_stages_to_its_end(room):
    began = NOW - timedelta(hours=2)
    entry = Entry(id="i-1", text="Порыв теплотрассы", kind="heat", affected_n=12, at=began)
    found = room.registration.register("incidents", entry, room.sign())
    assert (found.topic, found.record.started_at, found.due_at) == ("heat", began, None)
    for status in ("in_work", "controlled", "closed"):
        assert room.set_status(found.number, status, "incidents").record.status.value == status
    (row,) = room.rows(incidents)
    assert (row["is_open"], row["close_reason"], row["affected_n"]) == (False, "source", 12)
    assert row["closed_at"] == room.clock.now()


def test_an_appeal_about_what_is_known_says_so_when_it_is_stored(room):
    """The same words from another caller: counted as an appeal of its own, told as one problem."""
    words = "Вторые сутки нет отопления в доме на улице Лесной, батареи холодные, дети мёрзнут"
    first = room.register(text=words)
    assert first.problem is None
    room.clock.advance(seconds=600)
    second = room.register(id="f-2", text=words)
    assert (second.problem.appeals_n, second.problem.reason) == (2, "same_text")
    assert len(room.rows(appeals)) == 2


def test_a_number_of_another_source_or_of_none_changes_nothing(room):
    """Numbers are guessable; only what a form registered can be changed through it."""
    number = room.register().number
    assert room.set_status(number + 1, "answered") is None
    assert room.set_status(number, "answered", "incidents") is None
    with room.database.write() as connection:
        connection.execute(sa.update(appeals).values(source_id="another"))
    assert room.set_status(number, "answered") is None
    assert len(room.rows(appeal_versions)) == 1


def test_a_time_in_the_future_and_a_form_without_words_store_nothing(room):
    for words, field in ((({"at": NOW + timedelta(seconds=1)}), "at"), ({"text": " "}, "text")):
        with pytest.raises(RecordUnreadableError) as caught:
            room.register(**words)
        assert caught.value.detail == field
    assert room.rows(appeals) == room.rows(journal) == []


def test_the_list_of_a_shift_is_what_was_registered_since_the_newest_first(room):
    old = room.register(id="f-0")
    room.clock.advance(seconds=3600)
    numbers = [room.register(id=f"f-{n}").number for n in (1, 2)]
    incident = room.register("incidents", id="i-1", text="Пожар")
    found = room.registration.load_recent(NOW + timedelta(minutes=30))
    assert [(each.registered.kind, each.registered.number) for each in found] == [
        ("incidents", incident.number),
        ("appeals", numbers[1]),
        ("appeals", numbers[0]),
    ]
    assert old.number not in numbers


def test_a_form_is_fresh_while_it_can_be_filled_in_and_ages_when_it_cannot(room):
    """Nobody calls: fresh. The database is away: nobody could register, and the wall says so."""
    now_s = [0.0]
    life = FormLife(room.registration, 1.0, lambda: now_s[0])
    for _ in range(5):
        life.step()
        assert {room.state(source) for source in SOURCES} == {State.FRESH}
        now_s[0] += 30
        room.clock.advance(seconds=30)
    room.is_away = True
    for _ in range(4):
        life.step()
        now_s[0] += 30
        room.clock.advance(seconds=30)
    assert {room.state(source) for source in SOURCES} == {State.STALE}
    room.is_away = False
    life.step()
    assert {room.state(source) for source in SOURCES} == {State.FRESH}


def test_two_forms_for_one_kind_stop_the_start(room):
    profile = msgspec.structs.replace(
        tiny_profile(), sources=(SOURCES[0], msgspec.structs.replace(SOURCES[0], id="again"))
    )
    with pytest.raises(ProfileError, match="again"):
        connect_forms(profile, room.clock)
