"""Appeals from before there were problems: looked through once, by whoever starts to poll.

Only those that another one can still join: what is open, and what was received within the profile's window. The rest
has no problem and never gets one; nothing is counted from that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.ingest.problems import NewAppeal, group_appeals
from svodka.profiles.model import Profile
from svodka.storage.database import Database
from svodka.storage.problems import is_looked_through, load_earlier, lock_problems, note_looked_through

_BATCH_N = 500


def ensure_problems(database: Database, profile: Profile, now: datetime) -> int:
    """Put appeals that were stored by an earlier version to the problems that they tell of, unless that was done.

    Args:
        database: An open, migrated database.
        profile: The region.
        now: The product's clock, aware.

    Returns:
        How many joined an earlier one. A start that is interrupted goes on with the next one.

    Raises:
        StorageUnavailableError: The database cannot be reached or written.
    """
    since = now - timedelta(days=profile.problem_window_days)
    joined_n = last_id = 0
    while True:
        with database.write() as connection:
            lock_problems(connection)
            if is_looked_through(connection):
                return joined_n
            batch = load_earlier(connection, last_id, since, _BATCH_N)
            if not batch:
                note_looked_through(connection, now)
                return joined_n
            joined_n += group_appeals(connection, profile, [NewAppeal(*one) for one in batch], now)
            last_id = max(facts.id for facts, _ in batch)
