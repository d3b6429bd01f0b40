"""How many came within the hour, beside the list of the newest (лента). Source: docs/kpi.md, `received_last_hour`."""

from __future__ import annotations

from datetime import timedelta

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import FeedValue

_HOUR = timedelta(hours=1)


def compute_feed(moment: Moment, scope: Scope) -> FeedValue:
    """Return how many appeals were received in the last 60 minutes."""
    return FeedValue(received_last_hour=moment.facts(scope.extent).fed(moment.now - _HOUR, moment.now))
