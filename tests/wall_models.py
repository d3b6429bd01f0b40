"""A wall without a screen: the official client and the tests' reducer. It greets and comes back as a wall does.

It remembers everything it was told, for tests and benchmarks to compare.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import socketio

from svodka.domain.changes import PROTOCOL_VERSION
from svodka.domain.codec import decode, encode_text
from tests import reducer

_LOOK_S = 0.05
_CONNECT_S = 5.0
_BEHIND_BEATS = 3
_MISSED_LISTED_N = 20


class Retry:
    """When a wall that lost its server tries again: `assets/js/retry.mjs` once more, and a test holds them together."""

    _per_s = 50.0
    _window_s = (0.8, 9.5)
    _limit_s = 10.0
    _least_s = 0.1
    _early_tries = 4

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._tries = 0

    def next_s(self, walls: int = 1) -> float:
        """Return seconds until the next try; `walls` is how many the lost server had."""
        window_s = min(self._window_s[1], max(self._window_s[0], walls / self._per_s))
        grown_s = min(self._limit_s, window_s * 2 ** max(0, self._tries - self._early_tries + 1))
        share = self._draw() if self._tries == 0 else 0.96 + 0.08 * self._draw()
        self._tries += 1
        return float(min(self._limit_s, max(self._least_s, share * grown_s)))

    def reset(self) -> None:
        """Begin anew: the server answered."""
        self._tries = 0


class WallModel:
    """Connects, reconnects and applies what it is told.

    Attributes:
        state: The page; None before the first snapshot.
        moves: When it became another, and where it stood then: the newest thousand.
        seen: Ids of all appeals that it was ever told of.
        applied: (table, key, op, known_at) of every row of every frame that it applied.
        failing: Sources that it was ever told to be failing.
        incidents: Ids of all incidents that it was ever told of, also afterwards.
        first_incident: The greatest id of an incident in its first snapshot, 0 where there was none.
        missed: Ids of incidents that began and ended while it was away.
        unnamed_n: How many of those it was told of by their number alone.
        faults: What it was told and makes no sense, in words.
        gaps_n: Frames that did not continue it.
        is_connected: Whether its line stands and its hello was answered.
    """

    def __init__(self, url: str) -> None:
        self.state: reducer.PageState | None = None
        self.moves: deque[tuple[float, int]] = deque(maxlen=1000)
        self.seen: set[str] = set()
        self.applied: list[tuple[str, str, str, object]] = []
        self.failing: set[str] = set()
        self.incidents: set[str] = set()
        self.first_incident: int | None = None
        self.missed: set[str] = set()
        self.unnamed_n = 0
        self.faults: list[str] = []
        self.gaps_n = 0
        self.is_connected = False
        self._at: str | None = None
        self._walls = 1
        self._behind = 0
        self._retry = Retry()
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def position(self) -> tuple[str, int]:
        """Where it stands: epoch and number."""
        return (self.state.epoch, self.state.seq) if self.state else ("", 0)

    @property
    def seq(self) -> int:
        """Where it stands, 0 before the first snapshot."""
        return self.position[1]

    def back_after_s(self, lost_s: float, seq: int) -> float | None:
        """Return how many seconds after an instant it first stood beyond `seq`, None where it never did."""
        return next((at - lost_s for at, stood in self.moves if at > lost_s and stood > seq), None)

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
            self._ended.wait(self._retry.next_s(self._walls))

    def _connect(self) -> socketio.Client | None:
        client = socketio.Client(reconnection=False, websocket_extra_options={"origin": self._url})
        client.on("snapshot", lambda text: self._take_snapshot(decode(text)))
        client.on("frame", lambda text: self._take_frame(client, decode(text)))
        client.on("missed", lambda text: self._take_missed(decode(text)))
        client.on("beat", lambda text: self._take_beat(client, decode(text)))
        client.on("sync", lambda *_: self._hello(client))
        try:
            client.connect(self._url, transports=["websocket"], wait_timeout=_CONNECT_S)
            self._hello(client)
        except (socketio.exceptions.SocketIOError, OSError):
            return None
        return client

    def _hello(self, client: socketio.Client) -> None:
        epoch, seq = self.position if self.state else (None, None)
        view = self.state.view if self.state else None
        place = {"view": view, "epoch": epoch, "seq": seq, "at": self._at}
        client.emit("hello", encode_text({"v": PROTOCOL_VERSION, "page": "wall", **place}))

    def _take_snapshot(self, told: dict[str, Any]) -> None:
        self.state = reducer.start(reducer.read_snapshot(told))
        self.seen |= {str(row["id"]) for row in told["tables"]["appeals"]}
        incidents = {str(row["id"]) for row in told["tables"]["incidents"]}
        if self.first_incident is None:
            self.first_incident = max(map(int, incidents), default=0)
        self.incidents |= incidents
        self._note(told)

    def _take_frame(self, client: socketio.Client, told: dict[str, Any]) -> None:
        if self.state is None:
            return
        done = reducer.reduce(self.state, reducer.read_frame(told))
        if done == "gap":
            self.gaps_n += 1
            self._hello(client)
        if done == "applied":
            rows = [(row["table"], row["key"], row["op"], (row["row"] or {}).get("known_at")) for row in told["rows"]]
            self.applied += [row for row in rows if row[2] == "put"]
            self.seen |= {key for table, key, op, _ in rows if table == "appeals" and op == "put"}
            self.incidents |= {key for table, key, op, _ in rows if table == "incidents" and op == "put"}
        if done != "gap":
            self._note(told)
        self.is_connected = done != "gap"

    def _take_missed(self, told: dict[str, Any]) -> None:
        listed = {str(incident["id"]) for incident in told["incidents"]}
        if self._at is None:
            self.faults.append("told what was missed by a wall that had shown nothing")
        if len(listed) != min(told["n"], _MISSED_LISTED_N):
            self.faults.append(f"{told['n']} were missed, {len(listed)} are named")
        self.unnamed_n += told["n"] - len(listed)
        self.missed |= listed
        self.incidents |= listed

    def _take_beat(self, client: socketio.Client, told: dict[str, Any]) -> None:
        self._walls = told["watchers"]
        epoch, seq = self.position
        is_tip = told["epoch"] == epoch and told["seq"] <= seq
        self._behind = 0 if is_tip else self._behind + 1
        if is_tip:
            self._at = told["at"]
            self._retry.reset()
        elif self._behind >= _BEHIND_BEATS:
            self._behind = 0
            self._hello(client)

    def _note(self, told: dict[str, Any]) -> None:
        """Take down what snapshots and frames have in common: the page is live."""
        self.is_connected = True
        self._at = told["at"]
        self._retry.reset()
        self.moves.append((time.time(), self.seq))
        views = told["values"].get("sources", {"sources": []})["sources"]
        self.failing |= {view["source"] for view in views if view["failing"]}
