"""How one source is asked: limits, secrets, certificates; part of every source's params as `[source.params.http]`."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

MIB = 1024 * 1024
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
# They belong to the client itself, or to authorization_file and its like.
_RESERVED_HEADERS = frozenset(
    {"authorization", "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie"}
)


class OAuth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Client credentials of OAuth 2.0.

    Source: RFC 6749, 2.3.1 and 4.4.

    Attributes:
        token_url: Where tokens are given out; https, unless its host may be private.
        client_file: Secret file with `id:secret`.
        scope: What is asked for, "" for what the server gives by itself.
        send: How the server wants id and secret: as a Basic header, or in the form.
    """

    token_url: str
    client_file: str
    scope: str = ""
    send: Literal["header", "body"] = "header"


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one source is asked.

    A secret stands in a file of its own that nobody else may read (mode 0600), never in a sources file, an error or a
    log. It is sent to the scheme, host and port of the source's own url and nowhere else. Certificates are always
    verified.

    Attributes:
        connect_s: Seconds until name and connection stand.
        read_s: Seconds of silence in the middle of an answer.
        total_s: Seconds for the whole answer, however it trickles in.
        max_bytes: Size of the answer after decompression.
        authorization_file: Secret file with the whole value of the Authorization header, "" for none.
        bearer_file: Secret file with a bearer token.
        basic_file: Secret file with `user:password`.
        header_files: Secret files with the values of other headers, by the header's name.
        oauth: Client credentials with which tokens are fetched.
        client_cert_file, client_key_file: PEM files of a client certificate and its key, which has no password; the
            certificate's own file may hold the key too.
        ca_file: PEM file of root certificates that are trusted besides the public ones.
        allow_private: Hosts of this source may lie in private networks or on this machine.
        allowed_hosts: Names or addresses for which alone that is allowed.
    """

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 30.0
    max_bytes: int = 8 * MIB
    authorization_file: str = ""
    bearer_file: str = ""
    basic_file: str = ""
    header_files: dict[str, str] = {}
    oauth: OAuth | None = None
    client_cert_file: str = ""
    client_key_file: str = ""
    ca_file: str = ""
    allow_private: bool = False
    allowed_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse limits that would mean "never" or "at once", and secrets that contradict each other.

        Raises:
            ValueError: One of those.
        """
        if min(self.connect_s, self.read_s, self.total_s, self.max_bytes) <= 0:
            message = "limits of http must be above 0"
            raise ValueError(message)
        if sum(map(bool, (self.authorization_file, self.bearer_file, self.basic_file, self.oauth))) > 1:
            message = "http takes one of authorization_file, bearer_file, basic_file and oauth"
            raise ValueError(message)
        for name in self.header_files:
            if not _HEADER_NAME.fullmatch(name) or name.lower() in _RESERVED_HEADERS:
                message = f"http.header_files: {name[:64]!r} is no header for a secret"
                raise ValueError(message)
        if self.client_key_file and not self.client_cert_file:
            message = "http.client_key_file needs client_cert_file"
            raise ValueError(message)
        if self.oauth is not None:
            self._check_token_url(self.oauth.token_url)

    def may_be_private(self, host: str) -> bool:
        """Return whether the operator allows that a host lies in a private network."""
        return self.allow_private or bare_host(host) in {bare_host(allowed) for allowed in self.allowed_hosts}

    def _check_token_url(self, url: str) -> None:
        parsed = urlsplit(url)
        host = parsed.hostname or ""
        is_safe = parsed.scheme == "https" or (parsed.scheme == "http" and self.may_be_private(host))
        if not host or not is_safe or "@" in parsed.netloc:
            message = "http.oauth.token_url must be an https address without a password"
            raise ValueError(message)


def bare_host(host: str) -> str:
    """Return a host as it is compared: lower case, without brackets and the dot of a full name."""
    return host.strip("[]").rstrip(".").lower()
