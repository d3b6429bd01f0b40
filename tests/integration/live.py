"""A web process's live road inside the test: real SQLite, real broker, real Socket.IO server and browsers' client."""

from __future__ import annotations

import queue
import socket
import threading

import socketio
from werkzeug.serving import make_server

from callbacks.application import create_application, create_server
from commands.process_metrics import process_metrics
from datasources.registry import is_pushed
from layouts import WALLS
from svodka.director.facts import PlainFacts
from svodka.director.keeper import Keeper
from svodka.director.reader import load_plan
from svodka.domain.changes import AppealRow, ChangeKind
from svodka.domain.clock import SystemClock
from svodka.domain.codec import decode
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import load_profile
from svodka.readmodels.pages import EVERYTHING
from svodka.realtime.frozen import FrozenMoments
from svodka.realtime.gateway import Gateway
from svodka.realtime.health import find_health
from svodka.realtime.lookout import Lookout, tell_web
from svodka.realtime.reader import LogReader
from svodka.realtime.relay import Relay
from svodka.realtime.services import Services
from svodka.realtime.sockets import LinkReader, Sockets
from svodka.realtime.subscriber import Subscriber
from svodka.reports.picture import PictureService
from svodka.scenes.book import open_scenes
from svodka.security.gate import Gate, allowed_hosts, allowed_origins, security_headers
from svodka.security.links import LinkBook
from svodka.security.sessions import principal_finder
from svodka.settings import read_settings
from svodka.storage.change_log import Draft, append_changes
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests.profile_factory import write_profile

WAIT_S = 10.0
SECRET = b"a key of this test only, 32 bytes and more"


def call(function, *words):
    """What `aside` is in the test: the same thread."""
    return function(*words)


class Live:
    """One installation; `close` ends all of it."""

    def __init__(self, folder, redis_url="", port=0, *, sources=""):
        self.profile = load_profile(str(write_profile(folder / "region", sources=sources)))
        self.database = open_database(f"sqlite:///{folder / 'live.sqlite3'}")
        migrate(self.database)
        self.clock = SystemClock()
        self.links, self.frozen = LinkBook(self.database), FrozenMoments()
        listener = make_server("127.0.0.1", port, lambda *_: [], threaded=True)
        self.port = listener.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        settings = read_settings({"SVODKA_HOME": str(folder), "SVODKA_PORT": str(self.port)})
        self.server = create_server(settings, SECRET)
        who = principal_finder(self.links, self.clock, self.frozen.holds)
        origins = allowed_origins(settings.public_urls, self.port)
        self.sockets = Sockets(
            self.server,
            origins=origins,
            pages=[page.name for page in WALLS],
            find_principal=who,
            async_mode="threading",
        )
        self.reader = LogReader(self.database, self.profile, self.clock)
        self.gateway = Gateway(self.reader, self.sockets, self.clock)
        self.sockets.answer_with(self.gateway.greet, self.gateway.forget)
        lookout = Lookout(self.gateway, lambda seq: find_health(self.database, self.profile, self.clock, seq))
        self._loops = [self.gateway, self.gateway.pulse, self.sockets, LinkReader(self.links, call, self.sockets)]
        metrics = process_metrics("web", [self.database], self._loops)
        tell_web(metrics, lookout=lookout, gateway=self.gateway, sockets=self.sockets, profile=self.profile)
        self.services = Services(
            settings=settings,
            profile=self.profile,
            words=load_catalogue(),
            scenes=open_scenes(self.profile, settings.scenes),
            director=Keeper(load_plan(self.profile), self.profile, self.clock, PlainFacts()),
            tell=self.gateway.kick,
            clock=self.clock,
            database=self.database,
            real_clock=self.clock,
            principal=who,
            links=self.links,
            frozen=self.frozen,
            gateway=self.gateway,
            reader=self.reader,
            aside=call,
            health=lookout.read_health,
            metrics=metrics.render,
            pushed=frozenset(source.id for source in self.profile.sources if is_pushed(source)),
        )
        pictures = PictureService(base_url=self.url, freeze=self.services.freeze)
        self.app = create_application(
            self.server, self.services, pictures, configs={"wall": lambda: b"{}"}, geometry=b"{}"
        )
        self.server.wsgi_app = Gate(
            self.server.wsgi_app,
            hosts=allowed_hosts(settings.public_urls, self.port),
            origins=origins,
            headers=lambda: security_headers(self.app.csp_hashes(), origins),
        )
        listener.app = self.server
        self._listener = listener
        self._thread = threading.Thread(target=listener.serve_forever, daemon=True)
        self._thread.start()
        self.relay = Relay(self.database, redis_url)
        if redis_url:
            subscriber = Subscriber(redis_url, self.gateway.hear)
            self.gateway.ask_broker_with(lambda: subscriber.is_connected)
            self._loops += [subscriber, self.relay]
        for loop in self._loops:
            loop.start()

    def change(self, n=1, *, kick=True):
        """Commit `n` changes: an appeal's row each, and a tick; return the head of the log."""
        now = self.clock.now()
        with self.database.write() as connection:
            head = append_changes(connection, [draft(now, key) for key in range(n)], now)
        if kick:
            self.relay.kick()
        return head

    def close(self):
        for loop in reversed(self._loops):
            loop.stop()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(5)
        self.database.close()


