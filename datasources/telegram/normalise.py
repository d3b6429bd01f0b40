"""From an update of the Bot API to an appeal. Pure.

Authors leave no trace: neither names nor numbers of people are kept, also not in the quarantine, and a conversation
with the bot, whose number is the citizen's own, goes by a digest that nobody can reckon without the token.
Source: core.telegram.org/bots/api#update, #message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from datasources._toolkit.fields import pick_text, whole_number
from datasources._toolkit.text import MAX_TEXT_CHARS
from datasources._toolkit.times import parse_instant
from datasources.telegram.params import Params
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus

UPDATE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
MAX_UPDATE_ID = 2**53
_MAX_KEY = 64
_MEDIA = frozenset(
    {
        "animation",
        "audio",
        "contact",
        "dice",
        "document",
        "game",
        "location",
        "paid_media",
        "photo",
        "poll",
        "sticker",
        "story",
        "venue",
        "video",
        "video_note",
        "voice",
    }
)
_KEPT = ("message_id", "date", "edit_date", "text", "caption", "media_group_id")


class Skip(StrEnum):
    """Why an update is no appeal."""

    OTHER_KIND = "other_kind"
    OTHER_CHAT = "other_chat"
    SERVICE = "service"
    WITHOUT_WORDS = "without_words"
    TOO_SHORT = "too_short"
    COMMAND = "command"
    BOT = "bot"
    OFFICIAL = "official"


class Normaliser:
    """Reads updates of one bot.

    Args:
        params: What the sources file says.
        key: The bot's token, for the digests of private conversations.
        answered: When recent messages were answered, by foreign id; grows with what is read here.
        moved: Chats that became others; grows with what is read here.
    """

    def __init__(self, params: Params, *, key: str, answered: dict[str, int], moved: dict[str, int]) -> None:
        self._params = params
        self._key = key.encode()[:_MAX_KEY]
        self._areas = {chat.id: chat.area for chat in params.chats}
        self.answered = answered
        self.moved = moved

    def normalise(self, update: object) -> AppealRecord | Skip:
        """Read one update.

        Returns:
            The appeal as it stands now, or why the update tells of none.

        Raises:
            RecordUnreadableError: It cannot be read; the reason says why.
        """
        if not isinstance(update, Mapping):
            raise RecordUnreadableError(RejectReason.NOT_AN_OBJECT)
        if read_update_id(update) is None:
            raise RecordUnreadableError(RejectReason.MISSING_ID, "update_id")
        message = _message_of(update)
        if message is None:
            return Skip.OTHER_KIND
        if not isinstance(message, Mapping):
            raise RecordUnreadableError(RejectReason.NOT_AN_OBJECT, "message")
        chat = self._chat(message)
        if chat is None:
            return Skip.OTHER_CHAT
        if self._is_official(message, chat):
            return self._answer(message, chat)
        return self._appeal(message, chat)

    def foreign_id_of(self, update: object) -> str | None:
        """Return the id that an update's appeal has, also where the rest of it cannot be read; None: it has none."""
        message = _message_of(update)
        if not isinstance(message, Mapping):
            return None
        try:
            chat = self._chat(message)
            return None if chat is None else self._foreign_id(message, chat)
        except RecordUnreadableError:
            return None

    def _chat(self, message: Mapping[str, object]) -> int | None:
        """Return the id of the message's chat as the operator named it, None for one that is not read."""
        chat = message.get("chat")
        chat_id = whole_number(chat, "id")
        if chat_id is None or not isinstance(chat, Mapping):
            raise RecordUnreadableError(RejectReason.MISSING_ID, "chat.id")
        if chat.get("type") == "private":
            return chat_id if self._params.private else None
        chat_id = self.moved.get(str(chat_id), chat_id)
        if chat_id not in self._areas:
            return None
        became = message.get("migrate_to_chat_id")
        if isinstance(became, int) and not isinstance(became, bool) and len(self.moved) < len(self._areas):
            self.moved[str(became)] = chat_id
        return chat_id

    def _is_official(self, message: Mapping[str, object], chat: int) -> bool:
        """Return whether the chat itself, or one that answers for it, has written; a channel's own posts are taken."""
        sender = whole_number(message.get("sender_chat"), "id")
        if message.get("is_automatic_forward") is True:
            return True
        if sender is None or _chat_type(message) == "channel":
            return False
        return self.moved.get(str(sender), sender) == chat or sender in self._params.answering

    def _answer(self, message: Mapping[str, object], chat: int) -> AppealRecord | Skip:
        """Return the appeal that an official replies to."""
        original = message.get("reply_to_message")
        if not self._params.replies_answer or not isinstance(original, Mapping) or self._is_official(original, chat):
            return Skip.OFFICIAL
        at = _instant(message, "date")
        if at is None:
            raise RecordUnreadableError(RejectReason.MISSING_TIME, "date")
        self.answered.setdefault(self._foreign_id(original, chat), int(at.timestamp()))
        appeal = self._appeal(original, chat)
        return appeal if isinstance(appeal, AppealRecord) else Skip.OFFICIAL

    def _appeal(self, message: Mapping[str, object], chat: int) -> AppealRecord | Skip:
        foreign_id = self._foreign_id(message, chat)
        sent_at = _instant(message, "date")
        if sent_at is None:
            raise RecordUnreadableError(RejectReason.MISSING_TIME, "date")
        sender = message.get("from")
        if isinstance(sender, Mapping) and sender.get("is_bot") is True and "sender_chat" not in message:
            return Skip.BOT
        text = self._words(message)
        if isinstance(text, Skip):
            return text
        answered_s = self.answered.get(foreign_id)
        answered_at = None if answered_s is None else datetime.fromtimestamp(answered_s, UTC)
        times = [at for at in (sent_at, _instant(message, "edit_date"), answered_at) if at is not None]
        return AppealRecord(
            foreign_id=foreign_id,
            received_at=sent_at,
            updated_at=max(times),
            status=AppealStatus.NEW if answered_at is None else AppealStatus.ANSWERED,
            answered_at=answered_at,
            text=text,
            area_name=self._areas.get(chat) or None,
        )

    def _words(self, message: Mapping[str, object]) -> str | Skip:
        """Return what a message says, or why it says nothing; of an album one part carries the words."""
        path = "text" if "text" in message else "caption"
        text = pick_text(message, path, max_chars=MAX_TEXT_CHARS)
        if not text:
            has_content = path in message or not _MEDIA.isdisjoint(message.keys())
            return Skip.WITHOUT_WORDS if has_content else Skip.SERVICE
        if text.startswith("/"):
            return Skip.COMMAND
        return text if len(text) >= self._params.min_chars else Skip.TOO_SHORT

    def _foreign_id(self, message: Mapping[str, object], chat: int) -> str:
        number = whole_number(message, "message_id")
        if not number:
            raise RecordUnreadableError(RejectReason.MISSING_ID, "message_id")
        if chat < 0:
            return f"{chat}/{number}"
        return "private/" + hashlib.blake2b(f"{chat}/{number}".encode(), key=self._key, digest_size=12).hexdigest()


