"""The page «Источники» through its callbacks, as a browser calls them: what it shows, and what its buttons store."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import msgspec
import pytest

from callbacks.operating import Desk
from callbacks.passport_view import Sayer
from callbacks.source_acts import Form, SourceActs
from layouts.desk import BEAT, FAULT, FAULT_UNTIL, SAID, TROUBLE
from layouts.pages import sources as page
from svodka.domain.codec import decode, encode
from svodka.domain.errors import AccessDeniedError, StorageUnavailableError
from svodka.domain.reasons import NoticeKind, RejectReason
from svodka.domain.records import Rejected
from svodka.security.principals import Role
from svodka.storage.journal import load_entries
from svodka.storage.notices import Notice, count_notices, load_notices, save_notices
from svodka.storage.quarantine import save_quarantine
from svodka.storage.sources import SourceHealth, load_source, save_source
from svodka.storage.wishes import WishKind, load_wishes
from tests.integration.live import Live
from tests.integration.test_access import get, sign_in

PERSONAL = ("905", "Иванов", "ivanov@example.org", "кв. 12")
TEXT = "Позвоните 8 (905) 123-45-67, Иванов Иван Иванович, ivanov@example.org, ул. Ленина, д. 5, кв. 12"


SOURCES = """
[[source]]
id = "calls"
name = "Телефон"
connector = "http_json"
records = "appeals"
channel = "phone"
url = "http://127.0.0.1:9/"
interval_s = 10
ageing_s = 30
stale_s = 60
dead_s = 600
owner = "Управление связи"
[[source]]
id = "portal"
name = "Портал"
connector = "webhook"
records = "appeals"
channel = "phone"
interval_s = 10
ageing_s = 30
stale_s = 60
dead_s = 600
"""


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path, sources=SOURCES)
    yield live
    live.close()


@pytest.fixture
def operator(live):
    return Browser(live, sign_in(live, Role.OPERATOR)[1])


class Browser:
    """Calls the page's callbacks with the values that it would have."""

    def __init__(self, live, cookie):
        self.live, self.cookie = live, cookie
        self.source = live.profile.sources[0].id
        self.listed = decode(get(live, "/sources/_dash-dependencies", Cookie=cookie)[2])

    def run(self, marker, pressed, *, states=(), notices=()):
        """Run the callback that writes to `marker`; return what it sets, by id, None where it sets nothing."""
        spec = next(one for one in self.listed if f"{marker}." in one["output"])
        values = {page.ADDRESS: f"?source={self.source}", pressed: 1}
        body = {
            "output": spec["output"],
            "outputs": [
                dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
                for part in spec["output"].strip(".").split("...")
            ],
            "inputs": [
                [{"id": key, "property": "n_clicks", "value": 1} for key in notices]
                if part["id"].startswith("{")
                else {**part, "value": values.get(part["id"], 0)}
                for part in spec["inputs"]
            ],
            "state": [{**part, "value": value} for part, value in zip(spec["state"], states, strict=True)],
            "changedPropIds": [f"{pressed}.{'n_intervals' if pressed == BEAT else 'n_clicks'}"],
        }
        headers = {"Cookie": self.cookie, "Content_Type": "application/json"}
        where = "/sources/_dash-update-component"
        status, _headers, answer = get(self.live, where, method="POST", body=encode(body), **headers)
        assert status in {200, 204}, answer
        if status != 200:
            return None
        told = decode(answer)
        return told.get("response", {}) | told.get("sideUpdate", {})

    def press(self, button, *, from_text=None, label="", asked=None, notices=()):
        return self.run(page.DONE, button, states=(from_text, label, asked), notices=notices)

    def passport(self):
        return self.run(page.HEAD, BEAT, states=("",))

    def stored(self, query):
        with self.live.database.read() as connection:
            return query(connection)

    def wishes(self):
        return self.stored(lambda c: load_wishes(c, self.source, 10))

    def entries_n(self):
        return len(self.stored(lambda c: load_entries(c, ["act_on_source"], self.source, 9)))


