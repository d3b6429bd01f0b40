"""Who gets in: over the socket and over HTTP, against a real server."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
import time
from contextlib import closing
from http.client import HTTPConnection

import pytest
from socketio.exceptions import ConnectionError as SocketRefusedError

from callbacks.access import ACTIONS, DESK_HOME, HOME_PAGE, REFUSED
from svodka.domain.codec import decode
from svodka.observability.catalogue import BROKER, SOURCE_AGE, SOURCE_LAG, SOURCE_STATE, WEB_METRICS
from svodka.observability.metrics import Metrics
from svodka.realtime.health import Found
from svodka.realtime.lookout import Lookout, tell_web
from svodka.security.principals import Role
from svodka.storage import database as database_module
from svodka.storage.links import load_links
from tests.integration.live import Browser, Live
from tests.scrape import Scrape, scrape

# There is neither a broker nor a source here.
ABSENT = {BROKER.name, SOURCE_AGE.name, SOURCE_LAG.name, SOURCE_STATE.name}


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    yield live
    live.close()


@pytest.fixture
def browse(live):
    opened = []

    def open_browser(**words):
        opened.append(Browser(live.url, **words))
        return opened[-1]

    yield open_browser
    for browser in opened:
        browser.close()


def get(live, path, *, method="GET", body=None, **headers):
    """Send one request as written; return status, headers and body."""
    connection = HTTPConnection("127.0.0.1", live.port, timeout=10)
    connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def sign_in(live, role, **words):
    """Open a new link in a browser; return the link's id and the cookie."""
    link_id, token = live.links.create(role, "test", **words)
    live.links.refresh()
    status, headers, _body = get(live, f"/link/{token}")
    assert (status, headers["Location"]) == (302, DESK_HOME if role is Role.OPERATOR else HOME_PAGE)
    return link_id, headers["Set-Cookie"].split(";")[0]


def test_every_route_of_the_server_is_covered_by_the_check(live):
    """A route that somebody, or a library, adds fails here until its action is named, and is refused till then."""
    rules = {rule.endpoint for rule in live.server.url_map.iter_rules()}
    assert rules == set(ACTIONS) | REFUSED
    assert not set(ACTIONS) & REFUSED
    live.server.add_url_rule("/forgotten", "forgotten", lambda: "data")
    assert get(live, "/forgotten")[0] == 404


def test_the_program_interface_for_assistants_is_off(live):
    """Dash brings an MCP server; it must not exist here."""
    assert not [rule.rule for rule in live.server.url_map.iter_rules() if "mcp" in rule.rule]
    assert get(live, "/_mcp")[0] == 404
    assert get(live, "/mcp", method="POST", body="{}")[0] in {404, 405}


def test_on_the_machine_itself_no_link_is_needed_until_there_is_one(live):
    """The first wall link shuts the open door."""
    assert get(live, "/wall")[0] == 200
    live.links.create(Role.WALL, "hall")
    live.links.refresh()
    for path in ("/wall", "/page/wall/config.json", "/geodata/areas.json", "/_dash-layout", "/snapshot.png"):
        assert get(live, path)[0] == 403, path


def test_a_request_through_a_proxy_is_not_of_this_machine(live):
    """Behind a proxy every request comes from loopback; its headers say that it does not."""
    assert get(live, "/wall", X_Forwarded_For="10.0.0.9")[0] == 403


def test_a_wall_link_opens_the_wall_as_often_as_it_is_used(live):
    """Walls restart; the cookie cannot be read by scripts."""
    _id, token = live.links.create(Role.WALL, "hall")
    live.links.refresh()
    for _ in range(2):
        status, headers, _body = get(live, f"/link/{token}")
        assert status == 302
        assert "HttpOnly" in headers["Set-Cookie"]
        assert "SameSite=Lax" in headers["Set-Cookie"]
    assert get(live, "/wall", Cookie=headers["Set-Cookie"].split(";")[0])[0] == 200


def test_the_operators_link_works_once_and_its_token_is_stored_nowhere(live):
    """A preview that asks for headers only does not use it up."""
    token = live.links.create_start_link()
    assert get(live, f"/link/{token}", method="HEAD")[0] == 405
    assert get(live, f"/link/{token}")[0] == 302
    status, _headers, body = get(live, f"/link/{token}")
    assert status == 403
    assert "Ссылка не действует" in body.decode()
    with live.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM access_links").all()
        assert token not in repr(rows)
        assert len(load_links(connection)) == 1


def test_each_start_ends_the_unused_link_of_the_start_before(live):
    """Old terminals and logs hold no valid link."""
    first, second = live.links.create_start_link(), live.links.create_start_link()
    assert get(live, f"/link/{first}")[0] == 403
    assert get(live, f"/link/{second}")[0] == 302


