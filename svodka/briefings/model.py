"""What a briefing is: pages, what the presenter says, what is written over scenes, what was decided. Pure.

Every change returns another story; whoever keeps stories compares `rev` and knows who was second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from svodka.domain.masking import find_personal

GRID_COLUMNS, GRID_ROWS = 12, 8
TITLE_CHARS, NOTES_CHARS, ANNOTATION_CHARS, ORDER_CHARS, PROTOCOL_CHARS = 160, 4000, 160, 1000, 8000
MAX_PAGES, MAX_ANNOTATIONS, MAX_ORDERS = 40, 6, 100
_ID_LETTERS = 4
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything here."""


class Annotation(_Part, frozen=True):
    """A text box on a scene: column 1..12 and row 1..8 of a grid over it, width in columns."""

    text: str
    column: int = 1
    row: int = 1
    span: int = 4


class StoryPage(_Part, frozen=True):
    """One page: a stored scene with notes for the presenter alone and text boxes for all."""

    scene: str
    notes: str = ""
    annotations: tuple[Annotation, ...] = ()


class GivenOrder(_Part, frozen=True):
    """An order (поручение): what is to be done, by whom, by when. Source: 002 п.3.2(16)."""

    number: int
    text: str
    body: str = ""
    due_on: date | None = None


class Story(_Part, frozen=True):
    """A storyline.

    Attributes:
        title: What the briefing is called.
        pages: In the order of showing.
        protocol: What was decided, in words.
        orders: Orders given, numbered as they were.
    """

    title: str
    pages: tuple[StoryPage, ...]
    protocol: str = ""
    orders: tuple[GivenOrder, ...] = ()


class Wrong(StrEnum):
    """Why a change is not made; a person reads `briefing.wrong.<value>` of the locales."""

    NO_TITLE = "no_title"
    TOO_LONG = "too_long"
    PERSONAL = "personal"
    NO_PAGE = "no_page"
    LAST_PAGE = "last_page"
    TOO_MANY = "too_many"
    NO_TEXT = "no_text"
    NO_PLACE = "no_place"
    CHANGED_SINCE = "changed_since"
    NO_SCENE = "no_scene"


