"""Mean mark of the answers (удовлетворённость). Source: docs/kpi.md, `satisfaction`."""

from __future__ import annotations

from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.history import is_covered
from svodka.readmodels.targets import target_of
from svodka.readmodels.values import KpiValue, SatisfactionValue
from svodka.readmodels.windows import Span, compute_windows
from svodka.storage.database import Connection
from svodka.storage.queries import answers

KPI = "satisfaction"


def compute_satisfaction(connection: Connection, profile: Profile, now: datetime) -> SatisfactionValue:
    """Return the mean mark of what was answered in the last 168 hours and marked."""
    span = compute_windows(now, profile.zone).last_168_hours
    value, n = _mean(connection, span)
    before = span.week_earlier()
    previous = _mean(connection, before)[0] if is_covered(connection, profile, before) else None
    return SatisfactionValue(
        satisfaction=KpiValue(
            kpi=KPI, value=value, unit="rating", n=n, previous=previous, target=target_of(profile, KPI)
        )
    )


def _mean(connection: Connection, span: Span) -> tuple[float | None, int]:
    counts = answers.load_rating_counts(connection, span.from_at, span.to_at)
    return (counts.rating_sum / counts.rating_n if counts.rating_n else None), counts.rating_n
