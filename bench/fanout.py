"""What it costs to tell many browsers the same: `python -m bench.fanout [--quick] [--profile]`.

A real web process of the product with a real broker beside it; another process commits 100 appeals a second in ten
commits, each becomes one frame to everybody. All browsers are raw sockets of this one process, so server, generator
and source share the machine's cores. Beside it, with events of the same size: aiohttp's bare WebSocket and plain
Flask-SocketIO on gevent, each with ten events in a message and with one. The database is empty but for the log: what
the read models cost is measured by bench.read_models.

Latency is from the end of the commit (peers: from handing over to the library) to the arrival at a browser, for every
event at about 50 of the browsers. A delivery is one message at one browser. Before a measurement everybody is told of
one change, so that the first message of the measurement can be missed too; afterwards every browser's messages must
cover the events that were made, each once.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import IO, Any

import msgspec

from bench.cpu import read_tree
from bench.crowd import Crowd
from bench.peers.environment import ROOT, ensure_peers
from bench.redis_server import RedisServer
from svodka.domain.codec import decode, encode_text
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from tests.e2e.processes import wait_until
from tests.e2e.product import Product, find_free_port

CLIENTS, SECONDS = (1, 50, 200, 500, 1000), 10.0
QUICK_CLIENTS, QUICK_SECONDS = (50, 200, 500), 4.0
JUDGED_CLIENTS = 500
COUNTED = ("covered_n", "doubled_n")
MAX_P99_MS, MAX_CPU_US, MAX_EXPONENT = 150.0, 80.0, 1.0
_LIMIT_S = 60.0
_SETTLE_S = 15.0
_FIRST_S = 0.1  # of events before a measurement: one commit


class Server(msgspec.Struct, kw_only=True):
    """A server under measurement.

    Attributes:
        name: In the table.
        pid: Whose CPU and memory count.
        orders: Where to say how long events are to be made.
        stamps: Where it is told when each was.
    """

    name: str
    pid: int
    port: int
    orders: IO[str]
    stamps: IO[str]
    path: str = "/"
    is_socketio: bool = False
    says_hello: bool = False


class Figures(msgspec.Struct, kw_only=True):
    """One row of the table; times in milliseconds."""

    server: str
    clients: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_us_per_delivery: float
    cpu_share: float
    generator_cpu_share: float
    kb_per_client: float
    deliveries: int
    lost: int
    doubled: int


@contextmanager
def serve_product(folder: Path) -> Iterator[Server]:
    """Start the broker, the web process and the process that commits."""
    with RedisServer(folder) as redis_url:
        product = Product(folder, words=("web",), redis_url=redis_url, log="warning")
        product.home.mkdir(mode=0o700, parents=True)
        url = f"sqlite:///{product.home / 'svodka.sqlite3'}"
        migrate(database := open_database(url))
        database.close()
        words = [sys.executable, "-m", "bench.fanout_source", "--database", url, "--redis", redis_url]
        source = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert source.stdin is not None
        assert source.stdout is not None
        try:
            product.start()
            wait_until(lambda: product.answers("/wall"), _LIMIT_S, "the wall answers")
            yield Server(
                name="svodka",
                pid=product.pid,
                port=int(product.settings["port"]),
                orders=source.stdin,
                stamps=source.stdout,
                path="/socket.io/?EIO=4&transport=websocket",
                is_socketio=True,
                says_hello=True,
            )
        finally:
            source.stdin.close()
            source.wait(10)
            product.close()


@contextmanager
def serve_peer(kind: str, per_message: int) -> Iterator[Server]:
    """Start a peer."""
    python = ensure_peers(ROOT / "bench/peers/fanout_requirements.txt", ROOT / "var/bench/fanout")
    port, is_socketio = find_free_port(), kind == "socketio"
    words = [str(python), "bench/peers/fanout_plain.py", kind, "--port", str(port), "--per-message", str(per_message)]
    peer = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert peer.stdin is not None
    assert peer.stdout is not None
    try:
        wait_until(lambda: _is_open(port), _LIMIT_S, "the peer listens")
        yield Server(
            name=f"{kind} x{per_message}",
            pid=peer.pid,
            port=port,
            orders=peer.stdin,
            stamps=peer.stdout,
            path="/socket.io/?EIO=4&transport=websocket" if is_socketio else "/",
            is_socketio=is_socketio,
        )
    finally:
        peer.kill()
        peer.wait()


def measure(server: Server, clients: int, seconds: float) -> Figures:
    """Connect so many browsers, have events made, and count what arrives."""
    before_kb = _pss_kb(server.pid)
    crowd = Crowd(server.port, server.path, is_socketio=server.is_socketio, says_hello=server.says_hello)
    try:
        crowd.grow(clients)
        kb_per_client = (_pss_kb(server.pid) - before_kb) / clients
        start_n = _tell_once(server, crowd)
        crowd.begin()
        cpu_before_s, own_before_s, began_s = _cpu_s(server.pid), time.process_time(), time.monotonic()
        server.orders.write(f"{seconds}\n")
        server.orders.flush()
        crowd.listen(seconds)
        stamps = [(int(number), float(at_s)) for number, at_s in decode(server.stamps.readline())]
        crowd.listen(_SETTLE_S, until=stamps[-1][0])
        took_s = time.monotonic() - began_s  # with what a server that fell behind had still to send
        cpu_s, own_s = _cpu_s(server.pid) - cpu_before_s, time.process_time() - own_before_s
        deliveries = sum(member.frames_n for member in crowd.members.values())
        covered, doubled = (sum(getattr(one, name) for one in crowd.members.values()) for name in COUNTED)
        lost = clients * (stamps[-1][0] - start_n) - (covered - doubled)
        latencies_ms = _latencies_ms(stamps, [member.heard for member in crowd.members.values() if member.heard])
    finally:
        crowd.close()
    cuts = quantiles(latencies_ms, n=100, method="inclusive")
    return Figures(
        server=server.name,
        clients=clients,
        p50_ms=round(cuts[49], 1),
        p99_ms=round(cuts[98], 1),
        max_ms=round(max(latencies_ms), 1),
        cpu_us_per_delivery=round(cpu_s / deliveries * 1e6, 1),
        cpu_share=round(cpu_s / took_s, 2),
        generator_cpu_share=round(own_s / took_s, 2),
        kb_per_client=round(kb_per_client, 1),
        deliveries=deliveries,
        lost=lost,
        doubled=doubled,
    )


def _tell_once(server: Server, crowd: Crowd) -> int:
    """Have everybody told of one change; return the number at which they all stand then."""
    server.orders.write(f"{_FIRST_S}\n")
    server.orders.flush()
    crowd.listen(2 * _FIRST_S)
    head = int(decode(server.stamps.readline())[-1][0])
    crowd.listen(_SETTLE_S, until=head)
    late_n = sum(member.at != head for member in crowd.members.values())
    assert late_n == 0, f"{late_n} browsers do not stand at {head} before the measurement"
    return head


def _latencies_ms(stamps: list[tuple[int, float]], heard: list[list[tuple[int, int, float]]]) -> list[float]:
    """Return the time of each message's newest event and of those before it in the same range, by browser."""
    found = []
    for ranges in heard:
        waiting = iter(stamps)
        number, at_s = next(waiting)
        for _, to_n, heard_s in ranges:
            while number <= to_n:
                found.append((heard_s - at_s) * 1000)
                number, at_s = next(waiting, (sys.maxsize, 0.0))
    return found


