"""The real processes of a run: started, killed, stopped and started again; all end with the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import psycopg

from svodka.domain.clock import monotonic_s
from svodka.realtime.parent_death import dying_with_parent
from tests.e2e.product import STANDING_WALLS

ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")
_TEND_S = 0.05
_END_S = 8.0
_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def find_free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def base_environment() -> dict[str, str]:
    """Return what every process of a run gets of this one's environment."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


class Managed:
    """A process that is started again after a moment, whoever ended it.

    Args:
        name: In reports.
        command: What runs.
        environment: Of the process.
        log: File that takes its output.
        restart_s: Shortest and longest pause before it is started again.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        restart_s: tuple[float, float] = (0.1, 1.5),
        cwd: Path = ROOT,
    ) -> None:
        self.name, self.command, self.environment, self.log = name, list(command), dict(environment), log
        self.restart_s, self.cwd = restart_s, cwd
        self.exits: Counter[int] = Counter()
        self.is_wanted = False
        self.process: subprocess.Popen[bytes] | None = None
        self.start_at_s = 0.0
        self.began_s = 0.0
        self._die_with_us = dying_with_parent()

    @property
    def pid(self) -> int | None:
        """Of the living process, None where there is none."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def tend(self, now_s: float, draw: Random) -> None:
        """Notice its end, and start it when it is time."""
        if self.process is not None and (code := self.process.poll()) is not None:
            self.exits[code] += 1
            self.process = None
            self.start_at_s = now_s + draw.uniform(*self.restart_s)
        if self.process is None and self.is_wanted and now_s >= self.start_at_s:
            self.began_s = now_s
            with self.log.open("ab") as output:
                self.process = subprocess.Popen(
                    self.command, cwd=self.cwd, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=output, start_new_session=True,
                )  # fmt: skip

    def send(self, number: signal.Signals) -> bool:
        """Send it a signal; return whether there was anybody to get it."""
        pid = self.pid
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        return True

    def kill(self) -> bool:
        """Kill -9."""
        return self.send(signal.SIGKILL)

    def end_group(self) -> None:
        """End it and everything that it started in its own session, whatever state that is in."""
        self.is_wanted = False
        if self.process is None:
            return
        for number in (signal.SIGCONT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
        self.process.wait()
        self.process = None


class Keeper:
    """Tends all processes of a run, in a thread."""

    def __init__(self, draw: Random) -> None:
        self.managed: dict[str, Managed] = {}
        self._draw = draw
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def add(self, managed: Managed) -> Managed:
        """Take a process into care and have it started."""
        managed.is_wanted = True
        with self._lock:
            self.managed[managed.name] = managed
        return managed

    def finish(self, names: Sequence[str], limit_s: float = _END_S) -> dict[str, int]:
        """End processes as an operator does, by SIGTERM; return their exit codes."""
        codes: dict[str, int] = {}
        for name in names:
            self.managed[name].is_wanted = False
            self.managed[name].send(signal.SIGTERM)
        for name in names:
            process = self.managed[name].process
            if process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    codes[name] = process.wait(limit_s)
        return codes

    def close(self) -> None:
        """End everything."""
        self._stopped.set()
        self._thread.join(5)
        for managed in reversed(self.managed.values()):
            managed.end_group()

    def _run(self) -> None:
        while not self._stopped.wait(_TEND_S):
            with self._lock:
                managed = list(self.managed.values())
            for one in managed:
                one.tend(monotonic_s(), self._draw)


def app_process(
    word: str, name: str, folder: Path, settings: Mapping[str, str], restart_s: tuple[float, float]
) -> Managed:
    """Return one word of app.py ("" for the supervisor) as a process with these settings."""
    chosen = {"walls": str(STANDING_WALLS), **settings}  # screens are compared in one scene
    environment = base_environment() | {f"SVODKA_{key.upper()}": value for key, value in chosen.items()}
    command = [sys.executable, "app.py", *([word] if word else [])]
    return Managed(name, command, environment, folder / f"{name}.log", restart_s=restart_s)


def redis_process(folder: Path, port: int) -> Managed:
    """Return a Redis server of the run, with its data in a folder, listening on the loopback."""
    (folder / "redis").mkdir(exist_ok=True)
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    if server is None:
        message = "redis-server is missing; `make test-tools` installs it"
        raise FileNotFoundError(message)
    command = [
        server,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder / "redis"),
        "--appendonly",
        "yes",
    ]
    return Managed("redis", command, base_environment(), folder / "redis.log")


class Postgres:
    """A PostgreSQL server of the run: its own cluster in a folder, on a port of the loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, find_free_port()
        self.data = folder / "pg"
        self._bin = self._find_folder()
        self._prefix = (
            ["setpriv", "--pdeathsig=KILL", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            if os.geteuid() == 0
            else []
        )
        self.data.mkdir(exist_ok=True)
        if self._prefix:
            shutil.chown(self.data, "postgres", "postgres")
            folder.chmod(0o755)
        subprocess.run(
            [*self._prefix, str(self._bin / "initdb"), "-D", str(self.data / "data"), "-A", "trust", "-U", "postgres",
             "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"],
            check=True, cwd=self.data, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=self._environment(),
        )  # fmt: skip

    @staticmethod
    def _find_folder() -> Path:
        on_path = shutil.which("initdb")
        if on_path:
            return Path(on_path).resolve().parent
        return max(_DEBIAN_POSTGRES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])).parent

    @staticmethod
    def _environment() -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

    def process(self, **changed: str) -> Managed:
        """Return the server as a process; `changed` are settings other than those of a small and busy disk."""
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.data,
            "max_connections": 60, "max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "32MB",
            "wal_init_zero": "off", "restart_after_crash": "on", **changed,
        }  # fmt: skip
        command = [*self._prefix, str(self._bin / "postgres"), "-D", str(self.data / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return Managed(
            "postgres", command, self._environment(), self.folder / "postgres.log", restart_s=(0.1, 1.0), cwd=self.data,
        )  # fmt: skip

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one statement outside a transaction."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True, connect_timeout=3
        ) as connection:
            connection.execute(statement.encode())

    def url(self, port: int | None = None) -> str:
        """Return the address of the database, over another port where one is given."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/svodka"


def find_children(pid: int) -> dict[int, str]:
    """Return the command lines of the living descendants of a process, by pid."""
    found: dict[int, str] = {}
    parents: dict[int, int] = {}
    lines: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(folder.name)] = int(parent)
                lines[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
    for one in parents:
        above: int | None = one
        while above is not None and above != pid:
            above = parents.get(above)
        if above == pid and one != pid:
            found[one] = lines[one]
    return found
