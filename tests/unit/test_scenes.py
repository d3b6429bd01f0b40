"""Scene files: what they say, what is wrong with them, and that a bad one takes nothing away."""

from __future__ import annotations

import os

import pytest

from svodka.domain.errors import StartError
from svodka.profiles.reader import load_profile
from svodka.scenes.book import SceneBook, open_scenes, scene_folders
from svodka.scenes.model import SceneRef, parse_ref
from svodka.scenes.placing import SCREEN, lay_panels, lay_tracks

GRID = '[grid]\ncolumns = [64, "1fr"]\nrows = [40, "1fr"]\n'
FLOW = '[[panel]]\nkind = "flow"\nat = [1, 1]\n'
GOOD = f'title = "Проба"\n{GRID}{FLOW}'


@pytest.fixture(scope="module")
def profile():
    return load_profile("kuzbass")


@pytest.fixture
def book_of(profile, tmp_path):
    """A book of one scene file with that text."""

    def make(text: str, name: str = "trial.toml") -> SceneBook:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return SceneBook(profile, [tmp_path])

    return make


def save(path, text):
    """Write a file whose time of change is another, however coarse the file system's clock."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_every_shipped_scene_can_be_shown(profile, tmp_path):
    """The profile's files have no fault, and the overview is the first."""
    book = SceneBook(profile, scene_folders(profile, tmp_path))
    assert book.faults == ()
    assert book.first == "overview"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("title = x\n", 1, "not TOML"),
        (f'title = "x"\n{GRID}', 0, "needs panels"),
        (f'title = "x"\ncolour = "red"\n{GRID}{FLOW}', 2, "unknown key colour"),
        (f"{GRID}{FLOW}", 0, "title"),
        (f'title = "x"\n{FLOW}', 0, "grid"),
        (GOOD.replace("[1, 1]", "[0, 1]"), 5, "at"),
        (GOOD.replace("40,", '"40px",'), 0, "rows"),
        (GOOD.replace('"flow"', '"flood"'), 5, "there is no such kind of panel"),
        (f'{GOOD}sector = "nowhere"\n', 5, "sector"),
        (f"{GOOD}period = 7\n", 5, "must be a word in quotes"),
        (f'{GOOD}colour = "red"\n', 5, "colour is no parameter of this kind"),
        (GOOD.replace("at = [1, 1]", ""), 5, "stands nowhere"),
        (GOOD.replace("[1, 1]", "[3, 1]"), 5, "outside of the grid, which has 2 columns and 2 rows"),
        (f"{GOOD}{FLOW}", 8, "overlaps flow"),
        (GOOD.replace("[64,", "[20,"), 5, "too small: 20.0 x 40.0"),
        (
            GOOD.replace("flow", "feed") + '[[panel]]\nkind = "incidents"\nat = [1, 2]\narea = "kemerovo"\n',
            8,
            "another area or sector than feed",
        ),
        (GOOD + "".join(f'[[panel]]\nkind = "map"\nat = [{n}, 2]\n' for n in (1, 2)), 0, "map: 2 panels of this kind"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_do(book_of, text, line, said):
    """Each kind of fault."""
    (fault,) = book_of(text).faults
    assert said in fault.text
    assert fault.line == line


def test_a_name_that_is_no_slug_is_refused(book_of):
    """It could not stand in an address."""
    (fault,) = book_of(GOOD, "Моя сцена.toml").faults
    assert "rename it" in fault.text


def test_a_bad_file_leaves_the_last_good_one(book_of, tmp_path):
    """What is on the wall stays, the fault is told, and mending it ends both."""
    book = book_of(GOOD)
    version = book.version
    save(tmp_path / "trial.toml", GOOD + "oops")
    assert not book.refresh()
    assert book.version == version
    assert len(book.faults) == 1
    assert book.scenes["trial"].title == "Проба"
    save(tmp_path / "trial.toml", GOOD.replace("Проба", "Другая"))
    assert book.refresh()
    assert (book.scenes["trial"].title, book.faults) == ("Другая", ())
    (tmp_path / "trial.toml").unlink()
    assert book.refresh()
    assert "trial" not in book.scenes


def test_ones_own_scene_replaces_the_shipped_one_only_while_it_is_good(profile, tmp_path):
    """An operator's mistake gives the shipped scene back."""
    save(tmp_path / "overview.toml", GOOD)
    book = SceneBook(profile, scene_folders(profile, tmp_path))
    assert book.scenes["overview"].title == "Проба"
    (tmp_path / "overview.toml").write_text("broken", encoding="utf-8")
    shipped = SceneBook(profile, scene_folders(profile, tmp_path))
    assert shipped.scenes["overview"].title != "Проба"
    assert len(shipped.faults) == 1


def test_without_any_scene_nothing_starts(profile, tmp_path, monkeypatch):
    """The sentence names the folders."""
    monkeypatch.setattr("svodka.scenes.book.SCENES_FOLDER", "nothing-here")
    with pytest.raises(StartError, match="nothing-here"):
        open_scenes(profile, tmp_path)


def test_a_reference_is_a_scene_and_what_it_takes():
    """Text to reference and back."""
    assert parse_ref("overview") == SceneRef("overview")
    assert parse_ref("sector:housing") == SceneRef("sector", "housing")
    assert str(SceneRef("sector", "housing")) == "sector:housing"
    assert [parse_ref(text) for text in ("", "Overview", "a:b:c", "a:")] == [None] * 4


def test_an_unknown_reference_is_the_first_scene(book_of, profile):
    """A wall that is asked for what is not there shows something true."""
    book = book_of(GOOD.replace('title = "Проба"', 'title = "Проба"\ntakes = "sector"'))
    first = SceneRef("trial", profile.sectors[0].id)
    assert [book.find(text) for text in (None, "nowhere", "trial", "trial:nowhere")] == [first] * 4
    assert book.find(f"trial:{profile.sectors[1].id}") == SceneRef("trial", profile.sectors[1].id)


def test_the_pool_holds_what_one_scene_needs_at_most(book_of, tmp_path):
    """Two of a kind in one scene, one in another."""
    (tmp_path / "two.toml").write_text(GOOD + FLOW.replace("[1, 1]", "[2, 2]"), encoding="utf-8")
    assert book_of(GOOD).pool() == {"flow": 2}


def test_tracks_share_what_the_fixed_ones_leave():
    """In proportion, between the gaps."""
    assert lay_tracks((10.0, "1fr", "3fr"), 52.6) == [
        (0.0, 10.0),
        (11.3, pytest.approx(10.0)),
        (pytest.approx(22.6), 30),
    ]


def test_panels_fill_the_screen_between_its_margins(profile, tmp_path):
    """The overview reaches from edge to edge."""
    laid = lay_panels(SceneBook(profile, scene_folders(profile, tmp_path)).scenes["overview"])
    assert min(box.x for _, box in laid) == 2.0
    assert max(box.x + box.width for _, box in laid) == pytest.approx(SCREEN[0] - 2)
    assert max(box.y + box.height for _, box in laid) == pytest.approx(SCREEN[1] - 1.6)
