"""The only HTTP client of the project: bounded in time and size, and it goes nowhere but where it was sent.

It follows no redirect, reads no proxy or password from the environment, decompresses with a limit and ends
an answer that trickles. Messages of its errors name scheme, host and path, never a query or a header.
Source: RFC 9110 (status codes, Retry-After, Date), docs/adr/0020.
"""

from __future__ import annotations

import socket
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from datasources._toolkit.limits import HttpLimits
from svodka.domain.clock import Clock
from svodka.domain.errors import ProfileError, SourceContractBrokenError, SourceUnavailableError
from svodka.settings.crash import crash_here

MAX_RETRY_AFTER_S = 3600.0
_OK = 200
_TRY_AGAIN = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_CHUNK = 65536
_GZIP = 16 + zlib.MAX_WBITS
_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer with status 200.

    Attributes:
        body: Decompressed content.
        content_type: Media type in lower case without parameters, "" where the source gives none.
        charset: From the media type, "" where the source gives none.
        source_time_at: The source's own clock (its Date header), None where unreadable or absent.
    """

    body: bytes
    content_type: str
    charset: str
    source_time_at: datetime | None


class HttpClient:
    """Asks one source. One thread at a time."""

    def __init__(self, limits: HttpLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._socket: socket.socket | None = None
        self._client: httpx.Client | None = None
        self._is_new = False

    def fetch(self, url: str, query: Mapping[str, str] | None = None) -> Answer:
        """Get one address.

        Args:
            url: Address without secrets.
            query: Parameters to append.

        Returns:
            The whole answer.

        Raises:
            SourceUnavailableError: No connection, too slow, cut off, 408, 425, 429 or 5xx.
            SourceContractBrokenError: Another status, a redirect, too large, badly compressed.
        """
        shown = _shown(url)
        crash_here("fetch_before")
        with self._deadline() as expired:
            try:
                answer = self._read_once_more(url, query or {}, shown, expired)
            except (httpx.TransportError, OSError) as error:
                self.close()
                if expired.is_set():
                    raise self._too_slow(shown) from error
                message = f"{shown} does not answer: {type(error).__name__}"
                raise SourceUnavailableError(message) from error
            except (httpx.InvalidURL, httpx.StreamError) as error:
                self.close()
                message = f"{shown} cannot be asked: {type(error).__name__}"
                raise SourceContractBrokenError(message) from error
        crash_here("fetch_after")
        return answer

    def close(self) -> None:
        """Give the connection back, also from another thread: a fetch in flight ends with an error."""
        client, self._client = self._client, None
        self._cut()
        if client is not None:
            client.close()

    def _cut(self) -> None:
        cut, self._socket = self._socket, None
        if cut is not None:
            # It may have closed by itself in this moment.
            with suppress(OSError):
                cut.shutdown(socket.SHUT_RDWR)

    def _open(self) -> httpx.Client:
        if self._client is None:
            limits = self._limits
            headers = {"User-Agent": "svodka", "Accept-Encoding": "gzip", **_authorization(limits.authorization_file)}
            self._client = httpx.Client(
                headers=headers,
                timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
                limits=httpx.Limits(max_connections=1),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    def _read_once_more(self, url: str, query: Mapping[str, str], shown: str, expired: threading.Event) -> Answer:
        """Read; once again where a kept connection turns out to have been closed, which is no failure of the source."""
        self._is_new = False
        try:
            return self._read(url, query, shown, expired)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if self._is_new or expired.is_set():
                raise
            self.close()
            return self._read(url, query, shown, expired)

    def _read(self, url: str, query: Mapping[str, str], shown: str, expired: threading.Event) -> Answer:
        extensions = {"trace": self._remember_socket}
        with self._open().stream("GET", url, params=dict(query) or None, extensions=extensions) as response:
            self._check_status(response, shown)
            body = self._read_body(response, shown, expired)
        if expired.is_set():
            raise self._too_slow(shown)
        media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
        return Answer(
            body=body,
            content_type=media_type.strip().lower(),
            charset=_charset(parameters),
            source_time_at=_http_date(response.headers.get("Date", "")),
        )

    def _read_body(self, response: httpx.Response, shown: str, expired: threading.Event) -> bytes:
        limit = self._limits.max_bytes
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"gzip", "x-gzip", "identity", ""}:
            message = f"{shown} answers in an encoding nobody asked for"
            raise SourceContractBrokenError(message)
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced[:20]) > limit:
            message = f"{shown} announces more than {limit} bytes"
            raise SourceContractBrokenError(message)
        parts: list[bytes] = []
        size = 0
        chunks: Iterator[bytes] = response.iter_raw(_CHUNK)
        for part in _unzipped(chunks, limit, shown) if "gzip" in encoding else chunks:
            size += len(part)
            if size > limit:
                message = f"{shown} answers with more than {limit} bytes"
                raise SourceContractBrokenError(message)
            if expired.is_set():
                raise self._too_slow(shown)
            parts.append(part)
        return b"".join(parts)

    def _check_status(self, response: httpx.Response, shown: str) -> None:
        status = response.status_code
        if status == _OK:
            return
        if response.has_redirect_location:
            target = response.headers.get("Location", "")
            message = f"{shown} redirects to {_shown(str(response.url.join(target)))}: correct the source's url"
            raise SourceContractBrokenError(message)
        message = f"{shown} answers with status {status}"
        if status in _TRY_AGAIN or status >= _SERVER_ERROR:
            wait_s = decide_retry_after_s(response.headers.get("Retry-After", ""), self._clock.now())
            raise SourceUnavailableError(message, retry_after_s=wait_s)
        raise SourceContractBrokenError(message)

    def _too_slow(self, shown: str) -> SourceUnavailableError:
        message = f"{shown} gave no whole answer within {self._limits.total_s:g} s"
        return SourceUnavailableError(message)

    def _remember_socket(self, event: str, info: Mapping[str, Any]) -> None:
        if event in _CONNECTED:
            self._is_new = True
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        """Cut the connection after `total_s`: a header or body that trickles never meets a read timeout."""
        expired = threading.Event()

        def cut() -> None:
            expired.set()
            self._cut()

        timer = threading.Timer(self._limits.total_s, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()


def decide_retry_after_s(text: str, now: datetime) -> float | None:
    """Return how many seconds a Retry-After header asks for, 0 to 3600; None where it says nothing readable.

    Source: RFC 9110, 10.2.3: seconds or a date.
    """
    text = text.strip()
    if text.isdecimal() and text.isascii():
        return min(float(text[:12]), MAX_RETRY_AFTER_S)
    at = _http_date(text)
    return None if at is None else min(max((at - now).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def _unzipped(chunks: Iterator[bytes], limit: int, shown: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                yield inflater.decompress(data, min(limit + 1, _CHUNK))
                data = inflater.unconsumed_tail
                if inflater.eof:
                    data = inflater.unused_data  # gzip allows several members in a row
                    inflater = zlib.decompressobj(_GZIP) if data else inflater
    except zlib.error as error:
        message = f"{shown} answers with broken gzip"
        raise SourceContractBrokenError(message) from error
    if not inflater.eof:
        message = f"{shown} answers with half a gzip stream"
        raise SourceContractBrokenError(message)


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _shown(url: str) -> str:
    """Return an address without user, password, query and fragment."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "an unreadable address"
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.scheme}://{parsed.host}{port}{parsed.path}"[:200]


def _authorization(path: str) -> dict[str, str]:
    if not path:
        return {}
    try:
        value = Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        message = f"authorization_file {path} cannot be read."
        raise ProfileError(message) from error
    return {"Authorization": value}
