"""The duty officer's guide calls things what the wall calls them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from svodka.i18n.catalogue import load_catalogue

DOCS = Path(__file__).resolve().parents[2] / "docs"
TITLE = re.compile(r"panel\..*\.title")
STATES = ("connection.live", "connection.lost", "connection.syncing", "state.empty", "state.no_sources", "header.demo")


@pytest.mark.parametrize("name", ["guide.md", "guide.ru.md"])
def test_every_panel_has_a_row_under_the_title_it_has_on_the_wall(name):
    """The first column of the table of panels is the titles, all of them and no others."""
    titles = {text for key, text in load_catalogue("ru").words.items() if TITLE.fullmatch(key)}
    page = (DOCS / name).read_text(encoding="utf-8")
    table = page.split("## ")[2]
    assert set(re.findall(r"^\| ([^|]+?) \|", table, flags=re.MULTILINE)[1:]) - {"---"} == titles


@pytest.mark.parametrize("name", ["guide.md", "guide.ru.md"])
@pytest.mark.parametrize("key", STATES)
def test_the_states_are_quoted_as_the_wall_words_them(name, key):
    """A word in the guide that the wall never shows helps nobody."""
    assert f"«{load_catalogue('ru').word(key)}»" in (DOCS / name).read_text(encoding="utf-8")
