"""Two servers that tell everybody of events they make themselves: aiohttp's bare WebSocket, and Flask-SocketIO.

    python fanout_plain.py raw|socketio --port PORT --per-message N

An event is 250 bytes of JSON; `N` of them travel in one message, 100 events a second in all. For each line `SECONDS`
on standard input they run that long and print when each message was handed over: [[number, monotonic seconds], …].
Flask-SocketIO runs on gevent, WebSocket only, and sends with `emit`, as its users do.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

EVENTS_PER_S = 100
_EVENT = {"id": 1000000, "text": "x" * 210}


def make(from_n: int, to_n: int) -> str:
    """Return one message."""
    return json.dumps({"from": from_n, "to": to_n, "rows": [_EVENT] * (to_n - from_n)}, separators=(",", ":"))


def run_socketio(port: int, per_message: int) -> None:
    """Serve with Flask-SocketIO on gevent."""
    from gevent import monkey  # noqa: PLC0415 - only where it is the peer, and before everything else

    monkey.patch_all()
    import gevent  # noqa: PLC0415
    from flask import Flask  # noqa: PLC0415
    from flask_socketio import SocketIO  # noqa: PLC0415
    from gevent.fileobject import FileObject  # noqa: PLC0415

    app = Flask(__name__)
    io = SocketIO(app, async_mode="gevent", transports=["websocket"], cors_allowed_origins="*")

    def work() -> None:
        at = 0
        for line in FileObject(sys.stdin.buffer, "rb"):
            stamps, began_s = [], time.monotonic()
            for n in range(int(float(line) * EVENTS_PER_S / per_message)):
                gevent.sleep(max(0.0, began_s + n * per_message / EVENTS_PER_S - time.monotonic()))
                stamps.append((at + per_message, time.monotonic()))
                io.emit("frame", make(at, at + per_message))
                at += per_message
            print(json.dumps(stamps), flush=True)

    gevent.spawn(work)
    io.run(app, host="127.0.0.1", port=port)


def run_raw(port: int, per_message: int) -> None:
    """Serve with aiohttp: one message made once, written to every connection."""
    import asyncio  # noqa: PLC0415

    from aiohttp import WSMsgType, web  # noqa: PLC0415

    browsers: set[web.WebSocketResponse] = set()

    async def watch(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse(compress=False)
        await line.prepare(request)
        browsers.add(line)
        async for message in line:
            if message.type is WSMsgType.ERROR:
                break
        browsers.discard(line)
        return line

    async def work() -> None:
        at, loop = 0, asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            stamps, began_s = [], time.monotonic()
            for n in range(int(float(line) * EVENTS_PER_S / per_message)):
                await asyncio.sleep(max(0.0, began_s + n * per_message / EVENTS_PER_S - time.monotonic()))
                stamps.append((at + per_message, time.monotonic()))
                text = make(at, at + per_message)
                for browser in list(browsers):
                    await browser.send_str(text)
                at += per_message
            print(json.dumps(stamps), flush=True)

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/", watch)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await work()

    asyncio.run(serve())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("raw", "socketio"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-message", type=int, required=True)
    chosen = parser.parse_args()
    (run_raw if chosen.kind == "raw" else run_socketio)(chosen.port, chosen.per_message)
