"""A wall without a screen that remembers everything it was told: the official client and the tests' reducer."""

from __future__ import annotations

import threading
from typing import Any

import socketio

from svodka.domain.changes import PROTOCOL_VERSION
from svodka.domain.codec import decode, encode_text
from tests import reducer

_LOOK_S = 0.05
_PAUSE_S = 0.5


class WallModel:
    """Connects, reconnects and applies what it is told.

    Attributes:
        state: The page; None before the first snapshot.
        seen: Ids of all appeals that it was ever told of.
        applied: (table, key, op, known_at) of every row of every frame that it applied.
        failing: Sources that it was ever told to be failing.
        is_connected: Whether its line stands and its hello was answered.
    """

    def __init__(self, url: str) -> None:
        self.state: reducer.PageState | None = None
        self.seen: set[str] = set()
        self.applied: list[tuple[str, str, str, object]] = []
        self.failing: set[str] = set()
        self.is_connected = False
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def position(self) -> tuple[str, int]:
        """Where it stands: epoch and number."""
        return (self.state.epoch, self.state.seq) if self.state else ("", 0)

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._ended.is_set():
            client = self._connect()
            while client is not None and client.connected and not self._ended.wait(_LOOK_S):
                pass
            self.is_connected = False
            if client is not None and client.eio.ws is not None:
                client.eio.ws.shutdown()  # a polite close would wait for the server's answer
            self._ended.wait(_PAUSE_S)

    def _connect(self) -> socketio.Client | None:
        client = socketio.Client(reconnection=False, websocket_extra_options={"origin": self._url})
        client.on("snapshot", lambda text: self._take_snapshot(decode(text)))
        client.on("frame", lambda text: self._take_frame(client, decode(text)))
        client.on("sync", lambda *_: self._hello(client))
        try:
            client.connect(self._url, transports=["websocket"], wait_timeout=5)
            self._hello(client)
        except (socketio.exceptions.SocketIOError, OSError):
            return None
        return client

    def _hello(self, client: socketio.Client) -> None:
        epoch, seq = self.position if self.state else (None, None)
        client.emit("hello", encode_text({"v": PROTOCOL_VERSION, "page": "wall", "epoch": epoch, "seq": seq}))

    def _take_snapshot(self, told: dict[str, Any]) -> None:
        self.state = reducer.start(reducer.read_snapshot(told))
        self.seen |= {str(row["id"]) for row in told["tables"]["appeals"]}
        self._note_values(told)

    def _take_frame(self, client: socketio.Client, told: dict[str, Any]) -> None:
        if self.state is None:
            return
        done = reducer.reduce(self.state, reducer.read_frame(told))
        if done == "gap":
            self._hello(client)
        if done == "applied":
            rows = [(row["table"], row["key"], row["op"], (row["row"] or {}).get("known_at")) for row in told["rows"]]
            self.applied += [row for row in rows if row[2] == "put"]
            self.seen |= {key for table, key, op, _ in rows if table == "appeals" and op == "put"}
            self._note_values(told)
        self.is_connected = done != "gap"

    def _note_values(self, told: dict[str, Any]) -> None:
        self.is_connected = True
        views = told["values"].get("sources", {"sources": []})["sources"]
        self.failing |= {view["source"] for view in views if view["failing"]}
