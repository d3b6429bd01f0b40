"""Degrees and kilometres on the scale of one region, where a flat map is true enough."""

from __future__ import annotations

import math

import shapely
from shapely.geometry.base import BaseGeometry

KM_PER_DEGREE = 111.2


def longitude_stretch(lat: float) -> float:
    """Return how long a degree of longitude is at `lat` (degrees), as a share of a degree of latitude."""
    return math.cos(math.radians(lat))


def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the distance of two near points in kilometres (flat, within 1% up to some hundred kilometres)."""
    stretch = longitude_stretch((lat_a + lat_b) / 2)
    return math.hypot(lat_a - lat_b, (lon_a - lon_b) * stretch) * KM_PER_DEGREE


class FlatMap:
    """Turns WGS84 shapes into kilometres around a latitude, and back."""

    def __init__(self, lat: float) -> None:
        self._x_km = KM_PER_DEGREE * longitude_stretch(lat)

    def flatten(self, shape: BaseGeometry) -> BaseGeometry:
        """Return `shape` in kilometres."""
        return shapely.transform(shape, lambda xy: xy * [self._x_km, KM_PER_DEGREE])

    def restore(self, shape: BaseGeometry) -> BaseGeometry:
        """Return a shape in kilometres as one in degrees."""
        return shapely.transform(shape, lambda xy: xy / [self._x_km, KM_PER_DEGREE])


def only_polygons(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape that cutting or repairing may have left with lines, points and nests."""
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    while any(part.geom_type in {"GeometryCollection", "MultiPolygon"} for part in parts):
        parts = [inner for part in parts for inner in shapely.get_parts(part)]
    polygons = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
