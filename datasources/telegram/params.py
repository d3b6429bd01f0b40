"""What a sources file may say about a Telegram bot: `[source.params]`."""

from __future__ import annotations

import msgspec

from datasources._toolkit.limits import HttpLimits

_LONGEST_WAIT_S = 50
# What the limits leave for the way there and back.
_SPARE_S = 2


class Chat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group or channel whose messages are appeals.

    Attributes:
        id: As Telegram numbers it: a negative number.
        area: The municipality that it belongs to, as the profile names it; "": the words decide.
    """

    id: int
    area: str = ""


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one bot.

    Attributes:
        token_file: Secret file with the bot's token (mode 0600).
        chats: Groups and channels that are read; everything else is passed over and counted.
        private: Messages that citizens send to the bot itself are appeals too.
        answering: Ids of chats in whose name officials write, besides the group itself (its anonymous
            administrators): usually the channel that the group belongs to.
        replies_answer: A reply of an official answers the message that it replies to.
        min_chars: Shorter messages are passed over and counted.
        wait_s: How long Telegram may hold a question until there is something to tell, in whole seconds, 0 to 50; cut
            to what the limits of one answer leave.
        query: Constant parameters.
        http: Limits of one answer.
    """

    token_file: str
    chats: tuple[Chat, ...] = ()
    private: bool = False
    answering: tuple[int, ...] = ()
    replies_answer: bool = True
    min_chars: int = 10
    wait_s: int = 2
    query: dict[str, str] = {}
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse what would read nothing or wait for ever.

        Raises:
            ValueError: One of those.
        """
        if not self.chats and not self.private:
            message = "name at least one of chats, or set private"
            raise ValueError(message)
        if any(chat.id >= 0 for chat in self.chats):
            message = "chats are groups and channels, whose ids are negative; private covers the rest"
            raise ValueError(message)
        if not 0 <= self.wait_s <= _LONGEST_WAIT_S or self.min_chars < 0:
            message = f"wait_s must be 0 to {_LONGEST_WAIT_S}, min_chars at least 0"
            raise ValueError(message)

    @property
    def wait_within_limits_s(self) -> int:
        """Return how long a question may be held so that its answer still comes within the limits."""
        return max(0, min(self.wait_s, int(min(self.http.read_s, self.http.total_s)) - _SPARE_S))
