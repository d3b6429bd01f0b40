"""Schematic areas for a region without official borders: cells around its settlements, cities as discs inside them.

Honest and readable, not true: every spot of the region's outline goes to the district whose nearest settlement is
closest (Voronoi cells, dissolved by area), and every urban area is a rounded cell around its centre, cut out of the
districts, because a city and the district around it often share one centre. The map that shows them says
«схематичные границы».
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from svodka.geography.scale import FlatMap, only_polygons
from svodka.profiles.model import Area, Profile

HULL_MARGIN_KM = 20.0
SITE_MARGIN_KM = 2.0
OUTLINE_TOLERANCE_KM = 2.0  # the public outline is quantised to about that, which shows as stairs
SHIFT_KM = 3.0
CITY_RADIUS_KM = 6.0
CITY_GROWTH_KM = 6.0
CITY_GROWTH_POPULATION = 550_000
CITY_LARGEST_SHARE = 0.06
ARC_SEGMENTS = 12
_SHRINK = 0.7
_SHRINK_STEPS = 6

Site = tuple[float, float, str]


def compute_schematic_areas(profile: Profile, outline: BaseGeometry | None) -> dict[str, BaseGeometry]:
    """Return one polygon or multipolygon per area, WGS84 degrees, together covering the region's outline.

    Args:
        profile: Areas with centres, and settlements with their areas.
        outline: The region's outline, or None: then the hull of centres and settlements with a margin.
    """
    flat_map = FlatMap(sum(area.lat for area in profile.areas) / len(profile.areas))
    cities = [area for area in profile.areas if area.kind == "urban"]
    lands = [area for area in profile.areas if area.kind != "urban"]
    if not lands:
        cities, lands = [], list(profile.areas)
    sites = _land_sites(profile, lands, flat_map)
    all_sites = MultiPoint([(x, y) for x, y, _ in [*sites, *_centres(cities, flat_map)]])
    region = _region(outline, all_sites, flat_map)
    cells = _dissolved_cells(sites, region)
    discs = _city_discs(cities, flat_map, region, cells)
    taken = shapely.union_all(list(discs.values())) if discs else None
    shapes = {slug: cell.difference(taken) if taken is not None else cell for slug, cell in cells.items()} | discs
    return {area.id: flat_map.restore(only_polygons(shapes[area.id])) for area in profile.areas}


def _centres(areas: Sequence[Area], flat_map: FlatMap) -> list[Site]:
    flat = [flat_map.flatten(Point(area.lon, area.lat)) for area in areas]
    return [(point.x, point.y, area.id) for point, area in zip(flat, areas, strict=True)]


def _land_sites(profile: Profile, lands: Sequence[Area], flat_map: FlatMap) -> list[Site]:
    """Return the settlements of the districts and their centres, moved aside where two fall on one spot."""
    slugs = {area.id for area in lands}
    sites: dict[tuple[float, float], str] = {}
    settlements = [flat_map.flatten(Point(place.lon, place.lat)) for place in profile.places if place.area in slugs]
    owners = [place.area for place in profile.places if place.area in slugs]
    found = [*_centres(lands, flat_map), *((p.x, p.y, slug) for p, slug in zip(settlements, owners, strict=True))]
    for x, y, slug in found:
        spot, turn = (round(x, 3), round(y, 3)), 0
        while spot in sites and sites[spot] != slug:
            turn += 1
            spot = (round(x + SHIFT_KM * math.cos(turn), 3), round(y + SHIFT_KM * math.sin(turn), 3))
        sites[spot] = slug
    return [(x, y, slug) for (x, y), slug in sites.items()]


def _region(outline: BaseGeometry | None, sites: MultiPoint, flat_map: FlatMap) -> BaseGeometry:
    if outline is None:
        return shapely.buffer(shapely.convex_hull(sites), HULL_MARGIN_KM, quad_segs=ARC_SEGMENTS)
    smooth = shapely.simplify(flat_map.flatten(outline), OUTLINE_TOLERANCE_KM)
    return shapely.union(smooth, shapely.buffer(sites, SITE_MARGIN_KM, quad_segs=4))


def _dissolved_cells(sites: Sequence[Site], region: BaseGeometry) -> dict[str, BaseGeometry]:
    by_area: dict[str, list[BaseGeometry]] = {}
    for cell, (_, _, slug) in zip(_cells([(x, y) for x, y, _ in sites], region), sites, strict=True):
        by_area.setdefault(slug, []).append(cell)
    return {slug: shapely.union_all(parts) for slug, parts in by_area.items()}


def _cells(points: Sequence[tuple[float, float]], region: BaseGeometry) -> list[BaseGeometry]:
    """Return the Voronoi cell of each point inside `region`, in the order of the points."""
    if len(points) == 1:
        return [region]
    cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=region.envelope))
    tree = shapely.STRtree(cells)
    return [cells[tree.query(Point(point), predicate="within")[0]].intersection(region) for point in points]


def _city_discs(
    cities: Sequence[Area], flat_map: FlatMap, region: BaseGeometry, cells: dict[str, BaseGeometry]
) -> dict[str, BaseGeometry]:
    """Return a disc per city that overlaps no other city's and swallows no district whole."""
    if not cities:
        return {}
    centres = _centres(cities, flat_map)
    own_cells = _cells([(x, y) for x, y, _ in centres], region)
    largest_km = math.sqrt(region.area) * CITY_LARGEST_SHARE
    scale = 1.0
    for _ in range(_SHRINK_STEPS):
        discs = {
            city.id: Point(x, y)
            .buffer(min(_radius_km(city), largest_km) * scale, quad_segs=ARC_SEGMENTS)
            .intersection(cell)
            for city, (x, y, _), cell in zip(cities, centres, own_cells, strict=True)
        }
        taken = shapely.union_all(list(discs.values()))
        if all(cell.difference(taken).area > 0 for cell in cells.values()):
            break
        scale *= _SHRINK
    return discs


def _radius_km(city: Area) -> float:
    return CITY_RADIUS_KM + CITY_GROWTH_KM * math.sqrt((city.population or 0) / CITY_GROWTH_POPULATION)
