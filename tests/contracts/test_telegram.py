"""One Telegram bot: what is confirmed when, what is lost and said to be, and what must never be seen again."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
import sqlalchemy as sa

from datasources.registry import anew_from
from simulator.telegram import BotQueue
from svodka.domain.clock import ManualClock
from svodka.domain.errors import (
    ProfileError,
    SourceContractBrokenError,
    SourceUnavailableError,
    StorageUnavailableError,
)
from svodka.domain.records import AppealStatus, Completeness
from svodka.ingest import cycle
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.sources import load_source
from svodka.storage.tables import appeals, quarantine, sources
from tests.contracts import hostile
from tests.contracts.cases import SECRET, load_cases
from tests.contracts.hostile import answer
from tests.ingest_factory import PlainClassifier

CASE = next(case for case in load_cases() if case.name == "telegram")
SOURCE = CASE.source
YARD = {"id": -1001, "type": "supergroup", "title": "Yard"}
SECRET_HALF = SECRET.partition(":")[2]


class Bot:
    """Telegram's side: a queue that forgets what is confirmed, with the Date header of a clock."""

    def __init__(self, server, clock) -> None:
        self.queue = BotQueue(forgets=True)
        self.clock = clock
        self.asked: list[dict[str, str]] = []
        server.behaviour = self

    def write(self, number: int, text: str = "The street lamps are dark", **more: object) -> None:
        """Let a citizen write a message now."""
        at = self.clock.now()
        message = {"message_id": number, "chat": YARD, "date": int(at.timestamp()), "text": text}
        self.queue.push({"message": {**message, **more}}, at)

    def __call__(self, handler) -> None:
        query = dict(parse_qsl(urlsplit(handler.path).query))
        self.asked.append(query)
        found = self.queue.ask(int(query.get("offset", "0")), int(query["limit"]), self.clock.now())
        body = msgspec.json.encode({"ok": True, "result": found})
        date = self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        handler.head(200, Content_Type="application/json", Content_Length=str(len(body)), Date=date)
        handler.wfile.write(body)


@pytest.fixture
def bot(server, clock):
    return Bot(server, clock)


def ids_of(result):
    return [record.foreign_id for record in result.records]


def with_params(**changes):
    return msgspec.structs.replace(SOURCE, params={**SOURCE.params, **changes})


@pytest.mark.attack(65)
def test_a_redirect_to_another_host_is_not_followed_with_the_token_in_the_path(server, connect):
    with hostile.hostile_server() as elsewhere:
        server.behaviour = hostile.redirect_to(f"{elsewhere.url}/bot{SECRET}/getUpdates")
        with pytest.raises(SourceContractBrokenError, match=r"redirects to 127\.0\.0\.1: correct"):
            connect(SOURCE).poll(None)
        assert elsewhere.paths == []


def test_the_token_stands_in_the_line_of_the_request_and_the_rest_is_as_the_bot_api_wants_it(bot, connect, server):
    connector = connect(SOURCE)
    bot.write(1)
    connector.poll(connector.poll(None).cursor)
    assert [urlsplit(path).path for path in server.paths] == [f"/bots/bot{SECRET}/getUpdates"] * 2
    assert "offset" not in bot.asked[0]
    assert bot.asked[1]["offset"] == "500000002"
    kinds = ["message", "edited_message", "channel_post", "edited_channel_post"]
    assert json.loads(bot.asked[0]["allowed_updates"]) == kinds
    assert bot.asked[0]["timeout"] == "0"
    assert "Authorization" not in server.request_headers[0]


def test_a_question_is_held_no_longer_than_the_limits_allow(bot, connect):
    connect(with_params(wait_s=30)).poll(None)
    connect(with_params(wait_s=30, http={"read_s": 0.5})).poll(None)
    assert [asked["timeout"] for asked in bot.asked] == ["13", "0"]
    with pytest.raises(ProfileError, match="wait_s"):
        connect(with_params(wait_s=51))


def test_updates_are_confirmed_only_by_the_question_after_the_commit(bot, connect, tmp_path):
    """The database fails when the page is to be stored: it comes again, and is there once."""
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    migrate(database)
    for number in range(1, 151):
        bot.write(number)
    connector = connect(SOURCE)
    commit, failures = cycle.commit_page, iter([False, True, False, False])

    def failing(*args, **more):
        if next(failures):
            message = "away"
            raise StorageUnavailableError(message)
        return commit(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cycle, "commit_page", failing)
        for _ in range(2):
            report = cycle.run_cycle(database, PlainClassifier(), SOURCE, connector, bot.clock)
    assert report.complete
    with database.read() as connection:
        stored = list(connection.scalars(sa.select(appeals.c.foreign_id)))
    assert sorted(stored) == sorted(f"-1001/{number}" for number in range(1, 151))
    assert [asked.get("offset") for asked in bot.asked] == [None, "500000101", "500000101"]
    assert len(bot.queue.ask(0, 100, bot.clock.now())) == 50, "the last page is confirmed by the next question"
    database.close()


