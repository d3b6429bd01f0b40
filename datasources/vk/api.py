"""Asking methods of the VK API: at most three a second, the token in a header, refusals classed by what helps.

Source: dev.vk.com/api/api-requests (Authorization: Bearer; GET and POST are equal), dev.vk.com/reference/errors,
github.com/VKCOM/vk-api-schema (errors.json).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from datetime import datetime

import msgspec

from datasources._toolkit.documents import parse_json
from datasources._toolkit.http import MAX_RETRY_AFTER_S, HttpClient
from datasources.vk.params import Params
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.profiles.model import SourceConfig

VERSION = "5.199"
# A user's token may ask three times a second.
_BETWEEN_S = 1 / 3
# 6 too many a second, 9 flood control, 29 and 601 too many a day.
_PAUSES_S = {6: 1.0, 9: 60.0, 29: MAX_RETRY_AFTER_S, 601: MAX_RETRY_AFTER_S}
# 1 unknown, 10 internal, 13 run time, 32 wait, 36 interrupted.
_PASSING = frozenset({1, 10, 13, 32, 36})
# What may be said of one post while the rest of the wall is open: deleted, closed, or closed for comments.
_CLOSED = frozenset({15, 18, 19, 30, 100, 203, 210, 211, 212, 213})
_WORDS = {
    3: "there is no such method",
    5: "the access token is not accepted",
    7: "the access token lacks a right",
    14: "it asks for a captcha",
    15: "access is denied",
    17: "it asks to confirm the account",
    18: "the page is deleted or blocked",
    19: "the content is blocked",
    20: "the access token lacks a right",
    23: "the method is switched off",
    25: "it asks to confirm the token",
    27: "a community's token is not enough",
    28: "an application's token is not enough",
    30: "the page is closed",
    34: "the version of the API is no longer served",
    37: "the user is blocked",
    100: "a parameter is not accepted: look at communities",
    113: "there is no such user",
    125: "there is no such community",
    203: "access to the community is denied",
}


class ClosedError(SourceContractBrokenError):
    """What was asked for is gone or closed; other things of the same token may be open."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a method answers.

    Attributes:
        items: The list.
        total: How many there are, where VK says so.
        digest: Equal for equal answers.
        source_time_at: VK's clock.
    """

    items: list[object]
    total: int | None
    digest: str
    source_time_at: datetime | None


class Api:
    """Methods of VK for one token."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._base = source.url.rstrip("/")
        self._query = params.query
        self._http = HttpClient(params.http, clock, home=source.url)
        self._between_s = 0.0 if source.simulated else _BETWEEN_S
        self._next_s = 0.0
        self._closed = threading.Event()

    def ask(self, method: str, **fields: int | str) -> Reply:
        """Ask one method that answers with a list.

        Args:
            method: Its name.
            fields: What it is asked for.

        Returns:
            The list.

        Raises:
            SourceUnavailableError: No answer, too many questions, or a trouble of VK's that passes.
            SourceContractBrokenError: Another refusal (`ClosedError`: what was asked for is gone or closed), or no
                answer of the API.
        """
        self._wait()
        query = {**self._query, **{name: str(value) for name, value in fields.items()}, "v": VERSION}
        answer = self._http.fetch(f"{self._base}/{method}", query)
        document = parse_json(answer)
        if isinstance(document, Mapping) and isinstance(error := document.get("error"), Mapping):
            refusal = read_error(method, error.get("error_code"))
            raise refusal
        response = document.get("response") if isinstance(document, Mapping) else None
        items = response.get("items") if isinstance(response, Mapping) else response
        if not isinstance(items, list):
            message = f"the answer to {method} is no list of VK"
            raise SourceContractBrokenError(message)
        return Reply(
            items=items,
            total=_total(response),
            digest=hashlib.blake2b(answer.body, digest_size=8).hexdigest(),
            source_time_at=answer.source_time_at,
        )

    def close(self) -> None:
        """Give the connection back; who waits for a turn goes on at once, without one."""
        self._closed.set()
        self._http.close()

    def _wait(self) -> None:
        wait_s = self._next_s - monotonic_s()
        if wait_s > 0 and self._closed.wait(wait_s):
            message = "VK was not asked: the source is being closed"
            raise SourceUnavailableError(message)
        self._next_s = monotonic_s() + self._between_s


def read_error(method: str, code: object) -> SourceUnavailableError | SourceContractBrokenError:
    """Return what a refusal means; its own words are not repeated, they may hold what was asked with.

    Args:
        method: What was asked.
        code: `error_code` of the answer.
    """
    if not isinstance(code, int) or isinstance(code, bool):
        return SourceContractBrokenError(f"VK refuses {method} without a number")
    said = f"VK answers {method} with error {code}"
    if code in _PAUSES_S:
        return SourceUnavailableError(f"{said}: too many questions", retry_after_s=_PAUSES_S[code])
    if code in _PASSING:
        return SourceUnavailableError(f"{said}: a trouble of its own")
    message = f"{said}: {_WORDS[code]}" if code in _WORDS else said
    return ClosedError(message) if code in _CLOSED else SourceContractBrokenError(message)


def _total(response: object) -> int | None:
    """Return how many items the list in work has in all; of comments those of the same level."""
    if not isinstance(response, Mapping):
        return None
    total = response.get("current_level_count", response.get("count"))
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None
