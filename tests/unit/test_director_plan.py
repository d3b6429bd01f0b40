"""`walls.toml`: what it says, and one sentence for everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.directing import KnownScenes, find_faults
from svodka.director.plan import stretch
from svodka.director.reader import load_plan
from svodka.profiles.errors import ProfileError
from svodka.profiles.reader import PROFILES, known_profiles, load_profile
from svodka.scenes.book import SceneBook, scene_folders
from tests.profile_factory import write_profile

WALL = """
[provenance]
source = "invented for tests"
date = "2026-11-22"
[[wall]]
id = "main"
name = "Стена"
name_en = "Wall"
playlist = "day"
screens = 2
[[playlist]]
id = "day"
name = "День"
name_en = "Day"
[[playlist.step]]
scenes = ["overview"]
seconds = 60
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return load_profile(str(write_profile(tmp_path_factory.mktemp("region") / "region")))


def _load(profile, folder: Path, text: str):
    path = folder / "walls.toml"
    path.write_text(text, encoding="utf-8")
    return load_plan(profile, str(path))


def test_a_region_without_a_file_has_one_wall_with_one_scene(profile):
    plan = load_plan(profile)
    assert [(wall.id, wall.screens_n, wall.home) for wall in plan.walls.values()] == [("main", 1, "overview")]


@pytest.mark.parametrize("name", known_profiles())
def test_every_profiles_file_can_be_used(name):
    """Levels, playlists, times and scenes of the files that we ship."""
    profile = load_profile(name)
    plan = load_plan(profile)
    assert "main" in plan.walls
    book = SceneBook(profile, scene_folders(profile, Path("nowhere")))
    assert list(find_faults(plan, KnownScenes(book))) == []
    assert (PROFILES / name / "walls.toml").exists() or not plan.walls["main"].takeovers


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[wall]]", "[[wall", "cannot be read"),
        ('[provenance]\nsource = "invented for tests"\ndate = "2026-11-22"', "", "provenance"),
        ("screens = 2", "screns = 2", "screns"),
        ("screens = 2", "screens = 17", "screens must be 1 to 16"),
        ("screens = 2", "screens = 2\nmin_dwell_s = 61", "playlist day: a step is shorter than min_dwell_s of main"),
        ('playlist = "day"', 'playlist = "night"', "wall main: there is no playlist night"),
        ("seconds = 60", "seconds = 0", "playlist day: step 1: seconds must be 1 to 86400"),
        ('scenes = ["overview"]', "scenes = []", "playlist day: step 1: scenes is empty"),
        ('["overview"]', '["Обзор"]', "playlist day: step 1: 'Обзор' names no scene"),
        ('["overview"]', '["area:worst-0"]', "'area:worst-0' names no scene"),
        ("seconds = 60", 'seconds = 60\nwhen = { incidents_of_level = "red" }', "no level red; known are grave, mild"),
        ("seconds = 60", "seconds = 60\nwhen = { raining = true }", "raining"),
        ("[[playlist]]", '[[wall.rule]]\nfrom = "25:00"\nplaylist = "day"\n[[playlist]]', "'25:00' is no time of day"),
        ("[[playlist]]", '[[wall.rule]]\ndays = ["sonntag"]\nplaylist = "day"\n[[playlist]]', "sonntag is none of mon"),
        ("[[playlist]]", "[[wall.dim]]\npercent = 90\n[[playlist]]", "percent must be 0 to 80"),
        ("[[playlist]]", '[[wall.theme]]\ntheme = "pink"\n[[playlist]]', "pink"),
        (
            "[[playlist]]",
            '[[wall.takeover]]\nlevel = "grave"\nscene = "overview"\nscreens = [3]\n[[playlist]]',
            "takeover: there is no such screen",
        ),
        ('id = "day"', 'id = "The day"', "playlist 'The day': an id is"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_place(profile, tmp_path, old, new, said):
    assert old in WALL
    with pytest.raises(ProfileError) as wrong:
        _load(profile, tmp_path, WALL.replace(old, new, 1))
    assert said in str(wrong.value)
    assert "walls.toml" in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_file_that_is_named_and_not_there_is_said(profile, tmp_path):
    with pytest.raises(ProfileError, match=r"nowhere\.toml cannot be read"):
        load_plan(profile, str(tmp_path / "nowhere.toml"))


def test_on_a_quick_clock_scenes_stay_their_real_seconds(profile, tmp_path):
    """Sixty times as fast: a minute of people is an hour of the product."""
    plan = stretch(_load(profile, tmp_path, WALL), 60)
    assert plan.playlists["day"].steps[0].length_ms == 60 * 60 * 1000
    assert plan.walls["main"].dwell_ms == 60 * 10 * 1000
    assert stretch(plan, 1.0) is plan
