"""Everything that one run consists of: systems that are polled, database, broker, product, proxies and browsers."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import sqlalchemy as sa

from bench.faults.clock import RunClock
from bench.faults.model import Model
from bench.faults.plan import PAIR, SUPERVISED
from bench.faults.processes import (
    Keeper,
    Managed,
    Postgres,
    app_process,
    find_children,
    find_free_port,
    redis_process,
)
from bench.faults.proxy import Loop, Proxy
from bench.faults.small_disk import SmallDisk
from bench.faults.source_server import SourceServer, sources_toml
from bench.faults.world import Words, World
from svodka.domain.errors import StartError
from svodka.profiles.reader import load_profile
from svodka.storage.database import Database, open_database
from tests.e2e.processes import wait_until

PROFILE = "kuzbass"
_DAY_STARTS_AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
_DAY = timedelta(hours=10)
_REST = timedelta(minutes=10)
_START_LIMIT_S = 60.0
_POLL_EVERY_S = 0.5
_TOPICS_N, _AREAS_N = 12, 10


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is made of.

    Attributes:
        seed: Decides inputs and faults.
        database: `sqlite` or `postgres`.
        topology: `1x1` or `2x2` web and poll processes, or `supervised`.
        faults_n, events_n: How many faults and how many published versions.
        span_s: Real seconds that the invented day takes.
        models_n: Browsers without a screen.
        chromium: Whether a real browser watches too.
        settle_limit_s: How long it may take until the tables are as they must be.
        log_kept_s: For how many real seconds the change log is kept; 0: for longer than the run.
        keep: Leave the folder of the run behind.
        restart_s: Shortest and longest pause before a process is started again.
    """

    seed: int
    database: str = "sqlite"
    topology: str = "1x1"
    faults_n: int = 60
    events_n: int = 10_000
    span_s: float = 150.0
    models_n: int = 5
    chromium: bool = True
    settle_limit_s: float = 90.0
    log_kept_s: float = 0.0
    keep: bool = False
    restart_s: tuple[float, float] = (0.1, 1.5)


