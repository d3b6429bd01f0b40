"""Official borders: a file that the operator supplies, repaired, matched to the profile's areas and simplified.

Reads whatever GeoPandas reads (GeoJSON, Shapefile, GeoPackage). Nothing here writes; a file that does not match every
area is reported, not used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import msgspec
import pyogrio.errors
import shapely
from shapely.geometry.base import BaseGeometry

from svodka.domain.errors import StartError
from svodka.geography.names import AreaNames
from svodka.geography.scale import only_polygons
from svodka.profiles.model import Profile

WGS84 = "EPSG:4326"
MAX_VERTICES = 5_000
_FIRST_TOLERANCE_DEGREES = 0.0005
_NAME_FIELDS = ("name", "name_ru", "name:ru", "district", "municipality", "naimenovanie", "название", "наименование")


class Borders(msgspec.Struct, frozen=True, kw_only=True):
    """What a borders file holds for a profile.

    Attributes:
        name_field: The field whose values were matched.
        shapes: Repaired and simplified shape by area; only areas that were matched.
        matched: Name in the file by area; several names of one area joined by " + ".
        unmatched_areas: Slugs of areas that nothing in the file is named after.
        unmatched_names: Names in the file that mean no area, or several.
        vertices_before: Vertices in the file.
        vertices_after: Vertices that remain.
    """

    name_field: str
    shapes: dict[str, BaseGeometry]
    matched: dict[str, str]
    unmatched_areas: tuple[str, ...]
    unmatched_names: tuple[str, ...]
    vertices_before: int
    vertices_after: int


def read_borders(path: Path, profile: Profile, *, name_field: str = "", max_vertices: int = MAX_VERTICES) -> Borders:
    """Read a borders file and match it to the areas of a profile.

    Args:
        path: The file; coordinates without a reference system are taken for WGS84.
        profile: Whose areas to match, by name and alias.
        name_field: The field that holds the names; empty to look for one.
        max_vertices: How many vertices may remain in all.

    Returns:
        What was matched and what was not.

    Raises:
        StartError: The file cannot be read, holds no polygons, or has no such field.
    """
    frame = _read_frame(path)
    field = _choose_field(frame, name_field, path)
    names = AreaNames(profile)
    found: dict[str, list[tuple[str, BaseGeometry]]] = {}
    strangers: list[str] = []
    for name, shape in zip(frame[field].astype(str), frame.geometry, strict=True):
        area = names.find(name)
        if area is None:
            strangers.append(name)
        else:
            found.setdefault(area, []).append((name, shape))
    shapes = {slug: only_polygons(shapely.union_all([shape for _, shape in parts])) for slug, parts in found.items()}
    simple = simplify_borders(shapes, max_vertices)
    return Borders(
        name_field=field,
        shapes=simple,
        matched={slug: " + ".join(name for name, _ in parts) for slug, parts in found.items()},
        unmatched_areas=tuple(area.id for area in profile.areas if area.id not in found),
        unmatched_names=tuple(strangers),
        vertices_before=int(shapely.get_num_coordinates(list(frame.geometry)).sum()),
        vertices_after=int(shapely.get_num_coordinates(list(simple.values())).sum()) if simple else 0,
    )


def simplify_borders(shapes: dict[str, BaseGeometry], max_vertices: int) -> dict[str, BaseGeometry]:
    """Return the shapes with at most `max_vertices` in all, neighbours keeping their common edges.

    Args:
        shapes: Shapes by area, WGS84 degrees.
        max_vertices: The limit; it may be missed where the shapes cannot get simpler without vanishing.
    """
    if not shapes:
        return {}
    slugs, coverage = list(shapes), list(shapes.values())
    simple = coverage
    tolerance = _FIRST_TOLERANCE_DEGREES
    while int(shapely.get_num_coordinates(simple).sum()) > max_vertices and tolerance < 1:
        simple = list(shapely.coverage_simplify(coverage, tolerance))
        tolerance *= 1.5
    return {
        slug: only_polygons(shapely.make_valid(shape)) if not shape.is_empty else original
        for slug, shape, original in zip(slugs, simple, coverage, strict=True)
    }


def _read_frame(path: Path) -> Any:  # noqa: ANN401 - geopandas is untyped
    if not path.exists():
        message = f"There is no borders file {path}."
        raise StartError(message)
    try:
        frame = geopandas.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0].split(";")[0].rstrip(".")
        message = f"The borders file {path} cannot be read: {reason}."
        raise StartError(message) from error
    if not isinstance(frame, geopandas.GeoDataFrame) or frame.empty:
        message = f"The borders file {path} holds no shapes."
        raise StartError(message)
    frame = frame.set_crs(WGS84) if frame.crs is None else frame.to_crs(WGS84)
    frame = frame[frame.geometry.notna()]
    frame.geometry = [only_polygons(shapely.make_valid(shape)) for shape in frame.geometry]
    frame = frame[~frame.geometry.is_empty]
    if frame.empty:
        message = f"The borders file {path} holds no polygons."
        raise StartError(message)
    return frame


def _choose_field(frame: Any, name_field: str, path: Path) -> str:  # noqa: ANN401 - geopandas is untyped
    fields = [str(column) for column in frame.columns if column != frame.geometry.name]
    wanted = [name_field] if name_field else _NAME_FIELDS
    for name in wanted:
        for field in fields:
            if field.lower() == name.lower():
                return field
    texts = [field for field in fields if frame[field].map(lambda value: isinstance(value, str)).all()]
    if not name_field and len(texts) == 1:
        return texts[0]
    known = ", ".join(fields) or "none"
    problem = f"has no field {name_field!r}" if name_field else "has no field that is plainly the name"
    message = f"The borders file {path} {problem}; its fields are {known}; name one with --name-field."
    raise StartError(message)
