"""`python app.py web`: one web process, on gevent (docs/adr/0050).

Greenlets serve browsers and push frames. Waiting for the database happens in two real threads, each with a database
of its own: one for the gateway, one for everything else; so the push never waits for SQLite's lock.
"""

# The standard library is patched before anything else is imported: that is why this module does something on import.
from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402 - after the patch
import signal  # noqa: E402
import socket  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
import structlog  # noqa: E402
from dash import Dash  # noqa: E402
from gevent.event import Event  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from gevent.threadpool import ThreadPool  # noqa: E402

from callbacks.application import create_application, create_server  # noqa: E402
from callbacks.assets import VENDOR  # noqa: E402
from callbacks.map_frame import MapFrame  # noqa: E402
from commands.checks import ensure_home, ensure_host_allowed, ensure_port_free  # noqa: E402
from commands.directing import build_keeper  # noqa: E402
from commands.in_time import in_time  # noqa: E402
from commands.intake import FormLife, build_storeroom, build_teller, connect_forms, connect_pushed  # noqa: E402
from commands.packs import build_packs  # noqa: E402
from commands.process_metrics import process_metrics  # noqa: E402
from commands.pulse import Alive, AliveLoop  # noqa: E402
from layouts import WALLS  # noqa: E402
from layouts.page_config import build_page_config, build_scenes_config  # noqa: E402
from svodka.briefings.schedule import EXPORTS_FILE, load_exports  # noqa: E402
from svodka.domain.clock import SystemClock, clock_from_spec  # noqa: E402
from svodka.domain.codec import encode  # noqa: E402
from svodka.domain.masking import mask  # noqa: E402
from svodka.geography.geometry import ensure_geometry  # noqa: E402
from svodka.geography.style import load_map_style  # noqa: E402
from svodka.i18n.catalogue import load_catalogue  # noqa: E402
from svodka.ingest.intake import Intake  # noqa: E402
from svodka.ingest.registration import Registration  # noqa: E402
from svodka.observability.logs import configure_logs  # noqa: E402
from svodka.past.reading_room import ReadingRoom  # noqa: E402
from svodka.profiles.reader import load_profile  # noqa: E402
from svodka.realtime.frozen import FrozenMoments  # noqa: E402
from svodka.realtime.gateway import Gateway  # noqa: E402
from svodka.realtime.health import find_health  # noqa: E402
from svodka.realtime.lookout import Lookout, tell_web  # noqa: E402
from svodka.realtime.loops import Loop, switch_promptly  # noqa: E402
from svodka.realtime.reader import LogReader  # noqa: E402
from svodka.realtime.scene_watch import SceneWatch  # noqa: E402
from svodka.realtime.services import Services  # noqa: E402
from svodka.realtime.sockets import LinkReader, Sockets  # noqa: E402
from svodka.realtime.subscriber import Subscriber  # noqa: E402
from svodka.reports.picture import PictureService  # noqa: E402
from svodka.scenes.book import open_scenes  # noqa: E402
from svodka.scenes.room import open_room  # noqa: E402
from svodka.scenes.views import SceneViews  # noqa: E402
from svodka.security.gate import Gate, allowed_hosts, allowed_origins, security_headers  # noqa: E402
from svodka.security.links import LinkBook  # noqa: E402
from svodka.security.senders import Senders  # noqa: E402
from svodka.security.sessions import is_loopback, load_secret_key, principal_finder  # noqa: E402
from svodka.security.slow_requests import PromptHandler  # noqa: E402
from svodka.settings import Settings  # noqa: E402
from svodka.storage.database import Database, open_database  # noqa: E402
from svodka.storage.migrate import migrate  # noqa: E402

