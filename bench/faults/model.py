"""A browser without a screen: speaks the wire protocol as the page does and remembers everything it applied."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec
import websocket

from svodka.domain.changes import PROTOCOL_VERSION
from svodka.domain.clock import monotonic_s
from tests.reducer import PageState, read_frame, read_snapshot, reduce, start

_CONNECT_S = 3.0
_SILENCE_S = 25.0
_HELLO_PAUSE_S = 2.0
_BEHIND_BEATS = 3


class Applied(msgspec.Struct, frozen=True):
    """One message that the page followed: the range of the log and the rows in it (none for a snapshot)."""

    kind: str
    epoch: str
    from_seq: int
    to_seq: int
    rows: tuple[tuple[str, str, str, Any], ...] = ()
    at: str = ""


class Model:
    """One browser; runs in a thread of its own until it is closed.

    Args:
        name: In reports.
        ports: Where servers can be reached; a reconnection chooses one of them.
        origin: What the page's address is.
        draw: Chooses servers and pauses.
    """

    def __init__(self, name: str, ports: Sequence[int], origin: str, draw: Random) -> None:
        self.name = name
        self._ports, self._origin, self._draw = tuple(ports), origin, draw
        self.state: PageState | None = None
        self.raw_values: dict[str, Any] = {}
        self.applied: list[Applied] = []
        self.presented: set[str] = set()
        self.missed_without_name = 0
        self.faults: list[str] = []
        self.counts = {"connections": 0, "snapshots": 0, "frames": 0, "gaps": 0, "dropped": 0, "syncs": 0, "missed": 0}
        self._last_at: str | None = None  # stands still from a hello to its answer, as in assets/js/seen.mjs
        self._is_answered = False
        self._asked_s = float("-inf")
        self._behind = 0
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._socket: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Model:
        """Open the page."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Close it."""
        self._closed.set()
        self._thread.join(5)

    def forget(self) -> None:
        """Be a page that is opened anew: the next answer is a snapshot."""
        with self._lock:
            self.state = None

    @property
    def seq(self) -> int:
        """Where it stands, -1 before anything came."""
        with self._lock:
            return -1 if self.state is None else self.state.seq

    def picture(self) -> dict[str, Any]:
        """Return everything that the page shows, as plain values."""
        with self._lock:
            if self.state is None:
                return dict.fromkeys(("epoch", "seq", "appeals", "incidents"), None) | {"values": {}}
            return {
                "epoch": self.state.epoch,
                "seq": self.state.seq,
                "appeals": [msgspec.to_builtins(row) for row in self.state.appeals],
                "incidents": {key: msgspec.to_builtins(row) for key, row in self.state.incidents.items()},
                "values": json.loads(json.dumps(self.state.values)),
            }

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._watch()
            except (OSError, websocket.WebSocketException):
                pass
            except Exception as error:  # noqa: BLE001 - a model that dies would be taken for a screen that is right
                self.faults.append(f"{self.name}: {type(error).__name__}: {error}")
            finally:
                self._drop()
            self._closed.wait(self._draw.uniform(0.2, 0.9))

    def _drop(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, websocket.WebSocketException):
                self._socket.shutdown()  # closes without a handshake
        self._socket = None

    def _watch(self) -> None:
        port = self._draw.choice(self._ports)
        host = self._origin.removeprefix("http://")
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket",
            timeout=_CONNECT_S, origin=self._origin, host=host, enable_multithread=False,
        )  # fmt: skip
        self._socket.settimeout(0.5)
        self.counts["connections"] += 1
        heard_s = monotonic_s()
        while not self._closed.is_set():
            try:
                text = self._socket.recv()
            except websocket.WebSocketTimeoutException:
                if monotonic_s() - heard_s > _SILENCE_S:
                    return
                self._ask_again_if_unanswered()
                continue
            if not text:
                return
            heard_s = monotonic_s()
            if not self._hear(str(text)):
                return

    def _hear(self, text: str) -> bool:
        """Handle one packet of Engine.IO; return whether the line goes on."""
        if text[0] == "0":
            self._send("40")
        elif text[0] == "2":
            self._send("3")
        elif text.startswith("40"):
            self._asked_s, self._is_answered = float("-inf"), False
            self._hello()
        elif text.startswith("42"):
            event, *payload = json.loads(text[2:])
            told = payload[0] if payload else {}
            self._receive(event, json.loads(told) if isinstance(told, str) else told)
        elif text.startswith(("41", "44", "1")):
            return False
        return True

    def _ask_again_if_unanswered(self) -> None:
        if self.state is None:
            self._hello()

    def _hello(self) -> None:
        if monotonic_s() - self._asked_s < _HELLO_PAUSE_S or self._socket is None:
            return
        self._asked_s = monotonic_s()
        state = self.state
        hello: dict[str, Any] = {
            "v": PROTOCOL_VERSION,
            "page": "wall",
            "view": state.view if state else None,
            "epoch": state.epoch if state else None,
            "seq": state.seq if state else None,
            "at": self._last_at,
        }
        text = json.dumps(["hello", json.dumps(hello)])
        self._send(f"42{text}")

    def _send(self, text: str) -> None:
        if self._socket is not None:
            self._socket.send(text)

    def _receive(self, event: str, told: dict[str, Any]) -> None:
        handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "snapshot": self._on_snapshot,
            "frame": self._on_frame,
            "beat": self._on_beat,
            "missed": self._on_missed,
            "sync": self._on_sync,
        }
        if event not in handlers:
            self.faults.append(f"{self.name}: unknown event {event}")
            return
        handlers[event](told)

    def _on_snapshot(self, told: dict[str, Any]) -> None:
        snapshot = read_snapshot(told)
        with self._lock:
            if self.state is not None and self.state.epoch == snapshot.epoch and snapshot.seq < self.state.seq:
                self.faults.append(f"{self.name}: a snapshot at {snapshot.seq} after {self.state.seq}")
            self.state = start(snapshot)
            self.applied.append(Applied("snapshot", snapshot.epoch, snapshot.seq, snapshot.seq, at=told["at"]))
            self.presented.update(self.state.incidents)
        self._last_at, self._is_answered = told["at"], True
        self._behind = 0
        self.counts["snapshots"] += 1

    def _on_frame(self, told: dict[str, Any]) -> None:
        frame = read_frame(told)
        with self._lock:
            decision = "gap" if self.state is None else reduce(self.state, frame)
            if decision == "applied":
                rows = tuple((row["table"], row["op"], row["key"], row["row"]) for row in told["rows"])
                self.applied.append(Applied("frame", frame.epoch, frame.from_seq, frame.to_seq, rows, told["at"]))
                self.presented.update(row.key for row in frame.rows if row.table == "incidents")
        if decision == "applied":
            self._last_at, self._is_answered = told["at"], True
            self.counts["frames"] += 1
        elif decision == "dropped":
            self.counts["dropped"] += 1
            if self.state is not None and frame.to_seq == self.state.seq:
                self._last_at, self._is_answered = told["at"], True  # the answer "nothing missed"
        else:
            self.counts["gaps"] += 1
            self._hello()

    def _on_beat(self, told: dict[str, Any]) -> None:
        state = self.state
        if state is None:
            self._hello()
            return
        self._behind = 0 if told["epoch"] == state.epoch and told["seq"] <= state.seq else self._behind + 1
        if self._behind == 0:
            self._see_until(told)
        elif self._behind >= _BEHIND_BEATS:
            self._hello()

    def _see_until(self, beat: dict[str, Any]) -> None:
        """The server knows nothing later than its last look at the log, whatever time it is."""
        until = datetime.fromisoformat(beat["at"]) - timedelta(seconds=beat["read_s"] * beat["rate"])
        if self._is_answered and (self._last_at is None or until > datetime.fromisoformat(self._last_at)):
            self._last_at = until.isoformat()

    def _on_missed(self, told: dict[str, Any]) -> None:
        self.counts["missed"] += 1
        self.presented.update(str(incident["id"]) for incident in told["incidents"])
        self.missed_without_name += max(0, told["n"] - len(told["incidents"]))

    def _on_sync(self, _told: dict[str, Any]) -> None:
        self.counts["syncs"] += 1
        self._asked_s = float("-inf")
        self._hello()


