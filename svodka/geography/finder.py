"""From what a source says about a place to an area of the profile, with the reason and the state of the point.

The order: the source's name of the municipality; city, district or settlement in the address; the point. Words come
first because they say what was meant; a point may be the map's default or a slip of the finger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import shapely
from shapely.geometry import shape as as_shape

from svodka.domain.reasons import AreaReason, PointState
from svodka.domain.records import Point
from svodka.geography.addresses import AddressNames
from svodka.geography.geometry import Geometry
from svodka.geography.names import AreaNames
from svodka.geography.scale import KM_PER_DEGREE, longitude_stretch
from svodka.profiles.model import Profile

BOX_MARGIN_DEGREES = 0.15
BORDER_TOLERANCE_DEGREES = 0.02
NEAREST_LIMIT_KM = 60.0
TOWN_LIMIT_KM = 4.0
_CACHE_SIZE = 20_000
_TILE_DEGREES = 0.05
_TILE_EDGE_DEGREES = 1e-6

Site = tuple[float, float, str]


class Found(msgspec.Struct, frozen=True):
    """Where a record lies.

    Attributes:
        area: Slug of the area, None where it is not known.
        reason: How the area was found.
        lat: Latitude of the usable point, None where there is none.
        lon: Longitude of the usable point.
        point_state: What became of the coordinates given.
    """

    area: str | None
    reason: AreaReason
    lat: float | None
    lon: float | None
    point_state: PointState


class AreaFinder:
    """Finds areas; built once per process and safe to share between threads."""

    def __init__(self, profile: Profile, geometry: Geometry) -> None:
        self._names = AreaNames(profile)
        self._addresses = AddressNames(profile, self._names)
        self._is_official = geometry.kind == "official"
        urban = {area.id for area in profile.areas if area.kind == "urban"}
        features: list[dict[str, Any]] = geometry.areas["features"]
        shapes = [(feature["id"], as_shape(feature["geometry"])) for feature in features]
        exact = shapes if self._is_official else [(slug, shape) for slug, shape in shapes if slug in urban]
        self._slugs = [slug for slug, _ in exact]
        self._tree = shapely.STRtree([shape for _, shape in exact])
        outline = shapely.union_all([shape for _, shape in shapes])
        margin = BORDER_TOLERANCE_DEGREES if self._is_official else BOX_MARGIN_DEGREES
        self._region = shapely.buffer(outline, margin, quad_segs=2)
        shapely.prepare(self._region)
        west, south, east, north = self._region.bounds
        self._box = (south, north, west, east)
        self._town_sites, self._land_sites = _split_sites(profile)
        self._stretch = longitude_stretch((south + north) / 2)
        self._tiles: dict[tuple[int, int], bool | None] = {}  # as many at most as the region's box holds
        self._cache: dict[tuple[str | None, str | None], tuple[str | None, AreaReason]] = {}

    def find(
        self, area_name: str | None, address: str | None, point: Point | None, *, unreadable: bool = False
    ) -> Found:
        """Return the area and the usable point of a record.

        Args:
            area_name: The municipality in the source's words.
            address: The place in words.
            point: Coordinates as given, possibly swapped, zero or far away.
            unreadable: The source gave coordinates that are no numbers.
        """
        lat, lon, state = self._place(point, unreadable=unreadable)
        area, reason = self._by_words(area_name, address)
        if area is None and lat is not None and lon is not None:
            area, reason = self._by_point(lat, lon)
        return Found(area=area, reason=reason, lat=lat, lon=lon, point_state=state)

    def find_by_name(self, name: str) -> str | None:
        """Return the slug of the area that a municipality's name means, None where it means none or several."""
        return self._names.find(name)

    def _by_words(self, area_name: str | None, address: str | None) -> tuple[str | None, AreaReason]:
        key = (area_name, address)
        known = self._cache.get(key)
        if known is None:
            known = self._read_words(area_name, address)
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[key] = known
        return known

    def _read_words(self, area_name: str | None, address: str | None) -> tuple[str | None, AreaReason]:
        if area_name:
            area = self._names.find(area_name)
            if area is not None:
                return area, AreaReason.SOURCE_NAME
        # Some sources name the settlement where the municipality should stand; the address knows better.
        for words in (address, area_name):
            area = self._addresses.find(words) if words else None
            if area is not None:
                return area, AreaReason.ADDRESS
        return None, AreaReason.UNKNOWN

    def _place(self, point: Point | None, *, unreadable: bool) -> tuple[float | None, float | None, PointState]:
        if point is None:
            return None, None, PointState.UNREADABLE if unreadable else PointState.ABSENT
        lat, lon = point.lat, point.lon
        if unreadable or not (math.isfinite(lat) and math.isfinite(lon)) or (lat == 0 and lon == 0):
            return None, None, PointState.UNREADABLE
        if self._is_inside(lat, lon):
            return lat, lon, PointState.AS_GIVEN
        # Swapped only where nothing else explains it: as given it is outside, the other way round it is inside.
        if self._is_inside(lon, lat):
            return lon, lat, PointState.SWAPPED
        return None, None, PointState.OUTSIDE_REGION

    def _is_inside(self, lat: float, lon: float) -> bool:
        south, north, west, east = self._box
        if not (south <= lat <= north and west <= lon <= east):
            return False
        whole = self._inside_tile(math.floor(lat / _TILE_DEGREES), math.floor(lon / _TILE_DEGREES))
        return bool(shapely.intersects_xy(self._region, lon, lat)) if whole is None else whole

    def _inside_tile(self, row: int, column: int) -> bool | None:
        """Return whether all of a small tile lies inside the region, or all of it outside; None where neither does."""
        key = (row, column)
        if key not in self._tiles:
            # A little larger than the tile: rounding puts a point on the edge to either side of it.
            south, west = row * _TILE_DEGREES - _TILE_EDGE_DEGREES, column * _TILE_DEGREES - _TILE_EDGE_DEGREES
            side = _TILE_DEGREES + 2 * _TILE_EDGE_DEGREES
            tile = shapely.box(west, south, west + side, south + side)
            if shapely.contains_properly(self._region, tile):
                self._tiles[key] = True
            else:
                self._tiles[key] = None if shapely.intersects(self._region, tile) else False
        return self._tiles[key]

    def _by_point(self, lat: float, lon: float) -> tuple[str | None, AreaReason]:
        spot = shapely.points(lon, lat)
        inside = self._tree.query(spot, predicate="intersects")
        if len(inside):
            reason = AreaReason.POINT_IN_BORDER if self._is_official else AreaReason.NEAREST_CENTRE
            return self._slugs[int(inside.min())], reason
        if self._is_official:
            near = self._tree.query_nearest(spot, max_distance=BORDER_TOLERANCE_DEGREES)
            return (
                (self._slugs[int(near.min())], AreaReason.POINT_IN_BORDER) if len(near) else (None, AreaReason.UNKNOWN)
            )
        return self._nearest_site(lat, lon)

    def _nearest_site(self, lat: float, lon: float) -> tuple[str | None, AreaReason]:
        for sites, limit_km in ((self._town_sites, TOWN_LIMIT_KM), (self._land_sites, NEAREST_LIMIT_KM)):
            slug, distance_km = self._nearest(sites, lat, lon)
            if slug is not None and distance_km <= limit_km:
                return slug, AreaReason.NEAREST_CENTRE
        return None, AreaReason.UNKNOWN

    def _nearest(self, sites: Sequence[Site], lat: float, lon: float) -> tuple[str | None, float]:
        squares = [((site[0] - lat) ** 2 + ((site[1] - lon) * self._stretch) ** 2, site[2]) for site in sites]
        square, slug = min(squares, default=(math.inf, None))
        return slug, math.sqrt(square) * KM_PER_DEGREE


def _split_sites(profile: Profile) -> tuple[list[Site], list[Site]]:
    """Return the settlements that belong to cities, which reach a few kilometres, and those of the land around them.

    Outside the cities' discs a centre that a city and a district share belongs to the district.
    """
    urban = {area.id for area in profile.areas if area.kind == "urban"}
    spots = {(place.lat, place.lon): place.area for place in profile.places}
    for area in sorted(profile.areas, key=lambda area: area.id not in urban):
        spots[area.lat, area.lon] = area.id
    sites = [(lat, lon, slug) for (lat, lon), slug in spots.items()]
    if urban == {area.id for area in profile.areas}:
        return [], sites
    return [site for site in sites if site[2] in urban], [site for site in sites if site[2] not in urban]