def test_a_forged_or_foreign_cookie_is_nobody(live):
    """The cookie's signature, and the link behind it, both count."""
    _id, cookie = sign_in(live, Role.WALL)
    assert get(live, "/wall", Cookie=cookie)[0] == 200
    assert get(live, "/wall", Cookie=cookie[:-4] + "AAAA")[0] == 403
    assert get(live, "/wall", Cookie="svodka=eyJsaW5rIjoieCJ9.aaaa.bbbb")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "//wall",
        "/wall/",
        "/WALL",
        "/./wall",
        "/wall;x",
        "/%2e%2e/wall",
        "/assets/../app.py",
        "/assets/%2e%2e/app.py",
        "/etc/passwd",
    ],
)
def test_other_spellings_of_a_path_are_not_the_page(live, path):
    """The check stands behind routing, so no spelling gets past it: refused, not found, or led to the right one."""
    sign_in(live, Role.WALL)
    assert get(live, path)[0] in {308, 403, 404}


def test_component_paths_outside_their_package_are_not_found(live):
    """Neither a file of the system nor an error of the server."""
    assert get(live, "/_dash-component-suites/dash/..%2f..%2fapp.py")[0] == 404


def test_callbacks_want_json_and_our_origin(live):
    """A form on a foreign site cannot call them."""
    where = "/_dash-update-component"
    assert get(live, where, method="POST", body="{}", Content_Type="text/plain")[0] == 415
    assert (
        get(live, where, method="POST", body="{}", Content_Type="application/json", Origin="http://evil.example")[0]
        == 403
    )


def test_a_renderer_gets_in_with_the_token_of_its_moment(live):
    """It sees the page and that moment, no other moment and no live data."""
    live.links.create(Role.WALL, "hall")
    live.links.refresh()
    token, other = live.services.freeze(), live.services.freeze()
    assert get(live, "/wall?frozen=guess")[0] == 403
    status, headers, _body = get(live, f"/wall?frozen={token}")
    cookie = headers["Set-Cookie"].split(";")[0]
    assert status == 200
    assert get(live, f"/frozen/{token}.json", Cookie=cookie)[0] == 200
    assert get(live, f"/frozen/{other}.json", Cookie=cookie)[0] == 403
    assert get(live, "/snapshot.png", Cookie=cookie)[0] == 403
    with pytest.raises(SocketRefusedError):
        Browser(live.url, cookie=cookie)


def test_health_is_whole_on_the_machine_and_a_summary_for_strangers(live):
    """The names of the region's systems, how much happens there and what runs are nobody's business."""
    whole = decode(get(live, "/healthz")[2])
    assert {"status", "seq", "version", "sources"} <= whole.keys()
    assert decode(get(live, "/healthz", X_Forwarded_For="10.0.0.9")[2]) == {"status": whole["status"]}


def test_questions_for_health_do_not_keep_the_database_busy(live):
    """Anybody may ask, so asking often costs nothing: one question a second, whoever asks for what."""
    asked = []
    lookout = Lookout(live.gateway, lambda seq: asked.append(seq) or Found(seq=1, untold_s=0.0, sources={}))
    began_s = time.monotonic()
    assert {lookout.read_health()["seq"] for _ in range(50)} == {1}
    assert len(asked) <= 1 + time.monotonic() - began_s


def test_metrics_are_for_the_machine_and_for_sessions(live):
    """As the details of health: a stranger gets nothing, a wall and a scraper on the machine do."""
    live.links.create(Role.WALL, "hall")
    assert get(live, "/metrics")[0] == 200
    assert get(live, "/metrics", X_Forwarded_For="10.0.0.9")[0] == 403
    _id, cookie = sign_in(live, Role.WALL)
    assert get(live, "/metrics", X_Forwarded_For="10.0.0.9", Cookie=cookie)[0] == 200


def test_every_metric_of_a_web_process_is_told(live, browse):
    """After a browser has come and a change has been told; the broker's only where there is one."""
    browser = browse()
    browser.hello()
    assert browser.next()[0] == "snapshot"
    head = live.change(3)
    assert browser.next()[0] == "frame"
    told = scrape(live.port)
    assert told.names >= {metric.name for metric in WEB_METRICS} - ABSENT
    assert told.value("svodka_browsers", page="wall", role="local") == 1
    assert told.value("svodka_hellos_total", answer="snapshot") == 1
    assert told.value("svodka_deliveries_total", event="frame") >= 1
    assert told.value("svodka_delivered_bytes_total", event="snapshot") > 1000
    assert told.value("svodka_change_log_seq") == told.value("svodka_gateway_seq") == head
    assert told.value("svodka_change_log_lag_changes") == 0
    assert told.value("svodka_gateway_round_seconds_count") >= 2
    assert told.value("svodka_database_up") == 1
    assert told.value("svodka_panel_state", panel="feed", state="dead") == 1  # nothing feeds it
    assert told.value("svodka_panel_state", panel="feed") == 1
    assert told.value("svodka_build_info", process="web") == 1


