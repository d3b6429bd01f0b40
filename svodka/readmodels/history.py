"""Where the history that numbers of the past may rest on begins. Source: docs/kpi.md, "Terms"."""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.domain.hours import hour_start
from svodka.profiles.model import Profile
from svodka.readmodels.windows import Span
from svodka.storage.database import Connection
from svodka.storage.sources import load_sources

_HOUR = timedelta(hours=1)


def load_history_from(connection: Connection, profile: Profile) -> datetime | None:
    """Return the first whole local hour that every source of appeals which was ever read has covered.

    What was received before it is known in part at best: a comparison with it would be wrong without saying so.

    Returns:
        The hour's beginning; None while no source of appeals was read.
    """
    ids = {source.id for source in profile.sources if source.records == "appeals"}
    known = [
        health.covered_from_at
        for health in load_sources(connection).values()
        if health.source_id in ids and health.covered_from_at is not None
    ]
    if not known:
        return None
    began_at = hour_start(max(known), profile.zone)
    return began_at if began_at == max(known) else began_at + _HOUR


def is_covered(connection: Connection, profile: Profile, span: Span) -> bool:
    """Return whether the history holds a span from its first instant on."""
    history_from = load_history_from(connection, profile)
    return history_from is not None and history_from <= span.from_at
