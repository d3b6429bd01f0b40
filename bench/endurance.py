"""A wall left open: `python -m bench.endurance [--minutes N] [--quick]`.

The product's web process, Redis and SQLite, a commit every 100 ms (bench.churn), the full wall at 1920x1080 in
headless Chromium, its line cut for some seconds every few minutes. Every fifteen seconds, after a forced collection:
the page's heap, DOM nodes, listeners, WebGL contexts, the own memory of renderer and web process, and that of Redis.
Slopes are per 10,000 commits with a 95 % interval, over what follows the warm-up (the first quarter).

Bounds: for heap, web process and Redis no upper end of an interval above 1 MB per 10,000 commits, no significant
growth of the renderer; DOM nodes within 2 % (the last third beside the first, for they follow what is open just then);
listeners no more than 2 % above the first third; documents in the last third not more than in the first; one WebGL
context; the page neither loaded again nor built anew. `--quick` looks at the page only, at its heap loosely.

Told, not judged: what of the heap grew between two snapshots of it, after the warm-up and at the end. The browser
compiles what runs often ever better, and that lies in the heap too; what the page itself keeps are objects and text.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import fmean
from typing import Any

import msgspec
import redis
from playwright.sync_api import CDPSession, sync_playwright

from bench.browsing import launch
from bench.heap_kinds import read_kinds
from bench.installation import QUICK_APPEALS_N, Installation
from bench.memory import own_of_page, own_of_tree
from bench.redis_server import RedisServer
from bench.slopes import Slope, fit_slope
from bench.spans import format_table
from svodka.domain.codec import encode_text
from tests.e2e.product import ROOT, Product
from tests.e2e.screen import Screen
from tests.e2e.wire import Wire

MB = 1_000_000
PER_COMMITS = 10_000
MAX_GROWTH_MB = 1.0
MAX_NODES_CHANGE = 0.02
MAX_QUICK_HEAP_RATIO = 1.3
MAX_QUICK_NODES_CHANGE = 0.05
WARM_UP_SHARE = 0.25
_START_LIMIT_S = 60.0
_CUT_EVERY_S, _QUICK_CUT_EVERY_S = 170.0, 14.0
_CUT_FOR_S = 4.0
_LOOK_EVERY_S, _QUICK_LOOK_EVERY_S = 15.0, 3.0
_SETTLE_S = 20.0
_CALM_S = 2.5
_QUICK_S = 18.0
_QUICK_APPEALS_N = 5000

WATCH_JS = """() => {
  const contexts = [];
  const watch = (kind) => {
    const original = kind.prototype.getContext;
    kind.prototype.getContext = function (name, ...rest) {
      const context = original.call(this, name, ...rest);
      if (context && /webgl/.test(name) && !contexts.includes(context)) contexts.push(context);
      return context;
    };
  };
  watch(HTMLCanvasElement);
  watch(OffscreenCanvas);
  window.endurance = {
    webgl: () => contexts.filter((context) => !context.isContextLost()).length,
    keep: () => {
      window.endurance.kept = ["#scene", "#map", "[data-panel]"].map((path) => document.querySelector(path));
    },
    isSame: () => window.endurance.kept.every((element) => element?.isConnected),
  };
}"""
LOOK_JS = """() => ({
  webgl: endurance.webgl(),
  same: endurance.isSame(),
  origin: performance.timeOrigin,
  seq: Number(document.querySelector("[data-panel]").dataset.seq),
})"""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One look at everything; memory in bytes.

    Attributes:
        at_s: Since the beginning.
        commits_n: How many there had been.
        seq: Where the page stood.
        heap: The page's JavaScript heap after a collection.
        nodes: DOM nodes.
        listeners: Event listeners.
        documents: Documents; frames that were thrown away and not let go show here.
        webgl: Living WebGL contexts.
        renderer: Memory of its own of the browser's process that shows the page.
        web: Memory of its own of the web process.
        redis: What Redis says it uses.
        same: Whether the page's first elements still stand in it.
        origin: When the page was loaded.
    """

    at_s: float
    commits_n: int
    seq: int
    heap: int
    nodes: int
    listeners: int
    documents: int
    webgl: int
    renderer: int
    web: int
    redis: int
    same: bool
    origin: float


BOUNDED = ("heap", "web", "redis")
MEMORIES = (*BOUNDED, "renderer")


