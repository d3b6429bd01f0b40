"""The outermost layer of the web server: which hosts and origins are served, and the headers of every answer.

It stands before Flask and before Socket.IO, which does not run Flask's hooks. Comparisons are exact: a prefix or a
suffix of a permitted name is not that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def allowed_hosts(public_urls: Iterable[str], port: int) -> frozenset[str]:
    """Return the Host headers that are served: those of the public addresses, and loopback for the machine itself."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    for url in public_urls:
        parts = urlsplit(url)
        hosts.add(parts.netloc.lower())
        if parts.port == _DEFAULT_PORTS.get(parts.scheme) and parts.hostname:
            hosts.add(parts.hostname)
    return frozenset(hosts)


def allowed_origins(public_urls: Iterable[str], port: int) -> list[str]:
    """Return the origins whose pages may open a socket; never empty, as an empty list would switch the check off."""
    return sorted({*public_urls, f"http://127.0.0.1:{port}", f"http://localhost:{port}"})


def security_headers(
    script_hashes: Iterable[str], origins: Iterable[str], map_origin: str = ""
) -> list[tuple[str, str]]:
    """Return the headers of every answer.

    Args:
        script_hashes: CSP hashes of the page's inline scripts.
        origins: Where the page may open a socket to.
        map_origin: Where the operator's own map comes from; "": from nowhere.

    Returns:
        Pairs of name and value. The policy lets Dash and Plotly work and forbids eval, foreign hosts and framing.
    """
    sockets = " ".join(origin.replace("http", "ws", 1) for origin in origins)
    policy = (
        "default-src 'none'",
        " ".join(("script-src 'self'", *script_hashes)),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        f"connect-src 'self' {sockets} {map_origin}".rstrip(),
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
    )
    return [
        ("Content-Security-Policy", "; ".join(policy)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]


class Gate:
    """WSGI middleware that refuses foreign hosts and origins and stamps the headers.

    Args:
        app: What stands behind it.
        hosts: Host headers that are served, in lower case.
        origins: Origins that may write or open a socket.
        headers: Gives the headers of an answer.
        socket_path: Where Socket.IO listens; a browser there must name its origin.
    """

    def __init__(
        self,
        app: WsgiApp,
        *,
        hosts: frozenset[str],
        origins: Iterable[str],
        headers: Callable[[], list[tuple[str, str]]],
        socket_path: str = "/socket.io",
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = frozenset(origins)
        self._headers = headers
        self._socket_path = socket_path

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or refuse it with one line."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - WSGI
            ours = self._headers()
            names = {name.lower() for name, _value in ours}
            return start_response(status, [*(pair for pair in headers if pair[0].lower() not in names), *ours], *rest)

        refusal = self._refusal(environ)
        if refusal is None:
            return self._app(environ, start)
        start(refusal, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
        return [refusal.encode()]

    def _refusal(self, environ: dict[str, Any]) -> str | None:
        if str(environ.get("HTTP_HOST", "")).lower() not in self._hosts:
            return "400 Unknown host, see SVODKA_PUBLIC_URLS"
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin not in self._origins:
            return "403 Unknown origin"
        path = str(environ.get("PATH_INFO", ""))
        if origin is None and (path == self._socket_path or path.startswith(f"{self._socket_path}/")):
            return "403 Origin missing"
        # `same-site` is another port or a sister name: not ours either.
        foreign = environ.get("HTTP_SEC_FETCH_SITE") in {"cross-site", "same-site"}
        if foreign and environ.get("HTTP_SEC_FETCH_MODE") != "navigate":
            return "403 Another site's request"
        if environ.get("REQUEST_METHOD") not in _READING | {"POST"}:
            return "405 Method not allowed"
        return None
