"""Open and overdue now (в работе, просрочено). Source: docs/kpi.md, `open_now` and `overdue_now`."""

from __future__ import annotations

from svodka.profiles.model import Profile
from svodka.readmodels.keys import REGION, Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, OpenValue


def compute_open(moment: Moment, scope: Scope) -> OpenValue:
    """Return how many appeals are open, and how many of them have outlived their term.

    Whether anything is known at all is asked of the region: where appeals come in, an area without any has none open.
    """
    facts = moment.facts(scope.extent)
    known, with_term = moment.facts(REGION).standing.known_n, facts.standing.open_with_term_n
    is_open = sum(facts.standing.open_by_sector.values())
    overdue = sum(part.n for part in facts.overdue(moment.windows.last_24_hours.from_at, moment.now))
    return OpenValue(
        open_now=_count(moment.profile, "open_now", is_open if known else None, n=facts.standing.known_n),
        # Where something is open but nothing has a term, nobody can say what is overdue.
        overdue_now=_count(
            moment.profile, "overdue_now", overdue if known and (with_term or not is_open) else None, n=with_term
        ),
    )


def _count(profile: Profile, kpi: str, value: int | None, *, n: int) -> KpiValue:
    return KpiValue(kpi=kpi, value=value, unit="count", n=n, previous=None, target=target_of(profile, kpi))
