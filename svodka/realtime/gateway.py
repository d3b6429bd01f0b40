"""The gateway of one web process: one loop that keeps all its browsers at the tip of the log.

Every round is: one transaction of the reader, then what it found goes out in the only order that is right: the
frame or snapshot for those who are there, the answers for those who asked, and only then do the latter join the
former. Nothing else sends frames, so a browser never sees two roads to the same number.

The loop never waits for a browser (sending puts into a queue) and never ends because of an error: a round that
fails is logged and the next one starts where the last good one ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from svodka.domain.changes import PROTOCOL_VERSION, Change
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.codec import encode_text
from svodka.realtime.announcement import Announcement
from svodka.realtime.loops import Loop
from svodka.realtime.pace import Pace
from svodka.realtime.reader import Order, Reading

BEAT_S = 1.0
MAX_HEARD = 4000
_BEAT_EARLY_S = 0.02
_FAILURES_BEFORE_SNAPSHOT = 3
_MAX_SEQ = 2**53 - 1


class Hello(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a browser says it stands; both None: it knows nothing yet."""

    v: int
    page: str
    epoch: str | None = None
    seq: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no browser of ours says."""
        if self.v != PROTOCOL_VERSION:
            message = "another version"
            raise ValueError(message)
        if (self.epoch is None) != (self.seq is None) or not 0 <= (self.seq or 0) <= _MAX_SEQ:
            message = "not a position"
            raise ValueError(message)


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The pulse: where the log stands and what time it is on the server."""

    epoch: str
    seq: int
    at: datetime
    rate: float


class Outlet(Protocol):
    """Where messages leave the process; no call waits for a browser."""

    def emit(self, event: str, text: str, to: str | None) -> None:
        """Send to a browser, or to everybody who joined (None)."""
        ...

    def join(self, sid: str, page: str) -> None:
        """Let a browser get the frames of its page from now on."""
        ...

    def watchers_n(self) -> int:
        """Return how many browsers have joined."""
        ...

    def drop_slow(self) -> int:
        """Disconnect browsers that no longer read; return how many."""
        ...


class Source(Protocol):
    """What a round reads (`svodka.realtime.reader.LogReader`)."""

    def read(self, order: Order) -> Reading:
        """Return what a round has to send."""
        ...


Heavy = Callable[[Callable[[Order], Reading], Order], Reading]


