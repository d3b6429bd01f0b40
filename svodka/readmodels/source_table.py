"""What every source brought and what is wrong with it (таблица источников). Source: docs/kpi.md, `source_…`.

Ages and states are counted by the browser, every second, from the value of the stem `sources`, which stands beside it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.profiles.model import SourceConfig
from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import SourceTableRow, SourceTableValue
from svodka.storage.queries import by_source
from svodka.storage.sources import SourceHealth

_HOUR = timedelta(hours=1)


def compute_source_table(moment: Moment, scope: Scope) -> SourceTableValue:
    """Return every source of the sources file in its order."""
    del scope  # sources are of the whole region
    day_at = moment.windows.day_at
    came = by_source.count_appeals(moment.connection, day_at, moment.now - _HOUR, moment.now)
    began = by_source.count_incidents(moment.connection, day_at)
    rows = []
    for source in moment.profile.sources:
        health = moment.sources.get(source.id, SourceHealth(source_id=source.id))
        today, hour = came.get(source.id, (0, 0))
        is_of_appeals = source.records == "appeals"
        is_heard = health.last_complete_at is not None  # until then nobody knows that there was nothing
        today = today if is_of_appeals else began.get(source.id, 0)
        rows.append(
            SourceTableRow(
                source=source.id,
                today=today if today or is_heard else None,
                last_hour=hour if is_of_appeals and (today or is_heard) else None,
                quarantined=health.quarantined_n,
                failures=health.failures_n,
                next_poll_at=plan_next_poll_at(source, health) if source.url else None,
            )
        )
    return SourceTableValue(sources=tuple(rows))


def plan_next_poll_at(source: SourceConfig, health: SourceHealth) -> datetime | None:
    """Return about when a source will be asked next; None while it is left alone or was never asked."""
    if health.paused_at is not None:
        return None
    if health.failures_n and health.next_poll_at is not None:
        return health.next_poll_at
    if health.last_attempt_at is None:
        return None
    return health.last_attempt_at + timedelta(seconds=source.interval_s)
