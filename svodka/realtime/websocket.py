"""The WebSocket under Socket.IO, made safe for slow and hostile browsers.

What the libraries leave open (read in simple-websocket 1.1 and python-engineio 4.15):

- A message is sent with `socket.send`, which under gevent may take only a part of it when the browser reads slowly:
  the rest of a snapshot would be lost in the middle. Here everything goes through one `Line`.
- A message of any size is collected in memory before its size is looked at. Here it is bounded.
- A connection whose browser does not read cannot be ended from outside. Here it can.
- Every connection compresses by itself, with a window of its own. Here a message is made once for all, uncompressed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

import simple_websocket

from svodka.domain.codec import encode
from svodka.realtime.line import Line

_TEXT = 0x81  # a whole text message (RFC 6455, 5.2)
_SHORT, _MEDIUM = 125, 0xFFFF


def encode_event(event: str, text: bytes) -> bytes:
    """Return an event as the bytes that go to a browser: Socket.IO in engine.io in one WebSocket frame.

    Args:
        event: Its name.
        text: Its payload, JSON; it travels as text.

    Source: RFC 6455 5.2, engine.io protocol 4 (message: "4"), socket.io protocol 5 (event: "2").
    """
    return _frame(b"42[" + encode(event) + b"," + encode(text.decode()) + b"]")


def _frame(message: bytes) -> bytes:
    size = len(message)
    if size <= _SHORT:
        head = struct.pack("!BB", _TEXT, size)
    elif size <= _MEDIUM:
        head = struct.pack("!BBH", _TEXT, 126, size)
    else:
        head = struct.pack("!BBQ", _TEXT, 127, size)
    return head + message


SYNC = encode_event("sync", b"{}")


class _Server(simple_websocket.Server):  # type: ignore[misc] # the library has no types
    sock: Any

    def handshake(self) -> None:
        self.sock = Line(self.sock, SYNC)
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
            self._engine_socket = handler.__self__  # type: ignore[attr-defined] # a method of engineio's socket

        def __call__(self, environ: dict[str, Any], _start_response: object) -> Any:  # noqa: ANN401 - WSGI
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            self.ws = _Server(environ, max_message_size=max_message_bytes, **self.server_args)
            self._engine_socket.line = self.ws.sock
            answer = self.app(self)
            if self.ws.mode == "werkzeug":
                raise ConnectionError  # how that server learns that the connection is not its own any more
            return answer

    return BoundedWebSocket


def find_line(engine_socket: Any) -> Line | None:  # noqa: ANN401 - engineio's socket
    """Return the line of one of engineio's sockets, None while its handshake is under way."""
    line: Line | None = getattr(engine_socket, "line", None)
    return line
