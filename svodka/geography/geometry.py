"""The prepared geometry of the map, as it is stored under SVODKA_HOME/geodata.

Two files, `areas.geojson` (WGS84, one feature per area, its id is the area's slug) and `manifest.json`. They are made
by `svodka.geography.official` from borders that the operator supplies, or by `svodka.geography.schematic`.
"""

from __future__ import annotations

import hashlib
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from svodka.domain import codec
from svodka.domain.errors import StartError
from svodka.geography.outline import OUTLINE_ATTRIBUTION, OUTLINE_FILE, load_outline
from svodka.geography.scale import FlatMap, only_polygons
from svodka.geography.schematic import compute_schematic_areas
from svodka.profiles.model import Profile

FOLDER = "geodata"
AREAS_FILE = "areas.geojson"
MANIFEST_FILE = "manifest.json"
_DIGITS = 5
_FILE_MODE = 0o644
_GRID = 10**-_DIGITS
_LABEL_TOLERANCE_KM = 0.2

Box = tuple[float, float, float, float]


class AreaShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to write an area's name, and its box (west, south, east, north), in degrees."""

    label_lat: float
    label_lon: float
    bounds: Box


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known about the prepared geometry.

    Attributes:
        profile: Slug of the profile it was made for.
        kind: Real borders, or schematic ones: then the map says so.
        attribution: Lines that the licences of the data want on the map and on every export of it.
        created_at: When it was made; None where nobody asked the clock.
        made_from: Fingerprint of the facts that schematic areas were made from.
        matched: Name in the borders file by area.
        unmatched_areas: Areas that no border was found for (always empty in stored files).
        unmatched_names: Names in the borders file that belong to no area.
        bounds: Box of the whole region.
        areas: Label point and box by area.
    """

    profile: str
    kind: Literal["official", "schematic"]
    attribution: tuple[str, ...]
    created_at: datetime | None
    made_from: str
    matched: dict[str, str]
    unmatched_areas: tuple[str, ...]
    unmatched_names: tuple[str, ...]
    bounds: Box
    areas: dict[str, AreaShape]


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """The geometry in memory.

    Attributes:
        kind: `official` or `schematic`.
        attribution: Lines to show with the map.
        bounds: Box of the whole region (west, south, east, north).
        areas: GeoJSON FeatureCollection; each feature's `id` and `properties.area` is the area's slug.
        shapes: Label point and box by area.
    """

    kind: Literal["official", "schematic"]
    attribution: tuple[str, ...]
    bounds: Box
    areas: dict[str, Any]
    shapes: dict[str, AreaShape]

    @property
    def label_points(self) -> dict[str, tuple[float, float]]:
        """A point (longitude, latitude) inside each area, as far from its border as can be."""
        return {slug: (shape.label_lon, shape.label_lat) for slug, shape in self.shapes.items()}


def load_geometry(home: Path, profile: Profile) -> Geometry:
    """Read the prepared geometry.

    Args:
        home: SVODKA_HOME.
        profile: The profile that it must belong to.

    Returns:
        The geometry; its areas are those of the profile.

    Raises:
        StartError: There is none, it cannot be read, or it was made for other areas; the message says what to run.
    """
    manifest = read_manifest(home)
    if manifest is None:
        message = f"There is no map in {home / FOLDER}; make one with: python app.py geodata --schematic."
        raise StartError(message)
    if manifest.profile != profile.id or set(manifest.areas) != {area.id for area in profile.areas}:
        message = (
            f"The map in {home / FOLDER} was made for other areas than those of the profile {profile.id}; "
            "make it again with: python app.py geodata."
        )
        raise StartError(message)
    try:
        areas = codec.decode((home / FOLDER / AREAS_FILE).read_bytes())
    except (OSError, codec.DecodeError) as error:
        message = f"The map {home / FOLDER / AREAS_FILE} cannot be read ({error}); run python app.py geodata."
        raise StartError(message) from error
    return Geometry(
        kind=manifest.kind,
        attribution=manifest.attribution,
        bounds=manifest.bounds,
        areas=areas,
        shapes=manifest.areas,
    )


def ensure_geometry(home: Path, profile: Profile, vendor_dir: Path, *, created_at: datetime | None = None) -> Geometry:
    """Return the prepared geometry, making a schematic one where there is none yet or where it is out of date.

    Official geometry is never replaced here.

    Args:
        home: SVODKA_HOME.
        profile: The profile that it must belong to.
        vendor_dir: assets/vendor, with the outline file; without it the areas are clipped to a hull.
        created_at: The present instant, for the manifest.

    Returns:
        The geometry, as `load_geometry` gives it.

    Raises:
        StartError: Official geometry of other areas is there, or the folder cannot be written.
    """
    manifest = read_manifest(home)
    is_official = manifest is not None and manifest.kind == "official"
    is_current = manifest is not None and manifest.made_from == fingerprint(profile)
    if not is_official and not (is_current and (home / FOLDER / AREAS_FILE).exists()):
        save_schematic(home, profile, vendor_dir, created_at=created_at)
    return load_geometry(home, profile)


def save_schematic(home: Path, profile: Profile, vendor_dir: Path, *, created_at: datetime | None) -> Manifest:
    """Make and store schematic areas; see `svodka.geography.schematic` for what they are.

    Args:
        home: SVODKA_HOME.
        profile: Whose areas.
        vendor_dir: assets/vendor, with the outline file.
        created_at: The present instant, for the manifest.

    Returns:
        The manifest as stored.

    Raises:
        StartError: The folder cannot be written.
    """
    outline = load_outline(vendor_dir / OUTLINE_FILE, profile.outline)
    lines = [OUTLINE_ATTRIBUTION] if outline is not None else []
    lines += [
        profile.provenance[name].attribution for name in ("areas.toml", "places.toml") if name in profile.provenance
    ]
    return save_geometry(
        home,
        profile,
        compute_schematic_areas(profile, outline),
        kind="schematic",
        attribution=tuple(dict.fromkeys(line for line in lines if line)),
        created_at=created_at,
    )


def read_manifest(home: Path) -> Manifest | None:
    """Return the manifest of the prepared geometry, None where there is none or it is unreadable."""
    try:
        return codec.decode_as((home / FOLDER / MANIFEST_FILE).read_bytes(), Manifest)
    except (OSError, codec.DecodeError):
        return None


def save_geometry(
    home: Path,
    profile: Profile,
    shapes: dict[str, BaseGeometry],
    *,
    kind: Literal["official", "schematic"],
    attribution: tuple[str, ...],
    created_at: datetime | None,
    matched: dict[str, str] | None = None,
    unmatched_names: tuple[str, ...] = (),
) -> Manifest:
    """Write the geometry of all areas: first the shapes, then the manifest, each replaced in one step.

    Args:
        home: SVODKA_HOME.
        profile: Whose areas these are.
        shapes: Polygon or multipolygon by area, WGS84 degrees, every area of the profile.
        kind: Where the shapes come from.
        attribution: Lines that the licences want on the map.
        created_at: The present instant.
        matched: Name in the borders file by area.
        unmatched_names: Names in the borders file that belong to no area.

    Returns:
        The manifest as stored.

    Raises:
        StartError: The folder cannot be written.
    """
    folder = home / FOLDER
    shapes = {slug: only_polygons(shapely.set_precision(shape, _GRID)) for slug, shape in shapes.items()}
    features = [
        {
            "type": "Feature",
            "id": area.id,
            "properties": {"area": area.id},
            "geometry": _rounded(shapely.geometry.mapping(shapes[area.id])),
        }
        for area in profile.areas
    ]
    manifest = Manifest(
        profile=profile.id,
        kind=kind,
        attribution=attribution,
        created_at=created_at,
        made_from=fingerprint(profile),
        matched=matched or {},
        unmatched_areas=(),
        unmatched_names=unmatched_names,
        bounds=_box(shapely.union_all(list(shapes.values()))),
        areas={slug: _describe(shape) for slug, shape in shapes.items()},
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / AREAS_FILE, codec.encode({"type": "FeatureCollection", "features": features}))
        _replace(folder / MANIFEST_FILE, codec.encode(manifest))
    except OSError as error:
        message = f"The map cannot be written to {folder}: {error.strerror}."
        raise StartError(message) from error
    return manifest


def fingerprint(profile: Profile) -> str:
    """Return a fingerprint of the facts of a profile that schematic areas are made from."""
    facts = (profile.outline, profile.areas, profile.places)
    return hashlib.blake2b(codec.encode(facts), digest_size=16).hexdigest()


def _describe(shape: BaseGeometry) -> AreaShape:
    """Find the label's place: the middle of the largest circle inside the largest part, on a locally true scale."""
    part = max(shapely.get_parts(shape), key=lambda polygon: polygon.area)
    flat_map = FlatMap(part.centroid.y)
    circle = shapely.maximum_inscribed_circle(flat_map.flatten(part), tolerance=_LABEL_TOLERANCE_KM)
    middle = flat_map.restore(shapely.get_point(circle, 0))
    return AreaShape(
        label_lat=round(float(middle.y), _DIGITS), label_lon=round(float(middle.x), _DIGITS), bounds=_box(shape)
    )


def _box(shape: BaseGeometry) -> Box:
    west, south, east, north = (round(float(edge), _DIGITS) for edge in shape.bounds)
    return west, south, east, north


def _rounded(value: Any) -> Any:  # noqa: ANN401 - nested coordinates
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    return value


def _replace(path: Path, data: bytes) -> None:
    """Put a file in place in one step; two processes that start together may both do it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as draft:
        draft.write(data)
    Path(draft.name).chmod(_FILE_MODE)
    Path(draft.name).replace(path)
