"""The product in separate processes, and every cause that can make a wall blind, begun and ended at will.

One web and one poll process, a Redis and a PostgreSQL of their own, the simulated sources in this process, and a proxy
between browser and web. Which panel must show what for which cause stands in docs/wall.md and is read from there.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser

from simulator.georeport import Response
from simulator.history import DEFAULT_SEED, History
from simulator.region import Region
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from svodka.domain.clock import SystemClock
from svodka.profiles.reader import load_profile
from tests.e2e.demonstration import PROFILE
from tests.e2e.processes import wait_until
from tests.e2e.product import ROOT, Product, find_free_port
from tests.e2e.screen import Screen
from tests.e2e.wire import Wire
from tests.integration.conftest import Cluster

STALE_S = 5.0
# One interval, and limits as short as a busy machine can keep.
_LIMITS = {"interval_s": 1, "ageing_s": 4.5, "stale_s": 5, "dead_s": 600}
_COLUMNS = ("banner", "appeals", "incidents", "map", "sources")
_OWN = ("incidents", "map", "sources")  # panels with a column of their own; the others rest on appeals
_HANG_LIMIT_S = 60.0

LOOK_JS = """() => {
  const scene = document.getElementById("scene").dataset;
  const panels = {};
  for (const el of document.querySelectorAll("[data-panel]")) panels[el.dataset.panel] = el.dataset.state;
  const dress = {};
  for (const el of document.querySelectorAll("[data-panel]")) {
    const drawn = (part) => getComputedStyle(part);
    const isHatched = (part) => drawn(part).backgroundImage.startsWith("repeating-");
    const hatched = [el, ...el.querySelectorAll(".source")].filter(isHatched);
    dress[el.dataset.panel] = {
      note: el.querySelector(".panel-note").textContent.replace(/\\s/g, " "),
      is_hatched: hatched.includes(el),
      hatched_chips_n: hatched.filter((part) => part !== el).length,
      filter: drawn(el.querySelector(".panel-body")).filter,
    };
  }
  return {panels, dress, banner: scene.banner, broker: scene.broker,
          remark: document.getElementById("head-remark").innerText,
          screen_s: Number(scene.screenAge), pipeline_s: Number(scene.pipelineAge), clock_off: scene.clockOff};
}"""


class Dress(msgspec.Struct, frozen=True, kw_only=True):
    """What people see of a panel's state: its words and what the browser computed for its hatching and its colours."""

    note: str
    is_hatched: bool
    hatched_chips_n: int
    filter: str


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a wall says of itself at one moment."""

    panels: dict[str, str]
    dress: dict[str, Dress]
    banner: str
    broker: str
    remark: str
    screen_s: float
    pipeline_s: float
    clock_off: str


def read_truth() -> dict[str, dict[str, str]]:
    """Return what docs/wall.md says of each cause: its banner ("" for none) and the state of each group of panels."""
    text = (ROOT / "docs" / "wall.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([\w-]+)` \|(.+)\|$", text.partition("## Causes")[2])
    truth = {}
    for cause, cells in rows:
        words = [cell.strip().strip("`") for cell in cells.split("|")][1:]
        truth[cause] = {name: "" if word == "none" else word for name, word in zip(_COLUMNS, words, strict=False)}
    return truth


def expected_panels(row: dict[str, str], panels: Any) -> dict[str, str]:
    """Return the state that each panel must have."""
    return {panel: row[panel if panel in _OWN else "appeals"] for panel in panels}


class Sources:
    """The simulated region; each of its sources can be silenced, by an error or by an answer that never comes."""

    def __init__(self) -> None:
        profile = load_profile(PROFILE)
        self.paths = {source.id: source.url.removeprefix("{simulator}") for source in profile.sources}
        self._site = RegionSite(History(Region(profile, load_simulation(profile), DEFAULT_SEED)))
        self._silent: set[str] = set()
        self._hanging: set[str] = set()
        self._released = threading.Event()
        self._server = SimulatorServer(self, SystemClock())
        self.url = self._server.start()

    def silence(self, *ids: str, hang: bool = False) -> None:
        """Let these sources give no data from now on."""
        self._released.clear()
        (self._hanging if hang else self._silent).update(self.paths[one] for one in ids)

    def restore(self) -> None:
        """Let all speak."""
        self._silent.clear()
        self._hanging.clear()
        self._released.set()

    def answer(self, path: str, params: dict[str, str], now: Any) -> Response | None:
        """Answer as the region does, where it may."""
        if any(path.startswith(prefix) for prefix in self._hanging):
            self._released.wait(_HANG_LIMIT_S)
        if any(path.startswith(prefix) for prefix in self._silent):
            return Response(503, "text/plain", b"Silent.\n")
        return self._site.answer(path, params, now)

    def close(self) -> None:
        """End it."""
        self.restore()
        self._server.stop()


class Stage:
    """Everything between a source and a screen, each part on its own."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.sources = Sources()
        self._folder = Path(tempfile.mkdtemp(prefix="blind-"))  # short: paths of unix sockets are limited
        self._cluster = Cluster(self._folder)
        self._cluster.start()
        redis_port, web_port = find_free_port(), find_free_port()
        self._redis_words = ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""]
        self._redis = self._start_redis()
        self.wire = Wire(web_port)
        self.url = f"http://127.0.0.1:{self.wire.port}"
        settings = {
            "home": str(folder / "home"),
            "port": str(web_port),
            "database_url": self._cluster.create().replace("postgresql://", "postgresql+psycopg://"),
            "redis_url": f"redis://127.0.0.1:{redis_port}/0",
            "sources": str(_write_sources(folder)),
            "simulator_url": self.sources.url,
            "public_urls": f"http://127.0.0.1:{web_port},{self.url}",
        }
        self._parts = {word: folder / word for word in ("web", "poll")}
        for part in self._parts.values():
            part.mkdir()
        self.web = Product(self._parts["web"], words=("web",), **settings).start()
        wait_until(lambda: self.web.answers("/wall"), 60, "the web process answers")
        self.poll = Product(self._parts["poll"], words=("poll",), **settings).start()
        self.web.wait_healthy(90)
        self.screen = Screen(browser, self.url)
        self.screen.open("/wall")
        self.screen.wait_fresh(60)
        self.screen.page.evaluate("window.isSamePage = true")

    def look(self) -> Look:
        """Return what the wall says now."""
        return msgspec.convert(self.screen.page.evaluate(LOOK_JS), Look)

    def _start_redis(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._redis_words, cwd=self._folder, stdout=subprocess.DEVNULL)

    def begin(self, cause: str) -> None:
        """Let it happen."""
        page = self.screen.page
        match cause:
            case "appeals":
                self.sources.silence(*(one for one in self.sources.paths if "open311" in self.sources.paths[one]))
            case "redis":
                self._redis.kill()
                self._redis.wait()
            case "database":
                self._signal_database(signal.SIGSTOP)
            case "poller":
                self.poll.send(signal.SIGSTOP)
            case "socket":
                self.wire.cut()
            case "line":
                self.wire.stall()
            case "web":
                self.web.send(signal.SIGKILL)
                self.web.wait_end()
            case "rendering":
                page.evaluate(
                    "() => { window.keptFrame = requestAnimationFrame; window.requestAnimationFrame = () => 0; }"
                )
            case "clock":
                page.evaluate("() => { window.keptNow = Date.now; Date.now = () => window.keptNow() - 200_000; }")
            case source:
                self.sources.silence(source, hang=source == "demo-pos")

    def end(self, cause: str) -> None:
        """Let it be over."""
        page = self.screen.page
        match cause:
            case "redis":
                self._redis = self._start_redis()
            case "database":
                self._signal_database(signal.SIGCONT)
            case "poller":
                self.poll.send(signal.SIGCONT)
            case "socket" | "line":
                self.wire.mend()
            case "web":
                self.web.start()
            case "rendering":
                page.evaluate("() => { window.requestAnimationFrame = window.keptFrame; }")
            case "clock":
                page.evaluate("() => { Date.now = window.keptNow; }")
            case _:
                self.sources.restore()

    def _signal_database(self, number: signal.Signals) -> None:
        for pid in _find_children(int((self._folder / "data" / "postmaster.pid").read_text().split()[0])):
            os.kill(pid, number)

    def close(self) -> None:
        """End everything, whatever state it is in."""
        self.screen.close()
        self.poll.send(signal.SIGCONT)
        self._signal_database(signal.SIGCONT)
        for part in (self.web, self.poll):
            part.close()
        self.wire.close()
        self.sources.close()
        self._redis.kill()
        self._redis.wait()
        self._cluster.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _find_children(pid: int) -> Iterator[int]:
    """Return a process and what it started."""
    yield pid
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # ended meanwhile
                continue
            if parent == pid:
                yield int(folder.name)


def _write_sources(folder: Path) -> Path:
    text = (ROOT / "profiles" / PROFILE / "sources.toml").read_text(encoding="utf-8")
    for name, value in _LIMITS.items():
        text = re.sub(rf"(?m)^{name}\s*=.*$", f"{name} = {value}", text)
    path = folder / "sources.toml"
    path.write_text(text.replace("[source.params]\n", "[source.params]\nhttp = { read_s = 2 }\n"), encoding="utf-8")
    return path
