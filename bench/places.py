"""How real names and points of places are understood: `python -m bench.places [--data FOLDER]`.

Four regions with the borders of their municipalities: the shipped profile for the one that has one, and for the others
a profile made of the names in the borders file and of GeoNames' settlements. Looked at:

- the 54 cities of `places/city.csv`: by point through the product's finder on its own simplified borders, by the
  address in words, and by even-odd counting on the raw file, which shares nothing with the product; all against the
  municipality that the city is known to lie in;
- names of the borders file against the names, newer names and Latin slugs of `dtp_regions.csv`, both ways;
- names of the borders file against GeoNames' 208 settlements: who bears the name of which municipality, in Russian and
  in Latin letters, and in which municipality each settlement lies.

What could not be matched is listed with the reason where it is known (bench/places.toml).
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.spans import format_table
from svodka.domain.codec import encode_text
from svodka.domain.records import Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import load_geometry, save_geometry
from svodka.geography.names import AreaNames, split_name
from svodka.geography.official import read_borders
from svodka.profiles.model import Area, Place, Profile
from svodka.profiles.reader import load_profile

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
KNOWN: dict[str, Any] = tomllib.loads((Path(__file__).parent / "places.toml").read_text(encoding="utf-8"))


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """One region.

    Attributes:
        name: In the tables.
        profile: Its profile.
        finder: On its official borders.
        rings: Name and rings (longitude, latitude) of each municipality as they stand in the file.
        names: Name in the borders file by the slug of the area.
        settlements: Of GeoNames.
        cities: Of the list of cities.
        rows: Of `dtp_regions.csv`.
    """

    name: str
    profile: Profile
    finder: AreaFinder
    rings: list[tuple[str, list[list[tuple[float, float]]]]]
    names: dict[str, str]
    settlements: list[dict[str, Any]]
    cities: list[dict[str, str]]
    rows: list[dict[str, str]]


def load_region(data: Path, told: dict[str, str], home: Path) -> Region:
    """Read everything that is known of a region; `told` is its table in bench/places.toml."""
    path = data / "boundaries" / told["borders"]
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    rings = [(feature["properties"]["district"], list(_rings(feature["geometry"]))) for feature in features]
    everywhere = json.loads((data / "places" / "geonames_cities500_4regions.json").read_text(encoding="utf-8"))
    settlements = [one for one in everywhere.values() if one["admin1code"] == told["admin1"]]
    profile = load_profile("kuzbass")
    if told["borders"] != KNOWN["shipped"]:
        profile = _profile_of(profile, rings, settlements)
    borders = read_borders(path, profile)
    save_geometry(home, profile, borders.shapes, kind="official", attribution=(), created_at=None)
    return Region(
        name=told["name"],
        profile=profile,
        finder=AreaFinder(profile, load_geometry(home, profile)),
        rings=rings,
        names=borders.matched,
        settlements=settlements,
        cities=[row for row in _table(data / "places" / "city.csv") if row["region"] == told["region"]],
        rows=[
            row
            for row in _table(data / "incidents-ru" / "dtp_regions.csv")
            if row["parent_region__name"] == told["dtp_region"]
        ],
    )


def look_at_cities(region: Region) -> list[dict[str, object]]:
    """Return for each city the municipality that it is known to lie in, and what point, address and raw borders say."""
    found = []
    for city in region.cities:
        lat, lon = float(city["geo_lat"]), float(city["geo_lon"])
        by_point = region.finder.find(None, None, Point(lat, lon)).area
        by_address = region.finder.find(None, city["address"], None).area
        expected = _expected(city)
        names = {
            "expected": expected,
            "raw": _raw_name(region, lat, lon),
            "point": region.names.get(by_point or ""),
            "address": region.names.get(by_address or ""),
        }
        found.append({"city": city["city"], **names})
    return found


def match_register(region: Region) -> dict[str, list[str]]:
    """Match the register of municipalities to the borders, and the other way round.

    Returns:
        What could not be matched, by which list it stands in.
    """
    names = AreaNames(region.profile)
    left: dict[str, list[str]] = {"register, name": [], "register, newer name": [], "register, slug": []}
    named = set()
    for row in region.rows:
        area = names.find(row["name"])
        named |= {area, names.find(row["ya_name"])}
        for column, title in (("name", "name"), ("ya_name", "newer name"), ("slug", "slug")):
            told = names.find(row[column]) if row[column] else area
            if told is None:
                left[f"register, {title}"].append(row[column])
            elif area is not None and told != area:
                left[f"register, {title}"].append(f"{row[column]} (beside {row['name']})")
    left["borders without a row"] = [name for area, name in region.names.items() if area not in named]
    return left


def match_settlements(region: Region) -> dict[str, Any]:
    """Match settlements to municipalities by point and by name, Russian and Latin."""
    names = AreaNames(region.profile)
    simplified, wrong_latin, latin_n = [], [], 0
    bearers = set()
    for one in region.settlements:
        area = region.finder.find(None, None, Point(one["latitude"], one["longitude"])).area
        raw = _raw_name(region, one["latitude"], one["longitude"])
        if region.names.get(area or "") != raw:
            simplified.append(f"{one['name']} (raw {raw}, product {region.names.get(area or '')})")
        russian = [name for name in one["alternatenames"] if _is_russian(name)]
        by_name = {names.find(name) for name in russian} - {None}
        bearers |= {found for found in by_name if found == area}
        bearers |= {area for name in russian if area and _is_named_after(region.names[area], name)}
        if by_name == {area}:
            latin_n += 1
            if names.find(one["name"]) != area:
                wrong_latin.append(one["name"])
    return {
        "settlements": len(region.settlements),
        "points that simplified borders put elsewhere": simplified,
        "same name in Latin letters": latin_n - len(wrong_latin),
        "Latin not understood": wrong_latin,
        "borders that no settlement is named after": [
            name for area, name in region.names.items() if area not in bearers
        ],
    }


def look_at_addresses(region: Region) -> dict[str, Any]:
    """Give each settlement as an address in words, and compare with where its point lies in the raw borders.

    Returns:
        How many were found right, how many names several areas share (found nowhere, on purpose), and the wrong ones.
    """
    right_n, silent, wrong = 0, [], []
    for place in region.profile.places:
        by_point = _raw_name(region, place.lat, place.lon)
        for form in (f"п. {place.name}, ул. Мира, д. 3, кв. 5", place.name):
            found = region.finder.find(None, form, None).area
            if found is not None and region.names.get(found) == by_point:
                right_n += 1
            elif found is None:
                silent.append(form)
            else:
                wrong.append(f"{form} -> {region.names.get(found)}")
    return {"right": right_n, "silent": sorted({each.partition(",")[0] for each in silent}), "wrong": wrong}


def _expected(city: dict[str, str]) -> str:
    """Return the name in the borders file of the municipality that a city is known to lie in.

    The list of cities names the district where a city lies in one; elsewhere it is a town of its own, called so in the
    borders file or listed in bench/places.toml.
    """
    known: str | None = KNOWN["municipality"].get(city["city"])
    if known is not None:
        return known
    return f"{city['area']} район" if city["area"] else city["city"]


def _raw_name(region: Region, lat: float, lon: float) -> str | None:
    """Return the municipality around a point by even-odd counting over all rings of each."""
    for name, rings in region.rings:
        if sum(_crossings(ring, lat, lon) for ring in rings) % 2:
            return name
    return None


def _crossings(ring: list[tuple[float, float]], lat: float, lon: float) -> int:
    crossed = 0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            crossed += 1
    return crossed


def _rings(geometry: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        for ring in polygon:
            yield [(lon, lat) for lon, lat, *_ in ring]


def _profile_of(
    base: Profile, rings: list[tuple[str, list[list[tuple[float, float]]]]], settlements: list[dict[str, Any]]
) -> Profile:
    """Return a profile made of a borders file and of settlements, each in the municipality around its point."""
    areas = tuple(
        Area(
            id=f"area-{number}",
            name=name,
            short_name=name[:18],
            kind="district" if KNOWN["district"] in name else "urban",
            centre=split_name(name)[0].title(),
            lat=sum(lat for _, lat in shape[0]) / len(shape[0]),
            lon=sum(lon for lon, _ in shape[0]) / len(shape[0]),
        )
        for number, (name, shape) in enumerate(rings)
    )
    bare = msgspec.structs.replace(base, areas=areas, places=())
    slug_of = {area.name: area.id for area in areas}
    places = []
    for one in settlements:
        around = next(
            (n for n, shape in rings if sum(_crossings(r, one["latitude"], one["longitude"]) for r in shape) % 2), None
        )
        names = [name for name in one["alternatenames"] if _is_russian(name)]
        if around is not None and names:
            places.append(
                Place(
                    name=names[0],
                    aliases=tuple(names[1:]),
                    area=slug_of[around],
                    lat=one["latitude"],
                    lon=one["longitude"],
                    population=one["population"],
                )
            )
    return msgspec.structs.replace(bare, places=tuple(places))


def _is_russian(name: str) -> bool:
    return all("а" <= letter <= "я" or letter in "ё- ." for letter in name.lower())


def _is_named_after(municipality: str, settlement: str) -> bool:
    """Return whether a municipality's adjective comes from a settlement: all but the endings of both is the same."""
    core, town = (
        split_name(municipality)[0].replace("-", ""),
        split_name(settlement)[0].replace(" ", "").replace("-", ""),
    )
    for ending in KNOWN["endings"]:
        stem = core.removesuffix(ending)
        if stem != core and len(stem) >= KNOWN["min_stem"] and town.startswith(stem) and len(town) - len(stem) <= 4:
            return True
    return False


