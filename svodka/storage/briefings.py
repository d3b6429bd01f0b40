"""Briefings in the database: the storyline over a stored moment, where its presenter stands, and who was shown what."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import briefing_showings, briefings


class StoredBriefing(msgspec.Struct, frozen=True, kw_only=True):
    """A briefing; its id is that of its moment.

    Attributes:
        rev: Rises with every change of it; who changes an older one loses.
        story: JSON of `svodka.briefings.model.Story`.
        page: Where the presenter stands, from 1.
        wall: Wall on which it is shown, "" for none.
        is_shown: Whether it is being presented.
    """

    id: str
    rev: int
    story: str
    page: int
    wall: str
    is_shown: bool
    saved_at: datetime
    saved_by: str


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """That a page was seen somewhere: on a wall (`wall:…`) or by a link (`link:…`)."""

    id: int
    briefing_id: str
    place: str
    page: int
    from_at: datetime
    until_at: datetime


def insert_briefing(connection: Connection, briefing: StoredBriefing) -> None:
    """Store a new briefing."""
    connection.execute(briefings.insert().values(**msgspec.structs.asdict(briefing)))


def load_briefing(connection: Connection, briefing_id: str) -> StoredBriefing | None:
    """Return a briefing, None where there is none."""
    row = connection.execute(sa.select(briefings).where(briefings.c.id == briefing_id)).mappings().one_or_none()
    return None if row is None else StoredBriefing(**row)


def save_briefing(connection: Connection, briefing: StoredBriefing, rev: int) -> bool:
    """Write a briefing whose stored `rev` is still this one.

    Returns:
        Whether it was. A compare-and-set: of two operators who changed it at once one is told that he was second.
    """
    values = {name: value for name, value in msgspec.structs.asdict(briefing).items() if name != "id"}
    done = connection.execute(
        briefings.update().where(briefings.c.id == briefing.id, briefings.c.rev == rev).values(**values)
    )
    return done.rowcount == 1


def load_shown_on(connection: Connection, wall: str) -> list[StoredBriefing]:
    """Return the briefings that are being shown on a wall; usually one at most."""
    query = sa.select(briefings).where(briefings.c.wall == wall, briefings.c.is_shown == sa.true())
    return [StoredBriefing(**row) for row in connection.execute(query).mappings()]


def note_showing(
    connection: Connection, briefing_id: str, place: str, page: int, now: datetime, *, every: timedelta = timedelta(0)
) -> None:
    """Note that a page is seen somewhere now: what was seen there goes on, or another page begins.

    Args:
        connection: A writing transaction.
        briefing_id: Of which briefing.
        place: Where.
        page: Which page.
        now: The product's clock.
        every: That it goes on is written no oftener than this.
    """
    columns = briefing_showings.c
    query = (
        sa.select(columns.id, columns.page, columns.until_at)
        .where(columns.briefing_id == briefing_id, columns.place == place)
        .order_by(columns.id.desc())
        .limit(1)
    )
    last = connection.execute(query).one_or_none()
    is_other = last is None or last.page != page
    if last is not None and (is_other or now - last.until_at >= every):
        connection.execute(briefing_showings.update().where(columns.id == last.id).values(until_at=now))
    if is_other:
        row = {"briefing_id": briefing_id, "place": place, "page": page, "from_at": now, "until_at": now}
        connection.execute(briefing_showings.insert().values(**row))


def end_showing(connection: Connection, briefing_id: str, place: str, now: datetime) -> None:
    """Note that what was seen somewhere was seen until now."""
    columns = briefing_showings.c
    newest = sa.select(sa.func.max(columns.id)).where(columns.briefing_id == briefing_id, columns.place == place)
    connection.execute(briefing_showings.update().where(columns.id == newest.scalar_subquery()).values(until_at=now))


def load_showings(connection: Connection, briefing_id: str, limit: int) -> list[Showing]:
    """Return what was seen of a briefing, the newest first."""
    columns = briefing_showings.c
    query = sa.select(briefing_showings).where(columns.briefing_id == briefing_id).order_by(columns.id.desc())
    return [Showing(**row) for row in connection.execute(query.limit(limit)).mappings()]
