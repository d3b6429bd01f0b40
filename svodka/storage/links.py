"""Access links in the database: only hashes of their tokens are kept."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from svodka.storage.tables import access_links


class StoredLink(msgspec.Struct, frozen=True, kw_only=True):
    """One access link.

    Attributes:
        id: Our id, in sessions and on the command line.
        role: `wall`, `operator` or `guest`.
        label: What the operator calls it.
        one_time: It opens one session only.
        briefing_id: The one briefing that a guest may see.
        expires_at: Until when its token can be turned into a session; None: for ever.
        used_at: When it first was.
        revoked_at: When it and all its sessions ended.
    """

    id: str
    role: str
    label: str
    one_time: bool
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    briefing_id: str | None = None


_COLUMNS = [access_links.c[name] for name in StoredLink.__struct_fields__]


def save_link(connection: sa.Connection, link: StoredLink, token_hash: str) -> None:
    """Store a new link."""
    connection.execute(access_links.insert().values(**msgspec.structs.asdict(link), token_hash=token_hash))


def load_links(connection: sa.Connection) -> list[StoredLink]:
    """Return all links, oldest first."""
    rows = connection.execute(sa.select(*_COLUMNS).order_by(access_links.c.created_at, access_links.c.id))
    return [StoredLink(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def is_known(connection: sa.Connection, token_hash: str) -> bool:
    """Whether any link, in force or not, has that token."""
    found = connection.execute(sa.select(access_links.c.id).where(access_links.c.token_hash == token_hash))
    return found.first() is not None


def redeem_link(connection: sa.Connection, token_hash: str, now: datetime) -> StoredLink | None:
    """Turn a token into the right to a session; None when it opens nothing (any more).

    A compare-and-set: of two browsers that use a one-time link at once, one loses and gets None.

    Returns:
        The link as it is after its use.
    """
    links = access_links.c
    done = connection.execute(
        access_links.update()
        .where(
            links.token_hash == token_hash,
            links.revoked_at.is_(None),
            sa.or_(links.expires_at.is_(None), links.expires_at > now),
            sa.or_(links.one_time.is_(sa.false()), links.used_at.is_(None)),
        )
        .values(used_at=sa.func.coalesce(links.used_at, sa.bindparam("now", now, type_=links.used_at.type)))
    )
    if done.rowcount != 1:
        return None
    row = connection.execute(sa.select(*_COLUMNS).where(links.token_hash == token_hash)).one()
    return StoredLink(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def revoke_link(connection: sa.Connection, link_id: str, now: datetime) -> bool:
    """End a link and its sessions; return whether it was in force."""
    links = access_links.c
    done = connection.execute(
        access_links.update().where(links.id == link_id, links.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount == 1


def revoke_unused(connection: sa.Connection, label: str, now: datetime) -> int:
    """End the one-time links of that label that nobody has used; return how many."""
    links = access_links.c
    done = connection.execute(
        access_links.update()
        .where(links.label == label, links.one_time.is_(sa.true()), links.used_at.is_(None), links.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount
