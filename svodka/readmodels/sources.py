"""State of each source (источники). The age is counted by the browser, every second, from what stands here."""

from __future__ import annotations

from datetime import datetime

from svodka.profiles.model import Profile
from svodka.readmodels.values import SourcesValue, SourceView
from svodka.storage.database import Connection
from svodka.storage.queries.health import SourceHealth, load_source_health


def compute_sources(connection: Connection, profile: Profile, now: datetime) -> SourcesValue:  # noqa: ARG001 - ages are the browser's
    """Return every source of the sources file in its order; one that was never polled has no instants."""
    health = load_source_health(connection)
    return SourcesValue(sources=tuple(_view(source.id, health.get(source.id)) for source in profile.sources))


def _view(source_id: str, health: SourceHealth | None) -> SourceView:
    if health is None:
        return SourceView(
            source=source_id,
            last_complete_at=None,
            last_success_at=None,
            lag_s=None,
            failing=False,
            error_kind="",
            records_total=0,
            quarantined_total=0,
        )
    return SourceView(
        source=source_id,
        last_complete_at=health.last_complete_at,
        last_success_at=health.last_success_at,
        lag_s=health.lag_s,
        failing=health.failures_n > 0,
        error_kind=health.error_kind,
        records_total=health.records_total,
        quarantined_total=health.quarantined_total,
    )
