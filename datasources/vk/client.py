"""Reads communities of VK in rounds: walls, comments under their posts, mentions.

A poll is one page of a wall or of mentions, or one page of comments with the whole threads in it. A round goes from the
newest post back to the end of `watch_h` (the first one: of `backfill_h`), and comments are read where their number or
the post has changed, or `reread_s` is over: VK tells neither edits nor deletions of comments by itself.
Source: dev.vk.com/method/wall.get, wall.getById, wall.getComments, newsfeed.getMentions (API 5.199).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.documents import reject
from datasources._toolkit.fields import whole_number
from datasources._toolkit.params import check_brings, read_params
from datasources.vk.api import Api, ClosedError, Reply
from datasources.vk.cursor import Place, Round, Task, Watched, advance, mark_of, remember, step
from datasources.vk.normalise import Normaliser, Skip, find_answers, thread_of, without_people
from datasources.vk.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import RecordUnreadableError, SourceUnavailableError
from svodka.domain.records import AppealRecord, Completeness, PollResult, Rejected
from svodka.profiles.model import SourceConfig

PAGE_N, MENTIONS_N, THREAD_N = 100, 50, 10
# Of one poll: more long threads wait for the next one, and a thread is read so far.
_MAX_QUESTIONS, _MAX_THREAD_PAGES = 40, 100


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position.

    Attributes:
        read_at: When VK was last read well, by its own clock where it tells one; never goes back.
        from_s: How far back the first round went, or one anew, seconds since 1970; no later one goes further.
        swept_s: Begin of the last whole round, seconds since 1970, None before there was one.
        round: The round in work, None between two.
        known: Posts that are looked at again, by community and number.
        v: Version of this form.
    """

    read_at: datetime
    from_s: int
    swept_s: int | None = None
    round: Round | None = None
    known: dict[str, Watched] = {}
    v: int = 1


def connect(source: SourceConfig, clock: Clock) -> VkConnector:
    """Build the connector of one source.

    Args:
        source: The source; its url is that of the API's methods.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable, or the source is not one of appeals.
    """
    check_brings(source, "appeals")
    return VkConnector(source, read_params(source, Params), clock)


def begins_at(source: SourceConfig) -> bool:
    """Whether the source can be asked from an instant: walls are read back to it."""
    del source
    return True


def anew_from(cursor: str) -> str:
    """Return a position before the first round, at which all comments are due.

    That they were read once stays: an answer does not vanish with comments that were closed since. So does how far
    back later rounds look: posts from before the instant of reading anew are still watched.

    Raises:
        SourceContractBrokenError: It is no position of this connector.
    """
    before = read_cursor(cursor, Cursor)
    known = {key: msgspec.structs.replace(each, read_s=0) for key, each in before.known.items()}
    return codec.encode_text(msgspec.structs.replace(before, swept_s=None, round=None, known=known))


class _Page:
    """What one poll has gathered."""

    def __init__(self) -> None:
        self.records: list[AppealRecord] = []
        self.rejected: list[Rejected] = []
        self.skipped: Counter[Skip] = Counter()
        self.source_time_at: datetime | None = None
        self.read_n = 0

    def add(self, found: AppealRecord | Skip) -> None:
        self.read_n += 1
        if isinstance(found, AppealRecord):
            self.records.append(found)
        else:
            self.skipped[found] += 1

    def refuse(self, item: object, error: RecordUnreadableError, place: str) -> None:
        """Set one aside, under the id of its appeal where that is known, so that a later reading overtakes it."""
        self.read_n += 1
        number = whole_number(item, "id")
        refused = reject(without_people(item), error, id_paths=())
        foreign_id = f"{place}{number}" if place and number else None
        self.rejected.append(msgspec.structs.replace(refused, foreign_id=foreign_id))

    def heard(self, reply: Reply) -> Reply:
        self.source_time_at = self.source_time_at or reply.source_time_at
        return reply


