"""Connections that go only where they may: the address that is checked is the address that is connected to.

A name is resolved once for each connection, within the time for connecting; a name that leads anywhere it may not is
refused as a whole, so that an answer of the name server which mixes addresses gains nothing (DNS rebinding).
Source: docs/adr/0150.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import httpcore
import httpx
from httpcore import ConnectError, ConnectTimeout

from datasources._toolkit.addresses import Reach, reach_of
from datasources._toolkit.credentials import check_private
from datasources._toolkit.limits import HttpLimits
from svodka.domain.clock import monotonic_s
from svodka.domain.errors import SourceContractBrokenError

_KEPT_S = 5.0
_MAX_ADDRESSES = 8
_MAX_CAUSES = 8
_MAX_CONTEXTS = 32  # of sources with papers of their own, about 1 MB each


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over guarded connections, one at a time."""

    def __init__(self, limits: HttpLimits) -> None:
        context = build_tls(limits)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=1,
            keepalive_expiry=_KEPT_S,
            network_backend=_GuardedBackend(limits),
        )


class _GuardedBackend(httpcore.SyncBackend):
    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an address that the name leads to and that may be reached."""
        ends_s = monotonic_s() + (timeout or self._limits.connect_s)
        addresses = _resolve(host, port, ends_s - monotonic_s())
        for address in addresses:
            self._check(host, address)
        failure: Exception = ConnectError("the name leads nowhere")
        for address in addresses[:_MAX_ADDRESSES]:
            left_s = ends_s - monotonic_s()
            if left_s <= 0:
                break
            try:
                return super().connect_tcp(address, port, left_s, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the base class's form
        timeout: float | None = None,  # noqa: ARG002 - the base class's form
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the base class's form
    ) -> httpcore.NetworkStream:
        """Refuse: no source is a socket of this machine."""
        message = "a source is asked over the network"
        raise SourceContractBrokenError(message)

    def _check(self, host: str, address: str) -> None:
        reach = reach_of(address)
        if reach is Reach.NEVER:
            message = f"{host[:100]} leads to {address}, where no source is"
            raise SourceContractBrokenError(message)
        if reach is Reach.PRIVATE and not self._limits.may_be_private(host):
            message = f"{host[:100]} leads to the private address {address}: see http.allow_private and allowed_hosts"
            raise SourceContractBrokenError(message)


def build_tls(limits: HttpLimits) -> ssl.SSLContext:
    """Return how certificates are verified and shown.

    To read the public roots takes longer than most questions, so what was read serves all connectors with the same
    files of their own, until one of these is written anew; the public roots are those of the start.

    Raises:
        SourceContractBrokenError: A file of certificates or keys cannot be used.
    """
    key_file = (limits.client_key_file or limits.client_cert_file) if limits.client_cert_file else ""
    if key_file:
        check_private(key_file, key="client_key_file")
    return _read_tls(_File.of(limits.ca_file), _File.of(limits.client_cert_file), _File.of(key_file))


def certificate_trouble(error: BaseException | None) -> str:
    """Return what a failed connection says of certificates and TLS versions, "" where they were not the trouble."""
    for _ in range(_MAX_CAUSES):
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message or "its certificate cannot be verified"
        if isinstance(error, ssl.SSLError) and error.reason and error.reason != "UNEXPECTED_EOF_WHILE_READING":
            return error.reason.lower().replace("_", " ")
        if error is None:
            break
        error = error.__cause__ or error.__context__
    return ""


class _File(NamedTuple):
    """One state of a file, told from another without reading it."""

    path: str
    state: tuple[int, ...] = ()

    @classmethod
    def of(cls, path: str) -> _File:
        try:
            found = Path(path).stat()
        except (OSError, ValueError):  # to read it will say so
            return cls(path)
        return cls(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@lru_cache(maxsize=_MAX_CONTEXTS)
def _read_tls(ca: _File, cert: _File, key: _File) -> ssl.SSLContext:
    """Return a context that nobody changes any more; a failure is not kept."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca.path:
        _load("ca_file", lambda: context.load_verify_locations(cafile=ca.path))
    if cert.path:
        _load("client_cert_file", lambda: context.load_cert_chain(cert.path, key.path, lambda: ""))
    return context


def _load(key: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (OSError, ValueError) as error:
        message = f"http.{key} cannot be used: {type(error).__name__}"
        raise SourceContractBrokenError(message) from error


def _resolve(host: str, port: int, timeout_s: float) -> list[str]:
    """Return the addresses of a host, in the resolver's order.

    The resolver knows no time limit, so it works in a thread of its own that nobody waits for any longer.

    Raises:
        ConnectTimeout: No answer in time.
        ConnectError: No such name.
    """
    found: list[str] = []
    trouble: list[Exception] = []

    def ask() -> None:
        try:
            found.extend(dict.fromkeys(str(info[4][0]) for info in getaddrinfo(host, port)))
        except (OSError, UnicodeError) as error:
            trouble.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        message = "the name server does not answer"
        raise ConnectTimeout(message)
    if trouble or not found:
        message = "the name leads nowhere"
        raise ConnectError(message)
    return found


def getaddrinfo(host: str, port: int) -> list[tuple[object, object, int, str, tuple[object, ...]]]:
    """Return what the system's resolver knows of a host; a test puts a resolver of its own in its place."""
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
