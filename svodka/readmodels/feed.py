"""How many came within the hour, beside the list of the newest (лента). Source: docs/kpi.md, `received_last_hour`."""

from __future__ import annotations

from datetime import datetime, timedelta

from svodka.profiles.model import Profile
from svodka.readmodels.values import FeedValue
from svodka.storage.database import Connection
from svodka.storage.queries import received

_HOUR = timedelta(hours=1)


def compute_feed(connection: Connection, profile: Profile, now: datetime) -> FeedValue:  # noqa: ARG001 - the same in every region
    """Return how many appeals were received in the 60 minutes up to `now`."""
    return FeedValue(received_last_hour=received.count_feed_since(connection, now - _HOUR, now))