class VkConnector:
    """Communities of VK that one token reads."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._clock = clock
        self._api = Api(source, params, clock)
        self._normaliser = Normaliser(params)
        walls = [("wall", each.id) for each in params.communities if params.needs_wall]
        mentions = [("mentions", each.id) for each in params.communities if "mentions" in params.take]
        self._plan = [*walls, *mentions]

    def poll(self, cursor: str | None) -> PollResult:
        """Read one page (see `svodka.domain.records.Connector`)."""
        now = self._clock.now()
        before = read_cursor(cursor, Cursor) if cursor else None
        known = before.known if before else {}
        state = before.round if before else None
        if state is None or (state.at >= len(self._plan) and not state.tasks):
            state = self._begin(before, now)
        page = _Page()
        if state.tasks:
            state, known = self._read_comments(state, page, known, now)
        elif self._plan[state.at][0] == "wall":
            state = self._read_wall(state, page, known, now)
        else:
            state = self._read_mentions(state, page)
        at = page.source_time_at or now
        state = msgspec.structs.replace(state, began_s=min(state.began_s, int(at.timestamp())))
        is_done = not state.tasks and state.at >= len(self._plan)
        position = Cursor(
            read_at=max(before.read_at, at) if before else at,
            from_s=min(before.from_s, state.posts_from_s) if before else state.posts_from_s,
            swept_s=state.began_s if is_done else (before.swept_s if before else None),
            round=None if is_done else state,
            known=known,
        )
        return PollResult(
            records=tuple(page.records),
            rejected=tuple(page.rejected),
            cursor=codec.encode_text(position),
            source_time_at=page.source_time_at,
            completeness=Completeness.COMPLETE if is_done else Completeness.PARTIAL,
            read_n=page.read_n,
            skipped={reason.value: n for reason, n in page.skipped.items()},
        )

    def close(self) -> None:
        """Give the connection back."""
        self._api.close()

    def _begin(self, before: Cursor | None, now: datetime) -> Round:
        """Return a new round: from the last whole one on, less what is looked at again."""
        now_s = int(now.timestamp())
        if before is None or before.swept_s is None:
            from_s = int((now - timedelta(hours=self._source.backfill_h)).timestamp())
            return Round(now_s, from_s, from_s)
        posts_from_s = max(before.from_s, before.swept_s - int(self._params.watch_h * 3600))
        mentions_from_s = max(before.from_s, before.swept_s - int(self._params.overlap_s))
        return Round(now_s, posts_from_s, mentions_from_s)

    def _read_wall(self, state: Round, page: _Page, known: Mapping[str, Watched], now: datetime) -> Round:
        community = self._plan[state.at][1]
        reply = page.heard(
            self._api.ask("wall.get", owner_id=-community, offset=state.place.offset, count=PAGE_N, filter="all")
        )
        tasks: list[Task] = []
        oldest_s: int | None = None
        for item in reply.items:
            if _mark(item) in state.place.seen:
                continue
            date_s = whole_number(item, "date")
            if date_s is not None and not (isinstance(item, Mapping) and item.get("is_pinned") == 1):
                oldest_s = date_s if oldest_s is None else min(oldest_s, date_s)
            try:
                found, task = self._judge_post(item, community, state, known, now)
            except RecordUnreadableError as error:
                page.refuse(item, error, f"wall-{community}_")
                continue
            page.add(found)
            if task is not None:
                tasks.append(task)
        is_past = oldest_s is not None and oldest_s < state.posts_from_s
        place = None if is_past else _next(state.place, reply)
        return msgspec.structs.replace(_at(state, place), tasks=tuple(tasks), inner=Place())

    def _judge_post(
        self, item: object, community: int, state: Round, known: Mapping[str, Watched], now: datetime
    ) -> tuple[AppealRecord | Skip, Task | None]:
        """Return what a post is, and whether its comments are to be read."""
        found = self._normaliser.post(item, community)
        date_s, number = whole_number(item, "date"), whole_number(item, "id")
        if found in {Skip.DELETED, Skip.ADVERTISEMENT, Skip.NOT_PUBLISHED} or date_s is None or number is None:
            return found, None
        if date_s < state.posts_from_s:
            return Skip.TOO_OLD, None
        is_appeal = isinstance(found, AppealRecord) and "posts" in self._params.take
        if isinstance(found, AppealRecord) and not is_appeal:
            found = Skip.NOT_TAKEN
        comments = item.get("comments") if isinstance(item, Mapping) else None
        comments_n = whole_number(comments, "count") or 0
        wants_comments = "comments" in self._params.take or (is_appeal and self._params.replies_answer)
        if not comments_n or not wants_comments:
            return found, None
        edited = whole_number(item, "edited") or 0
        task = Task(community, number, comments_n, edited, is_appeal, date_s)
        last = known.get(task.key)
        is_same = last is not None and (last.comments_n, last.edited) == (comments_n, edited)
        if last is not None and is_same and now.timestamp() - last.read_s < self._params.reread_s:
            return (Skip.UNCHANGED if is_appeal else found), None
        return (Skip.COMMENTS_FIRST if is_appeal else found), task

    def _read_mentions(self, state: Round, page: _Page) -> Round:
        community = self._plan[state.at][1]
        reply = page.heard(
            self._api.ask(
                "newsfeed.getMentions",
                owner_id=-community,
                start_time=state.mentions_from_s,
                end_time=state.began_s,
                offset=state.place.offset,
                count=MENTIONS_N,
            )
        )
        for item in reply.items:
            if _mark(item) in state.place.seen:
                continue
            try:
                page.add(self._normaliser.mention(item, community))
            except RecordUnreadableError as error:
                page.refuse(item, error, "")
        return _at(state, _next(state.place, reply))

    def _read_comments(
        self, state: Round, page: _Page, known: dict[str, Watched], now: datetime
    ) -> tuple[Round, dict[str, Watched]]:
        """Read a page of comments of the first post that waits for it."""
        task, *others = state.tasks
        place: Place | None
        is_closed = False
        try:
            reply = page.heard(
                self._api.ask(
                    "wall.getComments",
                    owner_id=-task.community,
                    post_id=task.post,
                    offset=state.inner.offset,
                    count=PAGE_N,
                    sort="asc",
                    preview_length=0,
                    thread_items_count=THREAD_N,
                )
            )
            roots, is_whole = self._whole_threads(task, reply)
            place = _next(state.inner, reply) if is_whole else step(state.inner, _marks(reply)[: len(roots)], digest="")
        except ClosedError:
            page.add(Skip.COMMENTS_CLOSED)
            roots, place, is_closed = [], None, True
        answers, post_answered_at = find_answers(task.community, [each for each in roots if isinstance(each, Mapping)])
        if not self._params.replies_answer:
            answers, post_answered_at = {}, None
        for root in roots:
            for item in (root, *(thread_of(root) if isinstance(root, Mapping) else ())):
                self._add_comment(item, task, page, answers, state.inner.seen if item is root else ())
        answered_s = _earlier_s(state.answered_s, post_answered_at)
        if place is not None:
            return msgspec.structs.replace(state, inner=place, answered_s=answered_s), known
        # What closed comments said of it before still stands: that nobody may read them takes no answer back.
        if task.is_appeal and not (is_closed and task.key in known):
            self._read_post(task, page, datetime.fromtimestamp(answered_s, UTC) if answered_s else None)
        watched_from_s = state.began_s - self._params.watch_h * 3600
        known = remember(known, task, read_s=int(now.timestamp()), watched_from_s=watched_from_s)
        return msgspec.structs.replace(state, tasks=tuple(others), inner=Place(), answered_s=0), known

    def _add_comment(
        self, item: object, task: Task, page: _Page, answers: Mapping[int, datetime], seen: tuple[int, ...]
    ) -> None:
        number = whole_number(item, "id")
        if _mark(item) in seen:
            return
        try:
            answered_at = None if number is None else answers.get(number)
            page.add(self._normaliser.comment(item, task.community, task.post, answered_at))
        except RecordUnreadableError as error:
            page.refuse(item, error, f"wall-{task.key}_r")

    def _read_post(self, task: Task, page: _Page, answered_at: datetime | None) -> None:
        """Tell of a citizen's post together with what answers it."""
        try:
            posts = self._api.ask("wall.getById", posts=f"-{task.community}_{task.post}").items
        except ClosedError:
            posts = []
        if not posts:
            page.add(Skip.DELETED)
        for item in posts[:1]:
            try:
                page.add(self._normaliser.post(item, task.community, answered_at))
            except RecordUnreadableError as error:
                page.refuse(item, error, f"wall-{task.community}_")

    def _whole_threads(self, task: Task, reply: Reply) -> tuple[list[object], bool]:
        """Return comments with all of their replies, as many as one poll may ask for, and whether that is the page."""
        roots: list[object] = []
        asked_n = 0
        for root in reply.items:
            thread = root.get("thread") if isinstance(root, Mapping) else None
            number = whole_number(root, "id")
            if not isinstance(root, Mapping) or number is None or (whole_number(thread, "count") or 0) <= THREAD_N:
                roots.append(root)
                continue
            if asked_n >= _MAX_QUESTIONS and roots:
                return roots, False
            try:
                replies, questions_n = self._read_thread(task, number)
            except SourceUnavailableError:
                if not roots:
                    raise
                return roots, False  # what has been read is kept; the next poll meets the trouble, if it lasts
            asked_n += questions_n
            roots.append({**root, "thread": {"items": replies or thread_of(root)}})
        return roots, True

    def _read_thread(self, task: Task, root: int) -> tuple[list[object], int]:
        """Return all replies to a comment, and how many questions that took."""
        replies: dict[int, object] = {}
        place: Place | None = Place()
        questions_n = 0
        while place is not None and questions_n < _MAX_THREAD_PAGES:
            questions_n += 1
            try:
                reply = self._api.ask(
                    "wall.getComments",
                    owner_id=-task.community,
                    post_id=task.post,
                    comment_id=root,
                    offset=place.offset,
                    count=PAGE_N,
                    sort="asc",
                    preview_length=0,
                )
            except ClosedError:  # its first comment has gone meanwhile
                break
            for item in reply.items:
                number = whole_number(item, "id")
                replies[-len(replies) - 1 if number is None else number] = item
            place = _next(place, reply)
        return list(replies.values()), questions_n


def _earlier_s(known_s: int, at: datetime | None) -> int:
    """Return the earlier of two answers in seconds since 1970, 0 where there is none."""
    times_s = [known_s, 0 if at is None else int(at.timestamp())]
    return min((each for each in times_s if each), default=0)


def _next(place: Place, reply: Reply) -> Place | None:
    return advance(place, _marks(reply), total=reply.total, digest=reply.digest)


def _marks(reply: Reply) -> list[int]:
    return [_mark(item) for item in reply.items]


def _mark(item: object) -> int:
    owner = whole_number(item, "owner_id") or whole_number(item, "to_id")
    return mark_of(owner, whole_number(item, "post_id"), whole_number(item, "id"))


def _at(state: Round, place: Place | None) -> Round:
    """Return a round at a place of its list, or at the beginning of the next list."""
    if place is None:
        return msgspec.structs.replace(state, at=state.at + 1, place=Place())
    return msgspec.structs.replace(state, place=place)
