"""Share of terms that were kept (доля ответов в срок). Source: docs/kpi.md, `in_time`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from svodka.analytics.rollups import split_term_name
from svodka.domain.reasons import DueBasis
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import InTimeValue, KpiValue, TermBasis
from svodka.readmodels.windows import Span
from svodka.storage.queries.facts import Facts

KPI = "in_time"


def compute_in_time(moment: Moment, scope: Scope) -> InTimeValue:
    """Return the share of the terms of the last 24 hours (or seven days) that were kept, and where those come from."""
    facts, span = moment.facts(scope.extent), moment.windows.of_period(scope.period)
    silent = sum(part.since_n for part in facts.overdue(span.from_at, moment.now))
    share, n = _share(facts, span, silent=silent)
    before = span.week_earlier()
    previous = None
    if moment.is_covered(before):
        previous, _ = _share(facts, before, silent=facts.silent_then(before.from_at, before.to_at))
    return InTimeValue(
        in_time=KpiValue(
            kpi=KPI, value=share, unit="share", n=n, previous=previous, target=target_of(moment.profile, KPI)
        ),
        basis=_load_basis(facts, span, moment.now),
    )


def _share(facts: Facts, span: Span, *, silent: int) -> tuple[float | None, int]:
    with_term, in_time = facts.sums(
        ("answered_with_term", span.from_at, span.to_at),
        ("answered_in_time", span.from_at, span.to_at),
    )
    n = with_term + silent
    return (in_time / n if n else None), n


def _load_basis(facts: Facts, span: Span, now: datetime) -> TermBasis:
    """Return the origin of the terms of what was answered in the span, or fell silent in it."""
    (answered,) = facts.by_name(("answered_by_term", span.from_at, span.to_at))
    terms = Counter[tuple[str, str | None]]()
    for name, n in answered.items():
        terms[split_term_name(name)] += n
    for part in facts.overdue(span.from_at, now):
        terms[part.due_basis, part.due_norm] += part.since_n
    norms = {norm: n for (basis, norm), n in terms.items() if basis == DueBasis.NORM and norm is not None and n}
    return TermBasis(
        from_record_n=sum(n for (basis, _), n in terms.items() if basis == DueBasis.RECORD),
        norms=norms,
        without_term_n=sum(n for (basis, _), n in terms.items() if basis == DueBasis.NONE),
    )
