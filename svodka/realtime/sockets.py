"""Socket.IO: the door through which browsers watch. WebSocket only, one namespace.

Flask-SocketIO accepts connections, reads what browsers say and keeps lines alive by pings. What goes out does not pass
through its queues: a message is made once for all who get it and handed to their lines (docs/adr/0054).

Handlers run outside Flask's request hooks, so every one asks `authorise` itself. A browser whose right has ended
(its link revoked, its session too old) is disconnected by a sweep every two seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

import flask
import msgspec
import structlog
from flask_socketio import ConnectionRefusedError as RefusedError
from flask_socketio import SocketIO

from svodka.domain.clock import monotonic_s
from svodka.readmodels.view import View
from svodka.realtime.line import BLOCKED_LIMIT_S, Line
from svodka.realtime.loops import Loop
from svodka.realtime.messages import FindView, Hello, find_first_view
from svodka.realtime.websocket import SYNC, bound_websocket, encode_event, find_line
from svodka.security.authorise import Action, Decision, authorise
from svodka.security.links import LinkBook
from svodka.security.principals import Principal, Role
from svodka.security.sessions import ORIGIN_OF_REQUEST

MAX_BROWSERS = 2000
MAX_MESSAGE_BYTES = 16_384
_SWEEP_S = 2.0
_HELLO_BURST = 10
_HELLO_PER_S = 1.0
_STRANGER_SWEEPS = 3
_LEAVING_SWEEPS = 2
_PING_S = 10

FindPrincipal = Callable[[Any, Any], Principal]


class Place(msgspec.Struct, frozen=True):
    """What a browser watches, and as whom. What it gets depends on its view alone."""

    page: str
    role: Role
    view: View

    @property
    def asked(self) -> str:
        """What `authorise` is asked for."""
        return f"{self.page}/{self.view.scene}"


class Watcher:
    """One connected browser: how to ask again who it is, what it watches, and how many hellos it may still say."""

    def __init__(self, ask: Callable[[], Principal], line: Line) -> None:
        self.ask = ask
        self.line = line
        self.hello: Hello | None = None
        self.place: Place | None = None
        self._hellos = float(_HELLO_BURST)
        self._at_s = monotonic_s()

    def may_greet(self) -> bool:
        """Whether another hello is within the bounds: ten at once, then one a second."""
        now_s = monotonic_s()
        self._hellos = min(_HELLO_BURST, self._hellos + (now_s - self._at_s) * _HELLO_PER_S)
        self._at_s = now_s
        if self._hellos < 1:
            return False
        self._hellos -= 1
        return True


class Tally(msgspec.Struct, kw_only=True):
    """What has left this process since it began.

    Attributes:
        messages: Distinct messages by event, each made once.
        deliveries: Messages to one browser each, by event; those that were kept or thrown away included.
        bytes: Of the deliveries.
        hellos: Browsers answered, by the event of the answer; `refused` those that said what no page of ours says.
        syncs: How often what waited for a browser was thrown away and it was told to ask again.
        aborted: Connections ended because nothing was taken any more.
    """

    messages: Counter[str] = msgspec.field(default_factory=Counter)
    deliveries: Counter[str] = msgspec.field(default_factory=Counter)
    bytes: Counter[str] = msgspec.field(default_factory=Counter)
    hellos: Counter[str] = msgspec.field(default_factory=Counter)
    syncs: int = 0
    aborted: int = 0


class Sockets(Loop):
    """The browsers of this process; the outlet of the gateway.

    Args:
        server: The Flask application.
        origins: Origins whose pages may connect; never empty.
        pages: Names of the pages that can be watched.
        find_principal: Who a session and a request's environment belong to.
        async_mode: Flask-SocketIO's server mode.
        find_view: The view of the scene that a browser wants; of another scene where there is no such one.
    """

    def __init__(
        self,
        server: flask.Flask,
        *,
        origins: list[str],
        pages: Collection[str],
        find_principal: FindPrincipal,
        async_mode: str,
        find_view: FindView = find_first_view,
    ) -> None:
        super().__init__("access-sweep", _SWEEP_S)
        self._pages, self._find_view = frozenset(pages), find_view
        self._find_principal = find_principal
        self._watchers: dict[str, Watcher] = {}
        self._rooms: dict[View, dict[str, Watcher]] = {}
        self._leaving: dict[Line, int] = {}
        self.tally = Tally()
        self._on_hello: Callable[[str, Hello, View], None] = lambda _sid, _hello, _view: None
        self._on_gone: Callable[[str], None] = lambda _sid: None
        self._socket_log = structlog.get_logger().bind(part="sockets")
        self._io = SocketIO(
            server,
            async_mode=async_mode,
            transports=["websocket"],
            allow_upgrades=False,
            cors_allowed_origins=origins,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            manage_session=False,
            async_handlers=False,
            http_compression=False,
        )
        engine = self._io.server.eio
        engine._async = {  # noqa: SLF001 - engineio has no door for another WebSocket class
            **engine._async,  # noqa: SLF001
            "websocket": bound_websocket(engine._async["websocket"], MAX_MESSAGE_BYTES),  # noqa: SLF001
        }
        self._strangers: dict[str, int] = {}
        self._io.on_event("connect", self._connect)
        self._io.on_event("disconnect", self._disconnect)
        self._io.on_event("hello", self._hello)
        self._io.on_event("*", self._unknown)

    def answer_with(self, on_hello: Callable[[str, Hello, View], None], on_gone: Callable[[str], None]) -> None:
        """Name who answers a browser's hello, and who is told that a browser has gone."""
        self._on_hello, self._on_gone = on_hello, on_gone

    def tell(self, event: str, text: bytes, view: View | None) -> None:
        """Send to everybody who joined with a view, or to all who ever said hello (None)."""
        if view is None:
            told = [(sid, watcher) for sid, watcher in list(self._watchers.items()) if watcher.place is not None]
        else:
            told = list(self._rooms.get(view, {}).items())
        self._send(event, text, told)

    def answer(self, event: str, text: bytes, sids: Sequence[str]) -> frozenset[str]:
        """Send to some browsers; those that have gone meanwhile are passed over.

        Returns:
            Those for whom it was not thrown away.
        """
        told = [(sid, self._watchers[sid]) for sid in sids if sid in self._watchers]
        if event != "missed":  # comes beside the answer
            self.tally.hellos[event] += len(told)
        slow = self._send(event, text, told)
        return frozenset(sid for sid, _ in told) - slow

    def has(self, sid: str) -> bool:
        """Return whether a browser is connected."""
        return sid in self._watchers

    def join(self, sid: str) -> None:
        """Let a browser get the frames of its view from now on."""
        watcher = self._watchers.get(sid)
        if watcher is not None and watcher.place is not None:
            self._rooms.setdefault(watcher.place.view, {})[sid] = watcher

    def views(self) -> frozenset[View]:
        """Return what those who joined watch."""
        return frozenset(self._rooms)

    def watchers_n(self) -> int:
        """Return how many browsers get frames."""
        return sum(len(room) for room in list(self._rooms.values()))

    def connected_n(self) -> int:
        """Return how many browsers are connected."""
        return len(self._watchers)

    def browsers_by_place(self) -> Counter[tuple[str, str]]:
        """Return how many browsers get frames, by page and role."""
        rooms = list(self._rooms.values())
        places = [watcher.place for room in rooms for watcher in list(room.values()) if watcher.place is not None]
        return Counter((place.page, place.role.value) for place in places)

    def _send(self, event: str, text: bytes, told: Sequence[tuple[str, Watcher]]) -> frozenset[str]:
        """Send one message, made once, to browsers; one that is too slow leaves its room until it says hello again.

        Returns:
            Those that were too slow.
        """
        if not told:
            return frozenset()
        message = encode_event(event, text)
        self.tally.messages[event] += 1
        self.tally.deliveries[event] += len(told)
        self.tally.bytes[event] += len(message) * len(told)
        slow = [(sid, watcher) for sid, watcher in told if not watcher.line.tell(message)]
        self.tally.syncs += len(slow)
        for sid, watcher in slow:
            self._leave(sid, watcher)
        return frozenset(sid for sid, _ in slow)

    def _leave(self, sid: str, watcher: Watcher) -> None:
        if watcher.place is None:
            return
        room = self._rooms.get(watcher.place.view, {})
        room.pop(sid, None)
        if not room:
            self._rooms.pop(watcher.place.view, None)

    def step(self) -> None:
        """Disconnect browsers that may no longer watch, by the links last known, and lines that nobody speaks on."""
        for sid, watcher in list(self._watchers.items()):
            if not self._decide(watcher.ask(), watcher.place).allowed:
                self._io.server.disconnect(sid)
            else:
                self._have_asked_again(sid, watcher)
        self._drop_strangers()
        self._drop_blocked()

    def _have_asked_again(self, sid: str, watcher: Watcher) -> None:
        """Have a browser say hello again whose scene has become another since it asked: its file was saved."""
        hello, place = watcher.hello, watcher.place
        if hello is None or place is None or self._find_view(hello) == place.view:
            return
        self._leave(sid, watcher)
        watcher.hello = None  # once
        self.tally.syncs += 1
        watcher.line.tell(SYNC)

    def _drop_strangers(self) -> None:
        """End connections that were refused, or never said who they are, after three sweeps."""
        server = self._io.server
        known = {server.manager.eio_sid_from_sid(sid, "/") for sid in list(self._watchers)}
        lines = dict(server.eio.sockets)
        self._strangers = {line: self._strangers.get(line, 0) + 1 for line in lines if line not in known}
        for eio_sid, sweeps_n in self._strangers.items():
            line = find_line(lines[eio_sid])
            if sweeps_n > _STRANGER_SWEEPS and line is not None:
                line.abort()

    def _drop_blocked(self) -> None:
        """End lines on which nothing is taken any more, and those whose browser has left without a word."""
        for watcher in list(self._watchers.values()):
            if watcher.line.blocked_s() > BLOCKED_LIMIT_S:
                self.tally.aborted += 1
                self._socket_log.warning("blocked_browser_dropped")
                watcher.line.abort()
        self._leaving = {line: sweeps_n - 1 for line, sweeps_n in self._leaving.items()}
        for line in [line for line, sweeps_n in self._leaving.items() if sweeps_n < 0]:
            del self._leaving[line]
            line.abort()

    def _decide(self, principal: Principal, place: Place | None) -> Decision:
        return authorise(principal, Action.WATCH_PAGE, "" if place is None else place.asked)

    def _connect(self, _auth: object = None) -> None:
        session = dict(flask.session)
        environ = {name: flask.request.environ.get(name, "") for name in ORIGIN_OF_REQUEST}
        server = self._io.server
        line = find_line(server.eio.sockets.get(server.manager.eio_sid_from_sid(_sid(), "/")))
        decision = self._decide(self._find_principal(session, environ), None)
        if not decision.allowed or line is None:
            raise RefusedError(decision.reason.value)
        if len(self._watchers) >= MAX_BROWSERS:
            self._socket_log.warning("too_many_browsers")
            message = "busy"
            raise RefusedError(message)
        self._watchers[_sid()] = Watcher(lambda: self._find_principal(session, environ), line)

    def _disconnect(self, _reason: object = None) -> None:
        watcher = self._watchers.pop(_sid(), None)
        if watcher is not None:
            self._leave(_sid(), watcher)
            self._on_gone(_sid())
            self._leaving[watcher.line] = _LEAVING_SWEEPS

    def _hello(self, *words: object) -> None:
        sid = _sid()
        watcher = self._watchers.get(sid)
        hello = read_hello(words)
        if watcher is None or hello is None or hello.page not in self._pages or not watcher.may_greet():
            self._refuse("hello_refused")
            return
        principal = watcher.ask()
        place = Place(hello.page, principal.role, self._find_view(hello))
        if not self._decide(principal, place).allowed:
            self._refuse("hello_not_allowed")
            return
        if place != watcher.place:
            self._leave(sid, watcher)
        watcher.hello, watcher.place = hello, place
        self._on_hello(sid, hello, place.view)

    def _unknown(self, _event: object = None, *_words: object) -> None:
        self._refuse("unknown_event")

    def _refuse(self, why: str) -> None:
        self.tally.hellos["refused"] += 1
        self._socket_log.warning(why)
        self._io.server.disconnect(_sid())


class LinkReader(Loop):
    """Reads the links again and has the browsers swept; a loop of its own, for the database may fail or hang.

    Args:
        links: The book of links.
        aside: Calls a function where waiting for the database holds up nobody.
        sockets: Sweeps.
    """

    def __init__(self, links: LinkBook, aside: Callable[..., Any], sockets: Sockets) -> None:
        super().__init__("links", _SWEEP_S)
        self._links, self._aside, self._sockets = links, aside, sockets

    def step(self) -> None:
        """Read the links."""
        self._aside(self._links.refresh)
        self._sockets.kick()


def read_hello(words: tuple[object, ...]) -> Hello | None:
    """Return a browser's hello, None when it is not one."""
    if len(words) != 1 or not isinstance(words[0], (str, dict)):
        return None
    try:
        if isinstance(words[0], str):
            return msgspec.json.decode(words[0], type=Hello)
        return msgspec.convert(words[0], Hello)
    except (msgspec.DecodeError, RecursionError):
        return None


def _sid() -> str:
    return str(flask.request.sid)  # type: ignore[attr-defined] # added by Flask-SocketIO
