"""A proxy before the simulated sources that notes when each appeal was first answered to the poller."""

from __future__ import annotations

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

_IDS = re.compile(rb'(?:"service_request_id"\s*:\s*"|<service_request_id>)([^"<]+)')
_TIMEOUT_S = 30


class StampingProxy:
    """Hands every GET on to `upstream`; `answered_at_s` holds seconds of the machine's clock by the source's id."""

    def __init__(self, upstream: str) -> None:
        self.answered_at_s: dict[str, float] = {}
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, headers, body = _ask(f"{upstream}{self.path}", self.headers.get("Accept", "*/*"))
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                at_s = time.time()
                for found in _IDS.findall(body):
                    proxy.answered_at_s.setdefault(found.decode(), at_s)
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _ask(url: str, accept: str) -> tuple[int, list[tuple[str, str]], bytes]:
    request = Request(url, headers={"Accept": accept, "Accept-Encoding": "identity"})
    try:
        with urlopen(request, timeout=_TIMEOUT_S) as answer:
            return answer.status, _kept(answer.headers.items()), answer.read()
    except HTTPError as error:
        with error:
            return error.code, _kept(error.headers.items()), error.read()


def _kept(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    dropped = {"content-length", "connection", "transfer-encoding", "server"}
    return [(name, value) for name, value in headers if name.lower() not in dropped]
