"""The order of evidence for a place, and what becomes of coordinates."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
import shapely

from svodka.domain.reasons import AreaReason, PointState
from svodka.domain.records import Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import ensure_geometry, load_geometry, save_geometry
from svodka.geography.schematic import compute_schematic_areas
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from tests.profile_factory import write_profile

NO_VENDOR = Path("nowhere")
KEMEROVO = Point(55.354, 86.104)


@pytest.fixture(scope="module")
def kuzbass() -> Profile:
    return load_profile("kuzbass")


@pytest.fixture(scope="module")
def finder(kuzbass: Profile, tmp_path_factory: pytest.TempPathFactory) -> AreaFinder:
    return AreaFinder(kuzbass, ensure_geometry(tmp_path_factory.mktemp("home"), kuzbass, NO_VENDOR))


def test_the_sources_name_outranks_address_and_point(finder: AreaFinder):
    found = finder.find("Юргинский район", "г. Кемерово, ул. Ленина, 1", KEMEROVO)
    assert (found.area, found.reason) == ("yurginsky-okrug", AreaReason.SOURCE_NAME)


@pytest.mark.parametrize("said", ["пгт Шерегеш", "пос. Шерегеш, ул. Гагарина", "Шерегеш"])
def test_a_settlement_where_the_municipality_should_stand_is_read_as_an_address(finder: AreaFinder, said: str):
    """Below the address itself and above the point."""
    found = finder.find(said, None, KEMEROVO)
    assert (found.area, found.reason) == ("tashtagolsky-okrug", AreaReason.ADDRESS)
    assert finder.find(said, "г. Белово, ул. Ленина, 1", None).area == "belovo"


def test_the_address_outranks_the_point_and_stands_in_for_an_unknown_name(finder: AreaFinder):
    found = finder.find("Центральный округ", "Кемеровская область, г. Белово, ул. Ленина, 1", KEMEROVO)
    assert (found.area, found.reason) == ("belovo", AreaReason.ADDRESS)
    assert (found.lat, found.lon) == (KEMEROVO.lat, KEMEROVO.lon)


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("652870, Кемеровская область - Кузбасс, г Междуреченск, пр-кт Коммунистический, д 5", "mezhdurechensk"),
        ("Новокузнецк, ул. Кирова, 10", "novokuznetsk"),
        ("Кемерово Ленина 5", "kemerovo"),
        ("г.Кемерово, ул. Юргинская, 3", "kemerovo"),
        ("г. Кемерово, Рудничный район, ул. Нахимова", "kemerovo"),
        ("Кемеровский р-н, п. Металлплощадка", "kemerovsky-okrug"),
        ("Кемеровский г.о.", "kemerovo"),
        ("Гурьевский район, г. Салаир", "guryevsky-okrug"),
        ("Таштагольский м.о., пгт Шерегеш", "tashtagolsky-okrug"),
        ("пос. Шерегеш, ул. Гагарина", "tashtagolsky-okrug"),
        ("пгт. Бачатский, ул. Шевцовой", "belovo"),
        ("Ленинск-Кузнецкий р-н, с. Красное", "leninsk-kuznetsky-okrug"),
    ],
)
def test_an_address_names_its_area(finder: AreaFinder, address: str, area: str):
    assert finder.find(None, address, None).area == area


@pytest.mark.parametrize(
    "address", ["", "ул. Кемеровская, 5", "Красное знамя", "Москва, ул. Кемеровская", "Кемеровская область", ", ,;"]
)
def test_a_street_or_another_region_is_no_area(finder: AreaFinder, address: str):
    assert finder.find(None, address, None).area is None


@pytest.mark.parametrize(
    ("point", "state"),
    [
        (Point(55.354, 86.104), PointState.AS_GIVEN),
        (Point(86.104, 55.354), PointState.SWAPPED),
        (Point(0.0, 0.0), PointState.UNREADABLE),
        (Point(math.nan, 86.1), PointState.UNREADABLE),
        (Point(math.inf, 86.1), PointState.UNREADABLE),
        (Point(55.75, 37.61), PointState.OUTSIDE_REGION),
        (Point(50.0, 35.0), PointState.OUTSIDE_REGION),
        (Point(553540.0, 861040.0), PointState.OUTSIDE_REGION),
        (None, PointState.ABSENT),
    ],
)
def test_coordinates_are_used_corrected_or_dropped(finder: AreaFinder, point: Point | None, state: PointState):
    found = finder.find(None, None, point)
    assert found.point_state is state
    if state in {PointState.AS_GIVEN, PointState.SWAPPED}:
        assert (found.lat, found.lon, found.area) == (55.354, 86.104, "kemerovo")
        assert found.reason is AreaReason.NEAREST_CENTRE
    else:
        assert (found.lat, found.lon, found.area, found.reason) == (None, None, None, AreaReason.UNKNOWN)


def test_coordinates_that_are_no_numbers_are_said_to_be_unreadable(finder: AreaFinder):
    assert finder.find(None, None, None, unreadable=True).point_state is PointState.UNREADABLE


def test_an_area_by_name_stays_when_its_point_is_outside_the_region(finder: AreaFinder):
    found = finder.find("Кемерово", None, Point(55.75, 37.61))
    assert (found.area, found.lat, found.point_state) == ("kemerovo", None, PointState.OUTSIDE_REGION)


def test_around_a_city_with_a_shared_centre_the_land_belongs_to_the_district(finder: AreaFinder):
    assert finder.find(None, None, Point(55.354, 86.104)).area == "kemerovo"
    assert finder.find(None, None, Point(55.52, 86.5)).area == "kemerovsky-okrug"


def test_inside_official_borders_the_reason_is_the_border(tmp_path: Path):
    profile = load_profile(str(write_profile(tmp_path / "invented")))
    shapes = compute_schematic_areas(profile, None)
    save_geometry(tmp_path, profile, shapes, kind="official", attribution=("x",), created_at=None)
    finder = AreaFinder(profile, load_geometry(tmp_path, profile))
    inside, beside = finder.find(None, None, Point(55.0, 160.0)), finder.find(None, None, Point(57.5, 160.0))
    assert (inside.area, inside.reason) == ("ozersk", AreaReason.POINT_IN_BORDER)
    assert beside.point_state is PointState.OUTSIDE_REGION


def test_the_reasons_of_a_record_do_not_depend_on_what_was_asked_before(finder: AreaFinder):
    first = finder.find("Кемерово", None, KEMEROVO)
    finder.find(None, "г. Белово", None)
    assert finder.find("Кемерово", None, KEMEROVO) == first


def test_points_near_the_regions_edge_lie_where_its_outline_says(finder: AreaFinder):
    """Tiles that are wholly inside or outside spare the question; asked twice, a point gets the same answer."""
    south, north, west, east = finder._box
    chance = Random(5)
    asked = [(chance.uniform(south, north), chance.uniform(west, east)) for _ in range(3000)]
    asked += [(math.floor(lat / 0.05) * 0.05, math.floor(lon / 0.05) * 0.05) for lat, lon in asked]
    inside_n = 0
    for lat, lon in asked * 2:
        expected = bool(shapely.intersects_xy(finder._region, lon, lat)) and south <= lat <= north
        assert finder._is_inside(lat, lon) == (expected and west <= lon <= east)
        inside_n += expected
    assert 0.2 < inside_n / len(asked) / 2 < 0.8
