"""CAP's polygons and circles, turned into one point that lies inside. Pure.

Source: CAP 1.2, 3.2.4: pairs `latitude,longitude` in WGS84; a polygon's last pair repeats its first; a circle is its
centre and a radius in kilometres.
"""

from __future__ import annotations

import math

import shapely
from shapely.errors import ShapelyError

from svodka.domain.records import Point

_MAX_VERTICES = 20_000
_MIN_VERTICES = 3
_MAX_LATITUDE, _MAX_LONGITUDE = 90.0, 180.0


def read_polygon(text: str) -> Point | None:
    """Return a point inside of a polygon, None where the text is none.

    Where the polygon is bent (a crescent along a river) its centre would lie outside; this point does not.
    """
    pairs = [_pair(word) for word in text.split(None, _MAX_VERTICES + 1)[: _MAX_VERTICES + 1]]
    vertices = [pair for pair in pairs if pair is not None]
    if len(vertices) != len(pairs) or not _MIN_VERTICES <= len(vertices) <= _MAX_VERTICES:
        return None
    try:
        shape = shapely.Polygon([(lon, lat) for lat, lon in vertices])
        if not shape.is_valid:  # a loop or a repeated edge: what it encloses is still meant
            shape = shapely.make_valid(shape)
        inside = shape.representative_point()
    except (ShapelyError, ValueError):
        return None
    return None if inside.is_empty else Point(round(inside.y, 6), round(inside.x, 6))


def read_circle(text: str) -> Point | None:
    """Return the centre of a circle, None where the text is none."""
    centre, _, _radius = text.strip().partition(" ")
    pair = _pair(centre)
    return None if pair is None else Point(*pair)


def _pair(word: str) -> tuple[float, float] | None:
    first, _, second = word.partition(",")
    try:
        lat, lon = float(first), float(second)
    except ValueError:
        return None
    usable = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= _MAX_LATITUDE and abs(lon) <= _MAX_LONGITUDE
    return (lat, lon) if usable else None
