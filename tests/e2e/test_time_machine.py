"""«Машина времени» in a browser: a past is put on the wall, and nothing that happens now touches it."""

from __future__ import annotations

import re

import pytest

from tests.e2e.duty import SOURCES, Duty
from tests.e2e.screen import Screen


@pytest.fixture
def duty():
    made = Duty()
    yield made
    made.close()


@pytest.fixture
def product(duty, make_product, tmp_path):
    sources = tmp_path / "sources.toml"
    sources.write_text(SOURCES.format(url=duty.url), encoding="utf-8")
    made = make_product(sources=str(sources))
    duty.database = made.home / "svodka.sqlite3"
    made.start().wait_healthy()
    return made


def incidents_of(screen):
    return sorted(row.inner_text().split("\n")[0] for row in screen.page.locator("[data-incident-id]").all())


def mark_of(screen):
    return screen.page.locator("#head-mark").inner_text()


@pytest.mark.timeout(180)
def test_the_wall_shows_a_past_that_nothing_of_the_present_touches(duty, product, browser):
    """Put there by an operator; an incident comes meanwhile, is on other screens, and there when the wall is back."""
    duty.begin("first", "Юрга")
    wall, live, desk = (Screen(browser, product.url) for _ in range(3))
    token = re.search(r"/link/(\S+)", product.output.read_text())[1]
    desk.page.goto(f"{product.url}/link/{token}")
    desk.open("/archive/")
    wall.open("/wall")
    live.open("/wall?scene=overview")
    wall.wait_until(lambda: len(incidents_of(wall)) == 1, 30, "the first incident")
    picture = desk.page.frame_locator("iframe.archive-frame")
    picture.locator("#head-mark").get_by_text("АРХИВ").wait_for(timeout=30_000)
    assert picture.locator("[data-incident-id]").count() <= 1

    desk.page.get_by_role("button", name="Показать на стене").click()
    wall.wait_until(lambda: "АРХИВ" in mark_of(wall), 30, "the archive on the wall")
    then = incidents_of(wall)
    assert len(then) == 1
    duty.begin("second", "Белово")
    live.wait_until(lambda: len(incidents_of(live)) == 2, 30, "the second incident on a live screen")
    assert "АРХИВ" in mark_of(wall)
    assert incidents_of(wall) == then

    desk.page.get_by_role("button", name="Вернуть стену").click()
    wall.wait_until(lambda: not mark_of(wall), 30, "the present on the wall")
    wall.wait_until(lambda: len(incidents_of(wall)) == 2, 10, "both incidents")
    for screen in (wall, live, desk):
        assert screen.complaints == []
        assert screen.outside == []
        screen.close()
