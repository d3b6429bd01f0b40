"""The simulated region's chats as a bot sees them: getUpdates of the Telegram Bot API, also with bad manners.

- `/telegram/<system>/bot<token>/getUpdates`: one group in which citizens write and the group itself replies.
- `/telegram-rough/…`: the same among stickers, service messages, albums, edits, other chats, kinds nobody asked for and
  messages without a time.

The queue is the real one's: numbers follow one another, an offset from the future counts as none, nothing is kept
longer than a day, and after a week without updates numbers begin anew. What was confirmed stays: several may try.
Source: core.telegram.org/bots/api#getting-updates; the open source of the server (tdlib/telegram-bot-api).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from simulator.georeport import Response
from simulator.history import History, Known
from svodka.domain import codec
from svodka.domain.records import AppealStatus

GROUP = -1001000000001
OTHER_GROUP = -1001000000002
KEPT_FOR = timedelta(hours=24)
QUIET_FOR = timedelta(days=7)
_MAX_LIMIT = 100
_FUTURE = 10
_FIRST_ID, _STEP = 500_000_001, 123_456_789
_REPLIES_FROM = 1_000_000_000
_JSON = "application/json"

Update = dict[str, object]


class BotQueue:
    """What waits for one bot.

    Args:
        forgets: What was confirmed is gone, as with the real one; otherwise who asks from the beginning gets it again.
    """

    def __init__(self, *, forgets: bool) -> None:
        self._forgets = forgets
        self._next_id = _FIRST_ID
        self._waiting: list[tuple[int, datetime, Update]] = []
        self._last_at: datetime | None = None

    def push(self, update: Update, at: datetime) -> None:
        """Add an update that happened at an instant."""
        if self._last_at is not None and at - self._last_at >= QUIET_FOR:
            self._next_id = (self._next_id + _STEP) % (2 * _FIRST_ID)
        self._waiting.append((self._next_id, at, {"update_id": self._next_id, **update}))
        self._next_id += 1
        self._last_at = at
        self._waiting = [each for each in self._waiting if at - each[1] <= 2 * KEPT_FOR]

    def ask(self, offset: int, limit: int, now: datetime) -> list[Update]:
        """Return what waits from `offset` on; 0, or a number from the future: from the beginning."""
        begin = offset if offset <= self._next_id + _FUTURE else 0
        found = [each for each in self._waiting if each[0] >= begin and timedelta(0) <= now - each[1] <= KEPT_FOR]
        if self._forgets:
            self._waiting = found
        return [update for _, _, update in found[:limit]]


class TelegramDesk:
    """Bots of the simulated systems; any token of the right form is one.

    Args:
        history: What is told.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._systems = frozenset(system.id for system in history.region.simulation.systems)
        self._lock = threading.Lock()
        self._queues: dict[tuple[str, bool], BotQueue] = {}
        self._told_to: dict[tuple[str, bool], datetime] = {}

    def answer(self, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        match parts:
            case [manner, system, bot, "getUpdates"] if system in self._systems:
                is_rough = manner == "telegram-rough"
            case _:
                return None
        number, _, secret = bot.removeprefix("bot").partition(":")
        if not (bot.startswith("bot") and number.isdecimal() and secret):
            body = {"ok": False, "error_code": 404, "description": "Not Found"}
            return Response(404, _JSON, codec.encode(body))
        with self._lock:
            queue = self._filled(system, is_rough=is_rough, now=now)
            limit = min(max(_whole(params.get("limit", ""), _MAX_LIMIT), 1), _MAX_LIMIT)
            found = queue.ask(_whole(params.get("offset", ""), 0), limit, now)
        return Response(200, _JSON, codec.encode({"ok": True, "result": found}))

    def _filled(self, system: str, *, is_rough: bool, now: datetime) -> BotQueue:
        """Return a system's queue with everything that has happened by now."""
        key = (system, is_rough)
        queue = self._queues.setdefault(key, BotQueue(forgets=False))
        since = max(self._told_to.get(key, now - KEPT_FOR), now - KEPT_FOR)
        if now > since:
            events: list[tuple[datetime, Update]] = []
            for known in self._history.changed(system, after=since, before=now, now=now):
                events += _events(known, since)
            for at, update in sorted(events, key=lambda event: event[0]):
                for each in _roughened(update, at) if is_rough else [update]:
                    queue.push(each, at)
            self._told_to[key] = now
        return queue


def message_id(appeal_id: str) -> int:
    """Return the number of the message that tells of an appeal (`<SYSTEM>-yymmdd-nnnnn`)."""
    _, day, number = appeal_id.rsplit("-", 2)
    return int(day) % 10_000 * 100_000 + int(number)


def _events(known: Known, since: datetime) -> list[tuple[datetime, Update]]:
    appeal, state = known.appeal, known.state
    events: list[tuple[datetime, Update]] = []
    original = _message(message_id(appeal.id), appeal.received_at, appeal.text)
    if appeal.received_at > since:
        events.append((appeal.received_at, {"message": original}))
    answered_at = state.answered_at
    if state.status is AppealStatus.ANSWERED and answered_at is not None and answered_at > since:
        reply = {
            **_message(message_id(appeal.id) + _REPLIES_FROM, answered_at, "Reply"),
            "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
            "sender_chat": {"id": GROUP, "type": "supergroup", "title": "Group"},
            "reply_to_message": original,
        }
        events.append((answered_at, {"message": reply}))
    return events


def _message(number: int, at: datetime, text: str) -> Update:
    return {
        "message_id": number,
        "from": {"id": 1000 + number % 1000, "is_bot": False, "first_name": "Citizen"},
        "chat": {"id": GROUP, "type": "supergroup", "title": "Group"},
        "date": int(at.timestamp()),
        "text": text,
    }


def _roughened(update: Update, at: datetime) -> list[Update]:
    """Return an update with what stands around it in a bad hour; which depends on its number."""
    message = update["message"]
    if not isinstance(message, dict):
        return [update]
    number = int(message["message_id"])
    bare = {key: value for key, value in message.items() if key not in {"text", "reply_to_message", "sender_chat"}}
    around: list[Update] = [
        {"message": {**bare, "message_id": number + 1, "sticker": {"emoji": "!"}}},
        {"message": {**bare, "message_id": number + 2, "new_chat_title": "Group"}},
        {"message": {**message, "chat": {"id": OTHER_GROUP, "type": "supergroup", "title": "Other"}}},
        {"callback_query": {"id": str(number)}},
        {"message": {**bare, "message_id": number + 3, "date": None, "text": "A message without a time"}},
        {"message": {**bare, "message_id": number + 4, "media_group_id": str(number), "photo": [{"file_id": "x"}]}},
    ]
    edit: Update = {"edited_message": {**message, "edit_date": int(at.timestamp())}}
    return [around[number % len(around)], update, edit]


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else default  # noqa: PLR2004 - 64 bits