_STOP_LIMIT_S = 1.0
_WILDCARDS = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, not bound to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything is a setting."""
    del parser


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until a signal ends it; return 0."""
    del args
    switch_promptly()
    configure_logs(settings.log_level, "web", SystemClock().now, mask)
    ensure_home(settings.home)
    ensure_port_free(settings.host, settings.port)
    profile = load_profile(settings.profile, settings.sources)
    geometry = ensure_geometry(settings.home, profile, VENDOR, created_at=SystemClock().now())
    views = SceneViews(open_scenes(profile, settings.scenes))
    room = open_room(settings.room, Path(profile.folder))
    secret_key = load_secret_key(settings.home)
    clock, words = clock_from_spec(settings.clock), load_catalogue(settings.language)
    pushed, forms = connect_pushed(profile, clock), connect_forms(profile, clock)
    migrate(database := open_database(settings.sqlalchemy_url))
    live_database = open_database(settings.sqlalchemy_url)
    databases = [database, live_database]
    links, frozen = LinkBook(database), FrozenMoments()
    ensure_host_allowed(settings, links)
    links.refresh()
    aside, heavy = ThreadPool(1), ThreadPool(1)
    who = principal_finder(links, SystemClock(), frozen.holds)

    server = create_server(settings, secret_key)
    sockets = Sockets(
        server,
        origins=allowed_origins(settings.public_urls, settings.port),
        pages=[page.name for page in WALLS],
        find_principal=who,
        find_view=lambda hello: views.view(hello.scene, hello.wall),
        async_mode="gevent",
    )
    reader = LogReader(live_database, profile, clock, views.known_view)
    gateway = Gateway(
        reader,
        sockets,
        clock,
        heavy=lambda call, order: heavy.apply(call, (order,)),
        scenes=lambda: views.book.version,
    )
    sockets.answer_with(gateway.greet, gateway.forget)
    link_reader = LinkReader(links, aside.apply, sockets)
    loops: list[Loop] = [gateway, gateway.pulse, sockets, link_reader, SceneWatch(views.book)]
    lookout = Lookout(gateway, in_time(aside, lambda seq: find_health(database, profile, clock, seq)))
    intake = registration = None
    if pushed or forms:
        databases.append(intake_database := open_database(settings.sqlalchemy_url))
        storeroom = build_storeroom(
            intake_database, profile, geometry, clock, gateway=gateway, redis_url=settings.redis_url
        )
        intake = Intake(pushed, storeroom, SystemClock())
    if forms:
        registration = Registration(forms, storeroom)
        loops.append(FormLife(registration, clock.rate))
    metrics = process_metrics("web", databases, loops)
    tell_web(metrics, lookout=lookout, gateway=gateway, sockets=sockets, profile=profile)
    services = Services(
        settings=settings,
        profile=profile,
        words=words,
        scenes=views.book,
        director=build_keeper(profile, clock, settings, views.book),
        tell=build_teller(gateway, settings.redis_url),
        room=room,
        clock=clock,
        database=database,
        real_clock=SystemClock(),
        principal=who,
        links=links,
        frozen=frozen,
        gateway=gateway,
        reader=LogReader(database, profile, clock, views.known_view),
        aside=lambda call, *words: aside.apply(call, words),
        health=lookout.read_health,
        metrics=metrics.render,
        pushed=frozenset(pushed),
        filled=frozenset(form.source.id for form in forms.values()),
        senders=Senders({name: each.receiver for name, each in pushed.items()}),
        intake=intake,
        registration=registration,
        exports=load_exports(Path(settings.exports or Path(profile.folder) / EXPORTS_FILE)),
    )
    pictures = PictureService(
        base_url=f"http://127.0.0.1:{settings.port}", freeze=services.freeze, pages=[page.path for page in WALLS]
    )
    config = {"room": room.page_config() if room else None} | build_page_config(
        profile, MapFrame(geometry, load_map_style(settings.map_style)), words.language, real_time=settings.real_time
    )
    app = create_application(
        server,
        services,
        pictures,
        configs=dict.fromkeys(
            [page.name for page in WALLS],
            lambda: encode(config | {"scenes": build_scenes_config(views.book, words.language)}),
        ),
        geometry=encode(geometry.areas),
    )
    if settings.redis_url:
        subscriber = Subscriber(settings.redis_url, gateway.hear)
        gateway.ask_broker_with(lambda: subscriber.is_connected)
        loops.append(subscriber)
    loops += [
        build_packs(services, databases, geometry, VENDOR),
        AliveLoop(Alive(settings.alive_fd, loops, databases)),
    ]
    _serve(settings, app, loops)
    _close(services.past, *databases)
    return 0


def _close(*opened: Database | ReadingRoom) -> None:
    for one in opened:
        one.close()


def _serve(settings: Settings, app: Dash, loops: list[Loop]) -> None:
    """Listen until SIGTERM or SIGINT, then end within a few seconds."""
    origins = allowed_origins(settings.public_urls, settings.port)
    style = load_map_style(settings.map_style)
    gate = Gate(
        app.server.wsgi_app,
        hosts=allowed_hosts(settings.public_urls, settings.port),
        origins=origins,
        # Dash adds scripts with the first request.
        headers=lambda: security_headers(app.csp_hashes(), origins, style.origin if style else ""),
    )
    app.server.wsgi_app = gate
    log = structlog.get_logger().bind(part="web")
    quiet = _ServerLog(log)
    listeners = [
        WSGIServer((host, settings.port), app.server, log=None, error_log=quiet, handler_class=PromptHandler)
        for host in _hosts(settings.host)
    ]
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    for listener in listeners:
        listener.init_socket()
        # Accepted connections inherit it. Without it the body of every small answer waits 40 ms for the browser's
        # delayed acknowledgement of its head.
        listener.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.start()
    for loop in loops:
        loop.start()
    log.info("serving", host=settings.host, port=settings.port)
    stop.wait()
    for listener in listeners:
        listener.stop(timeout=_STOP_LIMIT_S)
    for loop in loops:
        loop.stop(_STOP_LIMIT_S)
    log.info("ended")


def _hosts(host: str) -> list[str]:
    """Return where to listen: also on loopback, where pictures are taken from, unless that is included."""
    return [host] if host in _WILDCARDS or is_loopback(host) else [host, "127.0.0.1"]


class _ServerLog:
    """Takes what the WSGI server writes about broken connections and handlers."""

    def __init__(self, log: structlog.typing.FilteringBoundLogger) -> None:
        self._log = log

    def write(self, text: str) -> None:
        """Keep the last line, which names the error; tracebacks of foreign input would flood the log."""
        line = text.strip().rsplit("\n", 1)[-1]
        if line:
            self._log.warning("server", message=line[:200])

    def flush(self) -> None:
        """Nothing is kept back."""
