"""The inspection finds what it is there to find, and nothing on a good page."""

from __future__ import annotations

import pytest

from svodka.scenes.room import Bezels
from tests.e2e.inspect import inspect_page

GOOD = """<style>body{{margin:0;font:42px sans-serif}}
.sr-only{{position:absolute;width:1px;height:1px;overflow:hidden}}
[data-panel]{{position:absolute;left:100px;top:100px;width:600px;height:300px}}</style>
<div data-panel="a" data-text="essential"><div>Обращения</div>
<table class="sr-only"><tr><td style="font-size:8px">12</td></tr></table>
<svg width="300" height="60"><text y="45" style="font-size:42px">Сегодня</text></svg></div>{more}"""


def look(page, more=""):
    page.set_content(GOOD.format(more=more))
    return inspect_page(page)


def test_a_good_page_has_no_fault(page):
    """Hidden tables are exempt, SVG text is looked at."""
    found = look(page)
    assert found.faults == ()
    assert found.texts_n == 2


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ('<p style="margin:500px 0 0">Без класса</p>', "no class"),
        ('<p data-text="essential" style="margin:500px 0 0;font-size:41px">Мелко</p>', "too small"),
        (
            (
                '<svg data-text="secondary" viewBox="0 0 100 100" width="50" height="50" '
                'style="position:absolute;top:600px;overflow:visible"><text y="50" font-size="30px">М</text></svg>'
            ),
            "too small",
        ),
        (
            '<p data-text="essential" style="position:absolute;top:600px;transform:scale(.9)">Сжато</p>',
            "too small",
        ),
        (
            (
                '<p data-text="essential" style="margin:500px 0 0;width:100px;overflow:hidden;white-space:nowrap">'
                "Слишком длинно</p>"
            ),
            "cut",
        ),
        (
            (
                '<p data-text="essential" style="margin:500px 0 0;height:44px;width:300px;overflow:hidden">'
                "Вторая строка отрезана</p>"
            ),
            "cut",
        ),
        (
            '<p data-text="essential" style="margin:500px 0 0;overflow:hidden;text-overflow:ellipsis">Ок</p>',
            "cut",
        ),
        ('<p data-text="essential" style="margin:500px 0 0">Слишком длин…</p>', "cut"),
        ('<p data-text="essential" style="position:absolute;left:1800px;top:600px">За краем экрана</p>', "cut"),
        (
            '<div data-panel="b" style="width:90px;top:600px" data-text="essential"><nobr>Шире панели</nobr></div>',
            "cut",
        ),
        (
            (
                '<div data-panel="b" style="top:500px;height:50px" data-text="essential">'
                '<b style="border:1px solid red;padding:8px">Рамка</b></div>'
            ),
            "cut",
        ),
        ('<p data-text="essential" style="position:absolute;left:120px;top:70px">Поверх</p>', "overlap"),
        (
            (
                '<p class="map-label" data-text="essential" style="position:absolute;top:600px;padding:9px">А</p>'
                '<p class="map-label" data-text="essential" style="position:absolute;top:660px;padding:9px">Б</p>'
            ),
            "labels collide",
        ),
    ],
)
def test_every_kind_of_fault_is_found(page, more, kind):
    """One fault is planted, and faults of that kind only are reported."""
    assert {fault.kind for fault in look(page, more).faults} == {kind}


def test_sizes_grow_with_the_screen(browser):
    """42 pixels are enough at 1920 wide and half of what is needed at 3840."""
    context = browser.new_context(viewport={"width": 3840, "height": 2160})
    page = context.new_page()
    assert {fault.kind for fault in look(page).faults} == {"too small"}
    context.close()


def test_a_text_across_a_seam_between_displays_is_a_fault(page):
    """Beside it stands the same text; the smallest type of each class is told."""
    page.set_content(GOOD.format(more=""))
    box = page.locator("[data-panel] > div").bounding_box()
    across = inspect_page(page, Bezels(x=(box["x"] + 60,), px=4))
    assert {(fault.kind, fault.text) for fault in across.seams} == {
        ("across a seam", each) for each in ("Обращения", "Сегодня")
    }
    assert inspect_page(page, Bezels(x=(box["x"] - 20,), y=(20.0,), px=4)).seams == ()
    assert across.least == {"essential": 42}