class WrongChangeError(Exception):
    """A change that cannot be made; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def written(text: str) -> str:
    """Return what a person typed as it is kept: files of the office cannot hold the line breaks of pasted slides."""
    return _UNWRITABLE.sub(" ", text).strip()


def make_id(at: datetime, zone: ZoneInfo, letters: str) -> str:
    """Return the id of a moment: its local day and minute, and letters that tell two of one minute apart."""
    return f"{at.astimezone(zone):%Y-%m-%d-%H%M}-{letters[:_ID_LETTERS]}"


def begin_story(title: str, scenes: Sequence[str]) -> Story:
    """Return the story of a new briefing: one page for each scene.

    Raises:
        WrongChangeError: Without title or scenes, or with too many.
    """
    title = " ".join(written(title).split())
    if not title:
        raise WrongChangeError(Wrong.NO_TITLE)
    _limit(title, TITLE_CHARS)
    if not scenes:
        raise WrongChangeError(Wrong.NO_SCENE)
    if len(scenes) > MAX_PAGES:
        raise WrongChangeError(Wrong.TOO_MANY)
    return Story(title=title, pages=tuple(StoryPage(scene=scene) for scene in scenes))


def set_notes(story: Story, page: int, notes: str) -> Story:
    """Return the story with other notes for the presenter; pages count from 1.

    Raises:
        WrongChangeError: No such page, or too long.
    """
    _limit(notes, NOTES_CHARS)
    return _put_page(story, page, msgspec.structs.replace(_page(story, page), notes=written(notes)))


def annotate(story: Story, page: int, annotation: Annotation) -> Story:
    """Return the story with a text box more.

    Raises:
        WrongChangeError: No such page or place, no text, too long, too many, or somebody's personal data: a wall is
            read by everybody in the room.
    """
    text = " ".join(written(annotation.text).split())
    if not text:
        raise WrongChangeError(Wrong.NO_TEXT)
    _limit(text, ANNOTATION_CHARS)
    if find_personal(text):
        raise WrongChangeError(Wrong.PERSONAL)
    is_on_grid = (
        1 <= annotation.column <= GRID_COLUMNS
        and 1 <= annotation.row <= GRID_ROWS
        and 1 <= annotation.span <= GRID_COLUMNS - annotation.column + 1
    )
    if not is_on_grid:
        raise WrongChangeError(Wrong.NO_PLACE)
    found = _page(story, page)
    if len(found.annotations) >= MAX_ANNOTATIONS:
        raise WrongChangeError(Wrong.TOO_MANY)
    placed = (*found.annotations, msgspec.structs.replace(annotation, text=text))
    return _put_page(story, page, msgspec.structs.replace(found, annotations=placed))


def remove_annotation(story: Story, page: int, number: int) -> Story:
    """Return the story without a text box; they count from 1.

    Raises:
        WrongChangeError: There is none.
    """
    found = _page(story, page)
    if not 1 <= number <= len(found.annotations):
        raise WrongChangeError(Wrong.NO_TEXT)
    kept = (*found.annotations[: number - 1], *found.annotations[number:])
    return _put_page(story, page, msgspec.structs.replace(found, annotations=kept))


def move_page(story: Story, page: int, direction: Literal[-1, 1]) -> Story:
    """Return the story with a page one place earlier or later; at the ends it stays where it is.

    Raises:
        WrongChangeError: No such page.
    """
    found = _page(story, page)
    to = page + direction
    if not 1 <= to <= len(story.pages):
        return story
    pages = list(story.pages)
    pages[page - 1], pages[to - 1] = pages[to - 1], found
    return msgspec.structs.replace(story, pages=tuple(pages))


def remove_page(story: Story, page: int) -> Story:
    """Return the story without a page; its scene stays stored.

    Raises:
        WrongChangeError: No such page, or the last one.
    """
    _page(story, page)
    if len(story.pages) == 1:
        raise WrongChangeError(Wrong.LAST_PAGE)
    return msgspec.structs.replace(story, pages=(*story.pages[: page - 1], *story.pages[page:]))


def add_page(story: Story, scene: str) -> Story:
    """Return the story with one of its stored scenes once more, at the end.

    Raises:
        WrongChangeError: Too many.
    """
    if len(story.pages) >= MAX_PAGES:
        raise WrongChangeError(Wrong.TOO_MANY)
    return msgspec.structs.replace(story, pages=(*story.pages, StoryPage(scene=scene)))


def set_protocol(story: Story, protocol: str) -> Story:
    """Return the story with other decisions.

    Raises:
        WrongChangeError: Too long.
    """
    _limit(protocol, PROTOCOL_CHARS)
    return msgspec.structs.replace(story, protocol=written(protocol))


def give_order(story: Story, text: str, body: str, due_on: date | None) -> Story:
    """Return the story with an order more; its number is never used again.

    Raises:
        WrongChangeError: Without text, too long, or too many.
    """
    text, body = " ".join(written(text).split()), " ".join(written(body).split())
    if not text:
        raise WrongChangeError(Wrong.NO_TEXT)
    _limit(text, ORDER_CHARS)
    _limit(body, TITLE_CHARS)
    if len(story.orders) >= MAX_ORDERS:
        raise WrongChangeError(Wrong.TOO_MANY)
    number = max((order.number for order in story.orders), default=0) + 1
    order = GivenOrder(number=number, text=text, body=body, due_on=due_on)
    return msgspec.structs.replace(story, orders=(*story.orders, order))


def withdraw_order(story: Story, number: int) -> Story:
    """Return the story without an order; the journal still tells that it was given."""
    return msgspec.structs.replace(story, orders=tuple(order for order in story.orders if order.number != number))


def _page(story: Story, page: int) -> StoryPage:
    if not 1 <= page <= len(story.pages):
        raise WrongChangeError(Wrong.NO_PAGE)
    return story.pages[page - 1]


def _put_page(story: Story, page: int, put: StoryPage) -> Story:
    return msgspec.structs.replace(story, pages=(*story.pages[: page - 1], put, *story.pages[page:]))


def _limit(text: str, chars: int) -> None:
    if len(text) > chars:
        raise WrongChangeError(Wrong.TOO_LONG)
