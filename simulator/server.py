"""The HTTP server of the simulator: keep-alive, gzip when asked, its Date header from the injected clock.

The standard library's server, because werkzeug's closes the connection after every answer and a poller's
keep-alive is part of what is simulated. Binds to loopback only.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator.front import Front, Question, Site
from simulator.georeport import Response
from svodka.domain.clock import Clock
from svodka.domain.errors import StartError

_HOST = "127.0.0.1"
_COMPRESS_FROM_BYTES = 1024
_IDLE_S = 60
_MAX_FORM_BYTES = 65_536
_SLOW_PIECES, _SLOW_PAUSE_S = 8, 0.2
_NOT_FOUND = Response(404, "text/plain; charset=utf-8", b"Nothing is here.\n")


class SimulatorServer:
    """Serves a site by a clock until it is stopped.

    Args:
        site: What it serves.
        clock: What time it is there.
        port: Port on loopback; 0: any free one.
    """

    def __init__(self, site: Site, clock: Clock, *, port: int = 0) -> None:
        self._site = site
        self._clock = clock
        self._port = port
        self._http: _Http | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Begin to serve.

        Returns:
            The base address, without a slash at its end.

        Raises:
            StartError: The port is in use or may not be used.
        """
        try:
            self._http = _Http((_HOST, self._port), _Handler)
        except OSError as error:
            message = f"the simulator cannot use port {self._port} on {_HOST}: {error.strerror}."
            raise StartError(message) from error
        self._http.front, self._http.clock = Front(self._site), self._clock
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="simulator", daemon=True)
        self._thread.start()
        return f"http://{_HOST}:{self._http.server_port}"

    def stop(self) -> None:
        """End all connections and give the port back; a second call does nothing."""
        if self._http is None or self._thread is None:
            return
        self._http.ended.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.end_connections()
        self._http = self._thread = None


class _Http(ThreadingHTTPServer):
    """The standard server, knowing its open connections so that it can end them."""

    daemon_threads = True
    request_queue_size = 64
    front: Front
    clock: Clock

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the standard server's own
        self.ended = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._quiet = threading.Condition(self._open_lock)
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        """Note the connection before its thread begins."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as in socketserver
        """Forget the connection after it was closed."""
        super().shutdown_request(request)
        with self._quiet:
            self._open.discard(request)
            self._quiet.notify_all()

    def end_connections(self) -> None:
        """Wake up the threads that wait for another question, and wait until they have gone."""
        with self._quiet:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._quiet.wait_for(lambda: not self._open, timeout=5)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in socketserver
        """Say nothing about a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Simulator"
    sys_version = ""
    timeout = _IDLE_S
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Http

    def do_GET(self) -> None:
        """Answer one question."""
        self._answer()

    def do_POST(self) -> None:
        """Answer one question whose parameters come as a form."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MAX_FORM_BYTES:
            self.close_connection = True
            self._send(Response(413, "text/plain; charset=utf-8", b"A form of known and modest length, please.\n"))
            return
        self._answer(self.rfile.read(int(length)).decode("utf-8", "replace"))

    def _answer(self, form: str = "") -> None:
        address = urlsplit(self.path)
        question = Question(
            method=self.command,
            path=unquote(address.path),
            params=dict(parse_qsl(f"{address.query}&{form}", keep_blank_values=True)),
            headers={name.lower(): text for name, text in self.headers.items()},
        )
        self._send(self.server.front.ask(question, self.server.clock.now()) or _NOT_FOUND)

    def _send(self, found: Response) -> None:
        if found.manner == "hang":
            self.server.ended.wait(_IDLE_S)
            self.close_connection = True
            return
        body = found.body
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        for name, text in found.headers:
            self.send_header(name, text)
        if len(body) >= _COMPRESS_FROM_BYTES and "gzip" in self.headers.get("Accept-Encoding", "").lower():
            body = gzip.compress(body, compresslevel=1, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(body, found.manner)
        self.wfile.flush()

    def _write(self, body: bytes, manner: str) -> None:
        if manner == "half":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif manner == "slow":
            size = len(body) // _SLOW_PIECES + 1
            for start in range(0, len(body), size):
                self.wfile.write(body[start : start + size])
                self.wfile.flush()
                self.server.ended.wait(_SLOW_PAUSE_S)
        else:
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header: the simulator's time, not the machine's."""
        del timestamp
        return format_datetime(self.server.clock.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the standard handler's own
        """Write no line for every answer."""
