"""What stands before a simulated system: a lock, a server of tokens, and bad manners on request.

- `/locked/<address>`: the same, for those who show the token, the key or the password of the demonstration, or a token
  of `/oauth/token`; 401 for all others.
- `/oauth/token`: OAuth 2.0 client credentials, as a Basic header or in the form; a token is good for ten minutes.
- `/rough/<manner>/<address>`: the same with bad manners (simulator/manners.py).

Both may be joined: `/rough/half/locked/lists/page.json`. What opens the lock is known to everybody, on purpose.
Source: RFC 6749, 4.4; RFC 6750, 3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from simulator.georeport import Response
from simulator.manners import Manners
from svodka.domain import codec

CLIENT, SECRET, TOKEN = "svodka", "open-sesame", "open-sesame-token"
_TOKEN_LIFE = timedelta(minutes=10)
_JSON = "application/json; charset=utf-8"
_OPENERS = frozenset({f"Bearer {TOKEN}", "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()})
_LOCKED = Response(
    401, _JSON, codec.encode({"error": "unauthorized"}), headers=(("WWW-Authenticate", 'Bearer realm="simulator"'),)
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked.

    Attributes:
        method: GET or POST.
        path: Address, decoded, without the query.
        params: Of the query and the form; of a repeated name the last.
        headers: By name in lower case.
    """

    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]


class Site(Protocol):
    """What a server serves."""

    def answer(self, path: str, params: dict[str, str], now: datetime) -> Response | None:
        """Answer a question at the clock's present; None: nothing is at this address."""
        ...


class Front:
    """Hands questions to the site, past lock and manners where the address names them.

    Args:
        site: What is behind it.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._manners = Manners()

    def ask(self, question: Question, now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        match [part for part in question.path.split("/") if part]:
            case ["oauth", "token"]:
                return _grant(question, now)
            case ["locked", *rest]:
                return self._inside(question, rest, now) if _opens(question.headers, now) else _LOCKED
            case ["rough", manner, *rest] if self._manners.knows(manner):
                return self._manners.spoil(manner, question.path, self._inside(question, rest, now))
            case _:
                return self._site.answer(question.path, question.params, now)

    def _inside(self, question: Question, rest: list[str], now: datetime) -> Response | None:
        return self.ask(msgspec.structs.replace(question, path="/" + "/".join(rest)), now)


def _opens(headers: Mapping[str, str], now: datetime) -> bool:
    shown = headers.get("authorization", "")
    if shown in _OPENERS or headers.get("x-api-key") == TOKEN:
        return True
    return any(shown == f"Bearer {_token(now - _TOKEN_LIFE * back)}" for back in (0, 1))


def _grant(question: Question, now: datetime) -> Response:
    pair = f"{question.params.get('client_id', '')}:{question.params.get('client_secret', '')}"
    basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    if question.method != "POST":
        return Response(405, _JSON, codec.encode({"error": "invalid_request"}), headers=(("Allow", "POST"),))
    if question.params.get("grant_type") != "client_credentials":
        return Response(400, _JSON, codec.encode({"error": "unsupported_grant_type"}))
    if question.headers.get("authorization") != basic and pair != f"{CLIENT}:{SECRET}":
        return Response(401, _JSON, codec.encode({"error": "invalid_client"}))
    life_s = int(_TOKEN_LIFE.total_seconds())
    granted = {"access_token": _token(now), "token_type": "Bearer", "expires_in": life_s}
    return Response(200, _JSON, codec.encode(granted), headers=(("Cache-Control", "no-store"),))


def _token(at: datetime) -> str:
    """Return the token that is granted in this span of ten minutes; nothing need be kept."""
    span = int(at.timestamp() // _TOKEN_LIFE.total_seconds())
    return hashlib.blake2b(f"{SECRET} {span}".encode(), digest_size=16).hexdigest()
