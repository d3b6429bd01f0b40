"""Models of a wall: the official client and the tests' reducer, without a screen. They reconnect as a wall does."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from typing import Any

import socketio

from svodka.domain.changes import PROTOCOL_VERSION
from svodka.domain.codec import decode, encode_text
from tests import reducer

_PAUSE_S = (0.1, 0.8)


class ModelClient:
    """One wall without a screen.

    Attributes:
        state: The page as its frames and snapshots made it; None before the first.
        moves: When it became another, and where it stood then: the newest thousand.
        gaps_n: Frames that did not continue it.
    """

    def __init__(self, url: str) -> None:
        self.state: reducer.PageState | None = None
        self.moves: deque[tuple[float, int]] = deque(maxlen=1000)
        self.gaps_n = 0
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def back_after_s(self, lost_s: float, seq: int) -> float | None:
        """Return how many seconds after an instant it first stood beyond `seq`, None where it never did."""
        return next((at - lost_s for at, stood in self.moves if at > lost_s and stood > seq), None)

    @property
    def seq(self) -> int:
        """Where it stands, 0 before the first snapshot."""
        return self.state.seq if self.state else 0

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._ended.is_set():
            client = self._connect()
            if client is not None:
                while client.connected and not self._ended.wait(0.05):
                    pass
                if client.eio.ws is not None:
                    client.eio.ws.shutdown()  # a polite close would wait for the server's answer
            self._ended.wait(random.uniform(*_PAUSE_S))  # noqa: S311 - a pause

    def _connect(self) -> socketio.Client | None:
        client = socketio.Client(reconnection=False, websocket_extra_options={"origin": self._url})
        client.on("snapshot", self._take_snapshot)
        client.on("frame", lambda text: self._take_frame(client, decode(text)))
        client.on("sync", lambda *_: self._hello(client))
        try:
            client.connect(self._url, transports=["websocket"], wait_timeout=3)
            self._hello(client)
        except (socketio.exceptions.SocketIOError, OSError):
            return None
        return client

    def _hello(self, client: socketio.Client) -> None:
        known = self.state
        position = {"epoch": known.epoch if known else None, "seq": known.seq if known else None}
        client.emit("hello", encode_text({"v": PROTOCOL_VERSION, "page": "wall", **position}))

    def _take_snapshot(self, text: str) -> None:
        self.state = reducer.start(reducer.read_snapshot(decode(text)))
        self.moves.append((time.time(), self.seq))

    def _take_frame(self, client: socketio.Client, told: dict[str, Any]) -> None:
        if self.state is None:
            return
        if reducer.reduce(self.state, reducer.read_frame(told)) == "gap":
            self.gaps_n += 1
            self._hello(client)
        self.moves.append((time.time(), self.seq))