def wrong_history(model: Model, log: Sequence[dict[str, Any]]) -> list[str]:
    """Return in words what a browser applied that the log does not justify: a gap, a repetition, another order.

    Rows of frames whose lines were pruned cannot be compared any more; that each frame begins where the one before it
    ended still can.
    """
    by_seq = {row["seq"]: row for row in log}
    oldest = min(by_seq, default=0)
    wrong = list(model.faults)
    at: tuple[str, int] | None = None
    for one in model.applied:
        if one.kind == "frame":
            if at != (one.epoch, one.from_seq) or one.to_seq < one.from_seq:
                wrong.append(f"{model.name}: frame {one.from_seq}..{one.to_seq} after {at}")
            if one.from_seq + 1 >= oldest:
                wrong += _wrong_rows(model.name, one, by_seq)
        at = (one.epoch, one.to_seq)
    return wrong


def _wrong_rows(name: str, frame: Applied, by_seq: dict[int, dict[str, Any]]) -> list[str]:
    """Rows of a frame must be lines of the log in its range, in their order, each at most once."""
    lines = iter(by_seq[seq] for seq in range(frame.from_seq + 1, frame.to_seq + 1) if seq in by_seq)
    for table, op, key, row in frame.rows:
        kind = table.removesuffix("s")
        for line in lines:
            if line["kind"] != kind or line["key"] != key:
                continue
            draft = json.loads(line["payload"])
            if draft["op"] == op and draft.get(kind) == row:
                break
        else:
            return [f"{name}: frame {frame.from_seq}..{frame.to_seq} has {op} {table} {key}, not so in the log"]
    return []
