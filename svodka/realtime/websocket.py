"""The WebSocket under Socket.IO, made safe for slow and hostile browsers.

Three things that the libraries leave open (read in simple-websocket 1.1 and python-engineio 4.15):

- A message is sent with `socket.send`, which under gevent may take only a part of it when the browser reads slowly:
  the rest of a snapshot would be lost in the middle. Here every message is sent whole, one at a time.
- A message of any size is collected in memory before its size is looked at. Here it is bounded.
- A connection whose browser does not read cannot be ended from outside. Here it can.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

import simple_websocket


class WholeSocket:
    """A socket whose `send` sends everything, for several threads or greenlets."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._one_at_a_time = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of it; return its length."""
        with self._one_at_a_time:
            self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the socket has
        """Give everything else as the socket itself does."""
        return getattr(self._sock, name)


class _Line(simple_websocket.Server):  # type: ignore[misc] # the library has no types
    sock: Any

    def handshake(self) -> None:
        self.sock = WholeSocket(self.sock)
        super().handshake()


def bound_websocket(base: Any, max_message_bytes: int) -> type[Any]:  # noqa: ANN401 - engineio's class, by server mode
    """Return engineio's class for WebSockets with the bounds of this module.

    Args:
        base: The class that engineio uses in the present server mode.
        max_message_bytes: Longest message a browser may send; the connection ends with a longer one.
    """

    class BoundedWebSocket(base):  # type: ignore[misc] # known at run time only
        def __init__(self, handler: Callable[[Any], Iterable[bytes]], server: Any) -> None:  # noqa: ANN401 - engineio's
            super().__init__(handler, server)
            handler.__self__.line = self  # type: ignore[attr-defined] # a method of engineio's socket, which we mark

        def __call__(self, environ: dict[str, Any], _start_response: object) -> Any:  # noqa: ANN401 - WSGI
            self.ws = _Line(environ, max_message_size=max_message_bytes, **self.server_args)
            answer = self.app(self)
            if self.ws.mode == "werkzeug":
                raise ConnectionError  # how that server learns that the connection is not its own any more
            return answer

        def abort(self) -> None:
            """End the connection at once, whatever is still unsent."""
            with contextlib.suppress(OSError):
                self.ws.sock.shutdown(socket.SHUT_RDWR)

    return BoundedWebSocket


def abort_connection(engine_socket: Any) -> None:  # noqa: ANN401 - engineio's socket
    """End the connection of one of engineio's sockets at once."""
    line = getattr(engine_socket, "line", None)
    if line is not None and hasattr(line, "ws"):
        line.abort()
