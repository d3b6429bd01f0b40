"""Import of official borders through the command, with real files."""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas
import pytest
import shapely
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import box, shape

from commands import geodata
from svodka.domain import codec
from svodka.domain.errors import StartError
from svodka.domain.reasons import AreaReason
from svodka.domain.records import Point
from svodka.geography.finder import AreaFinder
from svodka.geography.geometry import AREAS_FILE, FOLDER, load_geometry, read_manifest
from svodka.geography.official import read_borders
from svodka.profiles.reader import load_profile
from svodka.settings import Settings, read_settings
from tests.profile_factory import write_profile

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data"
needs_real_data = pytest.mark.skipif(not REAL.exists(), reason="../shared/data is absent")
KEMEROVO_BORDERS = REAL / "boundaries" / "adm2_kemerovo.geojson"
OSM = "© OpenStreetMap contributors"


def _settings(home: Path, profile: str) -> Settings:
    return read_settings({"SVODKA_HOME": str(home), "SVODKA_PROFILE": profile})


def _run(settings: Settings, *words: str) -> int:
    parser = argparse.ArgumentParser()
    geodata.add_arguments(parser)
    return geodata.run(parser.parse_args(words), settings)


@needs_real_data
def test_all_34_areas_are_matched_on_import_of_real_borders(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    settings = _settings(tmp_path, "kuzbass")
    assert _run(settings, "--borders", str(KEMEROVO_BORDERS), "--attribution", OSM) == 0
    assert "34 of 34 areas" in capsys.readouterr().out
    profile = load_profile("kuzbass")
    manifest = read_manifest(tmp_path)
    assert (manifest.kind, manifest.attribution, manifest.unmatched_names) == ("official", (OSM,), ())
    assert set(manifest.matched) == {area.id for area in profile.areas}
    assert manifest.matched["kemerovo"] == "Кемеровский"
    assert manifest.matched["kemerovsky-okrug"] == "Кемеровский район"
    assert manifest.created_at is not None
    geometry = load_geometry(tmp_path, profile)
    shapes = [shape(feature["geometry"]) for feature in geometry.areas["features"]]
    assert all(one.is_valid for one in shapes)
    assert shapely.get_num_coordinates(shapes).sum() < 5000
    whole = shapely.union_all(shapes)
    assert sum(one.area for one in shapes) == pytest.approx(whole.area, rel=1e-3)


@needs_real_data
def test_points_and_addresses_of_the_20_towns_agree_inside_real_borders(tmp_path: Path):
    settings = _settings(tmp_path, "kuzbass")
    _run(settings, "--borders", str(KEMEROVO_BORDERS), "--attribution", OSM)
    profile = load_profile("kuzbass")
    finder = AreaFinder(profile, load_geometry(tmp_path, profile))
    towns = geopandas.read_file(REAL / "places" / "city.csv")
    towns = towns[towns["region"].str.startswith("Кемеровская")]
    assert len(towns) == 20
    for town in towns.itertuples():
        by_point = finder.find(None, None, Point(float(town.geo_lat), float(town.geo_lon)))
        by_address = finder.find(None, town.address, None)
        assert by_point.reason is AreaReason.POINT_IN_BORDER
        assert (town.address, by_point.area) == (town.address, by_address.area)


@needs_real_data
def test_borders_of_another_region_are_reported_and_overwrite_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    settings = _settings(tmp_path, "kuzbass")
    assert _run(settings, "--schematic") == 0
    before = (tmp_path / FOLDER / AREAS_FILE).read_bytes()
    other = REAL / "boundaries" / "adm2_omsk.geojson"
    assert _run(settings, "--borders", str(other), "--attribution", OSM) == 1
    printed = capsys.readouterr()
    assert "34 areas have no border in the file; nothing was written." in printed.err
    assert "-- no area --" in printed.out
    assert (tmp_path / FOLDER / AREAS_FILE).read_bytes() == before


@pytest.fixture
def invented(tmp_path: Path) -> str:
    return str(write_profile(tmp_path / "invented"))


def _borders_of_invented(path: Path, *, crs: str = "EPSG:4326", driver: str | None = None) -> Path:
    broken = shapely.Polygon([(161, 54), (162, 56), (162, 54), (161, 56)])  # a bow tie, to be repaired
    frame = geopandas.GeoDataFrame(
        {
            "code": [1, 2, 3, 4, 5],
            "NAME_RU": ["Озерский г.о.", "Озерский район", "ГОРНЫЙ", "Степной муниципальный район", "Чужой район"],
        },
        geometry=[
            box(159.9, 54.9, 160.1, 55.1),
            box(159.5, 54.5, 159.9, 55.5),
            broken,
            box(158, 54, 159, 55),
            box(0, 0, 1, 1),
        ],
        crs="EPSG:4326",
    )
    frame.to_crs(crs).to_file(path, driver=driver)
    return path


@pytest.mark.parametrize(
    ("name", "crs", "driver"),
    [
        ("b.geojson", "EPSG:4326", "GeoJSON"),
        ("b.gpkg", "EPSG:3857", "GPKG"),
        ("b.shp", "EPSG:4326", "ESRI Shapefile"),
    ],
)
def test_geojson_geopackage_and_shapefile_give_the_same_areas(
    tmp_path: Path, invented: str, name: str, crs: str, driver: str
):
    profile = load_profile(invented)
    path = _borders_of_invented(tmp_path / name, crs=crs, driver=driver)
    borders = read_borders(path, profile)
    assert borders.unmatched_areas == ()
    assert borders.unmatched_names == ("Чужой район",)
    assert borders.shapes["ozersk"].contains(ShapelyPoint(160, 55))
    assert all(one.is_valid for one in borders.shapes.values())


def test_official_borders_need_an_attribution(tmp_path: Path, invented: str):
    path = _borders_of_invented(tmp_path / "b.geojson")
    with pytest.raises(StartError, match="--attribution"):
        _run(_settings(tmp_path, invented), "--borders", str(path))


def test_official_borders_stay_when_the_product_starts(tmp_path: Path, invented: str):
    from svodka.geography.geometry import ensure_geometry

    path = _borders_of_invented(tmp_path / "b.geojson")
    assert _run(_settings(tmp_path, invented), "--borders", str(path), "--attribution", "x") == 0
    assert ensure_geometry(tmp_path, load_profile(invented), Path("nowhere")).kind == "official"


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (None, (), "There is no borders file"),
        (b"not a map", (), "cannot be read"),
        (codec.encode({"type": "FeatureCollection", "features": []}), (), "holds no"),
        (None, ("--name-field", "zzz"), "has no field 'zzz'"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, invented: str, content: bytes | None, words: tuple[str, ...], sentence: str
):
    path = tmp_path / "b.geojson"
    if content is not None:
        path.write_bytes(content)
    elif words:
        _borders_of_invented(path)
    with pytest.raises(StartError, match=sentence) as caught:
        _run(_settings(tmp_path, invented), "--borders", str(path), "--attribution", "x", *words)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / FOLDER).exists()


def test_an_unwritable_home_is_one_sentence(tmp_path: Path, invented: str):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(StartError, match="is not a folder"):
        _run(_settings(blocked, invented), "--schematic")


def test_without_options_the_word_says_what_is_prepared(
    tmp_path: Path, invented: str, capsys: pytest.CaptureFixture[str]
):
    settings = _settings(tmp_path / "home", invented)
    assert _run(settings) == 0
    assert "No map in" in capsys.readouterr().out
    _run(settings, "--schematic")
    assert _run(settings) == 0
    assert "schematic map of 4 areas" in capsys.readouterr().out
