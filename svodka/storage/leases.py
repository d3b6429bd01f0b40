"""Leases: which process may do a thing that only one may do at a time (poll a source, tick).

A lease is taken, kept and lost by compare-and-set on its row. Its times are the machines' real ones, never the
product's scaled clock. Two machines whose clocks differ by more than a lease lasts may both believe they hold
one for a while: what is done under a lease must be harmless when done twice, and is (see svodka.ingest).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from svodka.storage.database import Database
from svodka.storage.tables import leases

# No lease reaches so far beyond its wish: it was written before the machine's clock was set back.
_TOO_FAR = timedelta(seconds=60)


def acquire_leases(
    database: Database, names: Iterable[str], *, holder: str, now: datetime, expires_at: datetime
) -> frozenset[str]:
    """Take the leases that are free, run out or ahead of all reason, and prolong those held.

    Args:
        database: Where the leases are.
        names: Leases wanted.
        holder: Who asks; unique among processes.
        now: The machine's present instant.
        expires_at: Until when they are wanted.

    Returns:
        The names that `holder` holds now; the others belong to somebody else.

    Raises:
        StorageUnavailableError: The database does not answer: nothing is held for longer than before.
    """
    wanted = sorted(set(names))  # one order for all, or two processes could wait for one another
    if not wanted:
        return frozenset()
    make = sqlite.insert if database.is_sqlite else postgresql.insert
    statement = make(leases)
    statement = statement.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"holder": statement.excluded.holder, "expires_at": statement.excluded.expires_at},
        # Losing the race is normal: somebody else's living lease stays as it is.
        where=sa.or_(
            leases.c.holder == holder, leases.c.expires_at <= now, leases.c.expires_at > expires_at + _TOO_FAR
        ),
    )
    with database.write() as connection:
        for name in wanted:
            connection.execute(statement, {"name": name, "holder": holder, "expires_at": expires_at})
        held = sa.select(leases.c.name).where(leases.c.holder == holder, leases.c.name.in_(wanted))
        return frozenset(connection.execute(held).scalars())


def release_leases(database: Database, names: Collection[str], *, holder: str) -> None:
    """Give leases back, so that the next process need not wait for them to run out.

    Raises:
        StorageUnavailableError: The database does not answer: they run out by themselves.
    """
    with database.write() as connection:
        connection.execute(sa.delete(leases).where(leases.c.name.in_(names), leases.c.holder == holder))
