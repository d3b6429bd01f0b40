"""Many cheap browsers in one process: raw sockets, epoll, and just enough of WebSocket and Socket.IO to keep count.

Each message that holds `"from":A,"to":B` moves its client from A to B; what is left out in between is lost, what it was
told before is doubled.
"""

from __future__ import annotations

import re
import select
import socket
import time

import msgspec

_RANGE = re.compile(rb'from\\*":(\d+),\\*"to\\*":(\d+)')
_HELLO = '42["hello",{"v":3,"page":"wall"}]'
_WAVE = 40
_SAMPLES = 50
_RECV_BYTES = 262_144


class Member(msgspec.Struct, kw_only=True):
    """One browser: its socket, what has come of a message that is not whole yet, and where it stands."""

    sock: socket.socket
    rest: bytes = b""
    first: int | None = None
    at: int = 0
    lost_n: int = 0
    doubled_n: int = 0
    covered_n: int = 0
    frames_n: int = 0
    heard: list[tuple[int, int, float]] | None = None

    def follow(self, from_n: int, to_n: int) -> None:
        """Move on by a message; the first of all tells where the browser stands."""
        if self.first is None:
            self.first = self.at = from_n
        self.lost_n += max(0, from_n - self.at)
        self.doubled_n += max(0, self.at - from_n)
        self.covered_n += to_n - from_n
        self.at = to_n
        self.frames_n += 1


class Crowd:
    """Browsers of one server.

    Args:
        port: Of the server, on loopback.
        path: Of its WebSocket.
        is_socketio: Whether it speaks Socket.IO, and Socket.IO's handshake comes first.
        says_hello: Whether it is the product, which wants to be greeted.
    """

    def __init__(self, port: int, path: str, *, is_socketio: bool, says_hello: bool) -> None:
        self._port, self._path = port, path
        self._is_socketio, self._says_hello = is_socketio, says_hello
        self._poll = select.epoll()
        self.members: dict[int, Member] = {}

    def grow(self, n: int) -> None:
        """Connect until there are `n` browsers."""
        every = max(1, n // _SAMPLES)
        while len(self.members) < n:
            wave = [self._connect() for _ in range(min(_WAVE, n - len(self.members)))]
            for sock in wave:
                rest = _read_head(sock)
                if self._is_socketio:
                    sock.sendall(_masked("40"))
                member = Member(sock=sock, rest=rest, heard=[] if len(self.members) % every == 0 else None)
                self.members[sock.fileno()] = member
                sock.setblocking(False)
                self._poll.register(sock.fileno(), select.EPOLLIN)
            self.listen(0.05)
        self.listen(1.0)
        if self._says_hello:
            for member in self.members.values():
                if member.frames_n == 0 and member.first is None:
                    member.sock.sendall(_masked(_HELLO))
            self.listen(2.0)

    def begin(self) -> None:
        """Forget what has been counted, not where everybody stands; a measurement begins."""
        for member in self.members.values():
            member.lost_n = member.doubled_n = member.covered_n = member.frames_n = 0
            if member.heard is not None:
                member.heard.clear()

    def listen(self, seconds: float, *, until: int | None = None) -> None:
        """Read what comes for so long, or until everybody has reached a number."""
        ends_s = time.monotonic() + seconds
        while (left_s := ends_s - time.monotonic()) > 0:
            for fd, _ in self._poll.poll(min(left_s, 0.2)):
                self._read(self.members[fd])
            if until is not None and all(member.at >= until for member in self.members.values()):
                return

    def close(self) -> None:
        """Leave."""
        for member in self.members.values():
            member.sock.close()
        self._poll.close()
        self.members.clear()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=20)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = (
            f"GET {self._path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Origin: http://127.0.0.1:{self._port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        )
        sock.sendall("\r\n".join((*lines, "", "")).encode())
        return sock

    def _read(self, member: Member) -> None:
        try:
            data = member.sock.recv(_RECV_BYTES)
        except BlockingIOError:
            return
        if not data:
            message = "the server ended a connection"
            raise ConnectionError(message)
        now_s = time.monotonic()
        data = member.rest + data
        at, size = 0, len(data)
        while size - at >= 2:
            length, head = data[at + 1] & 127, 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            begin, end = at + head, at + head + length
            if end > size:
                break
            self._take(member, data, begin, end, now_s)
            at = end
        member.rest = data[at:]

    def _take(self, member: Member, data: bytes, begin: int, end: int, now_s: float) -> None:
        if self._is_socketio and end - begin == 1 and data[begin:end] == b"2":
            member.sock.sendall(_masked("3"))
            return
        found = _RANGE.search(data, begin, min(end, begin + 200))
        if found is None:
            return
        from_n, to_n = int(found[1]), int(found[2])
        member.follow(from_n, to_n)
        if member.heard is not None:
            member.heard.append((from_n, to_n, now_s))


def _read_head(sock: socket.socket) -> bytes:
    """Return what came behind the server's answer to the handshake."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += sock.recv(4096)
    head, _, rest = heard.partition(b"\r\n\r\n")
    assert b" 101 " in head.split(b"\r\n")[0], head
    return rest


def _masked(text: str) -> bytes:
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode()
