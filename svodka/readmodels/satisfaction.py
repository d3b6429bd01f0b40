"""Mean mark of the answers (удовлетворённость). Source: docs/kpi.md, `satisfaction`."""

from __future__ import annotations

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, SatisfactionValue
from svodka.readmodels.windows import Span
from svodka.storage.queries.facts import Facts

KPI = "satisfaction"


def compute_satisfaction(moment: Moment, scope: Scope) -> SatisfactionValue:
    """Return the mean mark of what was answered in the last 168 hours and marked."""
    facts, span = moment.facts(scope.extent), moment.windows.last_168_hours
    value, n = _mean(facts, span)
    before = span.week_earlier()
    previous = _mean(facts, before)[0] if moment.is_covered(before) else None
    return SatisfactionValue(
        satisfaction=KpiValue(
            kpi=KPI, value=value, unit="rating", n=n, previous=previous, target=target_of(moment.profile, KPI)
        )
    )


def _mean(facts: Facts, span: Span) -> tuple[float | None, int]:
    rating_sum, rating_n = facts.sums(("rating_sum", span.from_at, span.to_at), ("rating_n", span.from_at, span.to_at))
    return (rating_sum / rating_n if rating_n else None), rating_n
