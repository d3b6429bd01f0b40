"""A web server that does not wait for those who send their request a letter at a time.

gevent's server reads request line, headers and body without a limit of time, so a few hundred connections that send
next to nothing would keep a process busy for days. Here what a request needs must have come within a limit, or the
connection is cut. Answers, and sockets that live on after their request, are not concerned (see
`svodka.realtime.line` for browsers that do not read).
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler

# Also how long a connection may stay idle between two requests; browsers open another without a word.
REQUEST_LIMIT_S = 20.0


class PromptHandler(WSGIHandler):  # type: ignore[misc] # gevent has no types
    """Serves one connection; cuts it when a request is not complete in time."""

    _limit: Any = None
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
        super().handle_one_response()
        self._be_patient()

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
