"""Tokens of OAuth 2.0 by client credentials: fetched when one is needed, kept in memory until they expire.

Source: RFC 6749, 2.3.1 (how the client shows itself), 4.4.2 (question), 5.1 (answer).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import msgspec

from datasources._toolkit.credentials import basic, read_secret
from datasources._toolkit.limits import OAuth
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceContractBrokenError

# A token is given up so long before its end that it does not expire on the way.
_MARGIN_S = 30.0
_USUAL_S, _MAX_S = 300.0, 86_400.0

PostForm = Callable[[str, Mapping[str, str], Mapping[str, bytes]], bytes]


class _Grant(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: float | str | None = None


class TokenKeeper:
    """Keeps one token.

    Args:
        params: Who asks whom.
        clock: The product's clock.
        post_form: Sends a form (address, fields, headers) and returns the body of a good answer.
    """

    def __init__(self, params: OAuth, clock: Clock, post_form: PostForm) -> None:
        self._params = params
        self._clock = clock
        self._post_form = post_form
        self._token = b""
        self._ends_at: datetime | None = None

    def header(self) -> bytes:
        """Return the value of the Authorization header, with a new token where the old one has ended.

        Raises:
            SourceUnavailableError: The server of tokens does not answer.
            SourceContractBrokenError: It refuses, or answers with no bearer token.
        """
        now = self._clock.now()
        if self._ends_at is None or now >= self._ends_at:
            grant = self._fetch()
            lasts_s = _seconds(grant.expires_in)
            self._token = grant.access_token.encode()
            self._ends_at = now + timedelta(seconds=lasts_s - min(_MARGIN_S, lasts_s / 2))
        return b"Bearer " + self._token

    def forget(self) -> None:
        """Throw the token away: the source no longer takes it."""
        self._token, self._ends_at = b"", None

    def _fetch(self) -> _Grant:
        params = self._params
        client_id, colon, secret = read_secret(params.client_file, key="oauth.client_file").partition(":")
        if not colon:
            message = f"http.oauth.client_file: {params.client_file} does not hold id:secret"
            raise SourceContractBrokenError(message)
        fields = {"grant_type": "client_credentials"}
        if params.scope:
            fields["scope"] = params.scope
        headers: dict[str, bytes] = {}
        if params.send == "header":
            headers["Authorization"] = basic(f"{quote_plus(client_id)}:{quote_plus(secret)}")
        else:
            fields |= {"client_id": client_id, "client_secret": secret}
        body = self._post_form(params.token_url, fields, headers)
        try:
            grant = codec.decode_as(body, _Grant)
        except (codec.DecodeError, RecursionError):
            grant = _Grant(access_token="")
        token = grant.access_token
        if not token or not token.isascii() or not token.isprintable() or grant.token_type.lower() != "bearer":
            # Without its cause: what was decoded holds a secret.
            message = "the server of tokens answers without a bearer token"
            raise SourceContractBrokenError(message) from None
        return grant


def _seconds(value: float | str | None) -> float:
    """Return how long a token lasts, 0 to a day; five minutes where the server does not say."""
    try:
        number = _USUAL_S if value is None else float(value)
    except ValueError:
        number = _USUAL_S
    return min(max(number, 0.0), _MAX_S) if math.isfinite(number) else _USUAL_S
