"""The way of bytes to one browser: in order, whole messages, bounded, and never waited for.

What the socket takes at once is gone at once. What it does not take waits here, and one thread (under gevent: one
greenlet) per blocked line brings it away. When more would wait than a line may hold, the pending messages are thrown
away and a single one takes their place: it asks the browser to say where it stands. Messages of the connection itself
(handshake, pings, closing) take the same way and are never thrown away; a line on which too many of them wait is ended.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from typing import Any

from svodka.domain.clock import monotonic_s

MAX_WAITING_BYTES = 1_000_000
MAX_WAITING_N = 200
MAX_OWN_N = 200  # messages of the connection itself, above those; each is a few bytes
BLOCKED_LIMIT_S = 30.0
_KERNEL_BYTES = 131_072  # of messages that a sleeping browser keeps in the kernel; Linux doubles it


class Line:
    """Sends to one connection; for several threads or greenlets.

    Args:
        sock: The connected socket; under gevent, gevent's.
        instead: The message that takes the place of those that were thrown away.
    """

    def __init__(self, sock: socket.socket, instead: bytes = b"") -> None:
        self._sock = sock
        self._plain: socket.socket = getattr(sock, "_sock", sock)  # below gevent's: does not wait
        self._instead = instead
        self._lock = threading.Lock()
        self._rest: memoryview | None = None
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._progress_s = 0.0
        self._ended = False
        with contextlib.suppress(OSError):  # a unix socket has neither
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)

    @property
    def waiting_n(self) -> int:
        """How many messages wait."""
        return len(self._waiting) + (self._rest is not None)

    def blocked_s(self) -> float:
        """Return for how long the browser has taken nothing of what waits, 0 when nothing waits."""
        with self._lock:
            return 0.0 if self._rest is None else monotonic_s() - self._progress_s

    def tell(self, message: bytes) -> bool:
        """Send a message, or keep it; return False where it and those that waited were thrown away."""
        with self._lock:
            if self._rest is None:
                self._begin(message)
                return True
            if not self._is_full(message):
                self._keep(message, droppable=True)
                return True
            self._throw_away()
            return False

    def send(self, data: bytes) -> int:
        """Send a message of the connection itself, whole.

        Returns:
            Its length.

        Raises:
            BrokenPipeError: The connection has ended. It does so when too many of its own messages wait: a browser
                that sends pings is answered each of them, and may never read one.
        """
        with self._lock:
            if self._ended:
                raise BrokenPipeError
            is_flooded = len(self._waiting) >= MAX_WAITING_N + MAX_OWN_N
            if self._rest is None:
                self._begin(data)
            elif not is_flooded:
                self._keep(data, droppable=False)
        if is_flooded:
            self.abort()
            raise BrokenPipeError
        return len(data)

    def abort(self) -> None:
        """End the connection at once, whatever still waits; whoever reads from it or waits for it is woken."""
        self._end()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket."""
        self._end()
        self._sock.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the socket has
        """Give everything else as the socket itself does."""
        return getattr(self._sock, name)

    def _begin(self, message: bytes) -> None:
        """Send what the socket takes now; have the rest brought away."""
        if self._ended:
            return
        try:
            taken_n = self._plain.send(message, socket.MSG_DONTWAIT)
        except BlockingIOError:
            taken_n = 0
        except OSError:
            self._ended = True  # the reader of this connection finds out too, and ends it
            return
        if taken_n < len(message):
            self._rest = memoryview(message)[taken_n:]
            self._progress_s = monotonic_s()
            threading.Thread(target=self._drain, name="line", daemon=True).start()

    def _is_full(self, message: bytes) -> bool:
        return len(self._waiting) >= MAX_WAITING_N or (
            bool(self._waiting) and self._waiting_bytes + len(message) > MAX_WAITING_BYTES
        )

    def _keep(self, message: bytes, *, droppable: bool) -> None:
        self._waiting.append((message, droppable))
        self._waiting_bytes += len(message)

    def _throw_away(self) -> None:
        kept = [pair for pair in self._waiting if not pair[1]]
        self._waiting = deque(kept)
        self._waiting_bytes = sum(len(message) for message, _ in kept)
        self._keep(self._instead, droppable=True)

    def _drain(self) -> None:
        """Bring away what waits; ends when nothing does."""
        while True:
            with self._lock:
                rest = self._next()
            if rest is None:
                return
            try:
                taken_n = self._sock.send(rest)  # waits, and lets others work meanwhile
            except OSError:
                self._end()
                return
            with self._lock:
                self._progress_s = monotonic_s()
                if self._rest is not None:
                    self._rest = rest[taken_n:]

    def _next(self) -> memoryview | None:
        """Return what is to be sent next, None when the line is free."""
        if self._rest is not None and not self._rest and self._waiting:
            message, _ = self._waiting.popleft()
            self._waiting_bytes -= len(message)
            self._rest = memoryview(message)
        elif not self._rest:
            self._rest = None
        return self._rest

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            self._rest = None
            self._waiting.clear()
            self._waiting_bytes = 0
