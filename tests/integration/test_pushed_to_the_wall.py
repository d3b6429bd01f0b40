"""A web process on gevent: what is pushed reaches the wall at once, and what never ends holds up nobody."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from svodka.domain.clock import SystemClock, monotonic_s
from svodka.domain.codec import decode, encode
from svodka.realtime.broker import Broker, find_broker_binary
from svodka.realtime.subscriber import Subscriber
from svodka.realtime.wake import Waker
from svodka.security.signatures import sign
from tests.e2e.processes import wait_until
from tests.e2e.product import Product, web_alone
from tests.integration.live import Browser
from tests.integration.pushing import SECRET, write_secret
from tests.profile_factory import write_profile

SOURCES = """
[[source]]
id = "pushed"
name = "Pushed"
connector = "webhook"
records = "appeals"
channel = "web"
interval_s = 60
ageing_s = 120
stale_s = 300
dead_s = 900
[source.params]
secret_file = "{secret}"
statuses = {{ new = "new" }}
[source.params.fields]
id = ["id"]
started_at = "at"
status = "state"
text = "text"
"""


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """A web process alone, without a broker."""
    sources = SOURCES.format(secret=write_secret(tmp_path))
    with web_alone(tmp_path, profile=str(write_profile(tmp_path / "region", sources=sources))) as running:
        yield running


def head_of(product: Product, body: bytes, **headers: str) -> dict[str, str]:
    timestamp = str(int(SystemClock().now().timestamp()))
    signature = sign(SECRET.encode(), timestamp, body)
    return {"Svodka-Timestamp": timestamp, "Svodka-Signature": signature, "Content-Type": "application/json"} | headers


def post(product: Product, body: bytes, *, chunks: list[bytes] | None = None) -> tuple[int, dict[str, object]]:
    line = http.client.HTTPConnection("127.0.0.1", int(product.settings["port"]), timeout=15)
    try:
        line.request("POST", "/ingest/pushed", body=iter(chunks) if chunks else body, headers=head_of(product, body))
        answer = line.getresponse()
        return answer.status, decode(answer.read())
    finally:
        line.close()


def body_of(n: int) -> bytes:
    at = SystemClock().now().isoformat()
    return encode({"id": f"a-{n}", "at": at, "state": "new", "text": "Яма на дороге"})


def open_request(product: Product, stack: ExitStack, *lines: str) -> socket.socket:
    """Send a head by hand; the body is the caller's."""
    address = ("127.0.0.1", int(product.settings["port"]))
    line = stack.enter_context(socket.create_connection(address, timeout=15))
    first = ["POST /ingest/pushed HTTP/1.1", f"Host: 127.0.0.1:{address[1]}"]
    line.sendall("\r\n".join([*first, *lines, "", ""]).encode())
    return line


def test_half_a_body_and_a_slow_one_store_nothing_and_hold_up_nobody(product: Product):
    """Ten senders stop in the middle; meanwhile deliveries, whole and in chunks, reach the wall within a second."""
    wall = Browser(product.url)
    wall.hello()
    assert wall.next()[0] == "snapshot"
    with ExitStack() as stack:
        body = body_of(0)
        head = [f"{name}: {text}" for name, text in head_of(product, body).items()]
        stuck = [open_request(product, stack, *head, f"Content-Length: {len(body)}") for _ in range(10)]
        for line in stuck:
            line.sendall(body[:40])
        for n, chunked in ((1, False), (2, True), (3, False)):
            body = body_of(n)
            began_s = monotonic_s()
            assert post(product, body, chunks=[body[:9], body[9:]] if chunked else None)[1]["stored"] == 1
            event, frame = wall.next()
            assert event == "frame"
            assert [row["row"]["id"] for row in frame["rows"]] == [n]
            assert monotonic_s() - began_s < 1
        stuck[0].shutdown(socket.SHUT_WR)
        assert b" 400 " in stuck[0].recv(4096).split(b"\r\n")[0]
        endless = open_request(product, stack, *head, "Transfer-Encoding: chunked")
        with suppress(OSError):  # it is cut while it goes on
            for _ in range(200):
                endless.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        assert b" 413 " in endless.recv(4096).split(b"\r\n")[0]
    wall.close()
    output = product.read_output(100_000)
    assert "Traceback" not in output
    assert SECRET not in output
    assert "Яма" not in output


def test_other_web_processes_are_woken_by_the_broker(tmp_path: Path):
    """Nothing depends on it: the relay tells the same within a second, and nobody takes the call for the relay's."""
    broker = Broker(tmp_path / "broker", find_broker_binary() or "")
    broker.start()
    heard = []
    subscriber = Subscriber(broker.url, heard.append)
    subscriber.start()
    try:
        wait_until(lambda: subscriber.is_connected, 10, "subscribed")
        Waker(broker.url).wake()
        wait_until(lambda: heard, 10, "woken")
        assert heard[0].changes == ()
        assert not heard[0].epoch
    finally:
        subscriber.stop()
        broker.stop()
    Waker(broker.url).wake()
