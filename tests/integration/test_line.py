"""The bytes to one browser, over real sockets that are read slowly, late or never."""

from __future__ import annotations

import socket
import threading

import pytest

from svodka.realtime import line
from svodka.realtime.line import Line
from tests.e2e.processes import wait_until

INSTEAD = b"<ask again>"


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.settimeout(10)
    sending = Line(ours, INSTEAD)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    yield sending, theirs
    sending.abort()
    sending.close()
    theirs.close()


def read(sock, n):
    heard = bytearray()
    while len(heard) < n:
        heard += sock.recv(min(3000, n - len(heard)))
    return bytes(heard)


def message(n, size):
    return f"<{n:06}>".encode().ljust(size, b".")


def test_messages_arrive_whole_and_in_order_however_slowly_they_are_read(pair):
    """A plain send on a socket that does not block takes a part and forgets the rest."""
    sending, theirs = pair
    messages = [message(n, 3 + n * 997 % 70_000) for n in range(60)]
    heard = []
    reader = threading.Thread(target=lambda: heard.append(read(theirs, sum(len(one) for one in messages))))
    reader.start()
    for one in messages[:30]:
        assert sending.tell(one)
    for one in messages[30:]:
        assert sending.send(one) == len(one)
    reader.join(10)
    assert heard == [b"".join(messages)]
    wait_until(lambda: sending.waiting_n == 0, 5, "nothing waits")


def test_a_line_that_is_not_read_keeps_no_more_than_its_bound_and_asks_once(pair, monkeypatch):
    """What did not begin is thrown away whole; the connection's own messages stay; the browser is told once."""
    monkeypatch.setattr(line, "MAX_WAITING_N", 10)
    sending, theirs = pair
    first = message(0, 100_000)
    assert sending.tell(first)
    for n in range(1, 11):
        assert sending.tell(message(n, 50))
        assert sending.waiting_n <= 12
    sending.send(b"<ping>")
    assert not sending.tell(message(11, 50))
    assert sending.waiting_n <= 3
    assert read(theirs, len(first)) == first
    assert read(theirs, len(b"<ping>" + INSTEAD)) == b"<ping>" + INSTEAD
    wait_until(lambda: sending.waiting_n == 0, 5, "nothing waits")
    assert sending.tell(b"<new>")
    assert read(theirs, 5) == b"<new>"


def test_the_bound_is_in_bytes_too_but_one_snapshot_is_never_too_large(pair, monkeypatch):
    """A snapshot larger than the bound goes out when nothing else waits; two of them do not."""
    monkeypatch.setattr(line, "MAX_WAITING_BYTES", 10_000)
    sending, theirs = pair
    assert sending.tell(message(0, 100_000))
    assert sending.tell(message(1, 60_000))
    assert not sending.tell(message(2, 60_000))
    assert read(theirs, 100_000 + len(INSTEAD)).endswith(INSTEAD)


def test_a_line_that_is_not_read_can_be_ended_from_outside(pair):
    """Whoever waits for it is woken, and what is said later is thrown away without an error."""
    sending, _theirs = pair
    sending.tell(message(0, 100_000))
    wait_until(lambda: sending.blocked_s() > 0.05, 5, "it is blocked")
    before = threading.active_count()
    sending.abort()
    wait_until(lambda: threading.active_count() < before, 5, "the thread that waited has ended")
    assert (sending.waiting_n, sending.blocked_s()) == (0, 0.0)
    assert sending.tell(b"late")
    with pytest.raises(BrokenPipeError):
        sending.send(b"late")


def test_a_browser_that_has_gone_is_no_error_for_who_sends(pair):
    """Its reader ends the connection; the sender goes on with the others."""
    sending, theirs = pair
    theirs.close()
    for n in range(5):
        assert sending.tell(message(n, 10_000))
    assert sending.waiting_n == 0


def test_a_browser_that_pings_and_does_not_read_is_ended(pair, monkeypatch):
    """Each of its pings is answered, and no answer may be thrown away."""
    monkeypatch.setattr(line, "MAX_WAITING_N", 10)
    monkeypatch.setattr(line, "MAX_OWN_N", 10)
    sending, _theirs = pair
    sending.tell(message(0, 100_000))
    for _ in range(20):
        sending.send(b"<pong>")
    with pytest.raises(BrokenPipeError):
        sending.send(b"<pong>")
    assert sending.waiting_n == 0
    with pytest.raises(BrokenPipeError):
        sending.send(b"<pong>")
