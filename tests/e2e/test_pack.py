"""A pack of the real product: the numbers in its files are those of the scene that a real browser shows."""

from __future__ import annotations

import io
import zipfile

from playwright.sync_api import sync_playwright

from bench.pack import ID, make_pack, store_present
from svodka.reports.pack import verify_pack
from svodka.storage.database import open_database
from tests.e2e.product import Product
from tests.e2e.screen import Screen, launch_browser
from tests.office import read_sheet, read_slides, read_tables

PANELS_JS = """() => [...document.querySelectorAll("[data-panel]")].map((panel) => [
  panel.dataset.panel,
  Object.fromEntries([...panel.querySelectorAll("[data-kpi]")].filter((el) => el.dataset.value !== undefined)
    .map((el) => [el.dataset.kpi, el.dataset.value === "" ? null : Number(el.dataset.value)])),
])"""
FORMATS = ("pptx", "docx", "xlsx")


def test_the_numbers_of_slides_memo_and_sheet_are_those_of_the_scene(tmp_path):
    """Every number that the page of the stored moment holds stands in the sheet; slides and memo say the same texts."""
    product = Product(tmp_path)
    try:
        product.start().wait_healthy()
        database = open_database(f"sqlite:///{product.home}/svodka.sqlite3")
        (ref,) = store_present(database, product, 1)
        pack, _ = make_pack(database, product, FORMATS)
        again, _ = make_pack(database, product, FORMATS)
        database.close()
        with sync_playwright() as playwright:
            browser = launch_browser(playwright)
            screen = Screen(browser, product.url)
            screen.open(f"/wall?briefing={ID}&scene={ref}")
            screen.wait_until(lambda: screen.view().ready, 30, "the stored moment")
            shown = dict(screen.page.evaluate(PANELS_JS))
            browser.close()
    finally:
        product.close()
    assert pack == again
    assert verify_pack(pack).is_whole
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        files = {name.rsplit(".", 1)[-1]: archive.read(name) for name in archive.namelist()}
    rows = read_sheet(files["xlsx"], "Числа")
    id_, value, text, name = (
        rows[0].index(word) for word in ("Идентификатор", "Значение", "Как на стене", "Показатель")
    )
    told = {row[id_]: row[value] for row in rows[1:]}
    numbers = {kpi: number for panel in shown.values() for kpi, number in panel.items()}
    assert len(numbers) > 100
    wrong = {kpi: (number, told.get(kpi)) for kpi, number in numbers.items() if told.get(kpi, "missing") != number}
    assert not wrong
    texts = {row[id_]: row[text] for row in rows[1:]}
    slides = {
        kpi: words[0] for slide in read_slides(files["pptx"]) for kpi, words in slide.texts.items() if kpi in texts
    }
    assert {"in_time", "open_now", "overdue_now"} <= slides.keys()
    assert slides == {kpi: texts[kpi] for kpi in slides}
    memo = {row[0]: row[1] for row in read_tables(files["docx"])["figures"][1:]}
    labels = {row[name]: row[text] for row in rows[1:]}
    assert memo == {label: labels[label] for label in memo}
