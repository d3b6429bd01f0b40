"""Socket.IO: the door through which browsers watch. WebSocket only, one namespace, three events outwards, one inwards.

Handlers run outside Flask's request hooks, so every one asks `authorise` itself. A browser whose right has ended
(its link revoked, its session too old) is disconnected by a sweep every two seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import flask
import msgspec
import structlog
from flask_socketio import ConnectionRefusedError as RefusedError
from flask_socketio import SocketIO

from svodka.domain.clock import monotonic_s
from svodka.realtime.gateway import Hello
from svodka.realtime.loops import Loop
from svodka.realtime.websocket import abort_connection, bound_websocket
from svodka.security.authorise import Action, Decision, authorise
from svodka.security.links import LinkBook
from svodka.security.principals import Principal
from svodka.security.sessions import ORIGIN_OF_REQUEST

MAX_BROWSERS = 1000
MAX_MESSAGE_BYTES = 16_384
MAX_QUEUED = 400
_SWEEP_S = 2.0
_HELLO_BURST = 10
_HELLO_PER_S = 1.0
_STRANGER_SWEEPS = 3
_ROOM = "watching"
_PING_S = 10

FindPrincipal = Callable[[Any, Any], Principal]


class Watcher:
    """One connected browser: how to ask again who it is, and how many hellos it may still say."""

    def __init__(self, ask: Callable[[], Principal]) -> None:
        self.ask = ask
        self.page = ""
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


class Sockets(Loop):
    """The browsers of this process; the outlet of the gateway.

    Args:
        server: The Flask application.
        origins: Origins whose pages may connect; never empty.
        pages: Names of the pages that can be watched.
        find_principal: Who a session and a request's environment belong to.
        links: The book of links, read again before every sweep.
        aside: Calls a function where waiting for the database holds up nobody.
        async_mode: Flask-SocketIO's server mode.
    """

    def __init__(
        self,
        server: flask.Flask,
        *,
        origins: list[str],
        pages: Collection[str],
        find_principal: FindPrincipal,
        links: LinkBook,
        aside: Callable[..., Any],
        async_mode: str,
    ) -> None:
        super().__init__("access-sweep", _SWEEP_S)
        self._pages = frozenset(pages)
        self._find_principal = find_principal
        self._links = links
        self._aside = aside
        self._watchers: dict[str, Watcher] = {}
        self._on_hello: Callable[[str, Hello], None] = lambda _sid, _hello: None
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

    def answer_with(self, on_hello: Callable[[str, Hello], None]) -> None:
        """Name who answers a browser's hello."""
        self._on_hello = on_hello

    def emit(self, event: str, text: str, to: str | None) -> None:
        """Send to one browser, or to everybody who joined (None)."""
        self._io.emit(event, text, to=to or _ROOM)

    def join(self, sid: str, page: str) -> None:
        """Let a browser get frames from now on."""
        watcher = self._watchers.get(sid)
        if watcher is not None:
            watcher.page = page
            self._io.server.enter_room(sid, _ROOM)

    def watchers_n(self) -> int:
        """Return how many browsers get frames."""
        return sum(1 for watcher in list(self._watchers.values()) if watcher.page)

    def drop_slow(self) -> int:
        """Disconnect browsers whose queue has grown too long; return how many. They come back and get a snapshot."""
        sockets = list(self._io.server.eio.sockets.values())
        slow = [socket for socket in sockets if not socket.closed and socket.queue.qsize() > MAX_QUEUED]
        for socket in slow:
            abort_connection(socket)
        return len(slow)

    def step(self) -> None:
        """Read the links again; disconnect browsers that may no longer watch and lines that nobody speaks on."""
        self._aside(self._links.refresh)
        for sid, watcher in list(self._watchers.items()):
            if not self._decide(watcher).allowed:
                self._io.server.disconnect(sid)
        self._drop_strangers()

    def _drop_strangers(self) -> None:
        """End connections that were refused, or never said who they are, after three sweeps."""
        server = self._io.server
        known = {server.manager.eio_sid_from_sid(sid, "/") for sid in list(self._watchers)}
        lines = dict(server.eio.sockets)
        self._strangers = {line: self._strangers.get(line, 0) + 1 for line in lines if line not in known}
        for line, sweeps_n in self._strangers.items():
            if sweeps_n > _STRANGER_SWEEPS:
                abort_connection(lines[line])

    def _decide(self, watcher: Watcher) -> Decision:
        return authorise(watcher.ask(), Action.WATCH_PAGE, watcher.page)

    def _connect(self, _auth: object = None) -> None:
        session = dict(flask.session)
        environ = {name: flask.request.environ.get(name, "") for name in ORIGIN_OF_REQUEST}
        watcher = Watcher(lambda: self._find_principal(session, environ))
        decision = self._decide(watcher)
        if not decision.allowed:
            raise RefusedError(decision.reason.value)
        if len(self._watchers) >= MAX_BROWSERS:
            self._socket_log.warning("too_many_browsers")
            message = "busy"
            raise RefusedError(message)
        self._watchers[_sid()] = watcher

    def _disconnect(self, _reason: object = None) -> None:
        self._watchers.pop(_sid(), None)

    def _hello(self, *words: object) -> None:
        sid = _sid()
        watcher = self._watchers.get(sid)
        hello = read_hello(words)
        if watcher is None or hello is None or hello.page not in self._pages or not watcher.may_greet():
            self._refuse("hello_refused")
            return
        if not self._decide(watcher).allowed:
            self._refuse("hello_not_allowed")
            return
        self._on_hello(sid, hello)

    def _unknown(self, _event: object = None, *_words: object) -> None:
        self._refuse("unknown_event")

    def _refuse(self, why: str) -> None:
        self._socket_log.warning(why)
        self._io.server.disconnect(_sid())


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
