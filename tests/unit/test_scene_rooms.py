"""What the lint says about rooms and signs."""

from __future__ import annotations

import msgspec

from commands.scene_rooms import compare_signs, describe_room, describe_scenes, find_faults_in
from svodka.profiles.reader import PROFILES, load_profile
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.room import load_room

ROOM = load_room(PROFILES / "kuzbass" / "rooms" / "default.toml")
LEVELS = load_profile("kuzbass").levels


def test_a_room_is_described_by_what_can_be_read_in_it():
    """Size of a scene, and both classes with their seats."""
    said = list(describe_room("default", ROOM))
    assert said[0] == "default: Hall 2×2, a scene of 1909 x 1074 virtual pixels"
    assert said[2] == "  essential    8 m   37.3 mm  16.0' (>= 16)  12.1' (>= 10, AVIXA)"
    assert list(find_faults_in("default", ROOM, [], {})) == []
    forced = msgspec.structs.replace(ROOM, virtual_height=1080)
    assert [line.split(":")[0] for line in find_faults_in("default", forced, [], {})] == ["default", "default"]


def test_two_signs_of_one_colour_and_shape_are_a_fault_in_every_mode():
    """The table has a line for each pair of each of six modes."""
    table, faults = compare_signs(LEVELS)
    assert faults == []
    assert len(table) == 2 + 6 * (1 + 36)
    twin = msgspec.structs.replace(LEVELS[1], id="twin")
    _, faults = compare_signs([*LEVELS, twin])
    assert len(faults) == 6
    assert faults[0] == f"dark: {LEVELS[1].id} ({twin.shape}), twin ({twin.shape}) look alike"


def test_every_shipped_scene_fits_into_every_shipped_room():
    """No panel gets too small, none with text lies across a seam; the table says so for each pair."""
    profile = load_profile("kuzbass")
    book = SceneBook(profile, scene_folders(profile, PROFILES / "none"))
    rooms = {path.stem: load_room(path) for path in sorted((PROFILES / "kuzbass" / "rooms").glob("*.toml"))}
    faults = [
        said for name, room in rooms.items() for said in find_faults_in(name, room, book.scenes.values(), book.kinds)
    ]
    assert faults == []
    _, *lines = describe_scenes(rooms, book.scenes.values(), book.kinds)
    assert [line.split()[0] for line in lines] == list(book.scenes)
    assert all(line.count("fits") == len(rooms) for line in lines)
