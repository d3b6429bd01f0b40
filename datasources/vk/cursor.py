"""Where reading stands: a round over walls and mentions, page by page, with the comments of each page's posts. Pure.

VK pages by number of place. While pages are read, new posts push the rest down and deleted ones pull it up; so pages
overlap, and a page that has nothing in common with the one before it is asked for from further up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from svodka.domain.errors import SourceContractBrokenError

OVERLAP_N = 10
_BACK_N = 50
_MAX_PAGES = 2000
_MAX_KNOWN = 5000


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Place in a list.

    Attributes:
        offset: Where to read next.
        seen: Marks of the page before, () where the next page need have nothing in common with it.
        pages: How many were read.
        digest: Of the page before.
        doubted: The next page was empty once although there should be more.
    """

    offset: int = 0
    seen: tuple[int, ...] = ()
    pages: int = 0
    digest: str = ""
    doubted: bool = False


class Task(msgspec.Struct, frozen=True, array_like=True):
    """A post whose comments are to be read.

    Attributes:
        community: Number of the community on whose wall it is.
        post: Its number.
        comments_n: How many comments it had when the wall was read.
        edited: When it was last edited, seconds since 1970; 0: never.
        is_appeal: It is a citizen's own, told with what answers it.
        posted_s: When it was published, seconds since 1970.
    """

    community: int
    post: int
    comments_n: int
    edited: int
    is_appeal: bool
    posted_s: int

    @property
    def key(self) -> str:
        """Return under what it is remembered."""
        return f"{self.community}_{self.post}"


class Watched(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a post.

    Attributes:
        comments_n, edited: As when its comments were last read.
        read_s: When that was, seconds since 1970.
        posted_s: When it was published, seconds since 1970.
    """

    comments_n: int
    edited: int
    read_s: int
    posted_s: int


class Round(msgspec.Struct, frozen=True, array_like=True):
    """A round in work; times in seconds since 1970.

    Attributes:
        began_s: When it began, by our clock, or VK's where that is behind.
        posts_from_s: Older posts are not read.
        mentions_from_s: Older mentions are not asked for.
        at: Which list of the plan is read.
        place: Where in it.
        tasks: Posts of its last page whose comments are still to be read.
        inner: Where in the comments of the first of them.
        answered_s: When the community answered that post, as far as its comments have been read; 0: not yet seen.
    """

    began_s: int
    posts_from_s: int
    mentions_from_s: int
    at: int = 0
    place: Place = Place()
    tasks: tuple[Task, ...] = ()
    inner: Place = Place()
    answered_s: int = 0


def mark_of(owner: int | None, post: int | None, number: int | None) -> int:
    """Return a short mark of a post or comment that names nobody; 0 where it has no number."""
    if number is None:
        return 0
    name = f"{owner} {post} {number}"
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest())


def advance(place: Place, marks: Sequence[int], *, total: int | None, digest: str) -> Place | None:
    """Return where to read next, None at the end of the list.

    Args:
        place: Where this page was read.
        marks: Of the page, 0 for what has none.
        total: How many the list has, None where VK does not say.
        digest: Of the page.

    Raises:
        SourceContractBrokenError: The list does not end.
    """
    if place.pages >= _MAX_PAGES:
        message = f"a list of more than {_MAX_PAGES} pages: VK does not page as promised"
        raise SourceContractBrokenError(message)
    if not marks:
        is_strange = total is not None and place.offset < total and not place.doubted
        return msgspec.structs.replace(place, doubted=True) if is_strange else None
    pages = place.pages + 1
    if place.offset and place.seen and not set(place.seen) & set(marks):
        back = Place(max(0, place.offset - _BACK_N), place.seen, pages, digest)
        return None if place.digest == digest and back.offset == place.offset else back
    if place.digest == digest or (total is not None and place.offset + len(marks) >= total):
        return None
    return step(place, marks, digest=digest)


def step(place: Place, marks: Sequence[int], *, digest: str) -> Place:
    """Return the place after so many of a page, some of which the next page has again."""
    common_n = min(OVERLAP_N, len(marks) - 1)
    seen = tuple(mark for mark in marks if mark) if common_n else ()
    return Place(place.offset + len(marks) - common_n, seen, place.pages + 1, digest)


def remember(known: dict[str, Watched], task: Task, *, read_s: int, watched_from_s: float) -> dict[str, Watched]:
    """Return what is known after a post's comments were read; what is no longer looked at is let go."""
    known = {**known, task.key: Watched(task.comments_n, task.edited, read_s, task.posted_s)}
    kept = {key: each for key, each in known.items() if each.posted_s >= watched_from_s}
    return dict(list(kept.items())[-_MAX_KNOWN:])