def _why(title: str, name: str) -> str:
    why = KNOWN["why"]
    return str(why.get(name.partition(" (")[0]) or why.get(title) or "unknown")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Look at all regions, print tables and one JSON line, and return 0 when all cities lie where they must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public recordings")
    options = parser.parse_args()
    if not options.data.exists():
        print(encode_text({"bench": "places", "ok": True, "figures": {"skipped": f"{options.data} is not there"}}))
        return 0
    figures: dict[str, Any] = {}
    for told in KNOWN["region"]:
        with tempfile.TemporaryDirectory(prefix="svodka-places-") as home:
            region = load_region(options.data, told, Path(home))
            figures[region.name] = _print(region)
    is_good = all(one["cities_right"] == one["cities"] and not one["wrong_addresses"] for one in figures.values())
    cities_n = sum(one["cities"] for one in figures.values())
    print(encode_text({"bench": "places", "ok": is_good and cities_n == KNOWN["cities"], "figures": figures}))
    return 0 if is_good and cities_n == KNOWN["cities"] else 1


def _print(region: Region) -> dict[str, Any]:
    cities = look_at_cities(region)
    register, settlements, addresses = match_register(region), match_settlements(region), look_at_addresses(region)
    print(f"\n{region.name}: {len(region.names)} municipalities")
    heads = ("city", "known", "raw borders", "product, point", "product, address")
    print(format_table(heads, [tuple(one.values()) for one in cities]))
    for title, left in (*register.items(), *((t, v) for t, v in settlements.items() if isinstance(v, list))):
        for name in left:
            print(f"  {title}: {name}: {_why(title, name)}")
    print(
        f"  settlements as addresses: {addresses['right']} right; of several areas, none guessed: {addresses['silent']}"
    )
    for wrong in addresses["wrong"]:
        print(f"  address wrong: {wrong}")
    by_point = [one["expected"] == one["raw"] == one["point"] for one in cities]
    return {
        "municipalities": len(region.names),
        "cities": len(cities),
        "cities_right": sum(by_point),
        "city_addresses_right": sum(one["address"] == one["expected"] for one in cities),
        "city_addresses_wrong": sum(one["address"] not in {None, one["expected"]} for one in cities),
        "register_rows": len(region.rows),
        "not_matched": register | {t: v for t, v in settlements.items() if isinstance(v, list)},
        "settlements": settlements["settlements"],
        "addresses_right": addresses["right"],
        "ambiguous_addresses": addresses["silent"],
        "wrong_addresses": addresses["wrong"],
    }


if __name__ == "__main__":
    sys.exit(main())
