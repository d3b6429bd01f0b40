"""The gateway of one web process: one loop that keeps all its browsers at the tip of the log.

Every round is: one transaction of the reader, then what it found goes out in the only order that is right: the
frame or snapshot for those who are there, the answers for those who asked, and only then do the latter join the
former. Nothing else sends frames, so a browser never sees two roads to the same number.

The loop never waits for a browser (see `svodka.realtime.line`) and never ends because of an error: a round that
fails is logged and the next one starts where the last good one ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from svodka.domain.changes import Change
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.codec import encode
from svodka.readmodels.view import View
from svodka.realtime.announcement import Announcement
from svodka.realtime.loops import Loop
from svodka.realtime.messages import STALLED_AFTER_S, Beat, Hello
from svodka.realtime.pace import Pace
from svodka.realtime.reader import Absence, Order, Position, Reading
from svodka.settings.crash import crash_here

BEAT_S = 1.0
LOOK_S = 1.0
MAX_HEARD = 4000
# So many heartbeats read from the log with nothing announced meanwhile: the broker brings nothing.
SILENT_HEARTBEATS = 3
_FAILURES_BEFORE_SNAPSHOT = 3


class Outlet(Protocol):
    """Where messages leave the process; no call waits for a browser."""

    def tell(self, event: str, text: bytes, view: View | None) -> None:
        """Send to everybody who joined with a view, or to all who ever said hello (None)."""
        ...

    def answer(self, event: str, text: bytes, sids: Sequence[str]) -> frozenset[str]:
        """Send to some browsers; return those for whom it was not thrown away."""
        ...

    def has(self, sid: str) -> bool:
        """Return whether a browser is connected."""
        ...

    def join(self, sid: str) -> None:
        """Let a browser get the frames of its view from now on."""
        ...

    def views(self) -> frozenset[View]:
        """Return what those who joined watch."""
        ...

    def connected_n(self) -> int:
        """Return how many browsers are connected."""
        ...


class Source(Protocol):
    """What a round reads (`svodka.realtime.reader.LogReader`)."""

    def read(self, order: Order) -> Reading:
        """Return what a round has to send."""
        ...


Heavy = Callable[[Callable[[Order], Reading], Order], Reading]


class Greeting(msgspec.Struct, frozen=True):
    """A hello that waits for its answer, and the view of the scene that it gets."""

    hello: Hello
    view: View


class Gateway(Loop):
    """Sends frames, snapshots and the pulse.

    Args:
        source: Reads the database.
        outlet: Sends to browsers.
        clock: The product's clock, for the pulse.
        heavy: Calls a function with an argument where it does not hold up the pushing.
        now_s: A monotonic clock for pacing; a test passes its own.
        scenes: Tells the version of the scenes.

    Attributes:
        pulse: The loop that beats; whoever starts this one starts and watches that one too.
    """

    def __init__(
        self,
        source: Source,
        outlet: Outlet,
        clock: Clock,
        *,
        heavy: Heavy = lambda call, order: call(order),
        now_s: Callable[[], float] = monotonic_s,
        scenes: Callable[[], str] = str,
    ) -> None:
        super().__init__("gateway", LOOK_S)
        self._source, self._outlet, self._clock = source, outlet, clock
        self._heavy, self._now_s = heavy, now_s
        self._pace = Pace()
        self._lock = threading.Lock()
        self._heard: dict[int, Change] = {}
        self._hellos: dict[str, Greeting] = {}
        self._epoch, self._tip = "", 0
        self._at: datetime | None = None
        self._failures = 0
        self._heartbeat_seq: int | None = None
        self._heartbeat_s = self._read_s = now_s()
        self._is_stalled = False
        self._unheard_n = 0
        self._ask_broker: Callable[[], bool | None] = lambda: None
        self._scenes = scenes
        self._note_round_s: Callable[[float], None] = lambda _seconds: None
        self._round_log = structlog.get_logger().bind(part="gateway")
        self.pulse = Pulse(self._beat)

    @property
    def seq(self) -> int:
        """Where the browsers of this process stand."""
        return self._tip

    @property
    def is_healthy(self) -> bool:
        """Whether the last round went well."""
        return self._failures == 0

    @property
    def pipeline_s(self) -> float:
        """Real seconds since the newest heartbeat line came; since the start of the process where none came yet."""
        return self._now_s() - self._heartbeat_s

    @property
    def read_s(self) -> float:
        """Real seconds since the log was last read well."""
        return self._now_s() - self._read_s

    @property
    def broker(self) -> bool | None:
        """Whether changes are heard as they happen; None where no broker is configured.

        A broker that is there and brings nothing, while heartbeat after heartbeat is read from the log, is as good as
        none: the relay is stuck, or publishes elsewhere.
        """
        is_connected = self._ask_broker()
        return self._unheard_n < SILENT_HEARTBEATS if is_connected else is_connected

    def ask_broker_with(self, is_connected: Callable[[], bool | None]) -> None:
        """Name who knows whether the broker is there."""
        self._ask_broker = is_connected

    def time_rounds_with(self, note_s: Callable[[float], None]) -> None:
        """Name who is told how many seconds each good round took."""
        self._note_round_s = note_s

    def hear(self, announcement: Announcement) -> None:
        """Take what came over pub/sub and have it sent; from any thread."""
        with self._lock:
            if announcement.epoch == self._epoch:
                self._unheard_n = 0
                self._heard.update((change.seq, change) for change in announcement.changes)
            if len(self._heard) > MAX_HEARD:
                self._heard.clear()  # the log has it all
        self.kick()

    def greet(self, sid: str, hello: Hello, view: View) -> None:
        """Answer a browser with the next round; a second hello before it replaces the first."""
        with self._lock:
            self._hellos[sid] = Greeting(hello, view)
        self.kick()

    def forget(self, sid: str) -> None:
        """Answer a browser no more that has gone."""
        with self._lock:
            self._hellos.pop(sid, None)

    def step(self) -> None:
        """Make one round, after the pause that the pace asks for."""
        if self._failures == 0:
            delay_s = self._pace.delay_s(self._now_s())
            if delay_s > 0 and self.wait(delay_s):
                return
        began_s = self._now_s()
        try:
            if self._round():
                self._pace.note_frame(began_s, self._now_s())
            self._failures = 0
            self._note_round_s(self._now_s() - began_s)
        except Exception:
            self._failures += 1
            raise

    def _round(self) -> bool:
        with self._lock:
            hellos, self._hellos = self._hellos, {}
            heard = dict(self._heard)
        try:
            order = self._order(hellos, heard)
            return self._send(self._heavy(self._source.read, order), order, hellos)
        except Exception:
            with self._lock:
                waiting = {**hellos, **self._hellos}  # for an answer, if they are still there
                self._hellos = {sid: hello for sid, hello in waiting.items() if self._outlet.has(sid)}
            raise

    def _order(self, hellos: dict[str, Greeting], heard: dict[int, Change]) -> Order:
        return Order(
            epoch=self._epoch,
            tip=self._tip,
            at=self._at,
            heard=heard,
            views=self._outlet.views(),
            positions=frozenset(_position(hello) for hello in hellos.values()),
            absences=frozenset(absence for hello in hellos.values() if (absence := _absence(hello)) is not None),
            start_anew=self._failures >= _FAILURES_BEFORE_SNAPSHOT,
        )

    def _send(self, reading: Reading, order: Order, hellos: dict[str, Greeting]) -> bool:
        """Send what a round found; return whether frames or snapshots went to those who watch."""
        moved = reading.jumped or reading.head > order.tip
        if moved:
            self._tell_watchers(reading, order.views)
        if reading.epoch != self._epoch or reading.jumped:
            self._round_log.info("log_position", epoch=reading.epoch, seq=reading.head)
        with self._lock:
            # Numbers of another log mean other changes: what was heard of the old one must not fill holes of the new.
            kept = self._heard if reading.epoch == self._epoch else {}
            self._heard = {seq: change for seq, change in kept.items() if seq > reading.head}
        self._note_heartbeat(reading)
        self._epoch, self._tip, self._at = reading.epoch, reading.head, reading.at
        self._read_s = self._now_s()
        self._answer(reading, hellos)
        return moved and bool(order.views)

    def _tell_watchers(self, reading: Reading, views: frozenset[View]) -> None:
        crash_here("emit_before")
        for view in views:
            # First of all: a line that breaks after the frame would leave a browser that stands behind what it missed.
            if view.extent in reading.missed_by_all and "incidents" in view.tables:
                self._outlet.tell("missed", reading.missed_by_all[view.extent], view)
            if view in reading.frames:
                self._outlet.tell("frame", reading.frames[view], view)
            else:
                self._outlet.tell("snapshot", reading.snapshots[view], view)
        crash_here("emit_after")

    def _answer(self, reading: Reading, hellos: dict[str, Greeting]) -> None:
        """Answer those who asked, each distinct answer once for all who get it; then they join."""
        answers: dict[tuple[str, bytes], list[str]] = {}
        for sid, hello in hellos.items():
            absence = _absence(hello)
            if absence in reading.missed:
                answers.setdefault(("missed", reading.missed[absence]), []).append(sid)
        for sid, hello in hellos.items():
            position = _position(hello)
            if position in reading.catch_ups:
                answers.setdefault(("frame", reading.catch_ups[position]), []).append(sid)
            else:
                answers.setdefault(("snapshot", reading.snapshots[position.view]), []).append(sid)
        if hellos:
            crash_here("acknowledge_before")
        lost: set[str] = set()  # they were told to say hello again; until then nothing must move them on
        for (event, text), sids in answers.items():
            asked = [sid for sid in sids if sid not in lost]
            lost.update(frozenset(asked) - self._outlet.answer(event, text, asked))
        for sid in hellos:
            if sid not in lost:
                self._outlet.join(sid)
        if hellos:
            crash_here("acknowledge_after")

    def _note_heartbeat(self, reading: Reading) -> None:
        """Notice a heartbeat line that is new; one that was there before this process looked proves nothing."""
        same_log = reading.epoch == self._epoch
        if self._heartbeat_seq is not None and same_log and reading.heartbeat_seq > self._heartbeat_seq:
            self._heartbeat_s = self._now_s()
            with self._lock:
                self._unheard_n += 1
        self._heartbeat_seq = reading.heartbeat_seq

    def _beat(self) -> None:
        """Send the pulse. It names a position only after the frames that lead there have been sent."""
        beat = Beat(
            epoch=self._epoch,
            seq=self._tip,
            at=self._clock.now(),
            rate=self._clock.rate,
            pipeline_s=round(self.pipeline_s, 3),
            read_s=round(self.read_s, 3),
            broker=self.broker,
            watchers=self._outlet.connected_n(),
            scenes=self._scenes(),
        )
        self._outlet.tell("beat", encode(beat), None)
        self._tell_stall(beat)

    def _tell_stall(self, beat: Beat) -> None:
        """Log once that heartbeats stay away, and once that they come again."""
        is_stalled = beat.pipeline_s > STALLED_AFTER_S
        if is_stalled and not self._is_stalled:
            self._round_log.error("pipeline_stalled", seq=beat.seq, read_s=beat.read_s, broker=str(beat.broker))
        elif self._is_stalled and not is_stalled:
            self._round_log.info("pipeline_recovered", seq=beat.seq)
        self._is_stalled = is_stalled


class Pulse(Loop):
    """Calls once a second, also while a round waits for a database that does not answer."""

    def __init__(self, beat: Callable[[], None]) -> None:
        super().__init__("pulse", BEAT_S)
        self._beat = beat

    def step(self) -> None:
        """Beat."""
        self._beat()


def _position(greeting: Greeting) -> Position:
    """Return where a browser stands; one that holds other content than it wants stands nowhere."""
    hello, view = greeting.hello, greeting.view
    return Position(view, hello.epoch, hello.seq) if hello.view == view.mark else Position(view)


def _absence(greeting: Greeting) -> Absence | None:
    """Return since when a browser has seen nothing, None where it never saw anything or its scene has no incidents."""
    hello, view = greeting.hello, greeting.view
    if hello.at is None or "incidents" not in view.tables:
        return None
    return Absence(view.extent, hello.at)
