"""`python app.py walls`: what will be shown, and what is wrong with the file."""

from __future__ import annotations

import re

import pytest

import app
from tests.profile_factory import write_profile
from tests.unit.test_director_plan import WALL


@pytest.fixture
def home(tmp_path, monkeypatch):
    region = write_profile(tmp_path / "region")
    (region / "walls.toml").write_text(WALL, encoding="utf-8")
    clock = tmp_path / "clock"
    clock.write_text("2026-11-22T12:00:00+00:00", encoding="ascii")
    for name, value in (("HOME", tmp_path / "home"), ("PROFILE", region), ("CLOCK", f"file:{clock}")):
        monkeypatch.setenv(f"SVODKA_{name}", str(value))
    return region


def test_the_next_hours_are_printed_from_where_the_wall_stands(home, capsys):
    """Of one wall, in the region's time; a wall that does not exist is one sentence."""
    twin = 'scenes = ["overview"]\nseconds = 60\n[[playlist.step]]\nscenes = ["twin", "overview"]\nseconds = 3540'
    text = WALL.replace('scenes = ["overview"]\nseconds = 60', twin)
    (home / "walls.toml").write_text(text, encoding="utf-8")
    (home / "scenes" / "twin.toml").write_bytes((home / "scenes" / "overview.toml").read_bytes())
    assert app.main(["walls", "preview", "--hours", "2"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("main: Стена, 2 screens")
    shown = [re.split(r" {2,}", line.replace(" s  ", "  ", 1)) for line in lines]
    assert [(words[0], words[1], words[-1]) for words in shown] == [
        ("23.11 00:00:00 - 00:01:00", "60", "overview | overview"),
        ("23.11 00:01:00 - 01:00:00", "3540", "twin | overview"),
        ("23.11 01:00:00 - 01:01:00", "60", "overview | overview"),
        ("23.11 01:01:00 - 02:00:00", "3540", "twin | overview"),
    ]
    assert app.main(["walls", "preview", "--wall", "other"]) == 2
    assert "Known walls are main" in capsys.readouterr().err


def test_scenes_that_do_not_exist_are_named(home, capsys):
    """Patterns need a scene that takes what they stand for."""
    assert app.main(["walls", "check"]) == 0
    text = WALL.replace('["overview"]', '["overview", "gone", "overview:*"]')
    (home / "walls.toml").write_text(text, encoding="utf-8")
    assert app.main(["walls", "check"]) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "playlist day: step 1: there is no scene gone",
        "playlist day: step 1: there is no scene overview:*",
    ]
