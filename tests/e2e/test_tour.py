"""The whole tour: every page and every scene, with the network limited to the server and an eye on the console.

Each is asked by axe-core what WCAG 2.2 A and AA find serious or critical there; operators' pages are walked through by
keyboard; and the same tour in English meets no Russian word but names of the profile.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bench.pack import ID, store_present
from layouts import DESK
from svodka.briefings.model import Annotation, annotate, begin_story
from svodka.domain.codec import encode_text
from svodka.i18n.catalogue import load_catalogue
from svodka.profiles.reader import PROFILES, load_profile
from svodka.scenes.book import open_scenes
from svodka.security.links import LinkBook
from svodka.security.principals import Role
from svodka.storage.briefings import StoredBriefing, insert_briefing
from svodka.storage.database import Database, open_database
from tests.e2e.product import ROOT, find_free_port, run_word, web_alone
from tests.e2e.screen import Screen

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_JS = """async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations
  .filter(({impact}) => ["serious", "critical"].includes(impact))
  .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({target}) => target.join(" ")).slice(0, 3).join("; ")}`)"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FOCUS_JS = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  return [at === document.body, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    at.outerHTML.slice(0, 120)];
}"""
# What a page says, and the addresses of problems on it: streets keep their names.
SHOWN_JS = """() => [document.body.innerText + [...document.querySelectorAll("[aria-label], [title]")]
  .filter((one) => one.checkVisibility()).map((one) => ` ${one.ariaLabel ?? ""} ${one.title}`).join(""),
  [...document.querySelectorAll(".problems-where")].map((one) => one.innerText).join(" ")]"""
RUSSIAN = re.compile(r"[А-Яа-яЁё]{3,}")
NAMES = ("name", "short_name", "title", "example", "vocabulary", "affected_unit")

PROFILE = load_profile("kuzbass")


def references() -> list[str]:
    """Every scene that the profile ships, those of a sector or an area once each."""
    samples = {"sector": PROFILE.sectors[0].id, "area": PROFILE.areas[0].id}
    scenes = open_scenes(PROFILE, PROFILES / "nowhere").scenes
    return [name if scene.takes is None else f"{name}:{samples[scene.takes]}" for name, scene in scenes.items()]


WALL_PATHS = [f"/wall?scene={reference}" for reference in references()]
DESK_PATHS = [f"{page.path}/" for page in DESK]


@pytest.fixture(scope="module")
def operator(running, browser):
    """A browser that came by the operator's link printed at the start, or by one made here."""
    screen = Screen(browser, running.url)
    screen.open(f"/link/{new_link(running)}")
    yield screen
    screen.close()


def new_link(product: Any) -> str:
    told = run_word("link", "create", "--role", "operator", "--label", "tour", **product.settings)
    return re.search(r"/link/(\S+)", told.stdout)[1]


def settle(screen: Screen, path: str) -> None:
    """Open a page and wait until it shows what it has."""
    screen.open(path)
    if path.startswith("/wall"):
        screen.wait_fresh()
    else:
        screen.page.locator("#desk-clock:not(:empty)").wait_for()
        screen.page.wait_for_load_state("networkidle")


def find_serious(screen: Screen) -> list[str]:
    screen.page.evaluate(AXE.read_text("utf-8"))
    return list(screen.page.evaluate(AXE_JS, TAGS))


@pytest.mark.parametrize("path", [*WALL_PATHS, *DESK_PATHS])
def test_a_page_asks_nobody_else_complains_of_nothing_and_is_open_to_everybody(operator, path):
    """0 requests outside the server, 0 words on the console, 0 serious or critical findings of axe-core."""
    settle(operator, path)
    assert find_serious(operator) == []
    assert (operator.outside, operator.complaints) == ([], [])


def test_a_light_wall_and_a_desk_for_people_who_see_little_are_open_to_everybody(operator):
    """Other colours have other contrasts: axe-core measures those of real pages. The choice is remembered."""
    settle(operator, "/wall?theme=light")
    assert find_serious(operator) == []
    operator.open("/look?theme=light&vision=low&back=/problems/")
    settle(operator, "/problems/")
    look = operator.page.evaluate("() => ({...document.documentElement.dataset})")
    assert look == {"theme": "light", "vision": "low"}
    assert find_serious(operator) == []
    operator.open("/look?theme=dark&vision=usual&back=/problems/")


def test_a_wall_at_night_is_open_to_everybody(operator):
    """Dimmed colours have contrasts of their own."""
    settle(operator, "/wall?theme=night")
    assert operator.page.evaluate("document.documentElement.dataset.theme") == "night"
    assert find_serious(operator) == []


def test_a_guest_follows_a_briefing_and_loses_it_with_his_link(running, browser):
    """From another machine: the page and what is written over it; once the link is revoked nothing of it stays."""
    database = open_database(f"sqlite:///{running.home / 'svodka.sqlite3'}")
    link_id, token = begin_briefing(database, running)
    screen = Screen(browser, running.url)
    screen.page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    screen.open(f"/link/{token}")
    screen.wait_until(lambda: screen.view().ready, 30, "the page of the briefing")
    assert screen.page.inner_text("#annotations").strip() == "Смотреть сюда"
    assert find_serious(screen) == []
    assert LinkBook(database).revoke(link_id)
    database.close()
    ended = load_catalogue("ru").word("follow.ended")
    screen.wait_until(lambda: ended in screen.page.inner_text("body"), 20, "it says that the access has ended")
    assert not screen.page.locator("[data-panel]:visible").count()
    assert find_serious(screen) == []
    assert screen.outside == []
    assert [said for said in screen.complaints if "403" not in said] == []  # the browser tells of the refusal itself
    screen.close()


def begin_briefing(database: Database, product: Any) -> tuple[str, str]:
    """Store a briefing of the present that is being shown, and return a guest's link to it with its token."""
    refs = store_present(database, product, 1)
    story = annotate(begin_story("Доклад", refs), 1, Annotation(text="Смотреть сюда"))
    now = datetime.now(UTC)
    told = {"rev": 1, "page": 1, "wall": "", "is_shown": True, "saved_at": now, "saved_by": "тест"}
    with database.write() as connection:
        insert_briefing(connection, StoredBriefing(id=ID, story=encode_text(story), **told))
    return LinkBook(database).create(Role.GUEST, "штаб", valid_h=2, briefing_id=ID)


def test_a_stranger_is_refused_on_a_page_that_he_can_read(running, browser):
    """The refusal too has a language, a heading and contrast."""
    screen = Screen(browser, running.url)
    answer = screen.page.goto(f"{running.url}{DESK_PATHS[0]}")
    assert answer.status == 403
    assert find_serious(screen) == []
    assert screen.outside == []
    screen.close()


@pytest.mark.parametrize("path", DESK_PATHS)
def test_the_keyboard_goes_through_a_page_and_shows_where_it_is(operator, path):
    """Every stop has a visible outline, and the round ends: nothing holds the keyboard."""
    settle(operator, path)
    page = operator.page
    for _ in range(120):
        page.keyboard.press("Tab")
        is_body, is_shown, element = page.evaluate(FOCUS_JS)
        if is_body:
            return
        assert is_shown, element
    pytest.fail(f"120 stops, the last at {element}")


def test_a_list_to_choose_from_opens_and_chooses_by_keyboard(operator):
    """Dash's own list, mended (callbacks/mended.py); opened, too, it is open to everybody."""
    settle(operator, "/problems/")
    page = operator.page
    button = page.locator("button.dash-dropdown").first
    before = button.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".dash-dropdown-search").wait_for()
    assert find_serious(operator) == []
    page.keyboard.press("ArrowDown")
    page.locator(".dash-options-list-option-checkbox:focus").wait_for()  # Dash moves the focus a moment later
    page.keyboard.press("Space")
    operator.wait_until(lambda: button.inner_text() != before, 10, "another choice")


def test_the_tour_in_english_meets_no_russian_but_names(running, browser, tmp_path):
    """Sentences, titles, units and labels; what the profile and its sources name keeps its name."""
    known = {word.lower() for word in RUSSIAN.findall(" ".join(names_in(msgspec.to_builtins(PROFILE))))}
    with web_alone(tmp_path, **(running.settings | {"language": "en", "port": str(find_free_port())})) as english:
        screen = Screen(browser, english.url)
        screen.open(f"/link/{new_link(running)}")
        strange: dict[str, set[str]] = {}
        for path in [*WALL_PATHS, *DESK_PATHS]:
            settle(screen, path)
            assert screen.page.locator("html").get_attribute("lang") == "en"
            shown, addresses = screen.page.evaluate(SHOWN_JS)
            allowed = known | {word.lower() for word in RUSSIAN.findall(addresses)}
            if words := {word for word in RUSSIAN.findall(shown) if word.lower() not in allowed}:
                strange[path] = words
        assert strange == {}
        assert (screen.outside, screen.complaints) == ([], [])
        screen.close()


def names_in(value: Any, key: str = "") -> list[str]:
    """Every text of a profile that pages show as it stands."""
    if isinstance(value, dict):
        return [text for name, part in value.items() for text in names_in(part, name if key != "vocabulary" else key)]
    if isinstance(value, (list, tuple)):
        return [text for part in value for text in names_in(part, key)]
    return [value] if isinstance(value, str) and key in NAMES else []
