"""The road from the log to the pages, with faults of a seeded plan: real relay, gateway and browser code, no network.

Between relay and gateway messages are lost, come twice and in another order, as pub/sub may do. Between gateway and
page a message may be lost, come twice, or be overtaken; lines break and come back; a page is too slow and told to ask
again. One thing is kept, as every real line keeps it: a snapshot is not overtaken by an older one, nor by its own
repetition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import msgspec

from svodka.domain.codec import decode_as
from svodka.readmodels.view import View
from svodka.realtime.announcement import Announcement
from svodka.realtime.gateway import Gateway
from svodka.realtime.sockets import read_hello
from tests.pages import Order, Pages
from tests.scene_views import find_view, view_of


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How probable each fault is: of a message (0..1); `cut` and `flood` of a line, a round."""

    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    cut: float = 0.0
    flood: float = 0.0


CALM = Faults()


class Bus:
    """Pub/sub that forgets, repeats and shuffles; stands where redis-py's client stands in the relay."""

    def __init__(self, chance: Random) -> None:
        self.faults = CALM
        self._chance = chance
        self._waiting: list[bytes] = []

    def publish(self, _channel: str, message: bytes) -> None:
        """Take an announcement of the relay."""
        if self._chance.random() >= self.faults.drop:
            self._waiting += [message] * (1 + (self._chance.random() < self.faults.double))

    def deliver(self, gateway: Gateway) -> None:
        """Let the gateway hear what is not delayed."""
        if self.faults is not CALM:
            self._chance.shuffle(self._waiting)
        late = [message for message in self._waiting if self._chance.random() < self.faults.delay]
        for message in self._waiting:
            if message not in late:
                gateway.hear(decode_as(message, Announcement))
        self._waiting = late

    def close(self) -> None:
        """Close as a client does."""


class Line:
    """The connection of one page, over all its breaks."""

    def __init__(self, name: str, scene: str) -> None:
        self.name, self.scene = name, scene
        self.view = view_of(scene)
        self.opened_n = 0
        self.is_up = self.is_known = self.is_joined = False
        self.away_until = 0
        self.waiting: list[tuple[int, str, str]] = []

    @property
    def sid(self) -> str:
        """The server's name of it, another after each break."""
        return f"{self.name}#{self.opened_n}"

    def down(self, until: int) -> None:
        """Break it."""
        self.is_up = self.is_known = self.is_joined = False
        self.away_until, self.waiting = until, []


