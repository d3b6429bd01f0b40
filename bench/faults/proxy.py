"""A TCP proxy with faults: connections cut, refused, stalled, delayed, throttled, sliced; and messages of pub/sub.

One event loop in a thread of its own serves all proxies of a run. What is under way is disturbed too: a mode acts on
every byte that passes while it lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from random import Random
from typing import Any, Literal

Mode = Literal["", "refuse", "stall", "delay", "throttle", "slice", "drop", "double", "reorder"]
_CHUNK = 65536
_THROTTLED_BYTES_PER_S = 20_000
_DELAY_S = 0.4


class Loop:
    """The event loop of all proxies."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.proxies: list[Proxy] = []

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine there and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def close(self) -> None:
        """End it with everything in it."""
        for proxy in self.proxies:
            proxy.close()
        self.call(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @staticmethod
    async def _cancel_all() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were aborted close their sockets with the next round


class Proxy:
    """Hands bytes on between its own port of the loopback and another.

    Args:
        loop: Where it runs.
        target: Port that it stands before; may be changed while nobody is connected.
        draw: Chooses which messages are disturbed.
        is_redis: Bytes from the target are Redis replies: then messages of pub/sub can be disturbed one by one.
    """

    def __init__(self, loop: Loop, target: int, draw: Random, *, is_redis: bool = False) -> None:
        self.target, self.mode = target, ""
        self.disturbed = 0
        self._loop, self._draw, self._is_redis = loop, draw, is_redis
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server = loop.call(self._listen(0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        loop.proxies.append(self)

    def set_mode(self, mode: Mode) -> None:
        """Disturb in this way from now on; "" not at all."""
        self.mode = mode
        if mode == "refuse":
            self.cut()

    def cut(self) -> None:
        """Reset all connections of this moment."""
        self._loop.call(self._cut())

    def close(self) -> None:
        """Stop listening."""
        self._loop.call(self._close())

    async def _listen(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def _close(self) -> None:
        self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "refuse":
            writer.transport.abort()
            return
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, onward}
        messages = Messages(self, self._draw) if self._is_redis else None
        try:
            # Two tasks, so that one direction that ends takes the other with it: half a connection is none.
            ways = [asyncio.ensure_future(self._pass(reader, onward, None)),
                    asyncio.ensure_future(self._pass(there, writer, messages))]  # fmt: skip
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        finally:
            self._writers -= {writer, onward}
            for one in (writer, onward):
                with contextlib.suppress(OSError, RuntimeError):
                    one.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, messages: Messages | None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                for piece in messages.disturb(data) if messages else [data]:
                    await self._send(writer, piece)

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self.mode == "delay":
            await asyncio.sleep(_DELAY_S)
        while self.mode == "stall":  # noqa: ASYNC110 - switched from another thread
            await asyncio.sleep(0.05)
        step = {"throttle": _THROTTLED_BYTES_PER_S // 10, "slice": 700}.get(self.mode, len(data))
        for start in range(0, len(data), max(1, step)):
            writer.write(data[start : start + step])
            await writer.drain()
            if self.mode == "throttle":
                await asyncio.sleep(0.1)


class Messages:
    """Splits the replies of a Redis server and drops, doubles or swaps those that are messages of pub/sub."""

    def __init__(self, proxy: Proxy, draw: Random) -> None:
        self._proxy, self._draw = proxy, draw
        self._rest = b""
        self._held: bytes | None = None

    def disturb(self, data: bytes) -> list[bytes]:
        """Return what is handed on of these bytes."""
        self._rest += data
        out: list[bytes] = []
        while (end := _reply_end(self._rest, 0)) is not None:
            reply, self._rest = self._rest[:end], self._rest[end:]
            out += self._apply(reply) if b"\r\nmessage\r\n" in reply[:40] else [reply]
        return out

    def _apply(self, reply: bytes) -> list[bytes]:
        held, self._held = self._held, None
        if self._proxy.mode not in {"drop", "double", "reorder"} or self._draw.random() < 0.3:
            return [reply, held] if held is not None else [reply]
        self._proxy.disturbed += 1
        if self._proxy.mode == "drop":
            return [held] if held is not None else []
        if self._proxy.mode == "double":
            return [reply, reply, *([held] if held is not None else [])]
        if held is None:
            self._held = reply
            return []
        return [reply, held]


def _reply_end(data: bytes, start: int) -> int | None:
    """Return where the Redis reply that begins at `start` ends, None while it is not whole."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        return None
    kind, count, at = data[start : start + 1], data[start + 1 : line_end], line_end + 2
    if kind in b"$=!":
        end = at + int(count) + 2 if int(count) >= 0 else at
        return end if end <= len(data) else None
    if kind in b"*>~%|":
        parts = int(count) * (2 if kind in b"%|" else 1)
        for _ in range(max(parts, 0)):
            part_end = _reply_end(data, at)
            if part_end is None:
                return None
            at = part_end
    return at
