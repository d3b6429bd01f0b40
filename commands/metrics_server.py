"""Metrics over HTTP for a process that serves nothing else: on loopback alone, `GET /metrics`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from svodka.domain.errors import StartError
from svodka.observability.metrics import CONTENT_TYPE
from svodka.security.gate import Gate

_HOST = "127.0.0.1"
_READ_LIMIT_S = 5.0
_PATH = "/metrics"


class MetricsServer:
    """Serves what `render` returns.

    Args:
        port: Of 127.0.0.1; 0: any free one.
        render: Returns the metrics in Prometheus' text format.

    Raises:
        StartError: The port is in use.
    """

    def __init__(self, port: int, render: Callable[[], bytes]) -> None:
        try:
            self._server = make_server(_HOST, port, _refuse, server_class=_Server, handler_class=_Handler)
        except OSError as error:
            message = f"Port {port} for metrics is in use; choose another with SVODKA_METRICS_PORT."
            raise StartError(message) from error
        own = frozenset({f"{_HOST}:{self.port}", f"localhost:{self.port}"})
        # As the web server: a page of somebody else, by another name for this machine, gets nothing.
        self._server.set_app(Gate(_application(render), hosts=own, origins=[], headers=list))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _READ_LIMIT_S

    def log_message(self, *_words: Any) -> None:  # noqa: ANN401 - the base class's
        """Say nothing: a scrape every few seconds is no event."""


def _refuse(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"not here\n"]


def _application(render: Callable[[], bytes]) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != _PATH:
            return _refuse(environ, start_response)
        start_response("200 OK", [("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")])
        return [render()]

    return answer
