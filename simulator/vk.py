"""The simulated region's social network: methods of the VK API 5.199, also with bad manners. Pure.

- `/vk/<system>/method/wall.get`, `wall.getById`, `wall.getComments`, `newsfeed.getMentions`: a community that writes
  every six hours. A fifth of a system's appeals are posts on its wall, a fifth mention it on people's own pages, the
  rest are comments under its newest post; an answer is the community's comment. The wall goes back three days.
- `/vk-rough/…`: the same with a pinned post, advertisements, reposts, deleted posts and comments, stickers, short and
  other communities' comments, long threads before the answer, pages cut short, and posts that cannot be read.

Errors are VK's: `{"error": {"error_code": …}}` with status 200. A token in the address is refused.
Source: dev.vk.com/method/wall.get and its like; github.com/VKCOM/vk-api-schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from simulator.georeport import Response
from simulator.history import History, Known
from simulator.telegram import message_id
from svodka.domain import codec
from svodka.domain.records import AppealStatus

COMMUNITY = 1
POST_EVERY_S = 6 * 3600
POSTS, MENTIONS, SHARES = 0, 1, 5
_OTHER_COMMUNITY = 2
_VERSION = "5.199"
_WALL_GOES_BACK = timedelta(days=3)
_REPLIES_FROM = 1_000_000_000
_CHATTER_N = 12
_MOST, _MOST_MENTIONS, _MOST_IN_THREAD = 100, 50, 10
_ROUGH_EVERY, _CHATTER_EVERY = 8, 36
_JSON = "application/json; charset=utf-8"

Item = dict[str, object]


class VkDesk:
    """The social network of a simulated region.

    Args:
        history: What is told.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._systems = frozenset(system.id for system in history.region.simulation.systems)
        self._newest: tuple[tuple[str, bool, datetime], _Wall] | None = None

    def answer(self, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        match parts:
            case [manner, system, "method", method] if system in self._systems:
                return _write(self._ask(method, system, params, now, is_rough=manner.endswith("-rough")))
            case _:
                return None

    def _ask(self, method: str, system: str, params: Mapping[str, str], now: datetime, *, is_rough: bool) -> Item:
        if "access_token" in params or params.get("v") != _VERSION:
            return _error(5 if "access_token" in params else 100)
        wall = self._wall(system, now, is_rough=is_rough)
        if method == "wall.getById":
            return {"response": {"items": wall.by_id(params.get("posts", ""))}}
        if params.get("owner_id") != str(-COMMUNITY):
            return _error(15)
        if method == "wall.getComments":
            return wall.comments(params)
        if method == "newsfeed.getMentions":
            span = _number(params, "start_time"), _number(params, "end_time")
            return _list(wall.mentions(*span), params, _MOST_MENTIONS, is_rough=is_rough)
        return _list(wall.posts, params, _MOST, is_rough=is_rough) if method == "wall.get" else _error(3)

    def _wall(self, system: str, now: datetime, *, is_rough: bool) -> _Wall:
        """Return a wall; the newest one is kept, for who asks several questions at one instant."""
        key, kept = (system, is_rough, now), self._newest
        if kept is not None and kept[0] == key:
            return kept[1]
        known = self._history.received(system, start=now - _WALL_GOES_BACK, end=now, now=now)
        wall = _Wall(known, now, is_rough=is_rough)
        self._newest = (key, wall)
        return wall


def kind_of(appeal_id: str) -> int:
    """Return how an appeal is told: `POSTS`, `MENTIONS`, or anything else for a comment."""
    return message_id(appeal_id) % SHARES


def post_before(at: datetime) -> int:
    """Return the number of the community's newest post at an instant; it is also when it was written."""
    return int(at.timestamp()) // POST_EVERY_S


def own_page(number: int) -> int:
    """Return on whose page an appeal mentions the community."""
    return 5000 + number % 997


class _Wall:
    """What is known of the community at an instant."""

    def __init__(self, known: Sequence[Known], now: datetime, *, is_rough: bool) -> None:
        self._threads_of: dict[int, list[tuple[Item, list[Item]]]] = {}
        self._known = known
        self._now = now
        self._is_rough = is_rough
        self._under: dict[int, list[Known]] = {}
        for each in reversed(known):
            if kind_of(each.appeal.id) not in {POSTS, MENTIONS}:
                self._under.setdefault(post_before(each.appeal.received_at), []).append(each)

    @cached_property
    def posts(self) -> list[Item]:
        """Return the wall, the newest first."""
        last = post_before(self._now)
        first = post_before(self._now - _WALL_GOES_BACK) + 1
        items = [self._own_post(number) for number in range(first, last + 1)]
        items += [self._post(each) for each in self._known if kind_of(each.appeal.id) == POSTS]
        if self._is_rough:
            items += [noise for item in items for noise in _noise_beside(item)]
        items.sort(key=lambda item: (_date(item), str(item.get("id"))), reverse=True)
        if self._is_rough:
            items.insert(0, {**self._own_post(first), "is_pinned": 1})
        return items

    def by_id(self, names: str) -> list[Item]:
        """Return the posts of such names (`-1_2`) that there are."""
        wanted = set(names.split(","))
        return [item for item in self.posts if f"{item.get('owner_id')}_{item.get('id')}" in wanted]

    def mentions(self, start_s: int, end_s: int) -> list[Item]:
        """Return posts on people's own pages that mention the community, the newest first."""
        items: list[Item] = []
        for each in self._known:
            number, at_s = message_id(each.appeal.id), int(each.appeal.received_at.timestamp())
            if kind_of(each.appeal.id) == MENTIONS and start_s <= at_s <= (end_s or at_s):
                owner = own_page(number)
                items.append(_item(number, owner, at_s, f"[club{COMMUNITY}|Region] {each.appeal.text}", owner_id=owner))
        return items

    def comments(self, params: Mapping[str, str]) -> Item:
        """Return comments of a post, or the replies to one comment, the oldest first."""
        post, root = _number(params, "post_id"), _number(params, "comment_id")
        threads = self._threads(post)
        if not threads and not any(item.get("id") == post for item in self.posts):
            return _error(100)
        if root:
            replies = next((replies for comment, replies in threads if comment.get("id") == root), None)
            return _error(100) if replies is None else _list(replies, params, _MOST, is_rough=False)
        shown = min(_number(params, "thread_items_count"), _MOST_IN_THREAD)
        items = [{**item, "thread": {"count": len(replies), "items": replies[:shown]}} for item, replies in threads]
        answer = _list(items, params, _MOST, is_rough=self._is_rough)
        response = answer["response"]
        if isinstance(response, dict):
            response |= {
                "current_level_count": len(items),
                "count": len(items) + sum(len(replies) for _, replies in threads),
            }
        return answer

    def _threads(self, post: int) -> list[tuple[Item, list[Item]]]:
        if post not in self._threads_of:
            self._threads_of[post] = self._make_threads(post)
        return self._threads_of[post]

    def _make_threads(self, post: int) -> list[tuple[Item, list[Item]]]:
        of_citizen = next((each for each in self._known if message_id(each.appeal.id) == post), None)
        if of_citizen is not None:
            reply = _reply(of_citizen)
            return [(reply, [])] if reply else []
        threads: list[tuple[Item, list[Item]]] = []
        for each in self._under.get(post, []):
            number, at_s = message_id(each.appeal.id), int(each.appeal.received_at.timestamp())
            replies = [reply for reply in (_reply(each),) if reply]
            if self._is_rough and number % _CHATTER_EVERY == 0:
                chatter = [_item(number + _REPLIES_FROM * (2 + n), 7, at_s, "+1") for n in range(_CHATTER_N)]
                replies = [*chatter, *replies]
            threads.append((_item(number, 6, at_s, each.appeal.text), replies))
            if self._is_rough:
                threads += [(noise, []) for noise in _comments_beside(number, at_s)]
        return threads

    def _own_post(self, number: int) -> Item:
        comments_n = sum(1 + len(replies) for _, replies in self._threads(number))
        at_s = number * POST_EVERY_S
        return _item(number, -COMMUNITY, at_s, "News of the region", owner_id=-COMMUNITY, comments_n=comments_n)

    @staticmethod
    def _post(known: Known) -> Item:
        appeal = known.appeal
        item = _item(
            message_id(appeal.id),
            8,
            int(appeal.received_at.timestamp()),
            appeal.text,
            owner_id=-COMMUNITY,
            comments_n=1 if _reply(known) else 0,
        )
        if appeal.lat is not None:
            item["geo"] = {"type": "point", "coordinates": f"{appeal.lat} {appeal.lon}"}
        return item


def _reply(known: Known) -> Item | None:
    """Return the community's answer to an appeal, None where there is none."""
    answered_at = known.state.answered_at
    if known.state.status is not AppealStatus.ANSWERED or answered_at is None:
        return None
    number = message_id(known.appeal.id)
    reply = _item(number + _REPLIES_FROM, -COMMUNITY, int(answered_at.timestamp()), "[id6|Citizen], it is done")
    return reply if kind_of(known.appeal.id) == POSTS else {**reply, "reply_to_comment": number}


def _item(
    number: int, author: int, at_s: int, text: str, *, owner_id: int | None = None, comments_n: int | None = None
) -> Item:
    item: Item = {"id": number, "from_id": author, "date": at_s, "text": text}
    if owner_id is not None:
        item["owner_id"] = owner_id
    if comments_n is not None:
        item["comments"] = {"count": comments_n}
    return item


def _noise_beside(item: Item) -> list[Item]:
    """Return what stands beside some posts of a wall in a bad hour."""
    number, date = int(str(item["id"])), _date(item)
    if number % _ROUGH_EVERY:
        return []
    base = _REPLIES_FROM * 4 + number
    return [
        {**_item(base, 9, date, "Buy this", owner_id=-COMMUNITY), "marked_as_ads": 1},
        {**_item(base + 1, 9, date, "", owner_id=-COMMUNITY), "copy_history": [{"id": 1, "text": "Elsewhere"}]},
        {**_item(base + 2, 9, date, "It was here", owner_id=-COMMUNITY), "is_deleted": True},
        {**_item(base + 3, 9, date, "Without a time", owner_id=-COMMUNITY), "date": "yesterday"},
    ]


def _comments_beside(number: int, at_s: int) -> list[Item]:
    base = _REPLIES_FROM * 20 + number * 4
    noise: list[Item] = [
        {**_item(base, 0, at_s, ""), "deleted": True},
        {**_item(base + 1, 7, at_s, ""), "attachments": [{"type": "sticker"}]},
        _item(base + 2, -_OTHER_COMMUNITY, at_s, "Subscribe to our news"),
        _item(base + 3, 7, at_s, "+1"),
    ]
    return [noise[number % len(noise)]]


def _list(items: Sequence[Item], params: Mapping[str, str], most: int, *, is_rough: bool) -> Item:
    """Return a page; with bad manners fewer than were asked for."""
    offset, count = _number(params, "offset"), min(_number(params, "count") or 20, most)
    shown = items[offset : offset + count]
    return {"response": {"count": len(items), "items": shown[: max(1, count * 4 // 5)] if is_rough else shown}}


def _date(item: Item) -> int:
    date = item.get("date")
    return date if isinstance(date, int) else int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def _number(params: Mapping[str, str], name: str) -> int:
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0  # noqa: PLR2004 - 64 bits


def _error(code: int) -> Item:
    return {"error": {"error_code": code, "error_msg": "Refused by the simulator", "request_params": []}}


def _write(document: Item) -> Response:
    return Response(200, _JSON, codec.encode(document))
