"""Median time to answer (медианное время ответа). Source: docs/kpi.md, `response_minutes`."""

from __future__ import annotations

from collections.abc import Sequence

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, ResponseValue
from svodka.readmodels.windows import Span
from svodka.storage.queries.facts import Facts

KPI = "response_minutes"


def compute_response(moment: Moment, scope: Scope) -> ResponseValue:
    """Return the lower median of the whole minutes to the answers of the last 24 hours (or seven days)."""
    facts, span = moment.facts(scope.extent), moment.windows.of_period(scope.period)
    value, n = _median(facts, span)
    before = span.week_earlier()
    previous = _median(facts, before)[0] if moment.is_covered(before) else None
    return ResponseValue(
        response_minutes=KpiValue(
            kpi=KPI, value=value, unit="minutes", n=n, previous=previous, target=target_of(moment.profile, KPI)
        )
    )


def _median(facts: Facts, span: Span) -> tuple[int | None, int]:
    counts = facts.answer_minutes(span.from_at, span.to_at)
    return compute_lower_median(counts), sum(n for _, n in counts)


def compute_lower_median(counts: Sequence[tuple[int, int]]) -> int | None:
    """Return the value in the middle, the lower of two.

    Args:
        counts: (value, how often, at least once), values rising.

    Returns:
        One of the values; None where there are none.
    """
    remaining = (sum(n for _, n in counts) + 1) // 2
    for value, n in counts:
        remaining -= n
        if remaining <= 0:
            return value
    return None
