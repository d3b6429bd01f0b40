"""Keeps briefings: each change in one transaction with its line of the journal. Functions of a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from svodka.briefings.model import Story, Wrong, WrongChangeError
from svodka.domain.codec import decode_as, encode_text
from svodka.storage.briefings import (
    Showing,
    StoredBriefing,
    end_showing,
    insert_briefing,
    load_briefing,
    load_showings,
    load_shown_on,
    note_showing,
    save_briefing,
)
from svodka.storage.database import Connection, Database
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.moments import StoredMoment, StoredScene, load_moment, load_moments, load_scene_titles, save_moment

LISTED_N = 50
_SHOWINGS_N = 200
_SEEN_EVERY = timedelta(seconds=10)


class Briefing(msgspec.Struct, frozen=True, kw_only=True):
    """A briefing with its moment: what its page shows.

    Attributes:
        moment: The stored moment.
        row: Where it stands.
        story: Its storyline.
        scenes: Titles of the stored scenes by reference, in their order.
    """

    moment: StoredMoment
    row: StoredBriefing
    story: Story
    scenes: dict[str, str]

    @property
    def page_n(self) -> int:
        """Where the presenter stands, within the pages that there are now."""
        return max(1, min(self.row.page, len(self.story.pages)))


def create(
    database: Database, entry: JournalEntry, moment: StoredMoment, scenes: Sequence[StoredScene], story: Story
) -> None:
    """Store a moment with its scenes, and a briefing over it."""
    with database.write() as connection:
        save_moment(connection, moment, scenes)
        insert_briefing(
            connection,
            StoredBriefing(
                id=moment.id,
                rev=1,
                story=encode_text(story),
                page=1,
                wall="",
                is_shown=False,
                saved_at=entry.at,
                saved_by=entry.who,
            ),
        )
        save_entry(connection, entry)


def keep_moment(
    database: Database, entry: JournalEntry | None, moment: StoredMoment, scenes: Sequence[StoredScene]
) -> None:
    """Store a moment alone: a still of a wall, or what a scheduled export is made of."""
    with database.write() as connection:
        save_moment(connection, moment, scenes)
        if entry is not None:
            save_entry(connection, entry)


def find(database: Database, briefing_id: str) -> Briefing | None:
    """Return a briefing, None where there is none."""
    with database.read() as connection:
        return find_in(connection, briefing_id)


def find_in(connection: Connection, briefing_id: str) -> Briefing | None:
    """Return a briefing, read in a transaction of somebody else's."""
    moment, row = load_moment(connection, briefing_id), load_briefing(connection, briefing_id)
    if moment is None or row is None:
        return None
    scenes = load_scene_titles(connection, briefing_id)
    return Briefing(moment=moment, row=row, story=decode_as(row.story, Story), scenes=scenes)


def list_newest(database: Database) -> list[StoredMoment]:
    """Return the newest briefings' moments, the newest first."""
    with database.read() as connection:
        return load_moments(connection, "briefing", LISTED_N)


def change(
    database: Database, entry: JournalEntry, briefing_id: str, rev: int | None, make: Callable[[Story], Story]
) -> Briefing:
    """Change the story of a briefing.

    Args:
        database: Where it is kept.
        entry: Who, for the journal.
        briefing_id: Which.
        rev: What the operator saw; None: `make` looks itself whether it is what he saw.
        make: From the story to another one.

    Returns:
        The briefing as it is now.

    Raises:
        WrongChangeError: The change cannot be made, or somebody was first.
    """
    with database.write() as connection:
        found = find_in(connection, briefing_id)
        if found is None or rev not in {None, found.row.rev}:
            raise WrongChangeError(Wrong.CHANGED_SINCE)
        story = make(found.story)
        if story == found.story:
            return found
        row = msgspec.structs.replace(
            found.row, rev=found.row.rev + 1, story=encode_text(story), saved_at=entry.at, saved_by=entry.who
        )
        if not save_briefing(connection, row, found.row.rev):
            raise WrongChangeError(Wrong.CHANGED_SINCE)
        save_entry(connection, entry)
        return msgspec.structs.replace(found, row=row, story=story)


def show(database: Database, entry: JournalEntry, briefing_id: str, page: int, wall: str) -> Briefing | None:
    """Present a page: on a wall (its name; "": on none), and to those who follow by a link.

    Returns:
        The briefing as it is now; None where there is none.
    """
    with database.write() as connection:
        found = find_in(connection, briefing_id)
        if found is None:
            return None
        page = max(1, min(page, len(found.story.pages)))
        for other in load_shown_on(connection, wall) if wall else ():
            if other.id != briefing_id:
                _stop(connection, other, entry.at)
        if found.row.wall and found.row.wall != wall:
            end_showing(connection, briefing_id, f"wall:{found.row.wall}", entry.at)
        row = msgspec.structs.replace(found.row, rev=found.row.rev + 1, page=page, wall=wall, is_shown=True)
        save_briefing(connection, row, found.row.rev)
        if wall:
            note_showing(connection, briefing_id, f"wall:{wall}", page, entry.at)
        save_entry(connection, msgspec.structs.replace(entry, detail=f"page {page}" + (f" on {wall}" if wall else "")))
        return msgspec.structs.replace(found, row=row)


def stop(database: Database, entry: JournalEntry, briefing_id: str) -> Briefing | None:
    """End the presentation; return the briefing, None where there is none."""
    with database.write() as connection:
        found = find_in(connection, briefing_id)
        if found is None:
            return None
        row = _stop(connection, found.row, entry.at)
        save_entry(connection, entry)
        return msgspec.structs.replace(found, row=row)


def _stop(connection: Connection, row: StoredBriefing, now: datetime) -> StoredBriefing:
    if row.wall:
        end_showing(connection, row.id, f"wall:{row.wall}", now)
    ended = msgspec.structs.replace(row, rev=row.rev + 1, wall="", is_shown=False)
    save_briefing(connection, ended, row.rev)
    return ended


def follow(database: Database, briefing_id: str, place: str, now: datetime) -> Briefing | None:
    """Return a briefing to somebody who follows it by a link, and note what he sees; None where there is none."""
    with database.write() as connection:
        found = find_in(connection, briefing_id)
        if found is not None and found.row.is_shown:
            note_showing(connection, briefing_id, place, found.page_n, now, every=_SEEN_EVERY)
        return found


def list_showings(database: Database, briefing_id: str) -> list[Showing]:
    """Return who was shown what and when, the newest first."""
    with database.read() as connection:
        return load_showings(connection, briefing_id, _SHOWINGS_N)