def _cpu_s(pid: int) -> float:
    return read_tree(pid)[pid][1]


def _pss_kb(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:")))


def _is_open(port: int) -> bool:
    import socket  # noqa: PLC0415 - the only use

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_exponent(rows: list[Figures]) -> float:
    """Return how CPU grows with the number of browsers: the slope between logarithms, over all counts above one."""
    points = [
        (math.log(row.clients), math.log(row.cpu_us_per_delivery * row.deliveries)) for row in rows if row.clients > 1
    ]
    mean_x, mean_y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def judge(rows: list[Figures]) -> bool:
    """Return whether the product keeps its bounds."""
    judged = next(row for row in rows if row.clients == JUDGED_CLIENTS)
    return (
        all(row.lost == 0 and row.doubled == 0 for row in rows)
        and judged.p99_ms < MAX_P99_MS
        and judged.cpu_us_per_delivery <= MAX_CPU_US
        and find_exponent(rows) <= MAX_EXPONENT
    )


def show(rows: list[Figures]) -> None:
    """Print the table."""
    names = Figures.__struct_fields__
    print(*(f"{name:>19}" for name in names))
    for row in rows:
        print(*(f"{getattr(row, name):>19}" for name in names), flush=True)


def profile(server: Server, seconds: float) -> None:
    """Print where the web process spends its time with 500 browsers: samples of its stacks, by function."""
    python = ensure_peers(ROOT / "bench/peers/fanout_requirements.txt", ROOT / "var/bench/fanout")
    crowd = Crowd(server.port, server.path, is_socketio=True, says_hello=True)
    crowd.grow(JUDGED_CLIENTS)
    with tempfile.NamedTemporaryFile(suffix=".txt") as output:
        words = [str(python.parent / "py-spy"), "record", "-p", str(server.pid), "-d", str(int(seconds)), "-r", "200"]
        spy = subprocess.Popen([*words, "-f", "raw", "-o", output.name], stdout=subprocess.DEVNULL)
        server.orders.write(f"{seconds}\n")
        server.orders.flush()
        crowd.listen(seconds + 2)
        server.stamps.readline()
        spy.wait(30)
        stacks = [line.rsplit(" ", 1) for line in Path(output.name).read_text(encoding="utf-8").splitlines()]
    crowd.close()
    total = sum(int(n) for _, n in stacks) or 1
    leaves: dict[str, int] = {}
    for stack, n in stacks:
        leaf = stack.rsplit(";", 1)[-1]
        leaves[leaf] = leaves.get(leaf, 0) + int(n)
    print(f"{total} samples of the web process, {JUDGED_CLIENTS} browsers, by innermost function:")
    for leaf, n in sorted(leaves.items(), key=lambda pair: -pair[1])[:25]:
        print(f"{n / total:7.1%}  {leaf}")


def main() -> int:
    """Measure, print a table and one JSON line, and return 0 when the product keeps its bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the product alone, fewer browsers, under 45 s")
    parser.add_argument("--profile", action="store_true", help="also show where the web process spends its time")
    options = parser.parse_args()
    counts, seconds = (QUICK_CLIENTS, QUICK_SECONDS) if options.quick else (CLIENTS, SECONDS)
    with tempfile.TemporaryDirectory(prefix="svodka-fanout-") as folder, serve_product(Path(folder)) as server:
        rows = [measure(server, clients, seconds) for clients in counts]
        show(rows)
        if options.profile:
            profile(server, SECONDS)
    peers: list[Figures] = []
    if not options.quick:
        for kind, per_message in (("raw", 10), ("raw", 1), ("socketio", 10), ("socketio", 1)):
            with serve_peer(kind, per_message) as server:
                peers += [measure(server, clients, seconds) for clients in counts]
        show(peers)
    figures: dict[str, Any] = {
        "svodka": rows,
        "peers": peers,
        "exponent": round(find_exponent(rows), 2),
        "bounds": {"p99_ms": MAX_P99_MS, "cpu_us": MAX_CPU_US, "exponent": MAX_EXPONENT, "clients": JUDGED_CLIENTS},
    }
    is_ok = judge(rows)
    print(encode_text({"bench": "fanout", "ok": is_ok, "figures": figures}))
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
