"""Where the history that numbers of the past may rest on begins. Source: docs/kpi.md, "Terms"."""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.domain.hours import hour_start
from svodka.profiles.model import Profile
from svodka.storage.database import Connection
from svodka.storage.sources import load_covered_from

_HOUR = timedelta(hours=1)


def load_history_from(connection: Connection, profile: Profile) -> datetime | None:
    """Return the first whole local hour that every source of appeals which was ever read has covered.

    What was received before it is known in part at best: a comparison with it would be wrong without saying so.

    Returns:
        The hour's beginning; None while no source of appeals was read.
    """
    ids = {source.id for source in profile.sources if source.records == "appeals"}
    covered_from_at = load_covered_from(connection, ids)
    if covered_from_at is None:
        return None
    began_at = hour_start(covered_from_at, profile.zone)
    return began_at if began_at == covered_from_at else began_at + _HOUR
