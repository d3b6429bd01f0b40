"""Communities of VK: nothing lost while pages shift, answers that are ones, pauses that are kept, and nobody's name."""

from __future__ import annotations

import json
import traceback
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
import sqlalchemy as sa

from datasources.registry import anew_from
from datasources.vk.cursor import Place, Task, advance, remember
from svodka.domain.clock import monotonic_s
from svodka.domain.errors import ProfileError, SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import AppealStatus, Completeness
from svodka.ingest import cycle
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.tables import appeals, quarantine, sources
from tests.contracts.cases import load_cases
from tests.contracts.hostile import answer
from tests.ingest_factory import PlainClassifier

CASE = next(case for case in load_cases() if case.name == "vk-wall")
SOURCE = CASE.source
NOW_S = 1795240830


class Vk:
    """VK's side: a wall, comments under its posts, and what happens between two questions."""

    def __init__(self, server) -> None:
        self.posts: list[dict[str, object]] = []
        self.threads: dict[int, list[tuple[dict[str, object], list[dict[str, object]]]]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.meanwhile = lambda: None
        self.refusals: dict[str, int] = {}
        server.behaviour = self

    def post(self, number: int, author: int = 500, text: str = "The street lamps are dark", **more: object) -> None:
        """Put a post on top of the wall."""
        item = {"id": number, "owner_id": -1, "from_id": author, "date": NOW_S - 100_000 + number, "text": text}
        self.posts.insert(0, {**item, **more})

    def comment(self, post: int, number: int, author: int = 500, text: str = "No water again here", **more: object):
        """Put a comment under a post and return it with its thread."""
        item = {"id": number, "from_id": author, "date": NOW_S - 50_000 + number, "text": text, **more}
        self.threads.setdefault(post, []).append((item, []))
        return item, self.threads[post][-1][1]

    def __call__(self, handler) -> None:
        address = urlsplit(handler.path)
        query = dict(parse_qsl(address.query))
        method = address.path.rsplit("/", 1)[1]
        self.asked.append((method, query))
        code = self.refusals.get(query.get("post_id", ""), self.refusals.get(method))
        body = (
            {"error": {"error_code": code, "error_msg": "hunter2"}} if code else {"response": self._ask(method, query)}
        )
        answer(msgspec.json.encode(body))(handler)
        self.meanwhile()

    def _ask(self, method: str, query: dict[str, str]) -> object:
        offset, count = int(query.get("offset", 0)), int(query.get("count", 20))
        if method == "wall.getById":
            number = int(query["posts"].split("_")[1])
            return {"items": [self._with_count(post) for post in self.posts if post["id"] == number]}
        if method == "wall.get":
            shown = [self._with_count(post) for post in self.posts[offset : offset + count]]
            return {"count": len(self.posts), "items": shown}
        threads = self.threads.get(int(query["post_id"]), [])
        if "comment_id" in query:
            replies = next(replies for item, replies in threads if item["id"] == int(query["comment_id"]))
            return {"count": 999, "current_level_count": len(replies), "items": replies[offset : offset + count]}
        shown_n = int(query["thread_items_count"])
        items = [{**item, "thread": {"count": len(more), "items": more[:shown_n]}} for item, more in threads]
        return {"count": 999, "current_level_count": len(items), "items": items[offset : offset + count]}

    def _with_count(self, post):
        threads = self.threads.get(post["id"], [])
        return {"comments": {"count": sum(1 + len(more) for _, more in threads)}, **post}

    def asked_for(self, method: str) -> int:
        return sum(1 for name, _ in self.asked if name == method)


@pytest.fixture
def vk(server):
    return Vk(server)


def with_params(**changes):
    return msgspec.structs.replace(SOURCE, params={**SOURCE.params, **changes})


BOTH = with_params(take=["posts", "comments"])


def read_round(connector, cursor=None):
    """Return what a whole round told, by id, and the cursor after it."""
    told, polls = {}, 0
    while True:
        result = connector.poll(cursor)
        cursor, polls = result.cursor, polls + 1
        told |= {record.foreign_id: record for record in result.records}
        assert result.rejected == ()
        if result.completeness is Completeness.COMPLETE:
            return told, cursor
        assert polls < 200


@pytest.mark.attack(64)
def test_the_token_stands_in_a_header_and_nowhere_else(vk, server, connect, tmp_path):
    path = tmp_path / "token"
    path.write_text("hunter2-hunter2")
    path.chmod(0o600)
    source = with_params(http={"bearer_file": str(path)})
    vk.post(1)
    told, cursor = read_round(connect(source))
    assert list(told) == ["wall-1_1"]
    assert {headers["Authorization"] for headers in server.request_headers} == {"Bearer hunter2-hunter2"}
    assert {query["v"] for _, query in vk.asked} == {"5.199"}
    lines = [cursor, *server.paths]
    for code in (5, 6, 29, 15, 12345):
        vk.refusals["wall.get"] = code
        with pytest.raises((SourceContractBrokenError, SourceUnavailableError)) as caught:
            connect(source).poll(None)
        lines.append("".join(traceback.format_exception(caught.value)))
    assert not any("hunter2" in line for line in lines)


@pytest.mark.parametrize("new_n", [1, 7, 60, 130])
@pytest.mark.parametrize("gone_n", [0, 3, 40])
def test_posts_that_come_and_go_while_pages_are_read_hide_no_other(vk, connect, new_n, gone_n):
    """After each question posts appear on top and others of those that were read vanish; all that stay are told."""
    for number in range(1, 351):
        vk.post(number)
    numbers = iter(range(1000, 9000))
    left = [4]

    def meanwhile() -> None:
        if left[0]:
            left[0] -= 1
            del vk.posts[:gone_n]
            for _ in range(new_n if left[0] % 2 else 0):
                vk.post(next(numbers))

    vk.meanwhile = meanwhile
    first, cursor = read_round(connect(SOURCE))
    stayed = {f"wall-1_{post['id']}" for post in vk.posts if post["id"] <= 350}
    assert stayed <= first.keys()
    second, _ = read_round(connect(SOURCE), cursor)
    assert {f"wall-1_{post['id']}" for post in vk.posts} == second.keys()


def test_a_post_that_stands_still_is_told_once_in_a_round(vk, connect):
    for number in range(1, 251):
        vk.post(number)
    connector, cursor, told = connect(SOURCE), None, []
    for _ in range(3):
        result = connector.poll(cursor)
        cursor = result.cursor
        told += [record.foreign_id for record in result.records]
    assert result.completeness is Completeness.COMPLETE
    assert len(told) == len(set(told)) == 250


def test_a_thread_is_read_whole_and_an_answer_at_its_end_counts(vk, connect):
    vk.post(1, author=-1)
    root, replies = vk.comment(1, 10)
    for number in range(11, 260):
        replies.append({**root, "id": number, "text": f"Here too it is dark, {number}"})
    replies.append({"id": 260, "from_id": -1, "date": NOW_S - 60, "text": "Done", "reply_to_comment": 259})
    replies.append({"id": 261, "from_id": -1, "date": NOW_S - 30, "text": "Done"})
    vk.comment(1, 300)
    told, _ = read_round(connect(BOTH))
    assert len(told) == 1 + 249 + 1
    answered = {key: record.answered_at for key, record in told.items() if record.status is AppealStatus.ANSWERED}
    assert {key: int(at.timestamp()) for key, at in answered.items()} == {
        "wall-1_1_r259": NOW_S - 60,
        "wall-1_1_r10": NOW_S - 30,
    }


def test_a_citizens_post_is_answered_by_a_comment_of_the_community(vk, connect):
    vk.post(1)
    vk.post(2)
    vk.comment(1, 10, author=-1, text="We are on our way to you")
    told, cursor = read_round(connect(BOTH))
    assert {key: record.status.value for key, record in told.items()} == {"wall-1_1": "answered", "wall-1_2": "new"}
    told, _ = read_round(connect(with_params(take=["posts"], replies_answer=False)))
    assert {record.status.value for record in told.values()} == {"new"}
    told, _ = read_round(connect(BOTH), cursor)
    assert list(told) == ["wall-1_2"], "what has not changed is not read again"


def test_an_answer_below_a_hundred_other_comments_counts(vk, connect, clock):
    """The comments take several pages: the post is told once, with the first answer of all of them."""
    vk.post(1)
    for number in range(10, 260):
        vk.comment(1, number, author=-1 if number in {150, 240} else 500)
    statuses, cursor, connector = [], None, connect(BOTH)
    for _ in range(20):
        result = connector.poll(cursor)
        cursor = result.cursor
        statuses += [(each.status.value, each.answered_at) for each in result.records if each.foreign_id == "wall-1_1"]
    assert [status for status, _ in statuses] == ["answered"]
    assert int(statuses[0][1].timestamp()) == NOW_S - 50_000 + 150


@pytest.mark.parametrize("code", [15, 212])
def test_comments_that_are_closed_later_take_no_answer_back(vk, connect, clock, code):
    """That nothing can be read says nothing about the answer that was read; a post never seen before is told."""
    vk.post(1)
    vk.comment(1, 10, author=-1, text="We are on our way to you")
    told, cursor = read_round(connect(BOTH))
    assert told["wall-1_1"].status is AppealStatus.ANSWERED
    vk.refusals["1"] = vk.refusals["2"] = code
    vk.post(2)
    vk.comment(2, 20)
    clock.advance(seconds=4000)
    told, _ = read_round(connect(BOTH), cursor)
    assert {key: record.status.value for key, record in told.items()} == {"wall-1_2": "new"}


def test_reading_anew_reads_comments_again_and_goes_on_watching_older_posts(vk, connect, clock):
    """An answer whose comments were closed stands, also then; a post from before the instant is still looked at."""
    vk.post(1)
    vk.comment(1, 10, author=-1, text="We are on our way to you")
    vk.post(2)
    vk.post(60_000)
    vk.comment(60_000, 20, author=-1, text="We are on our way to you")
    _, cursor = read_round(connect(BOTH))
    asked_n = vk.asked_for("wall.getComments")
    vk.refusals["60000"] = 15
    near = msgspec.structs.replace(BOTH, backfill_h=20.0)
    told, cursor = read_round(connect(near), anew_from(BOTH, cursor))
    assert (told, vk.asked_for("wall.getComments")) == ({}, asked_n + 1)
    vk.comment(2, 30, author=-1, text="Done")
    told, _ = read_round(connect(BOTH), cursor)
    assert {key: record.status.value for key, record in told.items()} == {
        "wall-1_1": "answered",
        "wall-1_2": "answered",
    }


def test_what_is_deleted_answers_nothing(vk, connect, clock):
    """An answer that is deleted leaves the appeal open; a deleted comment is no appeal."""
    vk.post(1, author=-1)
    _, replies = vk.comment(1, 10)
    replies.append({"id": 11, "from_id": -1, "date": NOW_S - 60, "text": "Done"})
    vk.comment(1, 12, deleted=True, from_id=0, text="")
    connector = connect(BOTH)
    told, cursor = read_round(connector)
    assert [record.status.value for record in told.values()] == ["answered"]
    replies[0] = {"id": 11, "from_id": -1, "date": NOW_S - 60, "text": "", "deleted": True}
    told, cursor = read_round(connector, cursor)
    assert told == {}, "the number of comments is the same"
    clock.advance(seconds=3601)
    told, _ = read_round(connector, cursor)
    assert [record.status.value for record in told.values()] == ["new"]


def test_an_edit_is_an_update_of_the_same_appeal(vk, connect, clock):
    vk.post(1)
    vk.comment(1, 10)
    connector = connect(BOTH)
    before, cursor = read_round(connector)
    vk.posts[0] |= {"text": "The street lamps are dark again", "edited": NOW_S}
    vk.threads[1][0][0]["text"] = "No water again, second day"
    after, _ = read_round(connector, cursor)
    assert before.keys() == after.keys()
    assert [after[key].text for key in ("wall-1_1", "wall-1_1_r10")] == [
        "The street lamps are dark again",
        "No water again, second day",
    ]


def test_comments_are_asked_for_where_something_has_changed(vk, connect, clock):
    for number in range(1, 6):
        vk.post(number, author=-1)
        vk.comment(number, 100 + number)
    connector = connect(BOTH)
    _, cursor = read_round(connector)
    assert vk.asked_for("wall.getComments") == 5
    vk.comment(3, 203)
    told, cursor = read_round(connector, cursor)
    assert list(told) == ["wall-1_3_r103", "wall-1_3_r203"]
    assert vk.asked_for("wall.getComments") == 6
    clock.advance(seconds=3601)
    _, cursor = read_round(connector, cursor)
    assert vk.asked_for("wall.getComments") == 11


def test_a_post_whose_comments_are_closed_holds_up_no_other(vk, connect):
    for number in range(1, 4):
        vk.post(number)
        vk.comment(number, 100 + number)
    for code in (15, 18, 100, 212):
        vk.refusals["2"] = code
        told, _ = read_round(connect(BOTH))
        assert told.keys() == {"wall-1_1", "wall-1_2", "wall-1_3", "wall-1_1_r101", "wall-1_3_r103"}
    vk.refusals = {"wall.get": 15}
    with pytest.raises(SourceContractBrokenError, match=r"wall\.get with error 15: access is denied"):
        connect(BOTH).poll(None)


def test_no_round_goes_further_back_than_the_first_one(vk, connect):
    """Else the history would begin earlier than the numbers say, with whatever had comments."""
    vk.post(1, date=NOW_S - 49 * 3600)
    vk.post(2, date=NOW_S - 47 * 3600)
    first, cursor = read_round(connect(SOURCE))
    second, _ = read_round(connect(SOURCE), cursor)
    assert list(first) == list(second) == ["wall-1_2"]


def test_after_a_fortnight_away_the_wall_is_read_back_to_where_it_was_left(vk, connect, clock):
    connector = connect(SOURCE)
    vk.post(1)
    _, cursor = read_round(connector)
    for day in range(1, 15):
        vk.post(1 + day * 86400)
    clock.advance(seconds=14 * 86400)
    told, _ = read_round(connector, cursor)
    assert len(told) == 15


def test_vk_is_asked_at_most_three_times_a_second(vk, connect):
    for number in range(1, 450):
        vk.post(number)
    source = msgspec.structs.replace(SOURCE, simulated=False)
    began_s = monotonic_s()
    read_round(connect(source))
    took_s = monotonic_s() - began_s
    assert vk.asked_for("wall.get") == 5
    assert took_s > 4 / 3 - 0.05


def test_a_source_that_is_closed_waits_for_no_turn(vk, connect):
    source = msgspec.structs.replace(SOURCE, simulated=False)
    connector = connect(source)
    connector.poll(None)
    connector.close()
    with pytest.raises(SourceUnavailableError):
        connector.poll(None)
    assert vk.asked_for("wall.get") == 1


@pytest.mark.parametrize(
    ("code", "kind", "wait_s"),
    [
        (6, SourceUnavailableError, 1),
        (9, SourceUnavailableError, 60),
        (29, SourceUnavailableError, 3600),
        (601, SourceUnavailableError, 3600),
        (1, SourceUnavailableError, None),
        (10, SourceUnavailableError, None),
        (5, SourceContractBrokenError, None),
        (7, SourceContractBrokenError, None),
        (14, SourceContractBrokenError, None),
        (15, SourceContractBrokenError, None),
        (18, SourceContractBrokenError, None),
        (27, SourceContractBrokenError, None),
        (100, SourceContractBrokenError, None),
        (4711, SourceContractBrokenError, None),
        ("five", SourceContractBrokenError, None),
        (True, SourceContractBrokenError, None),
    ],
)
def test_a_refusal_of_vk_is_classed_by_what_helps(vk, connect, code, kind, wait_s):
    vk.refusals["wall.get"] = code
    with pytest.raises(kind, match=r"wall\.get") as caught:
        connect(SOURCE).poll(None)
    assert getattr(caught.value, "retry_after_s", None) == wait_s


def test_nobody_who_wrote_on_a_wall_is_kept_by_name_or_number(server, connect, tmp_path, clock):
    database = open_database(f"sqlite:///{tmp_path / 'vk.db'}")
    migrate(database)
    for case in load_cases():
        if case.source.connector == "vk":
            server.behaviour = answer(case.page)
            cycle.run_cycle(database, PlainClassifier(), case.source, connect(case.source), clock)
    with database.read() as connection:
        kept = repr([list(connection.execute(sa.select(table))) for table in (appeals, quarantine, sources)])
    database.close()
    assert "our yard is dark again" in kept
    assert "A post without a time" in kept
    people = [*(f"{number}" for number in range(501, 508)), *(f"{number}" for number in range(601, 605))]
    for trace in ("Ann", "Sample", '"from_id"', '"signer_id"', *(f"[id{number}" for number in people)):
        assert trace not in kept, trace
    texts = json.dumps([json.loads(case.page) for case in load_cases() if case.source.connector == "vk"])
    assert all(number in texts for number in people), "the pages name them"
    assert not any(f" {number}," in kept or f":{number}," in kept or f"wall{number}" in kept for number in people)


def test_what_is_set_aside_goes_by_the_id_of_its_appeal(server, connect):
    """So a later reading that succeeds takes it out of quarantine."""
    server.behaviour = answer(CASE.page)
    ids = [each.foreign_id for each in connect(SOURCE).poll(None).rejected]
    assert ids == ["wall-1_9", None, "wall-1_8", "wall-1_7", None]


def test_what_is_remembered_of_a_wall_is_bounded():
    known = {}
    for number in range(5200):
        task = Task(1, number, 3, 0, is_appeal=True, posted_s=1000)
        one = remember({}, task, read_s=1000, watched_from_s=0)
        known = remember(known, task, read_s=1000, watched_from_s=0) if number > 4990 else known | one
    assert len(known) == 5000
    assert "1_5199" in known
    old = Task(1, 1, 3, 0, is_appeal=True, posted_s=10)
    assert remember({}, old, read_s=1000, watched_from_s=11) == {}
    with pytest.raises(SourceContractBrokenError, match="does not page"):
        advance(Place(pages=2000), [1], total=None, digest="x")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"communities": []}, "name something"),
        ({"take": []}, "name something"),
        ({"communities": [{"id": -1}]}, "without a sign"),
        ({"watch_h": 0}, "watch_h"),
        ({"take": ["likes"]}, "likes"),
    ],
)
def test_params_of_vk_that_read_nothing_are_refused(connect, changes, says):
    with pytest.raises(ProfileError, match=says):
        connect(with_params(**changes))
