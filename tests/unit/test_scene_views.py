"""What a scene asks of the server, and that browser and server name its values alike."""

from __future__ import annotations

import subprocess

import msgspec
import pytest

from layouts.page_config import build_kinds_config, build_scenes_config
from svodka.domain.codec import decode, encode
from svodka.profiles.reader import load_profile
from svodka.readmodels.keys import parse_key
from svodka.readmodels.registry import find_model
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.kinds import KINDS
from svodka.scenes.model import SceneRef
from svodka.scenes.views import SceneViews, view_of
from tests.node import ROOT, node_command

_KEYS_JS = """
import {{ findScene, keyText, layScene, parseRef }} from "{root}/assets/js/scene.mjs";
const {{ kinds, scenes, refs }} = JSON.parse(await new Response(process.stdin).text());
const besideOf = (kind, params) => Object.entries(kinds[kind].beside)
  .map(([stem, takes]) => keyText(stem, takes, params));
const laidOn = (ref, isWide) =>
  layScene(findScene(scenes, ref).scene, parseRef(ref).argument, kinds, {{ isWide }}).placed;
const laid = (ref) => [...laidOn(ref, false), ...laidOn(ref, true)];
const keysOf = (ref) => laid(ref).flatMap(({{ kind, key, params }}) => [key, ...besideOf(kind, params)]);
console.log(JSON.stringify(Object.fromEntries(refs.map((ref) => [ref, keysOf(ref)]))));
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    profile = load_profile("kuzbass")
    return SceneBook(profile, scene_folders(profile, tmp_path_factory.mktemp("own")))


def all_references(book):
    for scene in book.scenes.values():
        for argument in book.arguments(scene) or (None,):
            yield str(SceneRef(scene.id, argument))


def test_a_kind_takes_nothing_that_its_value_does_not_know():
    """Else a panel would say that it shows a sector and show the region."""
    for kind in KINDS:
        assert set(kind.takes) - set(kind.apart) <= find_model(kind.stem).takes, kind.kind
        assert set(kind.apart).isdisjoint(find_model(kind.stem).takes), kind.kind
        for stem, takes in kind.beside.items():
            assert set(takes) == find_model(stem).takes.intersection(kind.takes), kind.kind
        assert kind.rests_on == find_model(kind.stem).rests_on, kind.kind


def test_browser_and_server_name_the_values_of_every_scene_alike(book):
    """Every key that a page looks for stands in the view of its scene, which holds no others but the usual ones."""
    refs = list(all_references(book))
    told = {"kinds": build_kinds_config(book.profile), "scenes": build_scenes_config(book, "ru"), "refs": refs}
    done = subprocess.run(
        [*node_command(), "--input-type=module", "-e", _KEYS_JS.format(root=ROOT)],
        input=encode(told),
        capture_output=True,
        timeout=60,
        check=True,
    )
    usual = {"sources", "open"}
    sometimes = {stem for kind in KINDS for stem in kind.only_if}
    for ref, keys in decode(done.stdout).items():
        held, looked_for = {str(key) for key in SceneViews(book).known_view(ref).keys}, set(keys) | usual
        assert held <= looked_for, ref
        assert {parse_key(key).stem for key in looked_for - held} <= sometimes, ref


def test_only_a_map_that_shows_clusters_or_density_is_told_of_cells(book):
    """They are four kilobytes, again and again, that no other map looks at."""
    scene, kinds = book.scenes["overview"], {kind.kind: kind for kind in KINDS}
    for marks, is_told in (("fresh", False), ("clusters", True), ("heat", True), ("none", False)):
        panels = tuple(
            msgspec.structs.replace(panel, params={"marks": marks, "period": "week"} if panel.kind == "map" else {})
            for panel in scene.panels
        )
        keys = view_of(msgspec.structs.replace(scene, panels=panels), None, kinds).keys
        assert ("clusters@period=week" in {str(key) for key in keys}) is is_told, marks


def test_what_a_wall_is_told_is_part_of_its_view_alone(book):
    """Two walls that show one scene differ in that; a picture has none."""
    views = SceneViews(book)
    main, hall, none = (views.view("overview", wall) for wall in ("main", "hall", None))
    assert {str(key) for key in main.keys - none.keys} == {"stage@wall=main"}
    assert len({main.mark, hall.mark, none.mark}) == 3
    assert views.view("overview", "main") is main


def test_a_reference_that_cannot_be_shown_has_no_view(book):
    """Who asks for a picture of it is told so; a wall gets the first scene."""
    with pytest.raises(KeyError):
        SceneViews(book).known_view("nowhere")
    assert SceneViews(book).view("nowhere").scene == book.first
