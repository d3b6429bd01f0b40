"""What is measured: the product and its peers behind one face, so that every one goes through the same steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
from playwright.sync_api import Error

from bench.cpu import read_tree
from bench.installation import Installation
from bench.peers.environment import PYTHON
from bench.publisher import Publisher
from commands.run import longest_pause_s
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, Product, find_free_port

_START_LIMIT_S = 60.0
_STOP_LIMIT_S = 5.0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How the probe reads a page: expressions of JavaScript.

    Attributes:
        value: The growing number, null where there is none.
        row: Number of the newest row, null where there is none.
        ready: Whether every panel of the page is right.
        rows: Numbers of all rows shown, newest first.
        mark: Number of the newest mark, for pages whose marks no 2D canvas draws; "" where the probe looks for itself.
    """

    value: str
    row: str
    ready: str
    rows: str
    mark: str = ""


class System:
    """One of those measured.

    Attributes:
        name: In tables.
        pushes: It tells the browser by itself; the browser does not have to ask.
        reading: How the probe reads its page.
        path: Of the page.
        restart_pause_s: How long after its death at worst somebody starts the serving process again.
    """

    name: str
    pushes = True
    path = "/"
    to = "peers"
    restart_pause_s = 0.0
    reading: Reading

    def __init__(self, installation: Installation, redis_url: str) -> None:
        self.installation, self.redis_url = installation, redis_url
        self.url = ""

    @property
    def pid(self) -> int:
        """The serving process."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the serving process and wait until it serves."""
        raise NotImplementedError

    def begin(self) -> None:
        """Start the serving process, or start it again on the same port, without waiting."""
        raise NotImplementedError

    def kill(self) -> None:
        """Kill the serving process, kill -9."""
        raise NotImplementedError

    def close(self) -> None:
        """End it."""
        raise NotImplementedError

    def publisher(self) -> Publisher:
        """Start what makes its events happen."""
        return Publisher(self.installation, self.redis_url, self.to)


def _read_rows(list_expression: str) -> dict[str, str]:
    """Return readings of rows whose elements carry `data-id`, newest first."""
    rows = f"({list_expression})"
    return {
        "row": f"((row) => (row ? Number(row.dataset.id) : null))({rows}[0])",
        "rows": f"[...{rows}].map((row) => Number(row.dataset.id))",
    }


def _read_number(expression: str) -> str:
    return f"((text) => (text ? Number(text) : null))({expression})"


class Svodka(System):
    """The product: its web process, its wall."""

    name = "svodka"
    path = "/wall"
    to = "product"
    restart_pause_s = longest_pause_s()

    def __init__(self, installation: Installation, redis_url: str) -> None:
        super().__init__(installation, redis_url)
        folder = installation.folder / "web"
        folder.mkdir(exist_ok=True)
        self._product = Product(
            folder,
            words=("web",),
            home=str(installation.home),
            sources=str(installation.sources),
            redis_url=redis_url,
            log="warning",
        )
        self.url = self._product.url
        before, first_id = installation.open_n, installation.appeals_n
        self.reading = Reading(
            value=f"((text) => (text ? Number(text) - {before} : null))"
            "(document.querySelector('[data-kpi=\"open_now\"]')?.dataset.value)",
            row=f"((row) => (row ? Number(row.dataset.appealId) - {first_id} : null))"
            "(document.querySelector('[data-appeal-id]'))",
            ready="((panels) => panels.length > 0 && panels.every((panel) => panel.dataset.state === 'fresh'))"
            "([...document.querySelectorAll('[data-panel]')])",
            rows="[...document.querySelectorAll('[data-appeal-id]')]"
            f".map((row) => Number(row.dataset.appealId) - {first_id})",
        )

    @property
    def pid(self) -> int:
        return self._product.pid

    def start(self) -> None:
        self.begin()
        self._product.wait_healthy(_START_LIMIT_S)

    def begin(self) -> None:
        self._product.start()

    def kill(self) -> None:
        self._product.send(signal.SIGKILL)
        self._product.wait_end()

    def close(self) -> None:
        self._product.close()


class Peer(System):
    """A page of another library; its server is `bench/peers/<module>.py`."""

    module: str
    python = str(PYTHON)

    def __init__(self, installation: Installation, redis_url: str) -> None:
        super().__init__(installation, redis_url)
        self._port = find_free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.begin()
        wait_until(self._answers, _START_LIMIT_S, f"{self.name} serves; see {self.log}")

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.installation.folder / f"{self.module}.log"

    def begin(self) -> None:
        areas = self.installation.home / "geodata" / "areas.geojson"
        words = ["--port", str(self._port), "--redis", self.redis_url, "--areas", str(areas)]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [self.python, "-m", f"bench.peers.{self.module}", *words], cwd=ROOT, stdout=output, stderr=output
            )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"{self.name} ended: {self.log.read_text(errors='replace')[-2000:]}"
        try:
            with urlopen(self.url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


class Raw(Peer):
    """The floor."""

    name = "raw WebSocket"
    module = "raw_websocket"
    python = sys.executable
    reading = Reading(
        value=_read_number("document.getElementById('value')?.textContent"),
        ready="document.querySelectorAll('#feed li').length === 50",
        **_read_rows("document.querySelectorAll('#feed li')"),
    )


class NiceGui(Peer):
    """NiceGUI: pushes over Socket.IO."""

    name = "NiceGUI"
    module = "nicegui_server"
    reading = Reading(
        value=_read_number("document.querySelector('.count')?.textContent"),
        ready="document.querySelectorAll('.feed > [data-id]').length === 50",
        **_read_rows("[...document.querySelectorAll('.feed > [data-id]')].reverse()"),
    )


class Panel(Peer):
    """Panel: pushes over Bokeh's WebSocket."""

    name = "Panel"
    module = "panel_server"
    reading = Reading(
        value=_read_number("probe.deep('.count')?.shadowRoot?.textContent.match(/\\d+\\s*$/)?.[0]"),
        ready="(probe.deep('.rows')?.children.length ?? 0) === 50",
        **_read_rows("probe.deep('.rows')?.children ?? []"),
    )


class DashInterval(Peer):
    """Dash with dcc.Interval: the browser asks."""

    name = "Dash Interval"
    module = "dash_interval"
    pushes = False
    reading = Reading(
        value=_read_number("document.getElementById('count')?.textContent"),
        ready="document.querySelectorAll('#feed > [data-id]').length === 50",
        mark="probe.plotted('#map .js-plotly-plot', 1)",
        **_read_rows("document.querySelectorAll('#feed > [data-id]')"),
    )

    def begin(self) -> None:
        if self._process is None:
            super().begin()  # later on gunicorn's master starts a new worker by itself

    def kill(self) -> None:
        for pid in read_tree(self.pid).keys() - {self.pid}:
            os.kill(pid, signal.SIGKILL)


PEERS: tuple[type[Peer], ...] = (Panel, NiceGui, DashInterval)


def attempt(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a peer's figures, or why there are none: a peer that gives up is a finding and ends no benchmark."""
    try:
        return measure()
    except (AssertionError, Error) as error:
        return {"failed": str(error).strip().splitlines()[0][:200]}
