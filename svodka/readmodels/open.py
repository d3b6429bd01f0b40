"""Open and overdue now (в работе, просрочено). Source: docs/kpi.md, `open_now` and `overdue_now`."""

from __future__ import annotations

from svodka.profiles.model import Profile
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, OpenValue


def compute_open(moment: Moment, scope: Scope) -> OpenValue:
    """Return how many appeals are open, and how many of them have outlived their term."""
    del scope  # the whole region
    known, with_term = moment.known_n, moment.open_with_term_n
    is_open = sum(moment.open_by_sector.values())
    overdue = sum(part.n for part in moment.overdue)
    return OpenValue(
        open_now=_count(moment.profile, "open_now", is_open if known else None, n=known),
        # Where something is open but nothing has a term, nobody can say what is overdue.
        overdue_now=_count(
            moment.profile, "overdue_now", overdue if known and (with_term or not is_open) else None, n=with_term
        ),
    )


def _count(profile: Profile, kpi: str, value: int | None, *, n: int) -> KpiValue:
    return KpiValue(kpi=kpi, value=value, unit="count", n=n, previous=None, target=target_of(profile, kpi))