class Gateway(Loop):
    """Sends frames, snapshots and the pulse.

    Args:
        source: Reads the database.
        outlet: Sends to browsers.
        clock: The product's clock, for the pulse.
        heavy: Calls a function with an argument where it does not hold up the pushing.
        now_s: A monotonic clock for pacing; a test passes its own.
    """

    def __init__(
        self,
        source: Source,
        outlet: Outlet,
        clock: Clock,
        *,
        heavy: Heavy = lambda call, order: call(order),
        now_s: Callable[[], float] = monotonic_s,
    ) -> None:
        super().__init__("gateway", BEAT_S)
        self._source, self._outlet, self._clock = source, outlet, clock
        self._heavy, self._now_s = heavy, now_s
        self._pace = Pace()
        self._lock = threading.Lock()
        self._heard: dict[int, Change] = {}
        self._hellos: dict[str, Hello] = {}
        self._epoch, self._tip = "", 0
        self._failures = 0
        self._next_beat_s = float("-inf")
        self._round_log = structlog.get_logger().bind(part="gateway")

    @property
    def seq(self) -> int:
        """Where the browsers of this process stand."""
        return self._tip

    @property
    def is_healthy(self) -> bool:
        """Whether the last round went well."""
        return self._failures == 0

    def pause_s(self) -> float:
        """Return the time to the next pulse, with which the log is looked at too."""
        return min(BEAT_S, max(0.0, self._next_beat_s - self._now_s()))

    def hear(self, announcement: Announcement) -> None:
        """Take what came over pub/sub and have it sent; from any thread."""
        with self._lock:
            if announcement.epoch == self._epoch:
                self._heard.update((change.seq, change) for change in announcement.changes)
            if len(self._heard) > MAX_HEARD:
                self._heard.clear()  # the log has it all
        self.kick()

    def greet(self, sid: str, hello: Hello) -> None:
        """Answer a browser with the next round; a second hello before it replaces the first."""
        with self._lock:
            self._hellos[sid] = hello
        self.kick()

    def step(self) -> None:
        """Make one round, after the pause that the pace asks for, and send the pulse when it is due."""
        if self._failures == 0:
            delay_s = self._pace.delay_s(self._now_s())
            if delay_s > 0 and self.wait(delay_s):
                return
        began_s = self._now_s()
        try:
            if self._round():
                self._pace.note_frame(began_s, self._now_s())
            self._failures = 0
        except Exception:
            self._failures += 1
            raise
        finally:
            self._beat()

    def _round(self) -> bool:
        with self._lock:
            hellos, self._hellos = self._hellos, {}
            heard = dict(self._heard)
        try:
            return self._send(self._heavy(self._source.read, self._order(hellos, heard)), hellos)
        except Exception:
            with self._lock:
                self._hellos = {**hellos, **self._hellos}  # they are still waiting for an answer
            raise

    def _order(self, hellos: dict[str, Hello], heard: dict[int, Change]) -> Order:
        known = [hello for hello in hellos.values() if hello.epoch == self._epoch and hello.seq is not None]
        return Order(
            epoch=self._epoch,
            tip=self._tip,
            heard=heard,
            watched=self._outlet.watchers_n() > 0,
            positions=frozenset(hello.seq for hello in known if hello.seq is not None),
            snapshot=len(known) < len(hellos),
            start_anew=self._failures >= _FAILURES_BEFORE_SNAPSHOT,
        )

    def _send(self, reading: Reading, hellos: dict[str, Hello]) -> bool:
        """Send what a round found; return whether frames or snapshots went to all."""
        moved = False
        if reading.jumped and reading.snapshot is not None:
            self._outlet.emit("snapshot", reading.snapshot, to=None)
            moved = True
        elif reading.frame is not None:
            self._outlet.emit("frame", reading.frame, to=None)
            moved = True
        if reading.epoch != self._epoch or reading.jumped:
            self._round_log.info("log_position", epoch=reading.epoch, seq=reading.head)
        with self._lock:
            # Numbers of another log mean other changes: what was heard of the old one must not fill holes of the new.
            kept = self._heard if reading.epoch == self._epoch else {}
            self._heard = {seq: change for seq, change in kept.items() if seq > reading.head}
            self._epoch, self._tip = reading.epoch, reading.head
        for sid, hello in hellos.items():
            self._answer(sid, hello, reading)
        return moved

    def _answer(self, sid: str, hello: Hello, reading: Reading) -> None:
        if hello.epoch == reading.epoch and hello.seq == reading.head:
            pass  # it has everything
        elif hello.epoch == reading.epoch and hello.seq in reading.catch_ups:
            self._outlet.emit("frame", reading.catch_ups[hello.seq], to=sid)
        elif reading.snapshot is not None:
            self._outlet.emit("snapshot", reading.snapshot, to=sid)
        else:  # the epoch changed between order and reading: ask again
            self.greet(sid, hello)
            return
        self._outlet.join(sid, hello.page)

    def _beat(self) -> None:
        if self._now_s() < self._next_beat_s - _BEAT_EARLY_S or not self._epoch:
            return
        self._next_beat_s = self._now_s() + BEAT_S
        dropped = self._outlet.drop_slow()
        if dropped:
            self._round_log.warning("slow_browsers_dropped", n=dropped)
        beat = Beat(epoch=self._epoch, seq=self._tip, at=self._clock.now(), rate=self._clock.rate)
        self._outlet.emit("beat", encode_text(beat), to=None)
