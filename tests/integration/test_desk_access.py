"""Pages for operators: only operators see them, get their layouts and run their callbacks."""

from __future__ import annotations

import pytest

from callbacks.access import ACTIONS
from layouts import DESK, desk
from svodka.domain.codec import decode, encode
from svodka.security.authorise import Action
from svodka.security.principals import Role
from tests.integration.live import Live
from tests.integration.test_access import get, sign_in

BEAT = {
    "output": "",
    "outputs": [],
    "inputs": [{"id": desk.BEAT, "property": "n_intervals", "value": 1}],
    "changedPropIds": [f"{desk.BEAT}.n_intervals"],
    "state": [],
}
ENDPOINTS = [(endpoint, action) for endpoint, action in ACTIONS.items() if endpoint.count("/") > 1]


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    live.links.create(Role.WALL, "hall")
    live.links.refresh()
    yield live
    live.close()


@pytest.fixture
def cookies(live):
    """What each role shows; a renderer shows the token of its moment."""
    walls = {role: sign_in(live, role)[1] for role in (Role.WALL, Role.OPERATOR)}
    _status, headers, _body = get(live, f"/wall?frozen={live.services.freeze()}")
    return {Role.NOBODY: "", Role.PICTURE: headers["Set-Cookie"].split(";")[0], **walls}


def beat_of(live, page, cookie):
    """Return the frame's callback as a browser of that page would ask it."""
    listed = decode(get(live, f"{page.path}/_dash-dependencies", Cookie=cookie)[2])
    found = next(one for one in listed if one["state"] and one["state"][0]["id"] == desk.FAULT_UNTIL)
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in found["output"].strip(".").split("...")
    ]
    return {**BEAT, "output": found["output"], "outputs": outputs, "state": found["state"]}


def ask(live, path, body, cookie):
    return get(live, path, method="POST", body=encode(body), Cookie=cookie, Content_Type="application/json")


@pytest.mark.parametrize("page", DESK, ids=lambda page: page.name)
@pytest.mark.parametrize("role", [Role.NOBODY, Role.WALL, Role.PICTURE, Role.OPERATOR])
def test_every_endpoint_of_a_desk_page_is_for_operators_alone(live, cookies, page, role):
    """Page, layout, list of callbacks and the callbacks themselves: role by endpoint."""
    allowed = role is Role.OPERATOR
    for rest in ("", "_dash-layout", "_dash-dependencies"):
        status, _headers, body = get(live, f"{page.path}/{rest}", Cookie=cookies[role])
        assert status == (200 if allowed else 403), rest
        assert allowed or b"desk" not in body
    status, _headers, body = ask(
        live,
        f"{page.path}/_dash-update-component",
        beat_of(live, page, cookies[Role.OPERATOR]),
        cookies[role],
    )
    assert status == (200 if allowed else 403)
    assert allowed or body in {b"role_may_not", b"not_signed_in"}


def test_before_there_is_a_wall_link_the_machine_itself_is_no_operator(tmp_path):
    """What opens without a link on the machine is the wall: whoever sits there has shown nothing."""
    live = Live(tmp_path)
    try:
        assert get(live, "/wall")[0] == 200
        for page in DESK:
            assert get(live, f"{page.path}/")[0] == 403
            assert get(live, f"{page.path}/_dash-layout")[0] == 403
    finally:
        live.close()


def test_a_desk_callback_cannot_be_run_through_the_walls_endpoint(live, cookies):
    """The walls' application has neither its layout nor its callbacks, whatever a body claims (attacks 22 and 23)."""
    page = DESK[0]
    body = beat_of(live, page, cookies[Role.OPERATOR])
    for cookie in (cookies[Role.WALL], cookies[Role.OPERATOR]):
        status, _headers, answer = ask(live, "/_dash-update-component", body, cookie)
        assert status == 500
        assert desk.CLOCK.encode() not in answer
        for path in ("/_dash-layout", "/_dash-dependencies"):
            assert b"desk-" not in get(live, path, Cookie=cookie)[2]


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"output": "desk-clock.children", "outputs": {"id": "desk-clock", "property": "children"}, "inputs": []},
        {"output": "_pages_content.children", "outputs": [], "inputs": []},
        {"output": '{"index":["ALL"]}.children', "outputs": [], "inputs": [{"id": {"a": 1}, "property": "x"}]},
    ],
)
def test_forged_bodies_get_no_data_and_break_nothing(live, cookies, forged):
    """Outputs that no callback has, inputs of another form: an error without content, and the next question works."""
    page = DESK[0]
    where = f"{page.path}/_dash-update-component"
    status, _headers, answer = ask(live, where, forged, cookies[Role.OPERATOR])
    assert status in {400, 500}
    assert b"Traceback" not in answer
    assert ask(live, where, beat_of(live, page, cookies[Role.OPERATOR]), cookies[Role.OPERATOR])[0] == 200


def test_the_operators_link_leads_to_the_desk_and_ends_with_its_revocation(live):
    """Within five seconds as everywhere; here at once, since the book is read again."""
    link_id, token = live.links.create(Role.OPERATOR, "дежурный")
    live.links.refresh()
    _status, headers, _body = get(live, f"/link/{token}")
    assert headers["Location"] == f"{DESK[0].path}/"
    cookie = headers["Set-Cookie"].split(";")[0]
    body = beat_of(live, DESK[0], cookie)
    told = decode(ask(live, f"{DESK[0].path}/_dash-update-component", body, cookie)[2])
    assert told["response"][desk.WHO]["children"] == "дежурный"
    live.links.revoke(link_id)
    live.links.refresh()
    assert ask(live, f"{DESK[0].path}/_dash-update-component", body, cookie)[0] == 403


def test_a_path_without_its_slash_leads_to_the_page(live, cookies):
    """As people type it; deeper paths are not pages."""
    for page in DESK:
        status, headers, _body = get(live, page.path, Cookie=cookies[Role.OPERATOR])
        assert status in {302, 308}
        assert headers["Location"].endswith(f"{page.path}/")
        assert get(live, f"{page.path}/deeper", Cookie=cookies[Role.OPERATOR])[0] == 404


def test_the_wall_loads_nothing_of_the_desk(live, cookies):
    """Neither its styles nor its scripts; and the desk loads none of the wall's."""
    wall = get(live, "/wall", Cookie=cookies[Role.WALL])[2].decode()
    page = get(live, f"{DESK[0].path}/", Cookie=cookies[Role.OPERATOR])[2].decode()
    assert "desk" not in wall
    assert "/assets/css/desk.css" in page
    assert "bridge.js" in wall
    assert "bridge.js" not in page
    assert "modulepreload" not in page


def test_the_navigation_names_every_page_for_operators():
    """And every one of their endpoints has its action."""
    assert [page.name for page in DESK] == list(desk.NAVIGATION)
    assert {action for _endpoint, action in ENDPOINTS} >= {Action.SEE_DESK}
