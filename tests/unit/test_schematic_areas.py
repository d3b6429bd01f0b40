"""Schematic geometry: it covers the region, overlaps nowhere, and is made again only when its facts change."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import shapely
from shapely.geometry import Point, shape

from svodka.domain import codec
from svodka.domain.errors import StartError
from svodka.geography.geometry import AREAS_FILE, FOLDER, ensure_geometry, load_geometry, read_manifest
from svodka.geography.outline import OUTLINE_FILE, load_outline
from svodka.geography.scale import FlatMap, distance_km
from svodka.profiles.model import Area, Profile
from svodka.profiles.reader import load_profile
from tests.profile_factory import write_profile

NO_VENDOR = Path("nowhere")


@pytest.fixture
def invented(tmp_path: Path) -> Profile:
    return load_profile(str(write_profile(tmp_path / "invented")))


def _shapes(profile: Profile, home: Path, vendor: Path = NO_VENDOR) -> dict[str, shapely.Geometry]:
    geometry = ensure_geometry(home, profile, vendor)
    return {feature["id"]: shape(feature["geometry"]) for feature in geometry.areas["features"]}


@pytest.mark.parametrize("name", ["kuzbass", "invented"])
def test_every_area_has_a_valid_shape_and_no_two_overlap(name: str, tmp_path: Path, invented: Profile):
    profile = invented if name == "invented" else load_profile(name)
    shapes = _shapes(profile, tmp_path / "home")
    assert set(shapes) == {area.id for area in profile.areas}
    assert all(one.is_valid and one.area > 0 for one in shapes.values())
    whole = shapely.union_all(list(shapes.values()))
    assert sum(one.area for one in shapes.values()) == pytest.approx(whole.area, rel=1e-4)
    assert shapely.get_num_coordinates(list(shapes.values())).sum() < 5000


def test_a_city_is_a_cell_around_its_centre_inside_its_district(tmp_path: Path, invented: Profile):
    shapes = _shapes(invented, tmp_path / "home")
    centre = Point(160.0, 55.0)
    assert shapes["ozersk"].contains(centre)
    assert not shapes["ozersky"].contains(centre)
    assert shapely.union(shapes["ozersk"], shapes["ozersky"]).buffer(1e-4).contains(shapes["ozersk"])
    assert shapes["ozersky"].distance(shapes["ozersk"]) < 1e-4


def test_the_label_lies_inside_the_area(tmp_path: Path):
    profile = load_profile("kuzbass")
    geometry = ensure_geometry(tmp_path, profile, NO_VENDOR)
    for feature in geometry.areas["features"]:
        described = geometry.shapes[feature["id"]]
        assert shape(feature["geometry"]).contains(Point(described.label_lon, described.label_lat)), feature["id"]


def test_two_districts_with_one_centre_both_get_a_shape(tmp_path: Path, invented: Profile):
    twin = Area(
        id="twin", name="Второй район", short_name="Второй", kind="district", centre="Полынь", lat=54.5, lon=159.2
    )
    profile = msgspec.structs.replace(invented, areas=(*invented.areas, twin))
    shapes = _shapes(profile, tmp_path / "home")
    assert shapes["twin"].area > 0
    assert shapes["stepnoy"].area > 0


def test_a_region_of_cities_alone_is_divided_among_them(tmp_path: Path, invented: Profile):
    cities = tuple(msgspec.structs.replace(area, kind="urban") for area in invented.areas if area.id != "ozersky")
    places = tuple(place for place in invented.places if place.area != "ozersky")
    profile = msgspec.structs.replace(invented, areas=cities, places=places)
    assert set(_shapes(profile, tmp_path / "home")) == {"ozersk", "gorny", "stepnoy"}


def test_a_region_of_one_area_is_one_shape(tmp_path: Path, invented: Profile):
    profile = msgspec.structs.replace(invented, areas=invented.areas[2:3], places=invented.places[2:3])
    assert _shapes(profile, tmp_path / "home")["gorny"].area > 0


def test_the_map_is_made_once_and_again_only_when_its_facts_change(tmp_path: Path, invented: Profile):
    ensure_geometry(tmp_path, invented, NO_VENDOR)
    areas_file = tmp_path / FOLDER / AREAS_FILE
    first = areas_file.stat().st_mtime_ns
    ensure_geometry(tmp_path, invented, NO_VENDOR)
    assert areas_file.stat().st_mtime_ns == first
    moved = msgspec.structs.replace(invented.places[1], lat=55.3)
    changed = msgspec.structs.replace(invented, places=(invented.places[0], moved, *invented.places[2:]))
    ensure_geometry(tmp_path, changed, NO_VENDOR)
    assert areas_file.stat().st_mtime_ns != first


def test_a_half_written_map_is_made_again(tmp_path: Path, invented: Profile):
    ensure_geometry(tmp_path, invented, NO_VENDOR)
    (tmp_path / FOLDER / "manifest.json").write_text('{"profile": "inv', encoding="utf-8")
    assert ensure_geometry(tmp_path, invented, NO_VENDOR).kind == "schematic"


def test_a_missing_or_foreign_map_is_one_sentence(tmp_path: Path, invented: Profile):
    with pytest.raises(StartError, match=r"python app\.py geodata --schematic"):
        load_geometry(tmp_path, invented)
    ensure_geometry(tmp_path, invented, NO_VENDOR)
    with pytest.raises(StartError, match="was made for other areas"):
        load_geometry(tmp_path, load_profile("kuzbass"))
    assert read_manifest(tmp_path).profile == "invented"


def test_an_outline_is_found_by_id_or_name_and_its_arcs_are_joined(tmp_path: Path):
    square = {
        "type": "Topology",
        "transform": {"scale": [0.5, 0.25], "translate": [100.0, 50.0]},
        "arcs": [[[0, 0], [4, 0], [0, 4]], [[0, 0], [0, 4], [4, 0]]],
        "objects": {
            "X": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "id": "XX.A", "properties": {"name": "Alpha"}, "arcs": [[0, -2]]},
                    {"type": "Point", "id": "XX.B", "properties": {"name": "Beta"}, "coordinates": [0, 0]},
                    {"type": "Point", "id": "XX.B", "properties": {"name": "Gamma"}, "coordinates": [0, 0]},
                ],
            }
        },
    }
    path = tmp_path / OUTLINE_FILE
    path.write_bytes(codec.encode(square))
    assert load_outline(path, "XX.A").bounds == (100.0, 50.0, 102.0, 51.0)
    assert load_outline(path, "Alpha").equals(load_outline(path, "XX.A"))
    assert load_outline(path, "XX.B") is None
    assert load_outline(path, "") is None
    assert load_outline(tmp_path / "absent.json", "XX.A") is None


def test_the_outline_clips_the_map_and_brings_its_attribution(tmp_path: Path):
    vendor = Path(__file__).resolve().parents[2] / "assets" / "vendor"
    if not (vendor / OUTLINE_FILE).exists():
        pytest.skip("assets/vendor is empty: run make setup")
    profile = load_profile("kuzbass")
    geometry = ensure_geometry(tmp_path, profile, vendor)
    assert geometry.attribution == ("Natural Earth", "GeoNames (CC BY 4.0)")
    west, south, east, north = geometry.bounds
    assert (84 < west < 85, 52 < south < 52.5, 89 < east < 90, 56.5 < north < 57) == (True, True, True, True)
    flat = FlatMap((south + north) / 2)
    area_km2 = sum(flat.flatten(shape(feature["geometry"])).area for feature in geometry.areas["features"])
    assert area_km2 == pytest.approx(95_725, rel=0.05)


def test_distances_are_true_on_the_scale_of_a_region():
    assert distance_km(55.35417, 86.10435, 53.75752, 87.13599) == pytest.approx(190, abs=3)