class Region:
    """The process that makes things happen."""

    def __init__(self, installation: Installation, redis_url: str) -> None:
        words = ["--home", str(installation.home), "--sources", str(installation.sources), "--redis", redis_url]
        self._log = (installation.folder / "churn.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.churn", *words, "--box", encode_text(installation.box)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def commits_n(self) -> int:
        """Return how many commits there have been."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)
        self._log.close()


class Wall:
    """The page, behind a line that can be cut, under the browser's own instruments."""

    def __init__(self, screen: Screen, product: Product, redis_url: str) -> None:
        self._screen, self._product = screen, product
        self._redis = redis.Redis.from_url(redis_url)
        screen.page.add_init_script(f"({WATCH_JS})()")
        screen.open("/wall")
        screen.wait_fresh(_START_LIMIT_S)
        screen.page.evaluate("endurance.keep()")
        self._tools: CDPSession = screen.page.context.new_cdp_session(screen.page)
        self._tools.send("HeapProfiler.enable")

    def look(self, began_s: float, commits_n: int) -> Look:
        """Collect the page's garbage and read everything."""
        for _ in range(2):  # what the first collection lets go may let go more
            self._tools.send("HeapProfiler.collectGarbage")
        heap = self._tools.send("Runtime.getHeapUsage")["usedSize"]
        counters = self._tools.send("Memory.getDOMCounters")
        told = self._screen.page.evaluate(LOOK_JS)
        return Look(
            at_s=round(time.monotonic() - began_s, 1),
            commits_n=commits_n,
            seq=told["seq"],
            heap=int(heap),
            nodes=counters["nodes"],
            listeners=counters["jsEventListeners"],
            documents=counters["documents"],
            webgl=told["webgl"],
            renderer=own_of_page(),
            web=own_of_tree(self._product.pid),
            redis=int(self._redis.info("memory")["used_memory"]),
            same=told["same"],
            origin=told["origin"],
        )

    def heap_snapshot(self) -> bytes:
        """Return what the heap holds, as the browser's own tools read it."""
        chunks: list[str] = []
        take = lambda told: chunks.append(told["chunk"])  # noqa: E731 - named to be taken off again
        self._tools.on("HeapProfiler.addHeapSnapshotChunk", take)
        self._tools.send("HeapProfiler.takeHeapSnapshot")
        self._tools.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
        return "".join(chunks).encode()


def measure(
    folder: Path, *, seconds: float, quick: bool, snapshots: Path | None
) -> tuple[list[Look], list[dict[str, int]]]:
    """Run everything; return the looks, and what the heap consisted of after the warm-up and at the end, in bytes."""
    installation = Installation(folder / "installation", _QUICK_APPEALS_N if quick else QUICK_APPEALS_N)
    look_every_s = _QUICK_LOOK_EVERY_S if quick else _LOOK_EVERY_S
    cut_every_s = _QUICK_CUT_EVERY_S if quick else _CUT_EVERY_S
    looks: list[Look] = []
    heaps: list[dict[str, int]] = []
    with ExitStack() as stack:  # whatever fails, everything that was started ends
        redis_url = stack.enter_context(RedisServer(folder))
        playwright = stack.enter_context(sync_playwright())
        product = Product(
            installation.folder,
            words=("web",),
            home=str(installation.home),
            sources=str(installation.sources),
            redis_url=redis_url,
            log="warning",
        )
        stack.callback(product.close)
        wire = Wire(int(product.settings["port"]))
        stack.callback(wire.close)
        product.settings["public_urls"] = f"{product.url},http://127.0.0.1:{wire.port}"
        region = Region(installation, redis_url)
        stack.callback(region.close)
        product.start().wait_healthy(_START_LIMIT_S)
        screen = Screen(launch(playwright), f"http://127.0.0.1:{wire.port}")
        stack.callback(screen.close)
        wall = Wall(screen, product, redis_url)
        began_s = cut_s = time.monotonic()

        def take_heap(name: str) -> None:
            snapshot = wall.heap_snapshot()
            heaps.append(read_kinds(snapshot))
            if snapshots:
                (snapshots / f"{name}.heapsnapshot").write_bytes(snapshot)

        while time.monotonic() - began_s < seconds:
            screen.page.wait_for_timeout(1000 * look_every_s)
            if time.monotonic() - cut_s > cut_every_s:
                cut_s = time.monotonic()
                _cut(screen, wire)
            looks.append(wall.look(began_s, region.commits_n()))
            print(f"{looks[-1].at_s:.0f} s, {looks[-1].commits_n} commits", file=sys.stderr)
            if not heaps and looks[-1].at_s >= WARM_UP_SHARE * seconds:
                take_heap("first")
        take_heap("last")
    return looks, heaps


def _cut(screen: Screen, wire: Wire) -> None:
    """Cut the line for some seconds; go on when the page is live again and has grown calm."""
    wire.cut()
    screen.page.wait_for_timeout(1000 * _CUT_FOR_S)
    wire.mend()
    screen.wait_fresh(_SETTLE_S)
    screen.page.wait_for_timeout(1000 * _CALM_S)


def judge(looks: list[Look], *, quick: bool) -> tuple[dict[str, Any], dict[str, bool]]:
    """Return figures, and which of the bounds hold."""
    first = looks[0]
    kept = [look for look in looks if look.at_s >= WARM_UP_SHARE * looks[-1].at_s]
    xs = [look.commits_n / PER_COMMITS for look in kept]
    slopes: dict[str, Slope | None] = {
        name: fit_slope(xs, [getattr(look, name) / (MB if name in MEMORIES else 1) for look in kept])
        for name in (*MEMORIES, "nodes", "listeners")
    }
    third = max(1, len(kept) // 3)
    begin, end = kept[:third], kept[-third:]
    change, more_listeners = (
        fmean(getattr(look, name) for look in end) / fmean(getattr(look, name) for look in begin) - 1
        for name in ("nodes", "listeners")
    )
    nodes = [look.nodes for look in kept]
    figures: dict[str, Any] = {
        "looks_n": len(looks),
        "commits_n": looks[-1].commits_n - first.commits_n,
        "minutes": round(looks[-1].at_s / 60, 1),
        "per_10000_commits": {
            name: slope and {key: round(value, 3) for key, value in msgspec.structs.asdict(slope).items()}
            for name, slope in slopes.items()
        },
        "nodes": [min(nodes), max(nodes)],
        "nodes_change": round(change, 4),
        "listeners": [min(look.listeners for look in kept), max(look.listeners for look in kept)],
        "listeners_change": round(more_listeners, 4),
        "documents": [max(look.documents for look in part) for part in (begin, end)],
        "webgl": max(look.webgl for look in looks),
        "heap_mb": [round(look.heap / MB, 2) for look in (kept[0], kept[-1])],
        "renderer_mb": [round(look.renderer / MB, 1) for look in (kept[0], kept[-1])],
        "web_mb": [round(look.web / MB, 1) for look in (kept[0], kept[-1])],
    }
    most = MAX_QUICK_NODES_CHANGE if quick else MAX_NODES_CHANGE
    held = {
        "nodes": abs(change) <= most,
        "listeners": more_listeners <= most,
        "documents": max(look.documents for look in end) <= max(look.documents for look in begin),
        "one_webgl_context": all(look.webgl == 1 for look in looks),
        "same_page": all(look.same and look.origin == first.origin for look in looks),
        "moved": looks[-1].seq > first.seq,
    }
    if quick:
        held["heap_loosely"] = kept[-1].heap <= MAX_QUICK_HEAP_RATIO * kept[0].heap
    else:
        held |= {name: (slope := slopes[name]) is not None and slope.upper <= MAX_GROWTH_MB for name in BOUNDED}
        # What the browser gives back to the system, and when, is its own affair, by tens of MB: it must not grow.
        held["renderer"] = (slope := slopes["renderer"]) is not None and slope.lower <= 0
    return figures, held


_HEADS = ("s", "commits", "seq", "heap MB", "web MB", "redis MB", "renderer MB", "nodes", "listeners", "docs", "webgl")


def _cells(look: Look) -> list[object]:
    memories = (round(getattr(look, name) / MB, 2) for name in MEMORIES)
    return [look.at_s, look.commits_n, look.seq, *memories, look.nodes, look.listeners, look.documents, look.webgl]


def print_slopes(figures: dict[str, Any]) -> None:
    """Print the slopes as a table."""
    rows = [
        [name, told and told["lower"], told and told["per_x"], told and told["upper"]]
        for name, told in figures["per_10000_commits"].items()
    ]
    print(format_table(["per 10,000 commits (MB, or number)", "2.5 %", "slope", "97.5 %"], rows))
    heaps = [[kind, *sizes] for kind, sizes in figures["heap_kinds_mb"].items()]
    print(format_table(["heap, MB", "after the warm-up", "at the end"], heaps))


def main() -> int:
    """Measure, print tables and one JSON line, and return 0 when the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--quick", action="store_true", help="18 s of churn, the page alone is judged")
    parser.add_argument(
        "--snapshots", type=Path, help="folder for two heap snapshots, after the warm-up and at the end"
    )
    options = parser.parse_args()
    seconds = _QUICK_S if options.quick else 60 * options.minutes
    with tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder:
        looks, heaps = measure(Path(folder), seconds=seconds, quick=options.quick, snapshots=options.snapshots)
    print(format_table(_HEADS, map(_cells, looks)))
    figures, held = judge(looks, quick=options.quick)
    figures["heap_kinds_mb"] = {
        kind: [round(heap.get(kind, 0) / MB, 2) for heap in heaps] for kind in sorted(heaps[-1])
    }
    print_slopes(figures)
    ok = all(held.values())
    print(encode_text({"bench": "endurance", "ok": ok, "figures": figures | {"held": held}}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
