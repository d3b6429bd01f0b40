"""Share of terms that were kept (доля ответов в срок). Source: docs/kpi.md, `in_time`."""

from __future__ import annotations

from collections import Counter

from svodka.analytics.rollups import split_term_name
from svodka.domain.reasons import DueBasis
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import InTimeValue, KpiValue, TermBasis
from svodka.readmodels.windows import Span
from svodka.storage.queries import answers, counts

KPI = "in_time"


def compute_in_time(moment: Moment, scope: Scope) -> InTimeValue:
    """Return the share of the terms of the last 24 hours that were kept, and where those terms come from."""
    del scope  # the whole region
    span = moment.windows.last_24_hours
    silent = sum(part.since_n for part in moment.overdue)
    share, n = _share(moment, span, silent=silent)
    before = span.week_earlier()
    previous = None
    if moment.is_covered(before):
        silent_then = answers.count_silent_then(moment.connection, before.from_at, before.to_at)
        previous, _ = _share(moment, before, silent=silent_then)
    return InTimeValue(
        in_time=KpiValue(
            kpi=KPI, value=share, unit="share", n=n, previous=previous, target=target_of(moment.profile, KPI)
        ),
        basis=_load_basis(moment, span),
    )


def _share(moment: Moment, span: Span, *, silent: int) -> tuple[float | None, int]:
    with_term, in_time = counts.load_sums(
        moment.connection,
        ("answered_with_term", span.from_at, span.to_at),
        ("answered_in_time", span.from_at, span.to_at),
    )
    n = with_term + silent
    return (in_time / n if n else None), n


def _load_basis(moment: Moment, span: Span) -> TermBasis:
    """Return the origin of the terms of what was answered in the span, or fell silent in it."""
    (answered,) = counts.load_by_name(moment.connection, ("answered_by_term", span.from_at, span.to_at))
    terms = Counter[tuple[str, str | None]]()
    for name, n in answered.items():
        terms[split_term_name(name)] += n
    for part in moment.overdue:
        terms[part.due_basis, part.due_norm] += part.since_n
    norms = {norm: n for (basis, norm), n in terms.items() if basis == DueBasis.NORM and norm is not None and n}
    return TermBasis(
        from_record_n=sum(n for (basis, _), n in terms.items() if basis == DueBasis.RECORD),
        norms=norms,
        without_term_n=sum(n for (basis, _), n in terms.items() if basis == DueBasis.NONE),
    )
