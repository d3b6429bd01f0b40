"""What is remembered between polls: incidents told by messages that may be gone by now, and documents read. Pure.

An alert ends by time when nobody names it any more, an update may name only the message before it, and a linked
document is read once. So each incident in force, or named by the feed, is kept with its messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from datasources.cap.messages import Message
from datasources.cap.normalise import Standing

_MAX_MESSAGES = 64


class Chain(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One incident: how it stands, and digests of the messages that told of it."""

    standing: Standing
    messages: tuple[str, ...]


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position.

    Attributes:
        read_at: When the feed was last read, by its own clock where it tells one; never goes back.
        chains: Incidents by id.
        links: Incidents that each linked document in the feed told of, by digest of its address and time of change.
        failed: How often a linked document could not be had, by the same digest.
        v: Version of this form.
    """

    read_at: datetime
    chains: dict[str, Chain] = {}
    links: dict[str, tuple[str, ...]] = {}
    failed: dict[str, int] = {}
    v: int = 1


def digest(text: str) -> str:
    """Return a short name for a message or document."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def group(messages: Iterable[Message], known: Mapping[str, Chain]) -> dict[str, list[Message]]:
    """Sort messages to the incidents that they tell of.

    Args:
        messages: Of one answer.
        known: What is remembered.

    Returns:
        Messages by incident, the earliest first. The incident's id is the key of the first message known of it: what
        an update refers to is followed to its beginning.
    """
    roots = {message: root for root, chain in known.items() for message in chain.messages}
    groups: dict[str, list[Message]] = {}
    for message in sorted(messages, key=lambda each: each.sent_at):
        keys = [message.key, *(key for _, key in message.references)]
        digests = [digest(key) for key in keys]
        found = (roots[each] for each in digests if each in roots)
        root = next(found, message.references[0][1] if message.references else message.key)
        roots |= dict.fromkeys(digests, root)
        groups.setdefault(root, []).append(message)
    return groups


def messages_of(group_of_one: Iterable[Message], before: Chain | None) -> tuple[str, ...]:
    """Return digests of all messages of an incident, the newest at the end; the oldest are let go."""
    keys = dict.fromkeys(before.messages if before else ())
    for message in group_of_one:
        keys |= dict.fromkeys([*(digest(key) for _, key in message.references), digest(message.key)])
    return tuple(keys)[-_MAX_MESSAGES:]
