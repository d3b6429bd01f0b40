"""Coarse places: no exact point of a citizen's appeal leaves the facts.

The change log's rows and the snapshot's rows use this one function, so that they are equal.
"""

from __future__ import annotations

_LAT_STEPS_PER_DEGREE = 1000
_LON_STEPS_PER_DEGREE = 500


def snap_point(lat: float | None, lon: float | None) -> tuple[float | None, float | None]:
    """Return a point moved to a grid of 0.001° by 0.002° (about 100 m), or no point at all.

    Args:
        lat: WGS84 degrees; None where there is no point.
        lon: WGS84 degrees; None where there is no point.

    Returns:
        Latitude and longitude; both None unless both were given.
    """
    if lat is None or lon is None:
        return None, None
    return round(lat * _LAT_STEPS_PER_DEGREE) / _LAT_STEPS_PER_DEGREE, round(
        lon * _LON_STEPS_PER_DEGREE
    ) / _LON_STEPS_PER_DEGREE
