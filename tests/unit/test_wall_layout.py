"""The page before any data: panel contract, configuration, classes of text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from layouts import ASSETS_PATH_IGNORE, PAGES
from layouts.ids import PANELS
from layouts.page_config import BROWSER_WORDS, build_page_config
from svodka.domain.codec import decode, encode
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import load_profile

ROOT = Path(__file__).resolve().parents[2]
WORDS = load_catalogue("ru")
GEOMETRY = SimpleNamespace(kind="schematic", attribution=("©",), label_points={}, bounds=(84.0, 52.0, 90.0, 57.0))


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
def wall(profile):
    return list(elements(PAGES[0].layout(profile, WORDS)))


def properties(component):
    return component.to_plotly_json()["props"]


def test_every_panel_is_there_from_the_start_and_says_that_it_loads(wall):
    """The contract's attributes stand on the outer element of each of the ten panels."""
    found = {properties(one)["data-panel"]: properties(one) for one in wall if "data-panel" in properties(one)}
    assert found.keys() == {panel.id for panel in PANELS}
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
    assert [panel["id"] for panel in config["panels"]] == [panel.id for panel in PANELS]
    known = {source.id for source in profile.sources}
    assert all(set(panel["sources"]) <= known for panel in config["panels"])
    assert [level["rank"] for level in config["levels"]] == sorted(level.rank for level in profile.levels)


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
