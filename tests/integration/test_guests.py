"""Guests over HTTP: one briefing, nothing live, until their hour or until somebody revokes the link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from svodka.briefings import keeping
from svodka.briefings.model import Annotation, annotate, begin_story, remove_page
from svodka.domain.codec import decode
from svodka.security.principals import Role
from svodka.storage.journal import JournalEntry
from svodka.storage.moments import StoredMoment, StoredScene
from svodka.storage.packs import PackState, ask_pack, end_pack, take_pack
from tests.integration.live import Live
from tests.integration.test_access import get, sign_in

ID, OTHER = "2026-11-22-0930-7f3a", "2026-11-22-0931-aaaa"


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    live.links.create(Role.WALL, "hall")
    for briefing_id in (ID, OTHER):
        store(live, briefing_id)
    live.links.refresh()
    yield live
    live.close()


def store(live, briefing_id):
    now = live.clock.now()
    entry = JournalEntry(at=now, link_id="l", who="o", action="act_on_briefing", subject=briefing_id)
    moment = StoredMoment(id=briefing_id, kind="briefing", title="Д", at=now, epoch="e", seq=7, saved_by="o")
    scenes = [
        StoredScene(scene=ref, title=ref, panels="[]", body=b'{"seq":7,"scene":"' + ref.encode() + b'"}')
        for ref in ("overview", "sources")
    ]
    story = annotate(begin_story("Д", ["overview", "sources"]), 2, Annotation(text="Смотреть сюда"))
    keeping.create(live.database, entry, moment, scenes, story)


def enter(live, **more):
    """Open a guest's link; return where it leads, and the cookie."""
    _id, token = live.links.create(Role.GUEST, "hall 2", briefing_id=ID, **more)
    _status, headers, _body = get(live, f"/link/{token}")
    live.links.refresh()
    return headers["Location"], headers["Set-Cookie"].split(";")[0], _id


def test_a_guest_is_led_to_its_briefing_and_reads_nothing_else(live):
    """Page, settings, borders and the one briefing; no other one, no picture, no file, no live data, no desk."""
    location, cookie, _id = enter(live, valid_h=2)
    assert location == f"/wall?briefing={ID}"
    for path in (location, "/page/wall/config.json", "/geodata/areas.json", f"/briefing/{ID}.json"):
        assert get(live, path, Cookie=cookie)[0] == 200, path
    refused = (f"/briefing/{OTHER}.json", f"/briefing/{OTHER}/now.json", "/snapshot.png", "/pack/1.zip", "/briefing/")
    for path in (*refused, "/sources/", f"/archive.json?scene=overview&at={live.clock.now().isoformat()}"):
        assert get(live, path, Cookie=cookie)[0] == 403, path
    assert get(live, f"/briefing/{ID}.json")[0] == 403


def test_a_scene_comes_with_its_origin_and_what_is_written_over_it(live):
    """The presented page's scene where none is asked for; a scene that was not stored is not there."""
    cookie = sign_in(live, Role.WALL)[1]
    shown = decode(get(live, f"/briefing/{ID}.json", Cookie=cookie)[2])
    assert (shown["scene"], shown["seq"], shown["annotations"]) == ("overview", 7, [])
    assert shown["origin"]["kind"] == "briefing"
    assert shown["origin"]["id"] == ID
    second = decode(get(live, f"/briefing/{ID}.json?scene=sources", Cookie=cookie)[2])
    assert [box["text"] for box in second["annotations"]] == ["Смотреть сюда"]
    assert get(live, f"/briefing/{ID}.json?scene=area:x", Cookie=cookie)[0] == 404


def test_a_guest_follows_the_presenter_and_is_written_down(live):
    """Where the presenter stands; who saw which page."""
    _location, cookie, link_id = enter(live, valid_h=2)
    entry = JournalEntry(at=live.clock.now(), link_id="l", who="o", action="act_on_briefing", subject=ID)
    assert decode(get(live, f"/briefing/{ID}/now.json", Cookie=cookie)[2])["is_shown"] is False
    keeping.show(live.database, entry, ID, 2, "")
    now = decode(get(live, f"/briefing/{ID}/now.json", Cookie=cookie)[2])
    assert (now["is_shown"], now["page"], now["of"], now["scene"]) == (True, 2, 2, "sources")
    assert [(each.place, each.page) for each in keeping.list_showings(live.database, ID)] == [(f"link:{link_id}", 2)]


def test_a_guest_does_not_read_a_page_that_was_taken_out(live):
    """Its scene stays stored, for the presenter and the walls."""
    _location, cookie, _id = enter(live, valid_h=2)
    address = f"/briefing/{ID}.json?scene=sources"
    assert get(live, address, Cookie=cookie)[0] == 200
    entry = JournalEntry(at=live.clock.now(), link_id="l", who="o", action="act_on_briefing", subject=ID)
    keeping.change(live.database, entry, ID, None, lambda story: remove_page(story, 2))
    assert get(live, address, Cookie=cookie)[0] == 404
    assert get(live, f"/briefing/{ID}.json", Cookie=cookie)[0] == 200
    assert get(live, address, Cookie=sign_in(live, Role.WALL)[1])[0] == 200


def test_a_guest_ends_with_its_hour_and_with_its_link(live, monkeypatch):
    """Unlike a wall's, its session does not outlive the link's time."""
    _location, cookie, link_id = enter(live, valid_h=2)
    assert get(live, f"/briefing/{ID}.json", Cookie=cookie)[0] == 200
    live.links.revoke(link_id)
    live.links.refresh()
    assert get(live, f"/briefing/{ID}.json", Cookie=cookie)[0] == 403
    _location, cookie, link_id = enter(live, valid_h=2)
    link = live.links.in_force(link_id)
    ended = type(link)(
        **{name: getattr(link, name) for name in link.__struct_fields__}
        | {"expires_at": live.services.real_clock.now() - timedelta(seconds=1)}
    )
    monkeypatch.setattr(live.links, "in_force", lambda _id: ended)
    assert get(live, f"/briefing/{ID}.json", Cookie=cookie)[0] == 403


def test_a_finished_pack_is_for_operators(live):
    """As a file with its name; one that is being made, or whose file is gone, is not there."""
    operator, wall = sign_in(live, Role.OPERATOR)[1], sign_in(live, Role.WALL)[1]
    now = live.clock.now()
    with live.database.write() as connection:
        ask_pack(connection, ID, "docx", at=now, by="o")
        number = take_pack(connection, now).id
    assert get(live, f"/pack/{number}.zip", Cookie=operator)[0] == 404
    with live.database.write() as connection:
        end_pack(connection, number, PackState.DONE, now, file="a.zip")
    assert get(live, f"/pack/{number}.zip", Cookie=operator)[0] == 410
    live.services.packs_folder.mkdir(parents=True, exist_ok=True)
    (live.services.packs_folder / "a.zip").write_bytes(b"PK")
    status, headers, body = get(live, f"/pack/{number}.zip", Cookie=operator)
    assert (status, body) == (200, b"PK")
    assert "a.zip" in headers["Content-Disposition"]
    assert get(live, f"/pack/{number}.zip", Cookie=wall)[0] == 403