def test_a_full_page_goes_on_at_once_and_a_page_for_ever_does_not(bot, connect, server):
    for number in range(1, 102):
        bot.write(number)
    connector = connect(SOURCE)
    first = connector.poll(None)
    assert (len(first.records), first.completeness) == (100, Completeness.PARTIAL)
    assert connector.poll(first.cursor).completeness is Completeness.COMPLETE
    page = msgspec.json.encode({"ok": True, "result": [{"update_id": n} for n in range(100)]})
    server.behaviour = answer(page)
    stuck = connector.poll(connector.poll(None).cursor)
    assert stuck.completeness is Completeness.COMPLETE
    assert stuck.skipped == {"other_kind": 100}


def test_a_day_without_a_good_poll_is_a_loss_and_is_told_once(bot, connect, clock):
    connector = connect(SOURCE)
    begin = clock.now().replace(microsecond=0)
    first = connector.poll(None)
    clock.advance(seconds=24 * 3600)
    in_time = connector.poll(first.cursor)
    assert first.losses == in_time.losses == ()
    bot.write(1)
    clock.advance(seconds=30 * 3600)
    bot.write(2)
    late = connector.poll(in_time.cursor)
    assert ids_of(late) == ["-1001/2"]
    [loss] = late.losses
    assert (loss.from_at, loss.to_at) == (begin + timedelta(hours=24), begin + timedelta(hours=30))
    assert loss.reason == "not_kept"
    assert connector.poll(late.cursor).losses == ()
    assert connector.poll(in_time.cursor).losses == (loss,), "what was not committed is told again"


def test_reading_anew_asks_without_a_place_and_forgets_nothing_that_telegram_cannot_tell_again(bot, connect, clock):
    """The gap before it is told, a message that was answered stays so when it is edited, a moved group is read."""
    connector = connect(SOURCE)
    bot.write(1)
    original = {
        "message_id": 1,
        "chat": YARD,
        "date": int(clock.now().timestamp()),
        "text": "The street lamps are dark",
    }
    bot.write(2, "Done", sender_chat=YARD, reply_to_message=original)
    bot.write(3, "", migrate_to_chat_id=-2002)
    before = connector.poll(None)
    clock.advance(seconds=30 * 3600)
    anew = anew_from(SOURCE, before.cursor)
    bot.queue.push({"edited_message": {**original, "edit_date": int(clock.now().timestamp())}}, clock.now())
    bot.write(4, chat={**YARD, "id": -2002})
    result = connector.poll(anew)
    assert "offset" not in bot.asked[-1]
    assert [loss.reason for loss in result.losses] == ["not_kept"]
    assert {each.foreign_id: each.status.value for each in result.records} == {"-1001/1": "answered", "-1001/4": "new"}
    assert (anew_from(SOURCE, None), anew_from(SOURCE, "{}")) == (None, None)


def test_updates_that_somebody_else_has_fetched_are_a_loss(bot, connect, clock):
    connector = connect(SOURCE)
    bot.write(1)
    first = connector.poll(None)
    bot.write(2)
    bot.write(3)
    bot.queue.ask(500000004, 100, clock.now())
    clock.advance(seconds=60)
    bot.write(4)
    second = connector.poll(first.cursor)
    assert [loss.reason for loss in second.losses] == ["taken_elsewhere"]
    assert ids_of(second) == ["-1001/4"]
    bot.write(5)
    third = connector.poll(second.cursor)
    assert third.losses == ()
    bot.write(6)
    bot.queue.ask(500000007, 100, clock.now())
    bot.write(7)
    assert connector.poll(third.cursor).losses == second.losses, "within the hour it is one thing"


@pytest.mark.parametrize("numbers_from", [7, 499_999_990, 900_000_000])
def test_numbers_that_begin_anew_after_a_quiet_week_lose_nothing(bot, connect, clock, numbers_from):
    """Far below, just below and above the number that would come next: none is thrown away, none is called lost."""
    connector = connect(SOURCE)
    bot.write(1)
    cursor = connector.poll(None).cursor
    for _ in range(8):
        clock.advance(seconds=23 * 3600)
        quiet = connector.poll(cursor)
        assert quiet.losses == ()
        cursor = quiet.cursor
    bot.queue._next_id, bot.queue._last_at = numbers_from, None
    told = []
    for number in range(2, 30):
        bot.write(number)
    for _ in range(3):
        result = connector.poll(cursor)
        cursor = result.cursor
        told += ids_of(result)
        assert result.losses == ()
    assert told == [f"-1001/{number}" for number in range(2, 30)]


