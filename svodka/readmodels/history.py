"""Where the history that numbers of the past may rest on begins. Source: docs/kpi.md, "Terms"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from svodka.domain.hours import hour_start
from svodka.profiles.model import Profile
from svodka.storage.sources import SourceHealth

_HOUR = timedelta(hours=1)


def compute_history_from(sources: Mapping[str, SourceHealth], profile: Profile) -> datetime | None:
    """Return the first whole local hour that every source of appeals which was ever read has covered.

    What was received before it is known in part at best: a comparison with it would be wrong without saying so.

    Args:
        sources: What is known of every source that was ever polled, by id.
        profile: The region.

    Returns:
        The hour's beginning; None while no source of appeals was read.
    """
    ids = {source.id for source in profile.sources if source.records == "appeals"} & sources.keys()
    begun = [at for at in (sources[source_id].covered_from_at for source_id in ids) if at is not None]
    if not begun:
        return None
    covered_from_at = max(begun)
    began_at = hour_start(covered_from_at, profile.zone)
    return began_at if began_at == covered_from_at else began_at + _HOUR
