"""The real product as a child process, with a home of its own, for tests, pictures and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from svodka.domain.codec import decode
from tests.e2e.processes import MARK, find_marked, wait_until

ROOT = Path(__file__).resolve().parents[2]
STANDING_WALLS = (
    ROOT / "tests" / "e2e" / "walls.toml"
)  # nothing but the overview: who looks at it need not wait for its turn
STOP_LIMIT_S = 15.0
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


def find_free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """`python app.py` with a home, a port and a clock of its own; always ends with everything it started."""

    def __init__(self, folder: Path, *, words: tuple[str, ...] = (), **settings: str) -> None:
        """Prepare; nothing is started.

        Args:
            folder: Where home, clock file and output go.
            words: Arguments of app.py.
            settings: `SVODKA_…` variables by lower-case name without the prefix.
        """
        self.home = folder / "home"
        self.output = folder / "output.txt"
        self.clock_file = folder / "clock.txt"
        self.mark = uuid.uuid4().hex
        own = {"home": str(self.home), "port": str(find_free_port()), "walls": str(STANDING_WALLS)}
        self.settings = own | settings
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Origin of the web server."""
        return f"http://127.0.0.1:{self.settings['port']}"

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None
        return self._process.pid

    def set_clock(self, at: datetime) -> None:
        """Let the product's standing clock show `at`; before the start this also chooses that clock."""
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(at.isoformat(), encoding="ascii")
        fresh.replace(self.clock_file)
        self.settings["clock"] = f"file:{self.clock_file}"

    def start(self) -> Product:
        """Start it and return at once."""
        environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {MARK: self.mark}
        environ |= {f"SVODKA_{name.upper()}": value for name, value in self.settings.items()}
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "app.py", *self._words], cwd=ROOT, env=environ, stdout=output, stderr=output
            )
        return self

    def wait_healthy(self, limit_s: float = 60.0) -> float:
        """Wait until `/healthz` answers and every source has brought something; return the seconds it took."""
        return wait_until(self._is_healthy, limit_s, f"healthy\n{self.read_output()}")

    def _is_healthy(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            message = f"the product ended with {self._process.returncode}\n{self.read_output()}"
            raise AssertionError(message)
        try:
            sources = self.load_health()["sources"]
        except (URLError, ConnectionError, TimeoutError):
            return False
        views = list(sources.values()) if isinstance(sources, dict) else sources
        return bool(views) and all(view["last_success_at"] for view in views)

    def answers(self, path: str) -> bool:
        """Whether the web server gives that page now."""
        try:
            with urlopen(f"{self.url}{path}", timeout=5) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def load_health(self) -> dict[str, Any]:
        """Return the answer of `/healthz`."""
        with urlopen(f"{self.url}/healthz", timeout=5) as answer:
            return dict(decode(answer.read()))

    def send(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait_end(self, limit_s: float = STOP_LIMIT_S) -> int:
        """Wait until it ends by itself and return the exit code."""
        assert self._process is not None
        return self._process.wait(limit_s)

    def stop(self) -> int:
        """End it as an operator does, by SIGTERM, and return the exit code; kill what is left after the limit."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return -signal.SIGKILL

    def close(self) -> None:
        """End everything that carries the mark, whatever state it is in."""
        self.stop()
        for pid in find_marked(self.mark):
            os.kill(pid, signal.SIGKILL)

    def find_processes(self) -> dict[int, str]:
        """Return the command lines of its living processes by pid."""
        return find_marked(self.mark)

    def read_output(self, size: int = 3000) -> str:
        """Return the end of what it printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")[-size:] if self.output.exists() else ""


def run_word(*words: str, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one word of app.py to its end."""
    environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environ |= {f"SVODKA_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "app.py", *words], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


@contextmanager
def web_alone(folder: Path, **settings: str) -> Iterator[Product]:
    """Run a web process without poller and broker, and wait until it answers."""
    made = Product(folder, words=("web",), **settings)
    try:
        made.start()
        wait_until(lambda: made.answers("/healthz"), 60, "it answers")
        yield made
    finally:
        made.close()