def test_a_clock_of_ours_that_is_a_day_ahead_still_confirms(bot, connect, clock, server):
    """Otherwise the first hundred updates would come for ever."""
    bot.write(1)
    clock.advance(seconds=26 * 3600)
    server.behaviour = bot
    late = ManualClock(bot.clock.now() - timedelta(hours=26))
    bot.clock = late
    connector = connect(SOURCE)
    first = connector.poll(None)
    connector.poll(first.cursor)
    assert ids_of(first) == ["-1001/1"]
    assert bot.asked[-1]["offset"] == "500000002"


def test_an_edit_changes_an_appeal_and_a_reply_of_the_group_answers_it(bot, connect, clock):
    connector = connect(SOURCE)
    bot.write(1)
    first = connector.poll(None)
    at = int(clock.now().timestamp()) + 60
    original = {"message_id": 1, "chat": YARD, "date": at - 60, "text": "The street lamps are dark"}
    official = {"sender_chat": {"id": -100500, "type": "channel"}, "reply_to_message": original}
    clock.advance(seconds=60)
    bot.write(2, "Repaired in the morning", **official)
    second = connector.poll(first.cursor)
    bot.queue.push(
        {"edited_message": {**original, "edit_date": at + 5, "text": "The lamps are dark here"}}, clock.now()
    )
    third = connector.poll(second.cursor)
    assert ids_of(first) == ids_of(second) == ids_of(third) == ["-1001/1"]
    [new], [answered], [edited] = first.records, second.records, third.records
    assert (new.status, answered.status, edited.status) == (
        AppealStatus.NEW,
        AppealStatus.ANSWERED,
        AppealStatus.ANSWERED,
    )
    assert answered.answered_at == edited.answered_at == answered.updated_at
    assert edited.text == "The lamps are dark here"
    assert edited.updated_at > answered.updated_at
    bot.write(3, "Repaired in the morning", **official)
    assert connect(with_params(replies_answer=False)).poll(third.cursor).skipped == {"official": 1}


def test_a_group_that_becomes_a_supergroup_is_still_read(bot, connect):
    connector = connect(SOURCE)
    bot.write(1, migrate_to_chat_id=-100777, text=None)
    bot.write(2, chat={"id": -100777, "type": "supergroup"})
    bot.write(3, chat={"id": -100778, "type": "supergroup"})
    result = connector.poll(None)
    assert ids_of(result) == ["-1001/2"]
    assert [record.area_name for record in result.records] == ["North"]
    bot.write(4, chat={"id": -100777, "type": "supergroup"})
    assert ids_of(connector.poll(result.cursor)) == ["-1001/4"]


def test_no_name_and_no_number_of_a_person_is_kept(server, connect, tmp_path, clock):
    """Neither in records nor in what is set aside nor in the cursor; the page names six people by name and number."""
    server.behaviour = answer(CASE.page)
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    migrate(database)
    cycle.run_cycle(database, PlainClassifier(), SOURCE, connect(SOURCE), clock)
    with database.read() as connection:
        kept = repr([list(connection.execute(sa.select(table))) for table in (appeals, quarantine, sources)])
        cursor = load_source(connection, SOURCE.id).cursor or ""
    database.close()
    assert "A message without a time" in kept
    for trace in ("Ann", "Sample", "Ben", "Cem", "Eve", "555", "first_name", '"from"', "Yard"):
        assert trace not in kept.replace("1795240955", ""), trace
        assert trace not in cursor


def test_a_refusal_that_cannot_be_unpacked_keeps_its_class(server, connect):
    for status, kind in ((400, SourceContractBrokenError), (429, SourceUnavailableError)):
        server.behaviour = answer(b"no gzip", status=status, Content_Encoding="gzip")
        with pytest.raises(kind, match=str(status)):
            connect(SOURCE).poll(None)


def test_what_is_set_aside_goes_by_the_id_of_its_message(server, connect):
    """So an edit that can be read takes it out of quarantine."""
    server.behaviour = answer(CASE.page)
    ids = [each.foreign_id for each in connect(SOURCE).poll(None).rejected]
    assert ids == ["-1001/22", None, None, "-1001/23", None]