def test_a_passport_tells_what_is_missing_and_what_to_do_and_masks_what_citizens_wrote(live, operator):
    """Figures of the database, reasons with masked examples, an error in words with what to do."""
    now = live.clock.now()
    with live.database.write() as connection:
        save_source(
            connection,
            SourceHealth(
                source_id=operator.source,
                last_success_at=now - timedelta(hours=3),
                last_complete_at=now - timedelta(hours=3),
                source_time_at=now - timedelta(hours=1),
                failures_n=7,
                error_kind="SourceUnavailableError",
                error_text="no answer, ask ivanov@example.org",
                records_total=12345,
                read_total=20000,
                quarantined_total=4,
            ),
        )
        rejected = [
            Rejected(reason=RejectReason.STATUS_UNKNOWN, foreign_id=f"{n}", raw=f'{{"n": {n}, "text": "{TEXT}"}}')
            for n in range(4)
        ]
        save_quarantine(connection, operator.source, rejected, now)
        notice = Notice(
            source_id=operator.source,
            kind=NoticeKind.STATUS_UNKNOWN,
            subject="<script>Иванов Иван Иванович</script>",
            first_seen_at=now,
            last_seen_at=now,
        )
        save_notices(connection, [notice])
    shown = operator.passport()
    text = encode(shown).decode()
    word = live.services.words.word
    for expected in ("12\u202f345", word("passport.todo.unavailable"), word("passport.not_given"), "спешат на 2 ч"):
        assert expected in text, expected
    assert text.count('\\"text\\"') == 3  # of four records the examples of one reason
    for personal in PERSONAL:
        assert personal not in text
    assert shown[page.REPROCESS]["disabled"] is False


def test_a_folder_has_a_newest_file_and_no_clock(tmp_path):
    """A file that was written yesterday is no clock that is a day behind."""
    table = SOURCES.replace("http_json", "table").replace("http://127.0.0.1:9/", "file:///srv/inbox/")
    live = Live(tmp_path, sources=table)
    try:
        operator = Browser(live, sign_in(live, Role.OPERATOR)[1])
        now = live.clock.now()
        with live.database.write() as connection:
            save_source(
                connection,
                SourceHealth(
                    source_id=operator.source,
                    last_success_at=now,
                    source_time_at=now - timedelta(hours=26),
                    failures_n=1,
                    error_kind="SourceContractBrokenError",
                    error_text="file 'x': no table",
                ),
            )
        text, word = encode(operator.passport()).decode(), live.services.words.word
        assert word("passport.newest_file") in text
        assert word("passport.clock") not in text
        assert "отстают" not in text
        assert "Для администратора: file 'x': no table" in text
    finally:
        live.close()


def test_pausing_is_stored_with_who_and_taken_back(live, operator):
    """As the button said, whatever somebody else did meanwhile; the journal has both."""
    word = live.services.words.word
    for key, paused in (("passport.resume", False), ("passport.pause", True), ("passport.resume", False)):
        done = operator.press(page.PAUSE, label=word(key))
        assert word("passport.said.pause" if paused else "passport.said.resume") in done[page.DONE]["children"]
        health = operator.stored(lambda c: load_source(c, operator.source))
        assert (health.paused_at is not None, health.paused_by) == (paused, "test" if paused else "")
    assert operator.entries_n() == 2


def test_reading_anew_wants_a_possible_time_and_a_yes(live, operator):
    """Nothing is stored by a question, by nonsense, by the future, or by a forged yes; a second click adds none."""
    for nonsense in (None, "", "вчера", "31.02.2026 10:00", "22.11.2999 10:00", "01.01.1900 00:00", 5, ["x"]):
        done = operator.press(page.REFETCH, from_text=nonsense)
        assert done[page.DONE]["children"] == live.services.words.word("passport.said.bad_time")
    question = operator.press(page.REFETCH, from_text="20.11.2025 04:00")
    assert question[page.ASK]["style"] == page.SHOWN
    asked = question[page.ASKED]["data"]
    forged = ({**asked, "source": "other"}, {**asked, "what": page.PAUSE}, {**asked, "from_at": None}, "x", 7, None)
    for bad in (*forged, {**asked, "from_at": "2999-01-01T00:00:00Z"}, {**asked, "more": 1}):
        operator.press(page.YES, asked=bad)
    assert operator.wishes() == []
    operator.press(page.YES, asked=asked)
    operator.press(page.YES, asked=asked)
    [wish] = operator.wishes()
    assert (wish.kind, wish.wished_by) == (WishKind.REFETCH, "test")
    assert wish.from_at.astimezone(live.profile.zone).strftime("%d.%m.%Y %H:%M") == "20.11.2025 04:00"
    assert operator.entries_n() == 1


def test_taking_note_of_a_notice_is_stored_once_and_counts_in_the_navigation(live, operator):
    """By a key of ours: the word from outside never becomes an id."""
    now = live.clock.now()
    notice = Notice(
        source_id=operator.source, kind=NoticeKind.FIELD_NEW, subject='","x":"', first_seen_at=now, last_seen_at=now
    )
    with live.database.write() as connection:
        save_notices(connection, [notice])
    text = encode(operator.passport()).decode()
    [key] = re.findall(r'"key":"([0-9a-f]+)"', text)
    assert operator.stored(count_notices) == 1
    pressed = f'{{"key":"{key}","type":"{page.NOTICE}"}}'
    for _ in range(2):
        operator.press(pressed, notices=[{"type": page.NOTICE, "key": key}])
    assert operator.stored(count_notices) == 0
    assert operator.stored(load_notices)[0].acknowledged_by == "test"
    assert operator.entries_n() == 1


