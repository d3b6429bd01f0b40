"""A Redis of the benchmark's own, on a unix socket."""

from __future__ import annotations

from pathlib import Path

from svodka.realtime.broker import Broker, find_broker_binary


class RedisServer:
    """A context in which the server runs; it gives the address."""

    def __init__(self, folder: Path) -> None:
        binary = find_broker_binary()
        assert binary, "no redis-server on this machine"
        self._broker = Broker(folder / "redis", binary)

    def __enter__(self) -> str:
        """Start it."""
        self._broker.start()
        return self._broker.url

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._broker.stop()
