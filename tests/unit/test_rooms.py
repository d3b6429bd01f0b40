"""Rooms: what a tape measure says decides how large a virtual pixel is, and what can be read."""

from __future__ import annotations

import msgspec
import pytest

from svodka.domain.errors import StartError
from svodka.profiles.errors import ProfileError
from svodka.profiles.reader import PROFILES
from svodka.scenes.kinds import KINDS as EVERY_KIND
from svodka.scenes.legibility import find_room_faults, find_unreadable, measure_classes
from svodka.scenes.model import Grid, Scene, ScenePanel
from svodka.scenes.room import arcmin_of, find_room, letter_heights, load_room, open_room

FOLDER = PROFILES / "kuzbass"
KINDS = {kind.kind: kind for kind in EVERY_KIND}
NAMES = sorted(path.stem for path in (FOLDER / "rooms").glob("*.toml"))


def room(name="default", **changes):
    return msgspec.structs.replace(load_room(FOLDER / "rooms" / f"{name}.toml"), **changes)


def test_heights_of_letters_are_those_of_the_font():
    """Golos Text: capitals 0.7 of its size, lower-case letters 0.53 (its OS/2 table says 700 and 530)."""
    assert letter_heights() == (0.7, 0.53)


def test_minutes_of_arc_are_those_of_the_rule():
    """37 mm from 8 m are 16 minutes of arc."""
    assert arcmin_of(37.2, 8) == pytest.approx(16, abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_every_room_of_the_profile_can_be_read_from_its_farthest_seat(name):
    """Both classes reach 16 minutes of arc, and lower-case letters 10; no scene is higher than it was drawn for."""
    found = room(name)
    assert find_unreadable(found) == []
    assert all(heights.capital_arcmin >= 16 and heights.lower_case_arcmin >= 10 for heights in measure_classes(found))
    assert found.height <= 1080


def test_a_farther_seat_makes_a_scene_smaller_and_never_its_text():
    """The same wall seen from 12 m: a third fewer virtual pixels, capitals still of 16 minutes of arc."""
    far = room(farthest_seat_m=12.0)
    assert far.height == pytest.approx(room().height * 8 / 12, abs=1)
    assert measure_classes(far)[0].capital_arcmin == pytest.approx(16, abs=0.1)


def test_a_scene_that_is_forced_to_be_too_large_is_a_fault():
    """Who writes virtual_height down is told when nobody in the last row can read it."""
    (said,) = find_unreadable(room(virtual_height=1200, first_row_m=3.0))
    assert said.startswith("essential text is too small: capitals of 14.3 minutes of arc from 8 m")
    assert "1074 or less" in said


def test_a_far_first_row_counts_too():
    """Secondary text is read from the first row."""
    assert room(first_row_m=8.0).height == pytest.approx(room().height / 2, abs=1)


def scene(columns, rows, *panels):
    placed = tuple(ScenePanel(kind=kind, at=at, span=span) for kind, at, span in panels)
    return Scene(id="test", title="", grid=Grid(columns=columns, rows=rows), panels=placed)


def test_a_panel_across_a_seam_is_a_fault_and_one_beside_it_is_not():
    """Seams of four displays cross in the middle; a map keeps its labels off them by itself."""
    found = room()
    (x,), (y,) = found.bezels.x, found.bezels.y
    assert (x, y) == (pytest.approx(found.width / 2, abs=0.01), found.height / 2)
    quarters = scene(("1fr", "1fr"), (43, "1fr"), ("feed", (1, 1), (1, 1)), ("flow", (2, 2), (1, 1)))
    assert find_room_faults(quarters, found, KINDS) == []
    above = scene(("1fr", "1fr"), (50, "1fr"), ("feed", (1, 1), (1, 1)), ("flow", (2, 2), (1, 1)))
    (said,) = find_room_faults(above, found, KINDS)
    assert (
        said
        == "feed lies across the level seam at 53.7 (from 10.2 to 60.2 scene units); let a gap of the grid lie there"
    )
    assert find_room_faults(above, room("small"), KINDS) == []
    assert find_room_faults(scene(("1fr",), ("1fr",), ("map", (1, 1), (1, 1))), found, KINDS) == []


def test_a_panel_that_a_far_room_leaves_no_place_is_a_fault():
    """What fits from 8 m does not from 12 m on the same glass."""
    halves = scene(("1fr", "1fr"), (43, "1fr"), ("feed", (1, 1), (1, 1)), ("flow", (2, 2), (1, 1)))
    (said,) = find_room_faults(halves, room(farthest_seat_m=12.0, displays=(1, 1)), KINDS)
    assert said.startswith("flow gets 61.0 x 15.5 scene units")


def test_a_bad_room_file_is_one_sentence(tmp_path):
    """The message names file and key, and the rooms there are."""
    path = tmp_path / "hall.toml"
    path.write_text((FOLDER / "rooms" / "default.toml").read_text().replace("0.63", "-1"), "utf-8")
    with pytest.raises(ProfileError, match=r"hall.toml cannot be used: .*pixel_pitch_mm"):
        load_room(path)
    path.write_text((FOLDER / "rooms" / "default.toml").read_text().replace("first_row_m = 4.0", "first_row_m = 9.0"))
    with pytest.raises(ProfileError, match="first_row_m is farther away"):
        load_room(path)
    with pytest.raises(ProfileError, match="the profile's are: default, large, small"):
        find_room("nowhere", FOLDER)
    assert find_room("small", FOLDER) == FOLDER / "rooms" / "small.toml"


def test_a_wall_stands_in_the_profiles_default_room_unless_another_is_named(tmp_path):
    """A profile without rooms has none; a named one that is not there stops the start with its sentence."""
    assert open_room("", FOLDER) == room()
    assert open_room("", FOLDER).style == "--room-width:190.933;--room-height:107.4"
    assert open_room("", tmp_path) is None
    with pytest.raises(StartError, match="There is no room 'attic'"):
        open_room("attic", FOLDER)