def test_what_is_no_source_or_pushes_gets_no_wish(live, operator):
    """An address is written by anybody; what pushes cannot be asked."""
    known, operator.source = operator.source, "nowhere"
    assert operator.press(page.POLL) is None
    operator.source = known
    operator.press(page.POLL)
    assert [wish.kind for wish in operator.wishes()] == [WishKind.POLL]
    assert operator.press(page.POLL)[page.DONE]["children"].endswith(live.services.words.word("passport.said.waits"))


def test_what_pushes_can_be_paused_and_not_asked_and_what_operators_fill_in_neither(live):
    """Also where a forged body presses the button; without a session the pause is refused by its action."""
    source = live.profile.sources[0]
    for kind, can_pause in (("pushed", True), ("filled", False)):
        desk = Desk(dataclasses.replace(live.services, **{kind: frozenset({source.id})}))
        acts = SourceActs(desk, Sayer(desk.words, desk.profile.zone))
        form = Form("20.11.2025 04:00", desk.words.word("passport.pause"), None)
        for button in (page.POLL, page.REFETCH, page.REPROCESS, page.YES):
            assert acts.do(button, source, form).said == desk.words.word("passport.said.no")
        with live.server.test_request_context("/sources/"):
            if can_pause:
                with pytest.raises(AccessDeniedError):
                    acts.do(page.PAUSE, source, form)
            else:
                assert acts.do(page.PAUSE, source, form).said == desk.words.word("passport.said.no")
                with pytest.raises(AccessDeniedError):  # one that was paused before it was a form can go on
                    acts.do(page.PAUSE, source, Form("", desk.words.word("passport.resume"), None))


def test_a_page_says_when_the_database_does_not_answer(live, operator):
    """What it showed stays; nothing is answered with an error that leaves it silent."""
    live.database.close()

    def fail(*_words):
        raise StorageUnavailableError

    live.services.__dict__["aside"] = fail
    words = live.services.words
    told = operator.run(page.HEAD, BEAT, states=("",))
    assert told[TROUBLE]["children"] == words.word("desk.database")
    assert FAULT not in told, "the same sentence twice is no better"
    told = operator.press(page.POLL)
    assert told[FAULT]["children"].endswith(words.word("desk.unconfirmed"))
    assert told[FAULT_UNTIL]["data"] > live.clock.now().timestamp()
    assert operator.run(TROUBLE, BEAT, states=(None, None))[TROUBLE]["children"] == words.word("desk.database")


def test_what_went_wrong_goes_away_by_itself_and_not_before_it_was_read(live, operator):
    """A page that shows a fault for hours after it was mended is not believed the next time."""
    now_s = live.clock.now().timestamp()
    told = operator.run(TROUBLE, BEAT, states=(now_s - 1, now_s - 1))
    assert (told[FAULT]["children"], told[SAID]["children"]) == ("", "")
    assert told[TROUBLE]["children"] == ""
    for until in (None, now_s + 30, "x"):
        assert FAULT not in operator.run(TROUBLE, BEAT, states=(until, None))


def test_a_source_that_pushes_is_not_offered_what_only_a_poller_can_do(live, operator):
    """Nobody would take the wish; who lacks records is told whom to ask."""
    assert operator.passport()[page.ASKING]["style"] == {}
    operator.source = live.profile.sources[1].id
    shown = operator.passport()
    assert shown[page.ASKING]["style"] == page.HIDDEN
    assert shown[page.UNASKED]["hidden"] is False


def test_a_poll_that_did_not_happen_is_not_announced(live, operator):
    """No poller is alive: a time that is long over is no next poll."""
    asked_at = live.clock.now() - timedelta(minutes=30)
    with live.database.write() as connection:
        save_source(connection, SourceHealth(source_id=operator.source, last_attempt_at=asked_at))
    assert "опрос не идёт" in encode(operator.passport()).decode()
    with live.database.write() as connection:
        save_source(connection, SourceHealth(source_id=operator.source, last_attempt_at=live.clock.now()))
    assert "опрос не идёт" not in encode(operator.passport()).decode()


def test_a_pause_says_how_old_the_data_are_and_not_how_long_it_lasts_by_their_age(live, operator):
    """Paused a minute ago, data of two days: «приостановлен 2 сут» would be untrue."""
    now = live.clock.now()
    health = SourceHealth(source_id=operator.source, paused_at=now, paused_by="x")
    for at, said in ((now - timedelta(days=2), "приостановлен, данным 2 сут"), (None, "приостановлен, данных нет")):
        with live.database.write() as connection:
            save_source(connection, msgspec.structs.replace(health, last_complete_at=at))
        assert said in encode(operator.passport()).decode()