def draft(now, key):
    row = AppealRow(
        id=key + 1,
        feed_at=now,
        known_at=now,
        topic="roads",
        sector="town",
        area=None,
        channel="web",
        source="s",
        status="new",
        lat=None,
        lon=None,
        moved=False,
    )
    return Draft(kind=ChangeKind.APPEAL, key=str(row.id), op="put", appeal=row)


class Browser:
    """The official client, speaking as our pages do; what arrives is kept in order, beats apart."""

    def __init__(self, url, *, origin=None, cookie="", host=None):
        options = {"origin": origin or url} | ({"host": host} if host else {})
        self.client = socketio.Client(reconnection=False, websocket_extra_options=options)
        self.heard: queue.Queue = queue.Queue()
        self.beats: queue.Queue = queue.Queue()
        self.dropped = threading.Event()
        for event in ("snapshot", "frame", "missed", "sync"):
            self.client.on(event, lambda text, event=event: self.heard.put((event, decode(text))))
        self.client.on("beat", lambda text: self.beats.put(decode(text)))
        self.client.on("disconnect", lambda *_: self.dropped.set())
        headers = {"Cookie": cookie} if cookie else {}
        self.client.connect(url, headers=headers, transports=["websocket"], wait_timeout=5)

    def hello(self, epoch=None, seq=None, page="wall", *, scene=None, view=EVERYTHING.mark, at=None):
        place = {"page": page, "scene": scene}
        self.client.emit("hello", {"v": 3, **place, "view": view, "epoch": epoch, "seq": seq, "at": at})

    def next(self, timeout=WAIT_S):
        return self.heard.get(timeout=timeout)

    def hears_nothing(self, seconds=1.5):
        try:
            return self.heard.get(timeout=seconds) and False
        except queue.Empty:
            return True

    def close(self):
        """Cut the line; a polite close makes the client wait three seconds for this server's answer."""
        if self.client.eio.ws is not None:
            self.client.eio.ws.shutdown()


class SleepingBrowser:
    """Connects with a tiny receive buffer and reads nothing but its handshakes."""

    def __init__(self, port):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._socket.settimeout(WAIT_S)
        self._socket.connect(("127.0.0.1", port))
        lines = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Origin: http://127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        )
        self._socket.sendall("\r\n".join((*lines, "", "")).encode())
        assert b"101" in self._socket.recv(1000)

    def hello(self):
        self._say("40")
        self._say('42["hello",{"v":3,"page":"wall"}]')

    def read_until(self, words):
        """Wake up, read on until these words come, and return the message that begins with them."""
        heard = b""
        while words not in heard:
            heard = heard[-len(words) :] + self._socket.recv(65_536)
        return heard[heard.index(words) :].decode(errors="replace")

    def _say(self, text):
        """Send one text message, masked with zeros."""
        assert len(text) < 126
        self._socket.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode())

    def close(self):
        self._socket.close()
