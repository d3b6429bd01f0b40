"""Where simulated things happen, and in which words their records say so. Pure.

A record's place must lead any honest reader to the area in which it happened. So the forms that leave the
area's name out are used only where address or point are unambiguous: two municipalities may have their
seat in the same town, and settlements share names.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from random import Random

import msgspec

from simulator.simulation import DEFAULT_POPULATION, Places
from svodka.profiles.model import Area, Profile

_TOWN_SPREAD_DEG = 0.011
_VILLAGE_SPREAD_DEG = 0.003
_TOWN_POPULATION = 20_000
_CLEAR_DISTANCE_KM = 6.0
_POINT_ONLY_NEAR = 0.25  # a town's border may run close to its houses
_KM_PER_DEGREE = 111.2


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement in which something can happen.

    Attributes:
        clear_name: No other area has a settlement of this name.
        clear_point: A point near it cannot be taken for a point of another area.
        clear_aliases: Other names of the area that no other area has or begins with.
    """

    area: Area
    place: str
    lat: float
    lon: float
    spread_deg: float
    clear_name: bool
    clear_point: bool
    clear_aliases: tuple[str, ...]


class Telling(msgspec.Struct, frozen=True):
    """A place as a record tells it."""

    area_name: str | None
    address: str | None
    lat: float | None
    lon: float | None


class Spots:
    """All spots of a region, drawn by population."""

    def __init__(self, profile: Profile, places: Places) -> None:
        self._places = places
        self.areas = profile.areas
        self._area_weights = tuple(accumulate(area.population or DEFAULT_POPULATION for area in profile.areas))
        self._spots: dict[str, tuple[Spot, ...]] = {}
        self._spot_weights: dict[str, tuple[float, ...]] = {}
        self._collect(profile)

    def _collect(self, profile: Profile) -> None:
        found: dict[str, list[tuple[str, float, float, float]]] = {area.id: [] for area in profile.areas}
        for place in profile.places:
            found[place.area].append((place.name, place.lat, place.lon, float(place.population or 500)))
        owners: Counter[str] = Counter()
        for area in profile.areas:
            if not found[area.id]:
                weight = float(area.population or DEFAULT_POPULATION)
                found[area.id].append((area.centre, area.lat, area.lon, weight))
            names = {name for name, *_ in found[area.id]}
            owners.update({_plain(name) for name in (*names, area.centre)})
        aliases = {area.id: _clear_aliases(area, profile.areas) for area in profile.areas}
        for area in profile.areas:
            self._spots[area.id] = tuple(
                Spot(
                    area=area,
                    place=name,
                    lat=lat,
                    lon=lon,
                    spread_deg=_TOWN_SPREAD_DEG if weight >= _TOWN_POPULATION else _VILLAGE_SPREAD_DEG,
                    clear_name=owners[_plain(name)] == 1,
                    clear_point=_is_clear(area, lat, lon, profile),
                    clear_aliases=aliases[area.id],
                )
                for name, lat, lon, weight in found[area.id]
            )
            self._spot_weights[area.id] = tuple(accumulate(weight for *_, weight in found[area.id]))

    def draw_area(self, rng: Random) -> Area:
        """Return an area, by population."""
        return rng.choices(self.areas, cum_weights=self._area_weights)[0]

    def draw_spot(self, rng: Random, area: Area) -> Spot:
        """Return a settlement of the area, by population."""
        return rng.choices(self._spots[area.id], cum_weights=self._spot_weights[area.id])[0]

    def main_spot(self, area: Area) -> Spot:
        """Return the largest settlement of the area, its centre where that is known."""
        spots, weights = self._spots[area.id], self._spot_weights[area.id]
        sizes = [weight - before for weight, before in zip(weights, (0.0, *weights), strict=False)]
        return max(zip(spots, sizes, strict=True), key=lambda item: (item[0].place == area.centre, item[1]))[0]

    def draw_point(self, rng: Random, spot: Spot, *, near: float = 1.0) -> tuple[float, float]:
        """Return latitude and longitude of something in the spot, `near` (0..1) of its size from its middle."""
        lat = spot.lat + max(-2.0, min(2.0, rng.gauss(0, 1))) * spot.spread_deg * near
        lon = spot.lon + max(-2.0, min(2.0, rng.gauss(0, 1))) * spot.spread_deg * near * 1.6
        return round(lat, 6), round(lon, 6)

    def street(self, rng: Random) -> str:
        """Return the name of a street."""
        return self._places.streets[int(rng.random() * len(self._places.streets))]

    def write_address(self, spot: Spot, street: str, house: int | None) -> str:
        """Return an address in words; `house` None leaves the house out."""
        urban = spot.area.kind == "urban" and spot.place == spot.area.centre
        if house is None:
            template = self._places.urban_short if urban else self._places.other_short
        else:
            template = self._places.urban if urban else self._places.other
        return template.format(place=spot.place, street=street, house=house)

    def tell(self, rng: Random, spot: Spot, street: str) -> Telling:
        """Return the place in one of the forms that records have.

        Args:
            rng: Source of chance.
            spot: Where it happened.
            street: Its street.

        Returns:
            The telling; all None is impossible here (see `Places.nowhere_share`).
        """
        places = self._places
        lat, lon = self.draw_point(rng, spot)
        address = self.write_address(spot, street, 1 + int(rng.random() * 90))
        form = rng.random()
        if form < places.address_only_share:
            if spot.clear_name:
                return Telling(None, self.write_address(spot, street, None), None, None)
            return Telling(spot.area.name, address, None, None)
        form -= places.address_only_share
        if form < places.point_only_share:
            lat, lon = self.draw_point(rng, spot, near=_POINT_ONLY_NEAR)
            return Telling(None if spot.clear_point else spot.area.name, None, lat, lon)
        form -= places.point_only_share
        if form < places.no_point_share:
            return Telling(spot.area.name, address, None, None)
        form -= places.no_point_share
        if form < places.alias_share and spot.clear_aliases:
            alias = spot.clear_aliases[int(rng.random() * len(spot.clear_aliases))]
            return Telling(alias, address, lat, lon)
        return Telling(spot.area.name, address, lat, lon)


def _plain(name: str) -> str:
    return name.casefold().replace("ё", "е")


def _clear_aliases(area: Area, areas: Sequence[Area]) -> tuple[str, ...]:
    others = [
        _plain(name)
        for other in areas
        if other.id != area.id
        for name in (other.name, other.short_name, *other.aliases)
    ]
    return tuple(
        alias for alias in area.aliases if not any(f"{name} ".startswith(f"{_plain(alias)} ") for name in others)
    )


def _is_clear(area: Area, lat: float, lon: float, profile: Profile) -> bool:
    """Whether a point here is near its own area's centre and far from everything of another area."""
    own = distance_km(lat, lon, area.lat, area.lon)
    centres = [distance_km(lat, lon, other.lat, other.lon) for other in profile.areas if other.id != area.id]
    places = [distance_km(lat, lon, place.lat, place.lon) for place in profile.places if place.area != area.id]
    far = min([*centres, *places], default=math.inf) > _CLEAR_DISTANCE_KM
    return far and own < _CLEAR_DISTANCE_KM and min(centres, default=math.inf) > own * 2 + _CLEAR_DISTANCE_KM


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the distance in km, good enough within a region."""
    dx = (lon - other_lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.hypot(lat - other_lat, dx) * _KM_PER_DEGREE
