"""A feedback system of ours that misbehaves on purpose, on loopback.

A *behaviour* answers one request on the open connection. Those that wait do so for the end of the test, not for time.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DATE = "Sat, 21 Nov 2026 06:00:00 GMT"
MIB = 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the server's behaviour."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two sends: the second would wait 40 ms for the first's receipt
    server: HostileServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.request_headers.append(dict(self.headers))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.behaviour(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's form
        """Say nothing."""

    def head(self, status: int, **headers: str) -> None:
        """Send status line and headers, and nothing else."""
        lines = [
            f"HTTP/1.1 {status} Whatever",
            *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items()),
        ]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))


class HostileServer(ThreadingHTTPServer):
    """Answers every request with its present behaviour."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour: Behaviour = answer(b"[]")
        self.paths: list[str] = []
        self.request_headers: list[dict[str, str]] = []
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what these tests are about."""


Behaviour = Callable[[Handler], None]


@contextlib.contextmanager
def hostile_server() -> Iterator[HostileServer]:
    """Run a server for the length of a test."""
    server = HostileServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def answer(body: bytes, *, status: int = 200, content_type: str = "application/json", **headers: str) -> Behaviour:
    """An orderly answer."""

    def behave(handler: Handler) -> None:
        handler.head(status, Content_Type=content_type, Content_Length=str(len(body)), Date=DATE, **headers)
        handler.wfile.write(body)

    return behave


def silence(handler: Handler) -> None:
    """Accepts and says nothing."""
    handler.server.ended.wait(20)


def trickling_head(handler: Handler) -> None:
    """One header line after another, for ever, each sooner than any read timeout."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.ended.wait(0.05):
        handler.wfile.write(b"X: y\r\n")


def trickling_body(handler: Handler) -> None:
    """One byte after another, for ever."""
    handler.head(200, Content_Type="application/json", Content_Length="1000000")
    while not handler.server.ended.wait(0.05):
        handler.wfile.write(b" ")


def half_a_body(handler: Handler) -> None:
    """Promises a length, sends half of it and hangs up."""
    handler.head(200, Content_Type="application/json", Content_Length="200")
    handler.wfile.write(b"[" + b" " * 99)
    handler.close_connection = True


def endless_body(handler: Handler) -> None:
    """Chunks without end."""
    handler.head(200, Content_Type="application/json", Transfer_Encoding="chunked")
    piece = b" " * 65536
    while not handler.server.ended.is_set():
        handler.wfile.write(b"10000\r\n" + piece + b"\r\n")


def lying_length(handler: Handler) -> None:
    """Announces 5 GB."""
    handler.head(200, Content_Type="application/json", Content_Length=str(5 * 1024 * MIB))
    handler.server.ended.wait(20)


def gzip_bomb(size_mib: int = 512) -> Behaviour:
    """A small answer that unpacks to `size_mib` of spaces."""
    return answer(_packed_spaces(size_mib), Content_Encoding="gzip")


@functools.cache
def _packed_spaces(size_mib: int) -> bytes:
    """Packed once for all connectors: it takes longer than to be refused."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    piece = b" " * MIB
    return b"".join([*(packer.compress(piece) for _ in range(size_mib)), packer.flush()])


def gzip_bomb_in_gzip(size_mib: int = 64) -> bytes:
    """A small body that unpacks to a small body that unpacks to `size_mib` of spaces."""
    return gzip.compress(_packed_spaces(size_mib))


def gzipped(body: bytes, *, keep: float = 1.0) -> Behaviour:
    """A compressed answer, or the first share of one."""
    packed = gzip.compress(body)
    return answer(packed[: int(len(packed) * keep)], Content_Encoding="gzip")


def redirect_to(url: str) -> Behaviour:
    """Sends the client elsewhere."""
    return answer(b"", status=302, Location=url)