class Road:
    """The outlet of a gateway: lines to pages in node, and what the pages say back.

    Attributes:
        faults: What happens from now on.
        counts: Messages by their event, faults by their word.
    """

    def __init__(self, pages: Pages, scenes: Mapping[str, str], chance: Random) -> None:
        """Open a page by each name of `scenes`; it wants that scene."""
        self.faults = CALM
        self.counts: Counter[str] = Counter()
        self._pages, self._chance = pages, chance
        self._lines = {name: Line(name, scene) for name, scene in scenes.items()}
        self._round = 0
        self._asked: list[tuple[str, str, str]] = []  # page, event, text
        self._order([Order(line.name, "open", scene=line.scene) for line in self._lines.values()])

    def tell(self, event: str, text: bytes, view: View | None) -> None:
        """Take a message for all who watch a view, or for all who ever said hello."""
        for line in self._lines.values():
            if line.is_known if view is None else line.is_joined and line.view == view:
                self._put(line, event, text.decode())

    def answer(self, event: str, text: bytes, sids: Sequence[str]) -> frozenset[str]:
        """Take a message for some lines; return those that are up."""
        lines = [line for line in self._lines.values() if line.is_up and line.sid in sids]
        for line in lines:
            self._put(line, event, text.decode())
        return frozenset(line.sid for line in lines)

    def has(self, sid: str) -> bool:
        """Return whether a line is up."""
        return any(line.is_up and line.sid == sid for line in self._lines.values())

    def join(self, sid: str) -> None:
        """Let a line get the frames of its view."""
        for line in self._lines.values():
            line.is_joined = line.is_joined or (line.is_up and line.sid == sid)

    def views(self) -> frozenset[View]:
        """Return what is watched."""
        return frozenset(line.view for line in self._lines.values() if line.is_joined)

    def connected_n(self) -> int:
        """Return how many lines stand."""
        return sum(line.is_up for line in self._lines.values())

    def travel(self, gateway: Gateway, seconds: float) -> None:
        """Let time pass, bring what is due, break and mend lines."""
        self._round += 1
        self._pages.now_ms += 1000 * seconds
        orders = []
        for line in self._lines.values():
            orders.append(Order(line.name, "time"))
            if line.is_up and self._draw("cut"):
                orders += self._cut(line, self._chance.randrange(6))
            elif line.is_up:
                orders += self._bring(line)
                self._flood(line)
        self._order(orders)
        asked, self._asked = self._asked, []
        for name, event, text in asked:
            self._hear(gateway, self._lines[name], event, text)

    def cut(self, name: str, rounds: int) -> None:
        """Break a page's line for some rounds; a part of what was on its way still comes through."""
        if self._lines[name].is_up:
            self._order(self._cut(self._lines[name], rounds))

    def reload(self, name: str) -> None:
        """Load a page again: it knows nothing but until when it was seen, and its line is a new one."""
        line = self._lines[name]
        line.down(0)
        self._asked = [said for said in self._asked if said[0] != name]
        self._order([Order(name, "open", scene=line.scene)])

    def is_watching(self, name: str) -> bool:
        """Whether a page's line is whole, its hello on it has been answered, and nothing is on its way."""
        line = self._lines[name]
        return line.is_joined and not line.waiting

    def _draw(self, fault: str) -> bool:
        is_so = self._chance.random() < getattr(self.faults, fault)
        self.counts[fault] += is_so
        return is_so

    def _put(self, line: Line, event: str, text: str) -> None:
        self.counts[event] += 1
        if self._draw("drop"):
            return
        late = 0 if event == "snapshot" or not self._draw("delay") else self._chance.randrange(1, 5)
        line.waiting += [(self._round + late, event, text)] * (1 + self._draw("double"))

    def _bring(self, line: Line) -> list[Order]:
        due = [message for message in line.waiting if message[0] <= self._round]
        line.waiting = [message for message in line.waiting if message[0] > self._round]
        return [Order(line.name, "say", event, text) for _, event, text in due]

    def _cut(self, line: Line, rounds: int) -> list[Order]:
        through = line.waiting[: self._chance.randrange(len(line.waiting) + 1)]
        line.down(self._round + rounds)
        came = [Order(line.name, "say", event, text) for _, event, text in through]
        return [*came, Order(line.name, "say", "disconnect", "transport close")]

    def _flood(self, line: Line) -> None:
        """Let a line be too slow: what waits is thrown away, and it is told to ask again."""
        if self._draw("flood"):
            line.waiting, line.is_joined = [(self._round, "sync", "{}")], False

    def _order(self, orders: list[Order]) -> None:
        for answer in self._pages.obey(orders):
            self._asked += [(answer.page, event, text) for event, text in answer.said]

    def _hear(self, gateway: Gateway, line: Line, event: str, text: str) -> None:
        if event == "hello" and line.is_up:
            hello = read_hello((text,))
            assert hello is not None, text
            self.counts["hello"] += 1
            line.is_known = True
            gateway.greet(line.sid, hello, find_view(hello))
        elif event == "connect" and not line.is_up and self._round > line.away_until:
            line.opened_n, line.is_up = line.opened_n + 1, True
            [said] = self._pages.obey([Order(line.name, "say", "connect")])
            for answered, words in said.said:
                self._hear(gateway, line, answered, words)
        elif event == "connect":
            self._order([Order(line.name, "say", "connect_error", "away")])
