"""The feedback system that is read: pages of JSON over HTTP on the loopback, in a process of its own.

`python -m bench.ingest.feed PROFILE KIND N` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from bench.ingest.appeals import NOW, make_pages
from svodka.profiles.reader import load_profile

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def feeding(profile: str, kind: str, appeals_n: int) -> Iterator[str]:
    """Give the address of a feed that runs in a process of its own for as long as the block."""
    command = [sys.executable, "-m", "bench.ingest.feed", profile, kind, str(appeals_n)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            yield f"http://127.0.0.1:{port}/appeals.json"
        finally:
            process.stdin.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        number = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        body = self.pages[number - 1] if number <= len(self.pages) else b'{"items":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - its clock stands still
        return format_datetime(NOW, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's form
        """Say nothing."""


def main() -> int:
    """Serve."""
    profile, kind, appeals_n = sys.argv[1:]
    pages, _ = make_pages(load_profile(profile), kind, int(appeals_n))
    handler = type("Handler", (_Handler,), {"pages": tuple(pages)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
