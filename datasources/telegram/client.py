"""Reads one Telegram bot with getUpdates.

A poll is one question. What it brings counts as delivered for Telegram only when the next question asks for what
comes after it, and that question knows the number from the committed cursor: what a crash loses comes again.
Source: core.telegram.org/bots/api#getupdates, #making-requests, #responseparameters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from datasources._toolkit.credentials import read_secret
from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.documents import parse_json, reject
from datasources._toolkit.http import MAX_RETRY_AFTER_S, Answer, HttpClient
from datasources._toolkit.params import check_brings, read_params
from datasources.telegram.cursor import KEPT_FOR, Cursor, find_losses, offset_to_ask, recent_answers
from datasources.telegram.normalise import UPDATE_KINDS, Normaliser, Skip, read_update_id, without_people
from datasources.telegram.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import (
    ProfileError,
    RecordUnreadableError,
    SourceContractBrokenError,
    SourceUnavailableError,
    SvodkaError,
)
from svodka.domain.records import AppealRecord, Completeness, PollResult, Rejected
from svodka.profiles.model import SourceConfig

LIMIT = 100
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{8,128}")
_CONFLICT, _TOO_MANY, _SERVER_ERROR = 409, 429, 500
_NO_SUCH_BOT = frozenset({401, 403, 404})

# To go on from a position takes away what lies before it, at the source itself.
CONFIRMS = True


def connect(source: SourceConfig, clock: Clock) -> TelegramConnector:
    """Build the connector of one source.

    Args:
        source: The source; its url is that of the Bot API, without the bot.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable, the source is not one of appeals, or it promises more of the past than
            Telegram keeps.
    """
    check_brings(source, "appeals")
    params = read_params(source, Params)
    if timedelta(hours=source.backfill_h) > KEPT_FOR:
        message = f"source {source.id!r}: Telegram keeps 24 hours: set backfill_h = 24."
        raise ProfileError(message)
    return TelegramConnector(source, params, clock)


def anew_from(cursor: str) -> str:
    """Return a position without its place: what waits is asked for from the first on.

    When the bot was last read, who was answered and which chats moved stay: without them a gap would go untold,
    answered appeals would open again, and a moved group would be passed over.

    Raises:
        SourceContractBrokenError: It is no position of this connector.
    """
    return codec.encode_text(msgspec.structs.replace(read_cursor(cursor, Cursor), next_id=None, last_at=None))


class TelegramConnector:
    """One bot."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._clock = clock
        self._http = HttpClient(params.http, clock, home=source.url)

    def poll(self, cursor: str | None) -> PollResult:
        """Read what waits, at most a hundred updates (see `svodka.domain.records.Connector`)."""
        now = self._clock.now()
        before = read_cursor(cursor, Cursor) if cursor else None
        offset = offset_to_ask(before, now)
        token = self._token()
        answer = self._ask(token, offset)
        updates = _updates_of(parse_json(answer))
        at = answer.source_time_at or now
        ids = [number for number in map(read_update_id, updates) if number is not None]
        if updates and not ids:
            message = "no update of the answer has a number that is one"
            raise SourceContractBrokenError(message)
        normaliser = Normaliser(
            self._params,
            key=token,
            answered=dict(before.answered) if before else {},
            moved=dict(before.moved) if before else {},
        )
        records, rejected, skipped = _read(updates, normaliser)
        read_at = at if before is None else max(before.read_at, at)
        position = Cursor(
            read_at=read_at,
            next_id=max(ids) + 1 if ids else (before.next_id if before else None),
            last_at=now if ids else (before.last_at if before else None),
            answered=recent_answers(normaliser.answered, at),
            moved=normaliser.moved,
        )
        goes_on = len(updates) >= LIMIT and (offset is None or max(ids) >= offset)
        return PollResult(
            records=tuple(records),
            rejected=tuple(rejected),
            cursor=codec.encode_text(position),
            source_time_at=answer.source_time_at,
            completeness=Completeness.PARTIAL if goes_on else Completeness.COMPLETE,
            read_n=len(updates),
            skipped={reason.value: n for reason, n in skipped.items()},
            losses=find_losses(before, offset, ids, at),
        )

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _token(self) -> str:
        path = self._params.token_file
        token = read_secret(path, key="token_file")
        if not _TOKEN.fullmatch(token):
            message = f"token_file: {path} does not hold the token of a bot"
            raise SourceContractBrokenError(message)
        return token

    def _ask(self, token: str, offset: int | None) -> Answer:
        query = dict(self._params.query)
        query |= {
            "limit": str(LIMIT),
            "timeout": str(self._params.wait_within_limits_s),
            "allowed_updates": codec.encode_text(list(UPDATE_KINDS)),
        }
        if offset is not None:
            query["offset"] = str(offset)
        url = f"{self._source.url.rstrip('/')}/getUpdates"
        return self._http.fetch(url, query, secret_path=_path_with(url, token), refusal=read_refusal)


