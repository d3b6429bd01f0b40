"""Open and overdue now (в работе, просрочено). Source: docs/kpi.md, `open_now` and `overdue_now`."""

from __future__ import annotations

from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, OpenValue
from svodka.storage.database import Connection
from svodka.storage.queries import open_now


def compute_open(connection: Connection, profile: Profile, now: datetime) -> OpenValue:
    """Return how many appeals are open, and how many of them have outlived their term."""
    known = open_now.count_appeals(connection)
    is_open = sum(open_now.count_open_by_sector(connection).values())
    with_term = open_now.count_open_with_term(connection)
    overdue = open_now.count_overdue(connection, now)
    return OpenValue(
        open_now=_count(profile, "open_now", is_open if known else None, n=known),
        # Where something is open but nothing has a term, nobody can say what is overdue.
        overdue_now=_count(
            profile, "overdue_now", overdue if known and (with_term or not is_open) else None, n=with_term
        ),
    )


def _count(profile: Profile, kpi: str, value: int | None, *, n: int) -> KpiValue:
    return KpiValue(kpi=kpi, value=value, unit="count", n=n, previous=None, target=target_of(profile, kpi))