class Stage:
    """One installation under test; `close` ends all of it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.draw = Random(f"stage {options.seed}")  # noqa: S311 - repeatable pauses
        self.folder = Path(tempfile.mkdtemp(prefix="svodka-faults-"))
        self.folder.chmod(0o755)
        self.profile = load_profile(PROFILE)
        self._exits = contextlib.ExitStack()
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self) -> None:
        options, on_exit = self.options, self._exits.callback
        self.is_supervised = options.topology == SUPERVISED
        pairs = 2 if options.topology == PAIR else 1
        ends_at = _DAY_STARTS_AT + _DAY
        self.world = World(
            options.seed, self._words(), starts_at=_DAY_STARTS_AT, ends_at=ends_at, events_n=options.events_n
        )
        self.clock = RunClock(
            self.folder / "clock.txt",
            starts_at=_DAY_STARTS_AT,
            ends_at=ends_at + _REST,
            rate=_DAY.total_seconds() / options.span_s,
        )
        on_exit(self.clock.close)
        self.systems = SourceServer(self.world, self.clock.true_now)
        on_exit(self.systems.close)
        self.disk = SmallDisk(self.folder / "disk", 96 if options.database == "sqlite" else 400)
        on_exit(self.disk.close)
        self.loop = Loop()
        on_exit(self.loop.close)
        self.keeper = Keeper(self.draw)
        on_exit(self.keeper.close)
        self.postgres: Postgres | None = None
        self.database_proxy: Proxy | None = None
        self._start_database()
        self.web_ports = [find_free_port() for _ in range(pairs)]
        self.nets = [[self._proxy(port) for port in self.web_ports] for _ in range(options.models_n + 1)]
        self.origin = f"http://127.0.0.1:{self.nets[0][0].port}"
        self._start_product(pairs)
        self.models: list[Model] = []

    def _words(self) -> Words:
        profile = self.profile
        return Words(
            topics=tuple(topic.id for topic in profile.topics[:_TOPICS_N]),
            areas=tuple((area.id, area.name) for area in profile.areas[:_AREAS_N]),
            kinds=tuple(kind.id for kind in profile.incident_kinds),
            levels=tuple(level.id for level in profile.levels),
        )

    def _proxy(self, port: int, *, is_redis: bool = False) -> Proxy:
        return Proxy(self.loop, port, Random(self.draw.random()), is_redis=is_redis)  # noqa: S311 - repeatable faults

    def _start_database(self) -> None:
        home = self.folder / "disk" / "home" if self.options.database == "sqlite" else self.folder / "home"
        home.mkdir(mode=0o700)
        self.home = home
        if self.options.database == "sqlite":
            self.direct_url = f"sqlite:///{home / 'svodka.sqlite3'}"
            self.product_url = ""
            return
        self.postgres = Postgres(self.disk.folder)
        self.keeper.add(self.postgres.process())
        postgres = self.postgres
        wait_until(lambda: self._answers(lambda: postgres.execute("SELECT 1")), _START_LIMIT_S, "PostgreSQL")
        postgres.execute("CREATE DATABASE svodka")
        self.database_proxy = self._proxy(postgres.port)
        self.direct_url, self.product_url = postgres.url(), postgres.url(self.database_proxy.port)

    @staticmethod
    def _answers(ask: object) -> bool:
        try:
            ask()  # type: ignore[operator] # a call without arguments
        except Exception:  # noqa: BLE001 - whatever a server says while it starts
            return False
        return True

    def _start_product(self, pairs: int) -> None:
        sources = self.folder / "sources.toml"
        sources.write_text(
            sources_toml(
                self.systems.url,
                kinds=[kind.id for kind in self.profile.incident_kinds],
                levels=[level.id for level in self.profile.levels],
                interval_s=_POLL_EVERY_S,
            ),
            encoding="utf-8",
        )
        settings = {
            "home": str(self.home),
            "profile": PROFILE,
            "sources": str(sources),
            "clock": self.clock.spec,
            "database_url": self.product_url,
            "public_urls": ",".join([self.origin, *(f"http://127.0.0.1:{port}" for port in self.web_ports)]),
        }
        if self.options.log_kept_s:
            settings["log_kept_h"] = str(self.options.log_kept_s * self.clock.rate / 3600)
        self.subscribers: list[Proxy] = []
        if self.is_supervised:
            self._add("", "supervisor", settings | {"port": str(self.web_ports[0])})
            return
        self.redis_port = find_free_port()
        self.keeper.add(redis_process(self.folder, self.redis_port))
        for number in range(pairs):
            self._add("poll", f"poll{number}", settings | {"redis_url": f"redis://127.0.0.1:{self.redis_port}/0"})
            subscriber = self._proxy(self.redis_port, is_redis=True)
            self.subscribers.append(subscriber)
            own = {"port": str(self.web_ports[number]), "redis_url": f"redis://127.0.0.1:{subscriber.port}/0"}
            self._add("web", f"web{number}", settings | own)

    def _add(self, word: str, name: str, settings: dict[str, str]) -> Managed:
        return self.keeper.add(app_process(word, name, self.folder, settings, self.options.restart_s))

    def open_models(self) -> None:
        """Open the browsers without a screen; each has its own way to every web process."""
        for number in range(self.options.models_n):
            ports = [proxy.port for proxy in self.nets[number + 1]]
            draw = Random(f"model {self.options.seed} {number}")  # noqa: S311 - repeatable choices
            self.models.append(Model(f"model{number}", ports, self.origin, draw).start())
            self._exits.callback(self.models[-1].close)

    def new_judge(self) -> Model:
        """Return a browser that has just been opened on the first web process, without any disturbance."""
        judge = Model("judge", self.web_ports[:1], self.origin, Random(0)).start()  # noqa: S311 - no secret
        self._exits.callback(judge.close)
        return judge

    def open_database(self) -> Database:
        """Return the database, not over the proxy.

        Raises:
            StartError: It does not answer.
        """
        return open_database(self.direct_url)

    def head(self) -> int | None:
        """Return the number of the newest change, None while the database does not answer."""
        try:
            database = self.open_database()
        except StartError:
            return None
        try:
            with database.read() as connection:
                value = connection.scalar(sa.text("SELECT value FROM counters WHERE name = 'seq'"))
                return int(value or 0)
        except Exception:  # noqa: BLE001 - not migrated yet, locked, or away
            return None
        finally:
            database.close()

    def forget_leases(self) -> None:
        """Let the leases of a process that is known to be dead run out at once, which would take nine seconds."""
        database = self.open_database()
        with database.write() as connection:
            connection.execute(sa.text("DELETE FROM leases"))
        database.close()

    def pid_of(self, word: str, number: int) -> int | None:
        """Return the process of a word, also where the supervisor has started it; None while there is none."""
        if not self.is_supervised:
            return self.keeper.managed[f"{word}{number}" if word != "redis" else word].pid
        supervisor = self.keeper.managed["supervisor"].pid
        if supervisor is None:
            return None
        wanted = {"poll": "app.py poll", "web": "app.py web", "redis": "-server"}[word]
        return next((pid for pid, line in find_children(supervisor).items() if wanted in line), None)

    def product_names(self) -> list[str]:
        """Return the managed processes that are the product's own."""
        return [name for name in self.keeper.managed if name not in {"redis", "postgres"}]

    def end_polling(self) -> dict[str, int]:
        """Have the pollers end as an operator does; return their exit codes."""
        if self.is_supervised:
            pid = self.pid_of("poll", 0)
            supervisor = self.keeper.managed["supervisor"].process
            if pid is not None and supervisor is not None:
                # The supervisor would start it again: it sleeps until the comparison is over.
                supervisor.send_signal(signal.SIGSTOP)
                with contextlib.suppress(ProcessLookupError):
                    signal_process(pid, signal.SIGTERM)
                wait_until(lambda: is_gone(pid), 10, "the poller ends")
            return {}
        return self.keeper.finish([name for name in self.product_names() if name.startswith("poll")])

    def close(self) -> None:
        """End everything; keep the folder only where it was asked for."""
        self._exits.close()
        if not self.options.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def signal_process(pid: int, number: signal.Signals) -> bool:
    """Send a signal; return whether there was anybody."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
