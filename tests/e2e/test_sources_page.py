"""The page «Источники» in a real browser: it renews itself without taking the keyboard's place, and acts."""

from __future__ import annotations

import re

PLACE_JS = """() => [document.activeElement.id, document.activeElement.mark ?? null,
  document.querySelector("#source-from").value, document.querySelector(".passport").scrollTop]"""


def test_an_operator_reads_a_passport_pauses_and_goes_on(running, open_wall):
    """Focus, typed text and scroll outlive renewals; a pause is on the page and on the wall within seconds."""
    token = re.search(r"/link/(\S+)", running.output.read_text())[1]
    screen = open_wall(running, path=f"/link/{token}", width=1400, height=600)
    page = screen.page
    page.get_by_role("link", name="ПОС", exact=True).click()
    page.locator("#source-body dl").first.wait_for()
    page.locator("#source-from").fill("20.11.2026 04:00")
    page.locator(".passport").evaluate("panel => { panel.scrollTop = 60; }")
    page.locator("#source-poll").evaluate("button => { button.mark = 7; button.focus({preventScroll: true}); }")
    before = page.locator("#source-head").inner_html(), page.locator("#desk-pulse").get_attribute("class")
    screen.wait_until(lambda: page.locator("#desk-pulse").get_attribute("class") != before[1], 12, "a renewal")
    screen.wait_until(lambda: page.evaluate(PLACE_JS)[1] == 7, 3, "the same button")
    assert page.evaluate(PLACE_JS) == ["source-poll", 7, "20.11.2026 04:00", 60]
    page.locator("#source-pause").press("Enter")
    page.locator("#source-pause", has_text="Продолжить").wait_for()
    assert "приостановлен" in page.locator("#source-head").inner_text()
    wall = open_wall(running)
    wall.wait_until(lambda: "приостановлен" in wall.page.locator("#sources").inner_text(), 20, "the wall says so")
    page.locator("#source-pause").press("Enter")
    page.locator("#source-pause", has_text="Приостановить").wait_for()
    assert screen.complaints == []
    assert screen.outside == []
