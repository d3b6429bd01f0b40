"""A pack of the real product: the numbers in its files are those of the scenes that a real browser shows."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping

import pytest

from bench.pack import ID, make_pack, store_present
from svodka.reports.pack import verify_pack
from svodka.storage.database import open_database
from tests.e2e.product import Product
from tests.e2e.screen import Screen
from tests.office import read_sheet, read_slides, read_tables

PANELS_JS = """() => [...document.querySelectorAll("[data-panel]:not([hidden]) [data-kpi]")]
  .filter((number) => number.dataset.value !== undefined && number.checkVisibility({visibilityProperty: true}))
  .map(({dataset}) => [dataset.kpi, dataset.value === "" ? null : Number(dataset.value)])"""
FORMATS = ("pptx", "docx", "xlsx")


def open_pack(pack: bytes) -> dict[str, bytes]:
    """Return the files of a pack by their endings, without the manifest."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        names = [name for name in archive.namelist() if name.endswith(FORMATS)]
        return {name.rsplit(".", 1)[-1]: archive.read(name) for name in names}


@pytest.fixture(scope="module")
def made(tmp_path_factory, browser):
    """Two packs of all six scenes, the second without slides, and the wall's numbers of that moment by scene."""
    product = Product(tmp_path_factory.mktemp("pack"))
    screen = Screen(browser, product.url)
    try:
        product.start().wait_healthy()
        screen.open("/wall?scene=overview")
        screen.wait_fresh()
        database = open_database(f"sqlite:///{product.home}/svodka.sqlite3")
        refs = store_present(database, product, 6)
        packs = [make_pack(database, product, formats)[0] for formats in (FORMATS, FORMATS[1:])]
        database.close()
        shown: dict[str, dict[str, float | None]] = {}
        for ref in refs:
            screen.open(f"/wall?briefing={ID}&scene={ref}")
            screen.wait_until(lambda: screen.view().ready, 30, "the stored moment")
            numbers = {(kpi, number) for kpi, number in screen.page.evaluate(PANELS_JS)}
            shown[ref] = dict(numbers)
            assert len(shown[ref]) == len(numbers), "a number of the wall has two values"
    finally:
        screen.close()
        product.close()
    return packs, shown


@pytest.fixture(scope="module")
def files(made):
    """The files of the pack by their endings."""
    return open_pack(made[0][0])


@pytest.fixture(scope="module")
def rows(files):
    """The sheet of numbers: a row for each, by its heads."""
    head, *told = read_sheet(files["xlsx"], "Числа")
    return [dict(zip(head, row, strict=False)) for row in told]


def by_scene(rows, key: str, value: str) -> Mapping[str, dict]:
    found: dict[str, dict] = defaultdict(dict)
    for row in rows:
        told = row.get(value)
        assert found[row["Код сцены"]].setdefault(row[key], told) == told, f"{row} has two values"
    return found


def test_two_packs_of_one_moment_hold_the_same_bytes(made, files):
    """Of the files without pictures; `bench.pack` compares those with them."""
    again = open_pack(made[0][1])
    assert again == {ending: files[ending] for ending in again}
    assert again.keys() == {"docx", "xlsx"}
    assert all(verify_pack(pack).is_whole for pack in made[0])


def test_every_number_of_every_scene_stands_in_the_sheet(made, rows):
    """What the pages of the stored moment hold, by its id: the sheet says the same value."""
    told = by_scene(rows, "Идентификатор", "Значение")
    for ref, numbers in made[1].items():
        assert (ref, numbers.keys() - told[ref].keys()) == (ref, set())
        exactly = {
            kpi: n if n is None else pytest.approx(n, rel=1e-15) for kpi, n in numbers.items()
        }  # as Excel keeps it
        wrong = {kpi: (n, told[ref][kpi]) for kpi, n in exactly.items() if told[ref][kpi] != n}
        assert (ref, wrong) == (ref, {})
    assert len(made[1]) == 6
    assert sum(len(numbers) for numbers in made[1].values()) > 700


def test_slides_say_the_texts_of_the_sheet(made, rows, files):
    """By the ids of the shapes: the slides of a scene follow the one that names it."""
    texts = by_scene(rows, "Идентификатор", "Как на стене")
    refs, ref, compared_n = iter(made[1]), "", 0
    for slide in read_slides(files["pptx"]):
        ref = next(refs) if slide.texts["label"] == ["Сцена"] else ref
        said = {kpi: words[0] for kpi, words in slide.texts.items() if kpi in texts[ref]}
        assert (ref, said) == (ref, {kpi: texts[ref][kpi] for kpi in said})
        compared_n += len(said)
    assert compared_n > 10


def test_the_memo_says_the_texts_of_the_sheet(rows, files):
    """Single numbers by their names, cells of tables by the names of row and column."""
    figures, cells = read_memo(files["docx"])
    named = {(row["Показатель"], row["Как на стене"]) for row in rows}
    names = {name for name, _ in named}
    assert set(figures) <= named
    in_both = [(name, text) for name, text in cells if name in names]
    assert set(in_both) <= named
    assert len(figures) > 15
    assert len(in_both) > 300


def test_tables_of_slides_and_memo_are_the_same(files):
    on_slides: dict[str, list[list[str]]] = {}
    for slide in read_slides(files["pptx"]):
        for name, rows in slide.tables.items():
            on_slides.setdefault(name.removeprefix("table:").rsplit(":", 1)[0], rows[:1]).extend(rows[1:])
    in_memo = read_tables(files["docx"])
    both = (on_slides.keys() & in_memo.keys()) - {"sources"}  # whose ages in the memo are instants on the slide
    assert len(both) > 5
    for name in both:
        assert (name, on_slides[name][: len(in_memo[name])]) == (name, in_memo[name])


def read_memo(docx: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the single numbers of a memo and the cells of its tables, each with its name."""
    tables = read_tables(docx)
    figures = [(label, text) for label, text, *_ in tables.pop("figures")[1:]]
    cells = []
    for head, *lines in tables.values():
        of = 1 if head[0] == "Место" else 0
        cells += [(f"{line[of]}: {column}", text) for line in lines for column, text in zip(head, line, strict=True)]
    return figures, cells
