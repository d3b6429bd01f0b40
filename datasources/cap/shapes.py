"""CAP's polygons and circles, turned into one point that lies inside. Pure; its time grows with the text and no faster.

A library that mends polygons first needs minutes for some hundred corners that a source drew at random; a point inside
needs one look along a parallel, and there the rule of even and odd crossings holds for crossed outlines too.
Source: CAP 1.2, 3.2.4: pairs `latitude,longitude` in WGS84; a polygon's last pair repeats its first; a circle is its
centre and a radius in kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from svodka.domain.records import Point

_MAX_VERTICES = 20_000
_MIN_VERTICES = 3
_MAX_SHAPES = 8
_MAX_LATITUDE, _MAX_LONGITUDE = 90.0, 180.0


def point_of(polygons: Sequence[str], circles: Sequence[str]) -> tuple[Point | None, bool]:
    """Return a point inside of the first readable shape, and whether shapes were given of which none is readable."""
    texts = [(read_polygon, text) for text in polygons] + [(read_circle, text) for text in circles]
    points = (read(text) for read, text in texts[:_MAX_SHAPES])
    point = next((point for point in points if point is not None), None)
    return point, bool(texts) and point is None


def read_polygon(text: str) -> Point | None:
    """Return a point inside of a polygon, None where the text is none or encloses nothing.

    It is the middle of the widest part of the polygon's middle parallel: the centre of a crescent along a river would
    lie outside.
    """
    pairs = [_pair(word) for word in text.split(None, _MAX_VERTICES + 1)[: _MAX_VERTICES + 1]]
    corners = [pair for pair in pairs if pair is not None]
    if len(corners) != len(pairs) or not _MIN_VERTICES <= len(corners) <= _MAX_VERTICES:
        return None
    lats = [lat for lat, _ in corners]
    middle = (min(lats) + max(lats)) / 2
    crossings = sorted(
        lon_a + (middle - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
        for (lat_a, lon_a), (lat_b, lon_b) in pairwise([*corners, corners[0]])
        if (lat_a <= middle) != (lat_b <= middle)
    )
    spans = list(zip(crossings[::2], crossings[1::2], strict=True))
    if not spans:
        return None
    west, east = max(spans, key=lambda span: span[1] - span[0])
    return Point(round(middle, 6), round((west + east) / 2, 6))


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
