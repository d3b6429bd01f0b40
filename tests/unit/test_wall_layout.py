"""The page before any data: panel contract, configuration, classes of text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from layouts import ASSETS_PATH_IGNORE, PAGES
from layouts.page_config import BROWSER_WORDS, build_page_config, build_scenes_config
from svodka.domain.codec import decode, encode
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import load_profile
from svodka.scenes.book import open_scenes
from svodka.scenes.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
WORDS = load_catalogue("ru")
GEOMETRY = SimpleNamespace(
    kind="schematic", attribution=("©",), label_points={}, bounds=(84.0, 52.0, 90.0, 57.0), area_bounds={}, style=None
)


@pytest.fixture(scope="module")
def profile():
    return load_profile("kuzbass")


def elements(component):
    """Every component of a tree, itself first."""
    yield component
    children = getattr(component, "children", None) or []
    for child in children if isinstance(children, (list, tuple)) else [children]:
        if not isinstance(child, str):
            yield from elements(child)


@pytest.fixture(scope="module")
def scenes(profile):
    return open_scenes(profile, ROOT / "no such folder")


@pytest.fixture(scope="module")
def wall(profile, scenes):
    return list(elements(PAGES[0].layout(profile, WORDS, scenes)))


def properties(component):
    return component.to_plotly_json()["props"]


def test_every_panel_is_there_from_the_start_and_says_that_it_loads(wall, scenes):
    """The contract's attributes stand on every panel of the pool, which holds what any scene needs."""
    found = {properties(one)["id"]: properties(one) for one in wall if "data-kind" in properties(one)}
    assert {panel["data-kind"] for panel in found.values()} == scenes.pool().keys()
    assert len(found) == sum(scenes.pool().values())
    assert {panel["data-state"] for panel in found.values()} == {"loading"}
    assert all({"data-as-of", "data-seq"} <= panel.keys() for panel in found.values())


def test_every_text_of_the_layout_has_a_class_of_size(wall):
    """A text that no class holds to a size could become too small to read."""
    inside = set()
    for one in wall:
        if "data-text" in properties(one):
            inside |= {id(child) for child in elements(one)}
    for one in wall:
        children = getattr(one, "children", None)
        if isinstance(children, str) and children.strip():
            assert id(one) in inside, children


def test_ids_are_unique(wall):
    """The browser finds what it fills by id."""
    ids = [properties(one)["id"] for one in wall if "id" in properties(one)]
    assert len(ids) == len(set(ids))


def test_the_configuration_is_plain_json_and_names_everything_by_slug(profile):
    """It survives the wire and answers for every slug that rows and values can carry."""
    config = build_page_config(profile, GEOMETRY, "ru")
    assert decode(encode(config)) == json.loads(json.dumps(config))
    assert config["names"]["topics"].keys() == {topic.id for topic in profile.topics}
    assert config["areas"].keys() == {area.id for area in profile.areas}
    assert config["kinds"].keys() == {kind.kind for kind in KINDS}
    known = {source.id for source in profile.sources}
    assert all(set(kind["sources"]) <= known for kind in config["kinds"].values())
    assert [level["rank"] for level in config["levels"]] == sorted(level.rank for level in profile.levels)


def test_scenes_are_plain_json_with_tracks_in_css(scenes):
    """The browser puts them into its grid as they are."""
    told = build_scenes_config(scenes, "en")
    assert decode(encode(told)) == json.loads(json.dumps(told))
    overview = told["scenes"]["overview"]
    assert (told["first"], overview["title"]) == ("overview", "Situation")
    assert overview["grid"]["columns"] == ["36rem", "26.7rem", "minmax(0, 1fr)", "60rem"]


def test_the_browser_gets_every_word_it_asks_for(profile):
    """Keys written in assets/js exist in locales/ and travel in the configuration."""
    words = build_page_config(profile, GEOMETRY, "ru")["words"]
    asked = set()
    for path in (ROOT / "assets" / "js").rglob("*.mjs"):
        prefixes = "|".join(re.escape(prefix) for prefix in BROWSER_WORDS)
        asked |= set(re.findall(rf'"((?:{prefixes})[a-z0-9_.-]+)"', path.read_text("utf-8")))
    assert len(asked) > 40
    assert asked <= words.keys(), asked - words.keys()


def test_only_the_bridge_script_and_the_styles_are_injected():
    """A module that is injected and imported too is evaluated twice."""
    ignored = [re.compile(pattern) for pattern in ASSETS_PATH_IGNORE]
    scripts = [
        path.relative_to(ROOT / "assets") for path in (ROOT / "assets").rglob("*") if path.suffix in {".js", ".mjs"}
    ]
    injected = [str(path) for path in scripts if not any(p.search(str(path.parent)) for p in ignored)]
    assert injected == ["bridge.js"]


def test_no_text_is_cut_by_style():
    """An ellipsis hides what somebody came to read."""
    for path in (ROOT / "assets" / "css").glob("*.css"):
        assert "ellipsis" not in path.read_text("utf-8")
