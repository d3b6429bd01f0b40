"""Moves recorded places onto a region's map, and says so on every record that it touched. Pure.

The same recorded place always comes to the same new place; towns get theirs by population. What a moved
record says in words stays as it was recorded.
"""

from __future__ import annotations

from random import Random

from simulator.places import Spots
from simulator.simulation import Places
from svodka.profiles.model import Profile

MARK = "place_moved"
_LAT_KEYS = ("lat", "latitude")
_LON_KEYS = ("lon", "long", "lng", "longitude")


class PlaceMover:
    """Moves places onto one region's map."""

    def __init__(self, profile: Profile) -> None:
        self._spots = Spots(profile, Places())

    def move(self, document: object) -> object:
        """Return a decoded JSON document with every point moved and its record marked `place_moved: true`."""
        if isinstance(document, list):
            return [self.move(item) for item in document]
        if not isinstance(document, dict):
            return document
        moved = {key: self.move(value) if isinstance(value, dict | list) else value for key, value in document.items()}
        lat_key = next((key for key in _LAT_KEYS if _is_degrees(document.get(key))), None)
        lon_key = next((key for key in _LON_KEYS if _is_degrees(document.get(key))), None)
        if lat_key and lon_key:
            lat, lon = self._place(f"{document[lat_key]}|{document[lon_key]}")
            moved |= {lat_key: _like(document[lat_key], lat), lon_key: _like(document[lon_key], lon), MARK: True}
        geometry = document.get("geometry")
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            lat, lon = self._place(str(geometry.get("coordinates")))
            moved |= {"geometry": {"type": "Point", "coordinates": [lon, lat]}, MARK: True}
        return moved

    def _place(self, recorded: str) -> tuple[float, float]:
        rng = Random(f"place|{recorded}")  # noqa: S311 - the same place for the same place, no secret
        return self._spots.draw_point(rng, self._spots.draw_spot(rng, self._spots.draw_area(rng)))


def _is_degrees(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def _like(recorded: object, value: float) -> object:
    return str(value) if isinstance(recorded, str) else value
