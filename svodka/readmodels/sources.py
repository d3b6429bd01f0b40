"""State of each source (источники). The age is counted by the browser, every second, from what stands here."""

from __future__ import annotations

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import SourcesValue, SourceView
from svodka.storage.sources import SourceHealth


def compute_sources(moment: Moment, scope: Scope) -> SourcesValue:
    """Return every source of the sources file in its order; one that was never polled has no instants."""
    del scope  # the whole region
    health = moment.sources
    return SourcesValue(
        sources=tuple(
            _view(health.get(source.id, SourceHealth(source_id=source.id))) for source in moment.profile.sources
        )
    )


def _view(health: SourceHealth) -> SourceView:
    return SourceView(
        source=health.source_id,
        last_complete_at=health.last_complete_at,
        last_success_at=health.last_success_at,
        lag_s=health.lag_s,
        failing=health.failures_n > 0,
        error_kind=health.error_kind,
        records_total=health.records_total,
        quarantined_total=health.quarantined_total,
        paused=health.paused_at is not None,
    )