def read_refusal(status: int, body: bytes) -> SvodkaError | None:
    """Return what a refusal of the Bot API means, None where its status says enough.

    Its description is not repeated: what it holds is not ours to know.
    """
    if status == _TOO_MANY:
        wait_s = _retry_after_s(body)
        message = f"the Bot API answers with status {status}: too many questions"
        return None if wait_s is None else SourceUnavailableError(message, retry_after_s=wait_s)
    if status in _NO_SUCH_BOT:
        message = f"the Bot API answers with status {status}: it does not accept the token in token_file"
        return SourceContractBrokenError(message, status=status)
    if status == _CONFLICT:
        message = f"the Bot API answers with status {status}: another program reads this bot, or it has a webhook"
        return SourceContractBrokenError(message, status=status)
    return None


def _path_with(url: str, token: str) -> str:
    """Return the path of an address of the Bot API with the bot in it."""
    path = "/" + url.partition("://")[2].partition("/")[2]
    base, _, method = path.rpartition("/")
    return f"{base}/bot{token}/{method}"


def _retry_after_s(body: bytes) -> float | None:
    try:
        document = codec.decode(body)
    except (codec.DecodeError, RecursionError):
        return None
    parameters = document.get("parameters") if isinstance(document, Mapping) else None
    wait_s = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
    if not isinstance(wait_s, int) or isinstance(wait_s, bool) or wait_s < 0:
        return None
    return min(float(min(wait_s, int(MAX_RETRY_AFTER_S))), MAX_RETRY_AFTER_S)


def _updates_of(document: object) -> list[object]:
    """Return the updates of an answer.

    Raises:
        SourceUnavailableError: It is a refusal that passes.
        SourceContractBrokenError: It is another refusal, or no answer of the Bot API.
    """
    if not isinstance(document, Mapping):
        message = "the answer is none of the Bot API"
        raise SourceContractBrokenError(message)
    if document.get("ok") is True and isinstance(updates := document.get("result"), list):
        return updates
    code = document.get("error_code")
    status = code if isinstance(code, int) and not isinstance(code, bool) else 0
    error = read_refusal(status, codec.encode(document))
    if error is not None:
        raise error
    message = f"the Bot API refuses with error {status}" if status else "the answer is none of the Bot API"
    if status >= _SERVER_ERROR or status == _TOO_MANY:
        raise SourceUnavailableError(message)
    raise SourceContractBrokenError(message)


def _read(updates: list[object], normaliser: Normaliser) -> tuple[list[AppealRecord], list[Rejected], Counter[Skip]]:
    """Read a page of updates; one that is unreadable does not stop its neighbours."""
    records: list[AppealRecord] = []
    rejected: list[Rejected] = []
    skipped: Counter[Skip] = Counter()
    for update in updates:
        try:
            found = normaliser.normalise(update)
        except RecordUnreadableError as error:
            refused = reject(without_people(update), error, id_paths=())
            rejected.append(msgspec.structs.replace(refused, foreign_id=normaliser.foreign_id_of(update)))
            continue
        if isinstance(found, AppealRecord):
            records.append(found)
        else:
            skipped[found] += 1
    return records, rejected, skipped
