"""Numbers without holes: ids of our own and the `seq` of the change log."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from svodka.domain.errors import StorageUnavailableError
from svodka.storage.database import Connection
from svodka.storage.tables import counters

Counter = Literal["appeal_id", "incident_id", "problem_id", "decision_id", "seq"]


def take_numbers(connection: Connection, name: Counter, n: int) -> int:
    """Take the next `n` (at least 1) numbers of a counter inside a writing transaction.

    Returns:
        The last of them; the first is `n - 1` below. A rolled back transaction gives them back.

    Raises:
        StorageUnavailableError: The database was never migrated.
    """
    statement = (
        sa.update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + n)
        .returning(counters.c.value)
    )
    last = connection.scalar(statement)
    if last is None:
        message = f"The database has no counter {name}: it was not set up by this program."
        raise StorageUnavailableError(message)
    return int(last)
