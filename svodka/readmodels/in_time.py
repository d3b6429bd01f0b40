"""Share of terms that were kept (доля ответов в срок). Source: docs/kpi.md, `in_time`."""

from __future__ import annotations

from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.history import is_covered
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import InTimeValue, KpiValue, TermBasis
from svodka.readmodels.windows import Span, compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import answers

KPI = "in_time"


def compute_in_time(connection: Connection, profile: Profile, now: datetime) -> InTimeValue:
    """Return the share of the terms of the last 24 hours that were kept, and where those terms come from."""
    span = compute_windows(now, profile.zone).last_24_hours
    share, n = _share(connection, span, silent=answers.count_open_due(connection, span.from_at, now))
    before = span.week_earlier()
    previous = None
    if is_covered(connection, profile, before):
        previous, _ = _share(connection, before, silent=_silent_then(connection, before))
    terms = answers.load_term_counts(connection, span.from_at, span.to_at, now)
    return InTimeValue(
        in_time=KpiValue(kpi=KPI, value=share, unit="share", n=n, previous=previous, target=target_of(profile, KPI)),
        basis=TermBasis(from_record_n=terms.from_record, norms=terms.by_norm, without_term_n=terms.without),
    )


def _share(connection: Connection, span: Span, *, silent: int) -> tuple[float | None, int]:
    counts = answers.load_answer_counts(connection, span.from_at, span.to_at)
    n = counts.with_term + silent
    return (counts.in_time / n if n else None), n


def _silent_then(connection: Connection, span: Span) -> int:
    return answers.count_open_due(connection, span.from_at, span.to_at) + answers.count_answered_after(
        connection, span.from_at, span.to_at
    )
