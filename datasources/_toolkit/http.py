"""The only HTTP client of the project: bounded in time and size, and it goes nowhere but where it was sent.

It follows no redirect, reads no proxy or password from the environment, decompresses with a limit and ends
an answer that trickles. Messages of its errors name scheme, host and path, never a query or a header.
Source: RFC 9110 (status codes, Retry-After, Date), docs/adr/0020, docs/adr/0150.
"""

from __future__ import annotations

import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import httpx
import msgspec

from datasources._toolkit.credentials import secret_headers
from datasources._toolkit.limits import HttpLimits
from datasources._toolkit.links import next_link, origin_of
from datasources._toolkit.oauth import TokenKeeper
from datasources._toolkit.transport import GuardedTransport, certificate_trouble
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError, SvodkaError
from svodka.settings.crash import crash_here

MAX_RETRY_AFTER_S = 3600.0
_OK, _UNAUTHORIZED = 200, 401
_TRY_AGAIN = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_CHUNK = 65536
_GZIP = 16 + zlib.MAX_WBITS
_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
_TOKEN_BYTES = 65536

# What a system says of its refusals in its own words: status and body in, the error that they mean out; None: as usual.
Refusal = Callable[[int, bytes], SvodkaError | None]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer with status 200.

    Attributes:
        body: Decompressed content.
        content_type: Media type in lower case without parameters, "" where the source gives none.
        charset: From the media type, "" where the source gives none.
        source_time_at: The source's own clock (its Date header), None where unreadable or absent.
        next_link: Target of `rel="next"` in its Link header as it stands there, "" where there is none.
    """

    body: bytes
    content_type: str
    charset: str
    source_time_at: datetime | None
    next_link: str = ""


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    method: Literal["GET", "POST"]
    url: str
    shown: str
    query: Mapping[str, str] = {}
    fields: Mapping[str, str] = {}
    headers: Mapping[str, bytes] = {}
    secret_path: str = ""
    refusal: Refusal | None = None

    def address(self) -> httpx.URL:
        """Return the whole address without the secret part of its path."""
        url = httpx.URL(self.url)
        return url.copy_merge_params(dict(self.query)) if self.query else url

    def target(self) -> dict[str, bytes]:
        """Return what stands in the line of the request in place of the address's path: nothing, or the secret path.

        So the address itself, which errors and the library's own log repeat, never holds the secret.
        """
        if not self.secret_path:
            return {}
        address = self.address()
        query = b"?" + address.query if address.query else b""
        return {"target": self.secret_path.encode("ascii") + query}


class HttpClient:
    """Asks one source. One thread at a time.

    Args:
        limits: How the source is asked, and with which secrets.
        clock: The product's clock.
        home: Address of the source; its scheme, host and port alone get the secrets. "": those of the first address
            that is asked.
    """

    def __init__(self, limits: HttpLimits, clock: Clock, *, home: str = "") -> None:
        self._limits = limits
        self._clock = clock
        self._home = origin_of(home) if home else None
        self._socket: socket.socket | None = None
        self._client: httpx.Client | None = None
        self._is_new = False
        self._token_client: HttpClient | None = None
        self._tokens: TokenKeeper | None = None
        if limits.oauth is not None:
            bare = msgspec.structs.replace(limits, oauth=None, header_files={}, max_bytes=_TOKEN_BYTES)
            self._token_client = HttpClient(bare, clock, home=limits.oauth.token_url)
            self._tokens = TokenKeeper(limits.oauth, clock, self._token_client.post_form)

    def fetch(
        self,
        url: str,
        query: Mapping[str, str] | None = None,
        *,
        secret_path: str = "",
        refusal: Refusal | None = None,
    ) -> Answer:
        """Get one address.

        Args:
            url: Address without secrets.
            query: Parameters to append.
            secret_path: Path that is asked for in place of the address's own, where a system wants its secret there:
                ASCII, percent-encoded; it appears in no message and no log.
            refusal: Reads a system's own words of an answer that is not 200.

        Returns:
            The whole answer.

        Raises:
            SourceUnavailableError: No connection, too slow, cut off, 408, 425, 429 or 5xx.
            SourceContractBrokenError: Another status, a redirect, too large, badly compressed, a certificate or an
                address that is not trusted, a secret that cannot be read.
        """
        shown = _shown(url)
        origin = origin_of(url)
        self._home = self._home or origin
        is_home = origin == self._home
        question = _Question(
            method="GET", url=url, shown=shown, query=query or {}, secret_path=secret_path, refusal=refusal
        )
        crash_here("fetch_before")
        if is_home:
            question = self._signed(question)
        try:
            answer = self._exchange(question)
        except SourceContractBrokenError as error:
            if error.status != _UNAUTHORIZED or self._tokens is None or not is_home:
                raise
            # It was taken back before its time: once more with a new one, and what that brings counts.
            self._tokens.forget()
            answer = self._exchange(self._signed(question))
        crash_here("fetch_after")
        return answer

    def post_form(self, url: str, fields: Mapping[str, str], headers: Mapping[str, bytes]) -> bytes:
        """Send a form without the source's fixed secrets; return the body of the answer, errors as with `fetch`."""
        return self._exchange(_Question(method="POST", url=url, shown=_shown(url), fields=fields, headers=headers)).body

    def _signed(self, question: _Question) -> _Question:
        headers = secret_headers(self._limits)
        if self._tokens is not None:
            headers["Authorization"] = self._tokens.header()
        return msgspec.structs.replace(question, headers=headers)

    def _exchange(self, question: _Question) -> Answer:
        """Ask within the limits and turn what may go wrong into the project's errors."""
        shown = question.shown
        with self._deadline() as expired:
            try:
                return self._read_once_more(question, expired)
            except (httpx.TransportError, OSError) as error:
                self._drop()
                if expired.is_set():
                    raise self._too_slow(shown) from error
                if trouble := certificate_trouble(error):
                    message = f"{shown} cannot be trusted: {trouble}"[:300]
                    raise SourceContractBrokenError(message) from error
                is_cut = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
                did = "breaks its answer off" if is_cut else "does not answer"
                message = f"{shown} {did}: {type(error).__name__}"
                raise SourceUnavailableError(message) from error
            except (httpx.InvalidURL, httpx.StreamError) as error:
                self._drop()
                message = f"{shown} cannot be asked: {type(error).__name__}"
                raise SourceContractBrokenError(message) from error

    def close(self) -> None:
        """Give the connection back, also from another thread: a fetch in flight ends with an error."""
        if self._token_client is not None:
            self._token_client.close()
        self._drop()

    def _drop(self) -> None:
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
            self._client = httpx.Client(
                headers={"User-Agent": "svodka", "Accept-Encoding": "gzip"},
                timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
                transport=GuardedTransport(limits),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    def _read_once_more(self, question: _Question, expired: threading.Event) -> Answer:
        """Read; once again where a kept connection turns out to have been closed, which is no failure of the source."""
        self._is_new = False
        try:
            return self._read(question, expired)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if self._is_new or expired.is_set():
                raise
            self._drop()
            return self._read(question, expired)

    def _read(self, question: _Question, expired: threading.Event) -> Answer:
        client = self._open()
        # A source's cookies would be sent to whatever it links to.
        client.cookies.clear()
        with client.stream(
            question.method,
            question.address(),
            data=dict(question.fields) or None,
            headers=[(name.encode(), text) for name, text in question.headers.items()],
            extensions={"trace": self._remember_socket, **question.target()},
        ) as response:
            self._check_status(response, question, expired)
            body = self._read_body(response, question.shown, expired)
        if expired.is_set():
            raise self._too_slow(question.shown)
        media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
        return Answer(
            body=body,
            content_type=media_type.strip().lower(),
            charset=_charset(parameters),
            source_time_at=_http_date(response.headers.get("Date", "")),
            next_link=next_link(response.headers.get("Link", "")),
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

    def _check_status(self, response: httpx.Response, question: _Question, expired: threading.Event) -> None:
        status, shown = response.status_code, question.shown
        if status == _OK:
            return
        if response.has_redirect_location:
            target = response.url.join(response.headers.get("Location", ""))
            # The secret of a path may stand there again.
            there = target.host[:100] if question.secret_path else _shown(str(target))
            message = f"{shown} redirects to {there}: correct the source's url"
            raise SourceContractBrokenError(message)
        error = self._refused(response, question, expired)
        if error is not None:
            raise error
        message = f"{shown} answers with status {status}"
        if status in _TRY_AGAIN or status >= _SERVER_ERROR:
            wait_s = decide_retry_after_s(response.headers.get("Retry-After", ""), self._clock.now())
            raise SourceUnavailableError(message, retry_after_s=wait_s)
        raise SourceContractBrokenError(message, status=status)

    def _refused(self, response: httpx.Response, question: _Question, expired: threading.Event) -> SvodkaError | None:
        """Return what the system's own words of a refusal mean, None where it has none that can be read."""
        if question.refusal is None:
            return None
        try:
            body = self._read_body(response, question.shown, expired)
        except SourceContractBrokenError:
            return None
        return question.refusal(response.status_code, body)

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
