"""The outermost layer refuses foreign hosts and origins and stamps every answer."""

from __future__ import annotations

import pytest

from svodka.security.gate import Gate, allowed_hosts, allowed_origins, security_headers

PORT = 8050
PUBLIC = ("https://wall.example.org", "http://10.0.0.5:8050")


def ask(**environ):
    """Send one request through a gate; return status, headers, body."""
    origins = allowed_origins(PUBLIC, PORT)
    gate = Gate(
        lambda _environ, start: (start("200 OK", [("Server", "x"), ("X-Frame-Options", "ALLOW")]), [b"inside"])[1],
        hosts=allowed_hosts(PUBLIC, PORT),
        origins=origins,
        headers=lambda: security_headers(["'sha256-x'"], origins),
    )
    seen = {}
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/wall", "HTTP_HOST": "127.0.0.1:8050", **environ}
    body = b"".join(gate(request, lambda status, headers, *_: seen.update(status=status, headers=headers)))
    return seen["status"], seen["headers"], body


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8050", "localhost:8050", "LOCALHOST:8050", "10.0.0.5:8050", "wall.example.org"]
)
def test_the_public_names_and_loopback_are_served(host):
    """Host names do not know upper and lower case."""
    assert ask(HTTP_HOST=host)[0] == "200 OK"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:8051",
        "wall.example.org.evil.example",
        "xwall.example.org",
        "localhost:8050.",
    ],
)
def test_any_other_host_is_refused(host):
    """Also names that only begin or end like ours: DNS rebinding needs no more than that."""
    status, _headers, body = ask(HTTP_HOST=host)
    assert status.startswith("400")
    assert body != b"inside"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "https://wall.example.org.evil.example",
        "http://wall.example.org",
        "http://127.0.0.1:80500",
    ],
)
def test_a_foreign_origin_is_refused_everywhere(origin):
    """The scheme belongs to an origin; a prefix of ours is not ours."""
    assert ask(HTTP_ORIGIN=origin)[0].startswith("403")
    assert ask(HTTP_ORIGIN=origin, PATH_INFO="/socket.io/")[0].startswith("403")


@pytest.mark.parametrize("path", ["/socket.io", "/socket.io/"])
def test_a_socket_must_name_its_origin(path):
    """A browser always does; what does not is not a browser's page of ours."""
    assert ask(PATH_INFO=path)[0] == "403 Origin missing"
    assert ask(PATH_INFO=path, HTTP_ORIGIN="https://wall.example.org")[0] == "200 OK"


def test_another_sites_page_cannot_make_the_server_work_but_a_link_to_it_opens():
    """An image on a foreign page must not order pictures from a wall on the visitor's machine."""
    for site in ("cross-site", "same-site"):  # the latter: another port of the machine, a sister name
        assert ask(HTTP_SEC_FETCH_SITE=site, HTTP_SEC_FETCH_MODE="no-cors")[0].startswith("403")
        assert ask(HTTP_SEC_FETCH_SITE=site, HTTP_SEC_FETCH_MODE="navigate")[0] == "200 OK"
    assert ask(HTTP_SEC_FETCH_SITE="same-origin", HTTP_SEC_FETCH_MODE="cors")[0] == "200 OK"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "CONNECT", "get"])
def test_other_methods_are_refused(method):
    """Nothing here is written by them."""
    assert ask(REQUEST_METHOD=method)[0].startswith("405")


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "evil.example"])
def test_every_answer_carries_our_headers_once(host):
    """Refusals too; what stands behind the gate cannot weaken them."""
    headers = ask(HTTP_HOST=host)[1]
    names = [name for name, _value in headers]
    assert len(names) == len(set(names))
    found = dict(headers)
    assert found["X-Frame-Options"] == "SAMEORIGIN"
    assert "'unsafe-eval'" not in found["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-x'" in found["Content-Security-Policy"]
    assert "wss://wall.example.org" in found["Content-Security-Policy"]