@pytest.mark.attack(64)
def test_the_token_stands_in_no_error_no_log_and_no_address_that_the_library_knows(server, connect, clock, tmp_path):
    """Every way to fail, with the whole chain of causes, and everything that any library logs at its most talkative."""
    lines: list[str] = []

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.getMessage().startswith("receive_response"):  # what the server itself chose to say
                lines.append(record.getMessage() + repr(record.args))

    handler = Everything(level=logging.DEBUG)
    root = logging.getLogger()
    names = ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    database = open_database(f"sqlite:///{tmp_path / 'bot.db'}")
    migrate(database)
    tight = CASE.with_limits(connect_s=1.0, read_s=0.3, total_s=0.5)
    echo = f'{{"ok": false, "error_code": 400, "description": "Bad Request: bot{SECRET}"}}'.encode()
    try:
        for behaviour in (
            answer(CASE.page),
            *(answer(echo, status=status) for status in (200, 400, 401, 404, 409, 429, 500)),
            hostile.redirect_to(f"/login/bot{SECRET}/getUpdates"),
            hostile.redirect_to(f"http://127.0.0.2:1/bot{SECRET}"),
            hostile.silence,
            hostile.half_a_body,
            answer(echo[:40]),
            answer(b"<html>" + echo),
        ):
            server.behaviour = behaviour
            connector = connect(tight)
            report = cycle.run_cycle(database, PlainClassifier(), tight, connector, clock)
            lines.append(repr(report))
            try:
                connector.poll(None)
            except (SourceContractBrokenError, SourceUnavailableError) as error:
                lines.append("".join(traceback.format_exception(error)))
                here: BaseException | None = error
                while here is not None:
                    lines.append(f"{here!r} {vars(here)!r}")
                    lines.append(str(here.request.url) if hasattr(here, "_request") and here._request else "")
                    here = here.__cause__ or here.__context__
        with database.read() as connection:
            lines.append(repr(list(connection.execute(sa.select(sources)))))
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        database.close()
    assert any("HTTP Request: GET" in line for line in lines), "the library's log was heard"
    seen = [line for line in lines if SECRET_HALF in line]
    assert seen == []
    assert SECRET_HALF in server.paths[0]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b'{"ok":false,"error_code":401}', (SourceContractBrokenError, None, "token")),
        (404, b"{}", (SourceContractBrokenError, None, "token")),
        (409, b'{"ok":false}', (SourceContractBrokenError, None, "webhook")),
        (429, b'{"ok":false,"parameters":{"retry_after":17}}', (SourceUnavailableError, 17, "429")),
        (429, b'{"ok":false,"parameters":{"retry_after":1000000000}}', (SourceUnavailableError, 3600, "429")),
        (429, b'{"ok":false,"parameters":{"retry_after":-4}}', (SourceUnavailableError, None, "429")),
        (429, b'{"ok":false,"parameters":{"retry_after":"soon"}}', (SourceUnavailableError, None, "429")),
        (429, b"[" * 100_000, (SourceUnavailableError, None, "429")),
        (500, b'{"ok":false}', (SourceUnavailableError, None, "500")),
        (200, b'{"ok":false,"error_code":409}', (SourceContractBrokenError, None, "webhook")),
        (200, b'{"ok":false,"error_code":429,"parameters":{"retry_after":3}}', (SourceUnavailableError, 3, "429")),
        (200, b'{"ok":false,"error_code":500}', (SourceUnavailableError, None, "500")),
        (200, b'{"ok":true,"result":{}}', (SourceContractBrokenError, None, "none of the Bot API")),
        (200, b'{"ok":true,"result":[1]}', (SourceContractBrokenError, None, "number")),
    ],
)
def test_a_refusal_of_the_bot_api_is_classed_by_what_helps(server, connect, status, body, expected):
    kind, wait_s, says = expected
    server.behaviour = answer(body, status=status)
    with pytest.raises(kind, match=says) as caught:
        connect(SOURCE).poll(None)
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.parametrize(
    "text", ["", "no token", "12:short", "1234567:" + "a" * 200, "1:../../../../x", "1:a b c d e f g"]
)
def test_a_file_that_holds_no_token_is_not_sent_anywhere(server, connect, tmp_path, text):
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SourceContractBrokenError, match="token_file") as caught:
        connect(with_params(token_file=str(path))).poll(None)
    assert server.paths == []
    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"chats": [], "private": False}, "at least one"),
        ({"chats": [{"id": 5}]}, "negative"),
        ({"min_chars": -1}, "min_chars"),
        ({"token_file": None}, "token_file"),
    ],
)
def test_params_that_read_nothing_are_refused(connect, changes, says):
    with pytest.raises(ProfileError, match=says):
        connect(with_params(**changes))


def test_more_of_the_past_than_telegram_keeps_is_refused(connect):
    with pytest.raises(ProfileError, match="backfill_h = 24"):
        connect(msgspec.structs.replace(SOURCE, backfill_h=25.0))