def test_what_the_database_does_not_say_is_absent_and_not_nothing(live):
    """Its questions have no answer then: no head of 0, no state; only that it is away."""
    lookout = Lookout(live.gateway, lambda _seq: None)
    metrics = Metrics("web", "test")
    tell_web(metrics, lookout=lookout, gateway=live.gateway, sockets=live.sockets, profile=live.profile)
    told = Scrape(metrics.render().decode())
    assert told.value("svodka_database_up") == 0
    assert told.value("svodka_change_log_seq") is None
    assert told.value("svodka_source_state") is None


def test_a_token_that_nobody_made_never_waits_for_a_writer(live):
    """While the pollers write, a stranger with guesses is refused at once and takes no lock from them."""
    with live.database.write() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = value")
        assert get(live, "/link/guess")[0] == 403


def test_a_link_opened_while_the_database_is_busy_opens_by_itself_afterwards(tmp_path, monkeypatch):
    """The first readings of a new installation hold the writer's lock for long; the link is not used up by that."""
    monkeypatch.setattr(database_module, "_BUSY_TIMEOUT_MS", 200)
    live = Live(tmp_path)
    try:
        token = live.links.create_start_link()
        with closing(sqlite3.connect(tmp_path / "live.sqlite3", isolation_level=None)) as poller:
            poller.execute("BEGIN IMMEDIATE")
            status, headers, body = get(live, f"/link/{token}")
            assert (status, headers["Retry-After"]) == (503, "5")
            assert headers["Refresh"].startswith(f"5;url=/link/{token}"), body.decode()
        assert get(live, f"/link/{token}")[0] == 302
    finally:
        live.close()


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example", "https://127.0.0.1"]
)
def test_a_socket_from_a_foreign_origin_is_refused(live, origin):
    """Also the same host by another scheme or another port."""
    with pytest.raises(SocketRefusedError):
        Browser(live.url, origin=origin)


def test_a_socket_by_a_foreign_host_name_is_refused(live):
    """DNS rebinding: the address is ours, the name is not."""
    with pytest.raises(SocketRefusedError):
        Browser(live.url, host="evil.example", origin="http://evil.example")


def test_polling_transport_is_off(live):
    """WebSocket only: no sticky sessions, no half-open polling."""
    assert get(live, "/socket.io/?EIO=4&transport=polling", Origin=live.url)[0] == 400


def test_a_socket_needs_a_session_once_there_are_links(live, browse):
    """Without one nothing is sent; with one the snapshot comes."""
    _id, cookie = sign_in(live, Role.WALL)
    with pytest.raises(SocketRefusedError):
        Browser(live.url)
    browser = browse(cookie=cookie)
    browser.hello()
    assert browser.next()[0] == "snapshot"


def test_a_revoked_link_drops_its_open_socket_within_five_seconds(live, browse):
    """And its session opens no page any more."""
    link_id, cookie = sign_in(live, Role.WALL)
    browser = browse(cookie=cookie)
    browser.hello()
    browser.next()
    began_s = time.monotonic()
    assert live.links.revoke(link_id)
    assert browser.dropped.wait(5.0)
    assert time.monotonic() - began_s < 5.0
    assert get(live, "/wall", Cookie=cookie)[0] == 403


@pytest.mark.parametrize(
    "words",
    [
        ("hello", "not json"),
        ("hello", {"v": 3, "page": "other"}),
        ("hello", {"v": 3, "page": "wall", "seq": -1, "epoch": "x"}),
        ("hello", b"\x00\x01"),
        ("join", "room"),
        ("__proto__", {}),
        ("hello", "x" * 100_000),
    ],
)
def test_a_browser_that_says_anything_else_is_disconnected(browse, words):
    """Malformed hellos, other pages, other events, binary and oversized messages."""
    browser = browse()
    browser.client.emit(*words)
    assert browser.dropped.wait(10)


def test_a_flood_of_hellos_is_cut(browse):
    """Ten at once are a bad network; more are not a browser."""
    browser = browse()
    for _ in range(20):
        browser.hello()
    assert browser.dropped.wait(5)


def test_every_answer_carries_the_security_headers(live):
    """Also errors and refusals; nothing allows eval or foreign hosts."""
    for path in ("/wall", "/nowhere", "/healthz", "/socket.io/", "/assets/bridge.js"):
        headers = get(live, path)[1]
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_inline_script_of_the_page_is_in_the_policy(live):
    """From the first answer on: a script that the policy does not name would not run, and the page with it."""
    _status, headers, body = get(live, "/wall")
    scripts = re.findall(r"<script>(.*?)</script>", body.decode(), flags=re.DOTALL)
    assert scripts
    for script in scripts:
        found = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{found}'" in headers["Content-Security-Policy"]
