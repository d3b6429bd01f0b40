"""A web server that does not wait for those who send their request a letter at a time, or do not read its answer.

gevent's server reads request line, headers and body without a limit of time, so a few hundred connections that send
next to nothing would keep a process busy for days. Here what a request needs must have come within a limit, or the
connection is cut; with a body, whose reading is the application's, the answer too must be out within that limit. It
also sends without a limit: here every 64 kB of an answer must be taken within a limit, long enough for slow links.
Sockets that live on after their request are not concerned (see
`svodka.realtime.line` for browsers that do not read).
"""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler

from svodka.domain.clock import monotonic_s

# Also how long a connection may stay idle between two requests; browsers open another without a word.
REQUEST_LIMIT_S = 20.0
# How long so many bytes of an answer may wait for the system, and so for their reader, to take them.
UNREAD_LIMIT_S = 30.0
_PIECE_BYTES = 65_536


class PromptHandler(WSGIHandler):  # type: ignore[misc] # gevent has no types
    """Serves one connection; cuts it when a request is not complete, or its answer not read, in time."""

    _limit: Any = None
    _waited_s = 0.0
    _taken_n = 0
    _is_cut = False

    def handle(self) -> None:
        """Serve requests until the connection ends; that it breaks is no event."""
        try:
            with contextlib.suppress(ConnectionError):
                super().handle()
        finally:
            self._be_patient()

    def read_requestline(self) -> str:
        """Wait for the next request; its time begins now."""
        self._be_patient()
        self._limit = gevent.spawn_later(REQUEST_LIMIT_S, self._cut, self.socket)
        return str(super().read_requestline())

    def handle_one_response(self) -> None:
        """Answer; the limit goes on only where the application has a body still to read."""
        if not self.content_length and "Transfer-Encoding" not in self.headers:
            self._be_patient()
        self._waited_s, self._taken_n = 0.0, 0
        super().handle_one_response()
        self._be_patient()

    def _sendall(self, data: bytes) -> None:
        """Send a part of the answer.

        Raises:
            BrokenPipeError: Whoever asked does not read it.
        """
        view = memoryview(data)
        for start in range(0, len(view), _PIECE_BYTES):
            piece, began_s = view[start : start + _PIECE_BYTES], monotonic_s()
            left_s = max(UNREAD_LIMIT_S - self._waited_s, 0.0)
            with gevent.Timeout(left_s, BrokenPipeError(errno.EPIPE, "the answer is not read")):
                super()._sendall(piece)
            self._waited_s += monotonic_s() - began_s
            self._taken_n += len(piece)
            if self._taken_n >= _PIECE_BYTES:
                self._waited_s, self._taken_n = 0.0, 0

    def _handle_client_error(self, ex: Exception) -> Any:  # noqa: ANN401 - status and body, or None to end
        """A line that broke in the middle of a request is no fault to be shown with its place."""
        if self._is_cut or isinstance(ex, ConnectionError):
            return None
        return super()._handle_client_error(ex)

    def _be_patient(self) -> None:
        if self._limit is not None:
            self._limit.kill(block=False)
        self._limit = None

    def _cut(self, sock: socket.socket) -> None:
        """End the connection; whoever reads from it finds its end."""
        self._is_cut = True
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
