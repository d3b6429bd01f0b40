"""Briefings, showings and the queue of packs on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from svodka.briefings import keeping
from svodka.briefings.model import Wrong, WrongChangeError, begin_story, set_notes
from svodka.storage.journal import JournalEntry, load_entries
from svodka.storage.moments import StoredMoment, StoredScene, load_scene, load_scenes
from svodka.storage.packs import (
    PackState,
    ask_pack,
    cancel_pack,
    end_pack,
    load_old,
    load_pack,
    load_packs,
    note_progress,
    note_removed,
    take_pack,
)

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
ID = "2026-11-22-0930-7f3a"
SCENES = [
    StoredScene(scene="overview", title="Обстановка", panels="[]", body=b'{"seq":7}' * 1000),
    StoredScene(scene="sources", title="Источники", panels="[]", body=b'{"seq":7}'),
]


def entry(at=NOW, detail=""):
    return JournalEntry(at=at, link_id="l1", who="Дежурный", action="brief", subject=ID, detail=detail)


def moment(id_=ID):
    return StoredMoment(id=id_, kind="briefing", title="Доклад", at=NOW, epoch="e1", seq=7, saved_by="Дежурный")


def make(database, id_=ID):
    keeping.create(database, entry(), moment(id_), SCENES, begin_story("Доклад", ["overview", "sources"]))


def test_a_moment_comes_back_as_it_was_stored(database):
    """Scenes in their order, bytes as they were; what was not stored is not there."""
    make(database)
    with database.read() as connection:
        assert load_scenes(connection, ID) == SCENES
        assert load_scene(connection, ID, "sources") == SCENES[1]
        assert load_scene(connection, ID, "area:x") is None
    found = keeping.find(database, ID)
    assert found.moment == moment()
    assert found.scenes == {"overview": "Обстановка", "sources": "Источники"}
    assert keeping.find(database, "none") is None
    assert [each.id for each in keeping.list_newest(database)] == [ID]


def test_of_two_who_change_one_story_the_second_is_told(database):
    """Nobody overwrites what he has not seen; what is no change is no line of the journal."""
    make(database)
    keeping.change(database, entry(), ID, 1, lambda story: set_notes(story, 1, "А"))
    with pytest.raises(WrongChangeError) as late:
        keeping.change(database, entry(), ID, 1, lambda story: set_notes(story, 1, "Б"))
    assert late.value.wrong is Wrong.CHANGED_SINCE
    keeping.change(database, entry(), ID, 2, lambda story: set_notes(story, 1, "А"))
    assert keeping.find(database, ID).story.pages[0].notes == "А"
    with database.read() as connection:
        assert len(load_entries(connection, ["brief"], ID, 10)) == 2


def test_showings_tell_who_saw_which_page_when(database):
    """On the wall by the presenter's steps, by a link by who follows; not while nothing is shown."""
    make(database)
    assert keeping.follow(database, ID, "link:l2", NOW).row.is_shown is False
    keeping.show(database, entry(NOW), ID, 1, "main")
    keeping.follow(database, ID, "link:l2", NOW + timedelta(seconds=1))
    keeping.follow(database, ID, "link:l2", NOW + timedelta(seconds=2))
    keeping.show(database, entry(NOW + timedelta(seconds=60)), ID, 2, "main")
    keeping.follow(database, ID, "link:l2", NOW + timedelta(seconds=61))
    keeping.stop(database, entry(NOW + timedelta(seconds=90)), ID)
    seen = sorted((each.place, each.page, each.from_at, each.until_at) for each in keeping.list_showings(database, ID))

    def at(seconds):
        return NOW + timedelta(seconds=seconds)

    assert seen == [
        ("link:l2", 1, at(1), at(61)),
        ("link:l2", 2, at(61), at(61)),
        ("wall:main", 1, at(0), at(60)),
        ("wall:main", 2, at(60), at(90)),
    ]
    assert keeping.find(database, ID).row.is_shown is False


def test_a_wall_shows_one_briefing(database):
    """Another one that is put there ends the first."""
    make(database)
    other = "2026-11-22-0931-aaaa"
    make(database, other)
    keeping.show(database, entry(), ID, 1, "main")
    keeping.show(database, entry(NOW + timedelta(seconds=5)), other, 9, "main")
    assert keeping.find(database, ID).row.is_shown is False
    assert keeping.find(database, other).page_n == 2
    assert keeping.list_showings(database, ID)[0].until_at == NOW + timedelta(seconds=5)


def ask(database, **more):
    with database.write() as connection:
        return ask_pack(connection, ID, "pptx,docx", at=NOW, by="Дежурный", **more)


def test_a_pack_is_made_once_whoever_reaches_for_it(database):
    """Four at once: one takes it; how far it is, is told; a cancelled one is not wanted any more."""
    ask(database)

    def take(_n):
        with database.write() as connection:
            return take_pack(connection, NOW)

    with ThreadPoolExecutor(4) as pool:
        taken = [pack for pack in pool.map(take, range(4)) if pack is not None]
    assert len(taken) == 1
    number = taken[0].id
    with database.write() as connection:
        assert note_progress(connection, number, NOW, done=1, steps=4, what="overview")
        assert load_pack(connection, number).what == "overview"
        assert cancel_pack(connection, number, NOW)
        assert not cancel_pack(connection, number, NOW)
        assert not note_progress(connection, number, NOW, done=2, steps=4, what="pptx")
        assert not end_pack(connection, number, PackState.DONE, NOW, file="a.zip")
        assert load_packs(connection, ID, 5)[0].state == PackState.CANCELLED


def test_a_pack_whose_maker_died_is_taken_up(database):
    """After a minute without a sign of life."""
    ask(database)
    with database.write() as connection:
        first = take_pack(connection, NOW)
        assert take_pack(connection, NOW + timedelta(seconds=59)) is None
        again = take_pack(connection, NOW + timedelta(seconds=61))
        assert again.id == first.id
        assert end_pack(connection, again.id, PackState.DONE, NOW, file="a.zip", bytes=3, sha256="x")


def test_a_scheduled_pack_is_asked_for_once_and_old_ones_go(database):
    """Whoever is second finds it there; the newest stay."""
    days = [NOW - timedelta(days=n) for n in range(3)]
    for due in days:
        assert ask(database, schedule="morning", due_at=due)
        assert not ask(database, schedule="morning", due_at=due)
    with database.write() as connection:
        while (pack := take_pack(connection, NOW)) is not None:
            end_pack(connection, pack.id, PackState.DONE, NOW, file=f"{pack.id}.zip")
        old = load_old(connection, "morning", 2)
        assert [pack.due_at for pack in old] == [days[2]]
        note_removed(connection, old[0].id)
        assert load_old(connection, "morning", 2) == []
    assert ask(database)
    assert ask(database)  # by hand as often as somebody likes