def _message_of(update: object) -> object:
    """Return what an update brings, None where it is of no kind that is read."""
    if not isinstance(update, Mapping):
        return None
    return next((update[kind] for kind in UPDATE_KINDS if kind in update), None)


def read_update_id(update: object) -> int | None:
    """Return the number of an update, None where it has none."""
    number = whole_number(update, "update_id")
    return number if number is not None and 0 <= number < MAX_UPDATE_ID else None


def without_people(update: object) -> object:
    """Return of an update what is read here, for the quarantine: no names, no numbers of people."""
    if not isinstance(update, Mapping):
        return update if isinstance(update, int | str | None) else type(update).__name__
    kept: dict[str, object] = {"update_id": update.get("update_id")}
    for kind in UPDATE_KINDS:
        if kind in update:
            message = update[kind]
            kept[kind] = _message_without_people(message) if isinstance(message, Mapping) else None
    return kept


def _message_without_people(message: Mapping[str, object]) -> dict[str, object]:
    kept = {name: message[name] for name in _KEPT if isinstance(message.get(name), int | float | str)}
    chat_id = whole_number(message.get("chat"), "id")
    kind = _chat_type(message)
    chat = {"type": kind if isinstance(kind, str) else None, "id": chat_id if (chat_id or 0) < 0 else None}
    return {**kept, "chat": chat}


def _chat_type(message: Mapping[str, object]) -> object:
    chat = message.get("chat")
    return chat.get("type") if isinstance(chat, Mapping) else None


def _instant(message: Mapping[str, object], name: str) -> datetime | None:
    return parse_instant(message.get(name) or None, None, field=name)
