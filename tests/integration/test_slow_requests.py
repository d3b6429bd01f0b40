"""Strangers who send their request a letter at a time do not keep the web process busy; browsers are not cut."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent import socket as gevent_socket
from gevent.pywsgi import WSGIServer

from svodka.domain.clock import monotonic_s
from svodka.security import slow_requests
from svodka.security.slow_requests import REQUEST_LIMIT_S
from tests.e2e.processes import wait_until
from tests.e2e.product import Product, web_alone
from tests.integration.live import Browser


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """A web process alone."""
    with web_alone(tmp_path) as running:
        yield running


def is_cut(line: socket.socket) -> bool:
    readable, _, _ = select.select([line], [], [], 0)
    if not readable:
        return False
    try:
        return line.recv(4096) == b""
    except OSError:
        return True


def test_an_answer_that_is_not_read_is_cut_and_a_slow_reader_gets_his(monkeypatch):
    """The sizes are beyond what the system keeps for both; the limit is the test's."""
    monkeypatch.setattr(slow_requests, "UNREAD_LIMIT_S", 0.5)
    size = 30_000_000
    ended: list[int] = []

    class Handler(slow_requests.PromptHandler):
        def handle_one_response(self):
            super().handle_one_response()
            ended.append(self.response_length)

    def answer(_environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None, error_log=None, handler_class=Handler)
    server.start()
    try:
        lines = [gevent_socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(2)]
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        slow, taken_n = lines[1], 0
        while taken_n < size:
            piece = slow.recv(1_000_000)
            assert piece, "the slow reader was cut"
            taken_n += len(piece)
            gevent.sleep(0.03)
        with gevent.Timeout(10):
            while len(ended) < 2:
                gevent.sleep(0.05)
        assert min(ended) < size <= max(ended)
        for line in lines:
            line.close()
    finally:
        server.stop(timeout=0)


def test_a_request_that_is_not_complete_in_time_is_cut_and_an_open_screen_is_not(product: Product):
    """A head, and a body, that come a letter each second; beside them a wall that says nothing after its hello."""
    wall = Browser(product.url)
    wall.hello()
    host = f"Host: {product.url.removeprefix('http://')}\r\n"
    head = f"GET /healthz HTTP/1.1\r\n{host}X-Slow: "
    body = f"POST /healthz HTTP/1.1\r\n{host}Content-Length: 100000\r\n\r\n"
    began_s = monotonic_s()
    lines = [socket.create_connection(("127.0.0.1", int(product.settings["port"]))) for _ in range(3)]
    for line, text in zip(lines, ("", head, body), strict=True):
        line.sendall(text.encode())
    trickling = set(lines[1:])

    def all_cut() -> bool:
        for line in set(trickling):
            try:
                line.sendall(b"x")
            except OSError:
                trickling.discard(line)
        return all(line not in trickling and (line is not lines[0] or is_cut(line)) for line in lines)

    wait_until(all_cut, REQUEST_LIMIT_S + 15, "cut")
    took_s = monotonic_s() - began_s
    assert took_s > REQUEST_LIMIT_S - 1
    while not wall.beats.empty():
        wall.beats.get()
    assert wall.beats.get(timeout=5)
    assert not wall.dropped.is_set()
    assert product.answers("/wall")
    for line in lines:
        line.close()
    wall.close()
    assert "Traceback" not in product.read_output(100_000), product.read_output(3000)
