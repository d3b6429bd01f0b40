"""The page «Проблемы» through its own callbacks, as a browser asks them: nothing personal, and nobody but operators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callbacks.problems import read_search
from layouts.problems import ids
from svodka.domain.codec import decode, encode
from svodka.domain.problems import PAGE_N
from svodka.domain.records import AppealStatus
from svodka.ingest.commit import commit_page
from svodka.security.principals import Role
from svodka.storage.journal import load_entries
from tests.ingest_factory import PlainClassifier, appeal, appeal_source, page
from tests.integration.live import Live
from tests.integration.test_access import get, sign_in

WORDS = "Третий день не горит ни один фонарь на всей улице. Звоните +7 913 123-45-67, svet@example.ru, кв. 12."


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    live.links.create(Role.WALL, "hall")
    live.links.refresh()
    now = live.clock.now()
    for number, source_id in enumerate(("one", "two", "three")):
        told = appeal(
            f"secret-id-{number}",
            text=WORDS,
            address="ул. Ленина, д. 5, кв. 12",
            received_at=now - timedelta(hours=number),
            topic_code=live.profile.topics[0].id,
            area_name=live.profile.areas[0].id,
            due_at=now - timedelta(minutes=1),
        )
        for status in (AppealStatus.ANSWERED, AppealStatus.IN_WORK) if number == 2 else (AppealStatus.NEW,):
            source = appeal_source(source_id, channel=live.profile.channels[0].id)
            commit_page(live.database, PlainClassifier(live.profile), source, page(_at(told, status)), now)
    yield live
    live.close()


def _at(record, status):
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | {"status": status})


def ask(live, cookie, output, inputs, state=(), *, changed=""):
    """Run the callback that has `output` among its outputs, the way Dash's renderer asks for it."""
    listed = decode(get(live, "/problems/_dash-dependencies", Cookie=cookie)[2])
    found = next(one for one in listed if output in one["output"])
    outputs = [_expand(*part.rsplit(".", 1)) for part in found["output"].strip(".").split("...")]
    body = {
        "output": found["output"],
        "outputs": outputs,
        "inputs": inputs,
        "state": state,
        "changedPropIds": [changed],
    }
    status, _headers, answer = get(
        live,
        "/problems/_dash-update-component",
        method="POST",
        body=encode(body),
        Cookie=cookie,
        Content_Type="application/json",
    )
    return status, encode(decode(answer)).decode()  # Dash escapes what is not ASCII


def _expand(id_, property_):
    """Return an output as the renderer names it: of a pattern, every row's."""
    if not id_.startswith("{"):
        return {"id": id_, "property": property_}
    kind = decode(id_)["type"]
    return [{"id": {"type": kind, "index": row}, "property": property_} for row in range(PAGE_N)]


def value(id_, property_, it):
    return {"id": id_, "property": property_, "value": it}


def list_inputs(search="", area=None):
    return [
        value(ids.BEAT, "n_intervals", 1),
        value(ids.ACTED, "data", None),
        value(ids.PAGE, "data", 0),
        value(ids.AREA, "value", area),
        value(ids.SECTOR, "value", None),
        value(ids.PLACE, "search", search),
    ]


def card_inputs(search):
    inputs = (ids.PLACE, "search", search), (ids.BEAT, "n_intervals", 1), (ids.ACTED, "data", None)
    return [value(*one) for one in (*inputs, (ids.SHOW, "n_clicks", None))]


def press(live, cookie, id_, *, search="?n=1", other=""):
    """Press one button of the card."""
    groups = [[], [], []]
    kinds = (ids.TAKE_OUT, ids.JOIN_APPEAL, ids.UNDO)
    changed = f"{ids.JOIN_PROBLEM}.n_clicks"
    if isinstance(id_, dict):
        groups[kinds.index(id_["type"])].append(value(id_, "n_clicks", 1))
        changed = f"{encode(dict(sorted(id_.items()))).decode()}.n_clicks"
    inputs = [*groups, value(ids.JOIN_PROBLEM, "n_clicks", None if isinstance(id_, dict) else 1)]
    state = [value(ids.OTHER, "value", other), value(ids.PLACE, "search", search), value(ids.ACTED, "data", None)]
    return ask(live, cookie, f"{ids.ACTED}.data", inputs, state, changed=changed)


