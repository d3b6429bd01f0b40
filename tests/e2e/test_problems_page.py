"""The page «Проблемы» in a browser: by keyboard alone, and drawn anew under the hands of whoever uses it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from layouts.problems import ids
from svodka.ingest.commit import commit_page
from svodka.security.principals import Role
from tests.e2e.screen import Screen
from tests.ingest_factory import PlainClassifier, appeal, appeal_source, page
from tests.integration.live import Live

WORDS = "Третий день не горит ни один фонарь на всей улице, идём в темноте. Звоните +7 913 123-45-67."
LIMIT_S = 15.0


def tell(live, *names, street):
    """Tell of one problem by as many appeals as there are names."""
    now = live.clock.now()
    told = [
        appeal(
            name,
            text=f"{WORDS} {street}",
            address=f"ул. {street}, д. 5, кв. 12",
            received_at=now - timedelta(hours=1),
            topic_code=live.profile.topics[0].id,
            area_name=live.profile.areas[0].id,
        )
        for name in names
    ]
    source = appeal_source("one", channel=live.profile.channels[0].id)
    commit_page(live.database, PlainClassifier(live.profile), source, page(*told), now)


@pytest.fixture
def live(tmp_path):
    live = Live(tmp_path)
    tell(live, "a1", "a2", "a3", street="Ленина")
    tell(live, "b1", "b2", street="Мира")
    yield live
    live.close()


@pytest.fixture
def screen(browser, live):
    screen = Screen(browser, live.url)
    token = live.links.create(Role.OPERATOR, "дежурный")[1]
    live.links.refresh()
    screen.page.goto(f"{live.url}/link/{token}")
    screen.open("/problems/")
    yield screen
    screen.close()


def test_a_problem_is_opened_and_taken_apart_by_keyboard(live, screen):
    """Link, card, decision, undo: nothing needs a mouse, and the line under the cursor outlives being drawn anew."""
    shown = screen.page
    link = shown.locator("a.problems-topic").first
    link.wait_for(timeout=1000 * LIMIT_S)
    link.focus()
    shown.keyboard.press("Enter")
    shown.locator("article.problems-appeal").first.wait_for(timeout=1000 * LIMIT_S)
    assert shown.url.endswith("?n=1")
    card = shown.locator(f"#{ids.CARD}")
    assert card.locator("article.problems-appeal").count() == 3
    assert "123-45" not in shown.content()
    button = card.get_by_role("button", name="это другая проблема").first
    button.focus()
    shown.keyboard.press("Enter")
    undo = card.get_by_role("button", name="Отменить")
    undo.wait_for(timeout=1000 * LIMIT_S)
    assert "Сделано" in shown.locator("#desk-said").inner_text()
    number = shown.get_by_label("Объединить с проблемой №")
    number.fill("2")
    undo.focus()
    shown.keyboard.press("Enter")
    card.get_by_text("отменено").wait_for(timeout=1000 * LIMIT_S)
    assert number.input_value() == "2"  # what was typed outlives being drawn anew
    link.focus()
    tell(live, "a4", street="Ленина")
    n = shown.locator("td.problems-n").first
    screen.wait_until(lambda: n.inner_text() == "4", 2 * LIMIT_S, "the fourth appeal in the list")
    assert shown.evaluate("document.activeElement.className") == "problems-topic"
    assert screen.complaints == []
    assert screen.outside == []
