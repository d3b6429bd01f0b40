"""The prepared geometry as a page's configuration asks for it."""

from __future__ import annotations

from svodka.geography.geometry import Geometry
from svodka.geography.style import MapStyle


class MapFrame:
    """What `layouts.page_config` wants to know of a geometry.

    Args:
        geometry: The prepared map.
        style: The operator's own map below it; None: there is none.
    """

    def __init__(self, geometry: Geometry, style: MapStyle | None = None) -> None:
        self.style = None if style is None else style.told
        self.kind: str = geometry.kind
        self.attribution = geometry.attribution
        self.bounds = geometry.bounds
        self.label_points = {slug: (shape.label_lon, shape.label_lat) for slug, shape in geometry.shapes.items()}
        self.area_bounds = {slug: shape.bounds for slug, shape in geometry.shapes.items()}
