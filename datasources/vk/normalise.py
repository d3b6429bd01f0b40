"""From posts and comments of VK to appeals. Pure.

Authors leave no trace: neither names nor numbers of people are kept, also not in the quarantine; who is addressed by
name in a comment is left out of its text, and a post on a person's own page goes by a digest.
Source: dev.vk.com/reference/objects/post, dev.vk.com/reference/objects/comment, github.com/VKCOM/vk-api-schema.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from datasources._toolkit.fields import pick_point, pick_text, whole_number
from datasources._toolkit.text import MAX_TEXT_CHARS
from datasources._toolkit.times import parse_instant
from datasources.vk.params import Params
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus, Point

_LINKED = re.compile(r"\[(id|club|public|event)\d{1,20}(?::[^|\]]{0,64})?\|([^\]]{0,256})\],?")
_NOT_PUBLISHED = frozenset({"postpone", "suggest"})
_KEPT = ("id", "post_id", "date", "edited", "text", "post_type", "is_deleted", "deleted", "is_pinned", "marked_as_ads")


class Skip(StrEnum):
    """Why a post or comment is no appeal of its own, or not now."""

    OWN = "own"
    OTHER_COMMUNITY = "other_community"
    DELETED = "deleted"
    REPOST = "repost"
    ADVERTISEMENT = "advertisement"
    NOT_PUBLISHED = "not_published"
    WITHOUT_WORDS = "without_words"
    TOO_SHORT = "too_short"
    TOO_OLD = "too_old"
    NOT_TAKEN = "not_taken"
    UNCHANGED = "unchanged"
    COMMENTS_FIRST = "comments_first"
    COMMENTS_CLOSED = "comments_closed"
    ON_OWN_WALL = "on_own_wall"


class Normaliser:
    """Reads what is written about one community at a time."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._walls = {-community.id for community in params.communities}

    def post(self, item: object, community: int, answered_at: datetime | None = None) -> AppealRecord | Skip:
        """Read a post on the wall of a community.

        Args:
            item: The post.
            community: Number of the community.
            answered_at: When the community answered it.

        Returns:
            The appeal, or why it is none.

        Raises:
            RecordUnreadableError: It cannot be read.
        """
        post = _object(item)
        skip = _common_skip(post) or _author_skip(post, -community)
        if skip is not None:
            return skip
        number = _identity(post, "id")
        return self._appeal(post, f"wall{-community}_{number}", community, answered_at)

    def comment(self, item: object, community: int, post: int, answered_at: datetime | None) -> AppealRecord | Skip:
        """Read a comment under a post on the wall of a community; as `post`."""
        comment = _object(item)
        skip = _common_skip(comment) or _author_skip(comment, -community)
        if skip is None and "comments" not in self._params.take:
            skip = Skip.NOT_TAKEN
        if skip is not None:
            return skip
        number = _identity(comment, "id")
        return self._appeal(comment, f"wall{-community}_{post}_r{number}", community, answered_at)

    def mention(self, item: object, community: int) -> AppealRecord | Skip:
        """Read a post or comment anywhere that mentions a community; as `post`."""
        post = _object(item)
        owner = whole_number(post, "owner_id") or whole_number(post, "to_id")
        if not owner:
            raise RecordUnreadableError(RejectReason.MISSING_ID, "owner_id")
        if owner in self._walls and self._params.needs_wall:
            return Skip.ON_OWN_WALL
        skip = _common_skip(post) or _author_skip(post, -community)
        if skip is not None:
            return skip
        number = _identity(post, "id")
        name = f"wall{owner}_{number}"
        if post.get("post_type") == "reply":
            name = f"wall{owner}_{_identity(post, 'post_id')}_r{number}"
        if owner > 0:
            name = "wall~" + hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
        return self._appeal(post, name, community, None)

    def _appeal(
        self, item: Mapping[str, object], foreign_id: str, community: int, answered_at: datetime | None
    ) -> AppealRecord | Skip:
        received_at = parse_instant(item.get("date"), None, field="date")
        if received_at is None:
            raise RecordUnreadableError(RejectReason.MISSING_TIME, "date")
        text = pick_text({"text": _without_names(item.get("text"))}, "text", max_chars=MAX_TEXT_CHARS)
        if not text:
            return Skip.REPOST if item.get("copy_history") else Skip.WITHOUT_WORDS
        if len(text) < self._params.min_chars:
            return Skip.TOO_SHORT
        point, point_unreadable = _place(item.get("geo"))
        return AppealRecord(
            foreign_id=foreign_id,
            received_at=received_at,
            status=AppealStatus.NEW if answered_at is None else AppealStatus.ANSWERED,
            answered_at=answered_at,
            text=text,
            area_name=self._params.area_of(community),
            point=point,
            point_unreadable=point_unreadable,
        )