def test_the_list_and_the_card_show_no_personal_word(live):
    """House and text stay; phone, address, flat and the source's own id do not leave the server."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    status, listed = ask(live, cookie, f"{ids.AS_OF}.children", list_inputs())
    assert status == 200
    status, card = ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=1"), [value(ids.OPENED, "data", None)])
    assert status == 200
    assert "Ленина, д. 5" in listed
    assert "не горит ни один фонарь" in card
    assert "возвращено в работу" in card
    assert "тот же текст, как у № 1" in card
    for secret in ("123-45", "example.ru", "кв. 12", "secret-id"):
        assert secret not in listed
        assert secret not in card


def test_a_withdrawn_appeal_is_told_as_such_and_not_as_answered(live):
    """Of each stage the card has a word, and its counts add up."""
    now, area = live.clock.now(), live.profile.areas[0].id
    told = appeal("secret-id-9", text=WORDS, area_name=area, received_at=now, status=AppealStatus.WITHDRAWN)
    commit_page(live.database, PlainClassifier(live.profile), appeal_source("one"), page(told), now)
    cookie = sign_in(live, Role.OPERATOR)[1]
    status, card = ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=1"), [value(ids.OPENED, "data", None)])
    assert status == 200
    assert "Обращений: 4. Открыто: 3, отвечено: 0, отклонено: 0, отозвано: 1." in card


def test_a_card_that_is_open_waits_with_its_news(live):
    """A person may have the keyboard on one of its buttons: a beat only says that there is something else to show."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    _status, first = ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=1"), [value(ids.OPENED, "data", None)])
    sign = decode(first)["response"][ids.OPENED]["data"]

    def beat():
        changed = f"{ids.BEAT}.n_intervals"
        state = [value(ids.OPENED, "data", sign)]
        return decode(ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=1"), state, changed=changed)[1])

    assert beat()["response"] == {ids.NEWS: {"hidden": True}}
    press(live, cookie, ids.button_id(ids.TAKE_OUT, 2))
    assert beat()["response"] == {ids.NEWS: {"hidden": False}}


def test_an_operator_decides_and_undoes_and_the_journal_knows_who(live):
    """Two presses; the page is told what was done."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    status, answer = press(live, cookie, ids.button_id(ids.TAKE_OUT, 2))
    assert status == 200
    assert decode(answer)["response"][ids.ACTED]["data"] == 1
    _status, card = ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=1"), [value(ids.OPENED, "data", None)])
    assert "обращение № 2 о другом" in card
    assert press(live, cookie, ids.button_id(ids.UNDO, 1))[0] == 200
    with live.database.read() as connection:
        entries = load_entries(connection, ["act_on_problem"], "1", 10)
    assert [one.detail for one in entries] == ["undo 1", "take_out 2"]
    assert all(one.who for one in entries)


@pytest.mark.parametrize(
    ("pressed", "other", "said"),
    [
        (ids.JOIN_PROBLEM, "", "Введите номер"),
        (ids.JOIN_PROBLEM, "семь", "Введите номер"),
        (ids.JOIN_PROBLEM, "9" * 40, "Введите номер"),
        (ids.JOIN_PROBLEM, " № 1 ", "это и есть эта проблема"),
        (ids.JOIN_PROBLEM, "9999999999999999", "такого номера нет"),
        ({"type": ids.TAKE_OUT, "index": 99}, "", "такого номера нет"),
        ({"type": ids.TAKE_OUT, "index": "x"}, "", "Введите номер"),
        ({"type": ids.UNDO, "index": -1}, "", "Введите номер"),
        ({"type": ids.UNDO, "index": 2**70}, "", "Введите номер"),
    ],
)
def test_numbers_that_are_none_are_answered_with_a_sentence(live, pressed, other, said):
    """Typed or forged: nothing is changed and nothing breaks."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    status, answer = press(live, cookie, pressed, other=other)
    assert status == 200
    assert said in answer


def test_a_wall_may_neither_see_nor_decide(live):
    """The same questions with a wall's session."""
    operator, wall = sign_in(live, Role.OPERATOR)[1], sign_in(live, Role.WALL)[1]
    listed = decode(get(live, "/problems/_dash-dependencies", Cookie=operator)[2])
    output = next(one["output"] for one in listed if f"{ids.CARD}.children" in one["output"])
    body = encode({"output": output, "outputs": [], "inputs": card_inputs("?n=1"), "state": []})
    answer = get(live, "/problems/_dash-update-component", method="POST", body=body, Cookie=wall)
    assert (answer[0], answer[2]) == (403, b"role_may_not")


def test_the_address_names_a_problem_or_none():
    """Whatever stands in it."""
    assert read_search("?n=17") == 17
    assert read_search("?a=b&n=3") == 3
    assert not any(read_search(text) for text in ("?n=", "?n=1e3", "?n=-1", "", None, 5, "?n=" + "9" * 30))


def test_an_unknown_number_is_a_sentence(live):
    """A problem that was joined to another, or never was."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    _status, card = ask(live, cookie, f"{ids.CARD}.children", card_inputs("?n=777"), [value(ids.OPENED, "data", None)])
    assert "обращений нет" in card


def test_nothing_open_is_a_sentence_too(live):
    """An area without any problem: the table gives way to words."""
    cookie = sign_in(live, Role.OPERATOR)[1]
    inputs = list_inputs(area="nowhere")
    _status, listed = ask(live, cookie, f"{ids.AS_OF}.children", inputs)
    told = decode(listed)["response"]
    assert told[ids.TABLE]["hidden"]
    assert not told[ids.NONE]["hidden"]
