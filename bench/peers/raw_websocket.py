"""The floor: a WebSocket as bare as can be, and a page that sets a text, inserts a row and draws a mark.

No library at all between the message from Redis and the screen: asyncio, a handshake, one frame of bytes for all
browsers, ten lines of script. It has neither gauges nor a chart, it recovers nothing and checks nothing: it is what
the machine and the browser cost, not a product.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
from pathlib import Path

import redis.asyncio

from bench.peers.page_model import CHANNEL, PageModel, load_areas, read_options, rings_of, row_text

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SHORT, _MEDIUM = 126, 65536
_PAGE = Path(__file__).with_suffix(".html")


class RawServer:
    """Serves the page and tells every browser of every event."""

    def __init__(self, url: str, areas: str) -> None:
        self._url = url
        self._rings = rings_of(load_areas(areas))
        self._model = PageModel()
        self._browsers: set[asyncio.StreamWriter] = set()

    async def run(self, port: int) -> None:
        """Serve for ever."""
        client = redis.asyncio.Redis.from_url(self._url)
        line = client.pubsub(ignore_subscribe_messages=True)
        await line.subscribe(CHANNEL)
        with redis.Redis.from_url(self._url) as start:
            self._model.load(start)
        await asyncio.start_server(self._answer, "127.0.0.1", port)
        async for message in line.listen():
            events = json.loads(message["data"])
            self._model.take(events)
            self._tell(self._browsers, told(self._model.count, events))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            if "upgrade: websocket" not in head.lower():
                body = _PAGE.read_bytes()
                kind = "text/html; charset=utf-8"
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
                await writer.drain()
                return
            key = next(
                line[19:].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key: ")
            )
            assert "sec-websocket-version" in fields
            accept = base64.b64encode(hashlib.sha1(key.encode() + _MAGIC).digest()).decode()  # noqa: S324 - RFC 6455
            upgrade = "Upgrade: websocket\r\nConnection: Upgrade"
            writer.write(
                f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
            )
            whole = told(self._model.count, list(self._model.marks)) | {"areas": self._rings}
            self._tell([writer], whole)
            self._browsers.add(writer)
            while await reader.read(4096):
                pass
        finally:
            self._browsers.discard(writer)
            writer.close()

    def _tell(self, browsers: set[asyncio.StreamWriter] | list[asyncio.StreamWriter], message: object) -> None:
        body = json.dumps(message, ensure_ascii=False).encode()
        size = len(body)
        if size < _SHORT:
            head = bytes([0x81, size])
        elif size < _MEDIUM:
            head = bytes([0x81, 126]) + struct.pack(">H", size)
        else:
            head = bytes([0x81, 127]) + struct.pack(">Q", size)
        for browser in browsers:
            browser.write(head + body)


def told(count: int, events: list[dict[str, object]]) -> dict[str, object]:
    """Return a message of these events."""
    return {
        "count": count,
        "rows": [[event["n"], row_text(event)] for event in events[-50:]],
        "points": [[event["lon"], event["lat"]] for event in events],
    }


if __name__ == "__main__":
    options = read_options()
    asyncio.run(RawServer(options.redis, options.areas).run(options.port))
