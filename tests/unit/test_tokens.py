"""One token file: what the lint, exports and the browser read is the same, and can be seen in every theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from svodka.profiles.reader import load_profile
from svodka.scenes.colour import contrast
from svodka.scenes.legibility import compare_statuses
from svodka.scenes.room import ESSENTIAL_PX, SECONDARY_PX
from svodka.scenes.tokens import THEMES, load_tokens

CSS = Path(__file__).resolve().parents[2] / "assets" / "css"
MODES = [(theme, low) for theme in THEMES for low in (False, True)]
TEXT = ("text-primary", "text-secondary", "text-quiet", "text-week-ago", "grey-200")
TONES = ("tone-critical", "tone-warning", "tone-notice", "tone-info", "tone-late")
DRAWN = ("mark", "leader", "bar", "bar-unfinished", "line-answered", "line-week-ago", "gauge-good", "gauge-target")
DRAWN += ("muted", "focus")
GROUNDS = ("ground", "surface", "grey-850", "grey-800")  # the wall, a panel, a chip, a button


@pytest.mark.parametrize(("theme", "low"), MODES)
def test_every_text_reaches_its_contrast_on_every_ground(theme, low):
    """WCAG 2.2 AA: 4.5:1; in the low-vision mode 7:1 on what text mostly stands on."""
    tokens = load_tokens(theme, low_vision=low)
    too_low = {
        (name, ground): round(found, 2)
        for name in (*TEXT, *TONES)
        for ground in GROUNDS
        if (found := contrast(tokens.colour(name), tokens.colour(ground)))
        < (7 if low and ground in {"ground", "surface"} else 4.5)
    }
    assert not too_low


@pytest.mark.parametrize(("theme", "low"), MODES)
def test_everything_drawn_reaches_its_contrast(theme, low):
    """WCAG 2.2 AA, 1.4.11: 3:1 for what has to be seen on a panel, on the map and in a gauge."""
    colour = load_tokens(theme, low_vision=low).colour
    pairs = [(name, "surface") for name in (*DRAWN, *TONES)]
    pairs += [(name, "gauge-track") for name in ("gauge-good", "tone-warning", "gauge-target")]
    pairs += [("mark", f"shade-{n}") for n in range(1, 7)]
    pairs += [("mark", f"shade-missed-{n}") for n in range(1, 4)] + [("cluster-edge", "surface")]
    too_low = {pair: found for pair in pairs if (found := contrast(colour(pair[0]), colour(pair[1]))) < 3}
    assert not too_low
    assert contrast(colour("text-primary"), colour("cluster")) >= 4.5
    assert all(contrast(colour(name), colour("map-halo")) >= 7 for name in ("map-label", "map-label-strong"))


@pytest.mark.parametrize(("theme", "low"), MODES)
def test_every_two_signs_side_by_side_are_told_apart_by_everybody(theme, low):
    """By colour where it suffices under three colour deficiencies, else by shape; never by nothing."""
    pairs = compare_statuses(load_tokens(theme, low_vision=low), load_profile("kuzbass").levels)
    assert len(pairs) == 36
    assert [(pair.one.name, pair.other.name) for pair in pairs if pair.told_by == "nothing"] == []


def test_a_theme_says_only_names_that_the_dark_one_knows():
    """A token that one theme invents would be missing in the others."""
    names = load_tokens().values.keys()
    assert all(load_tokens(theme, low_vision=low).values.keys() == names for theme, low in MODES)


def test_the_classes_of_text_have_the_sizes_that_rooms_are_reckoned_with():
    """42 and 21 virtual pixels."""
    tokens = load_tokens()
    assert (tokens.size_px("type-essential"), tokens.size_px("type-secondary")) == (ESSENTIAL_PX, SECONDARY_PX)


def test_no_text_of_a_wall_is_smaller_than_its_smallest_class():
    """Styles may raise a size and never lower it below 21 virtual pixels."""
    sizes = {
        (path.name, float(size))
        for path in CSS.glob("*.css")
        if path.name != "desk.css"
        for size in re.findall(r"font-size: ([\d.]+)rem", path.read_text("utf-8"))
    }
    assert sizes
    assert {one for one in sizes if one[1] * 10 < SECONDARY_PX} == set()


def test_colours_stand_in_the_token_file_alone():
    """A colour anywhere else is the same in every theme, and unreadable in one of them; paper is always white."""
    styles = [path for path in CSS.glob("*.css") if path.name != "tokens.css"]
    scripts = list((CSS.parent / "js").rglob("*.mjs"))
    found = {
        f"{path.name}: {colour}"
        for path in (*styles, *scripts)
        for colour in re.findall(
            r"#[0-9a-fA-F]{3,8}\b|\brgba?\((?!0,0,0,0\))[^)]*\)", path.read_text("utf-8").split("@media print")[0]
        )
    }
    assert found == set()


def test_a_reference_to_nothing_is_refused(tmp_path):
    """A typing error in a token would be an invisible text."""
    path = tmp_path / "tokens.css"
    path.write_text("@layer tokens { :root { --a: var(--b); } }", "utf-8")
    with pytest.raises(LookupError, match="--b is not there"):
        load_tokens(path=path)
