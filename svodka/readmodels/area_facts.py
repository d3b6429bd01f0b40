"""An area beside the region, per 10,000 residents (муниципалитет). Source: docs/kpi.md, `area_…`, `region_per_10k`.

Name, kind, seat and population are facts of the profile; they stand in the page's configuration.
"""

from __future__ import annotations

from svodka.readmodels.keys import Scope
from svodka.readmodels.moment import Moment
from svodka.readmodels.values import AreaFactsValue
from svodka.storage.queries import counts

_RESIDENTS = 10_000


def compute_area_facts(moment: Moment, scope: Scope) -> AreaFactsValue:
    """Return how much an area writes, and the region; without an area the region alone.

    Areas without a known population are left out of the region's rate on both sides.
    """
    windows = moment.windows
    span = windows.last_168_hours if scope.period == "week" else windows.last_24_hours
    (received,) = counts.load_by_name(moment.connection, ("received_by_area", span.from_at, span.to_at))
    known = {area.id: area.population for area in moment.profile.areas if area.population}
    residents = sum(known.values())
    own = known.get(scope.area or "")
    n = sum(received.values()) if scope.area is None else received.get(scope.area, 0)
    return AreaFactsValue(
        area=scope.area,
        received=n,
        per_10k=n * _RESIDENTS / own if own else None,
        region_per_10k=sum(received.get(slug, 0) for slug in known) * _RESIDENTS / residents if residents else None,
    )