def find_answers(community: int, roots: Sequence[Mapping[str, object]]) -> tuple[dict[int, datetime], datetime | None]:
    """Return when the community answered comments, by their number, and when it answered the post itself.

    A comment of the community answers the one that it replies to, else the first of its thread; at the top it answers
    the post. What is deleted answers nothing.

    Args:
        community: Number of the community.
        roots: Comments on the post, each with its whole thread.
    """
    answers: dict[int, datetime] = {}
    of_post: list[datetime] = []
    for root in roots:
        thread = [reply for reply in thread_of(root) if isinstance(reply, Mapping)]
        ids = {whole_number(each, "id") for each in (root, *thread)}
        for each in (root, *thread):
            at = _answer_at(each, community)
            if at is None:
                continue
            if each is root:
                of_post.append(at)
                continue
            named = whole_number(each, "reply_to_comment")
            target = named if named in ids else whole_number(root, "id")
            if target is not None:
                answers[target] = min(at, answers.get(target, at))
    return answers, min(of_post, default=None)


def thread_of(root: Mapping[str, object]) -> list[object]:
    """Return the replies that a comment brings with it."""
    thread = root.get("thread")
    items = thread.get("items") if isinstance(thread, Mapping) else None
    return items if isinstance(items, list) else []


def without_people(item: object) -> object:
    """Return of a post or comment what is read here, for the quarantine."""
    if not isinstance(item, Mapping):
        return item if isinstance(item, int | float | None) else type(item).__name__
    kept = {name: item[name] for name in _KEPT if isinstance(item.get(name), int | float | str)}
    if isinstance(text := kept.get("text"), str):
        kept["text"] = _without_names(text)
    owner = whole_number(item, "owner_id")
    return {**kept, "owner_id": owner} if owner is not None and owner < 0 else kept


def _answer_at(item: Mapping[str, object], community: int) -> datetime | None:
    if whole_number(item, "from_id") != -community or _common_skip(item) is not None:
        return None
    try:
        return parse_instant(item.get("date"), None, field="date")
    except RecordUnreadableError:
        return None


def _object(item: object) -> Mapping[str, object]:
    if not isinstance(item, Mapping):
        raise RecordUnreadableError(RejectReason.NOT_AN_OBJECT)
    return item


def _common_skip(item: Mapping[str, object]) -> Skip | None:
    if item.get("is_deleted") is True or item.get("deleted") is True:
        return Skip.DELETED
    if item.get("marked_as_ads") == 1 or item.get("post_type") == "post_ads":
        return Skip.ADVERTISEMENT
    kind = item.get("post_type")
    return Skip.NOT_PUBLISHED if isinstance(kind, str) and kind in _NOT_PUBLISHED else None


def _author_skip(item: Mapping[str, object], owner: int) -> Skip | None:
    author = whole_number(item, "from_id")
    if author is None:
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, "from_id")
    if author == owner:
        return Skip.OWN
    return Skip.OTHER_COMMUNITY if author < 0 else None


def _identity(item: Mapping[str, object], name: str) -> int:
    number = whole_number(item, name)
    if number is None or number <= 0:
        raise RecordUnreadableError(RejectReason.MISSING_ID, name)
    return number


def _without_names(text: object) -> object:
    """Return a text in which people are not called by name, and communities by theirs alone."""
    if not isinstance(text, str):
        return text
    return _LINKED.sub(lambda match: "" if match[1] == "id" else match[2], text)


def _place(geo: object) -> tuple[Point | None, bool]:
    """Return a point from `"latitude longitude"`."""
    if geo is None:
        return None, False
    words = geo.get("coordinates") if isinstance(geo, Mapping) else None
    lat, _, lon = words.strip().partition(" ") if isinstance(words, str) else ("?", "", "?")
    return pick_point({"lat": lat, "lon": lon or "?"}, "lat", "lon")
