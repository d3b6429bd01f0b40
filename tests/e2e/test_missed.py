"""What began and ended while nobody could see the screen is told afterwards, apart from what is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.duty import SOURCES, Duty
from tests.e2e.screen import Screen
from tests.e2e.wire import Wire

# As the browser does it: frames wait, and the document says that it is hidden.
_HIDE_JS = """() => {
  window.keptFrame = requestAnimationFrame;
  window.waitingFrames = [];
  window.requestAnimationFrame = (callback) => window.waitingFrames.push(callback);
  Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_LOOK_JS = """() => {
  window.requestAnimationFrame = window.keptFrame;
  window.waitingFrames.forEach((callback) => requestAnimationFrame(callback));
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
# A renderer that hangs while the page can be seen.
_STALL_JS = """() => {
  window.keptFrame = requestAnimationFrame;
  window.waitingFrames = [];
  window.requestAnimationFrame = (callback) => window.waitingFrames.push(callback);
}"""
_GO_ON_JS = """() => {
  window.requestAnimationFrame = window.keptFrame;
  window.waitingFrames.forEach((callback) => requestAnimationFrame(callback));
}"""
_MISSED_JS = """() => [...document.querySelectorAll("[data-missed-id]")].map((el) => el.innerText)"""


@pytest.fixture
def duty():
    made = Duty()
    yield made
    made.close()


@pytest.fixture
def wall(duty, make_product, browser, tmp_path):
    """A wall behind a wire that the test may cut."""
    sources = tmp_path / "sources.toml"
    sources.write_text(SOURCES.format(url=duty.url), encoding="utf-8")
    product = make_product(sources=str(sources))
    wire = Wire(int(product.settings["port"]))
    product.settings["public_urls"] = f"{product.url},http://127.0.0.1:{wire.port}"
    duty.database = product.home / "svodka.sqlite3"
    product.start().wait_healthy()
    duty.begin("lasting", "Юрга")
    screen = Screen(browser, f"http://127.0.0.1:{wire.port}")
    screen.wire = wire
    screen.open("/wall")
    screen.wait_until(lambda: len(screen.view().incidents) == 1, 30, "the open incident")
    yield screen
    screen.close()
    wire.close()


def read_missed(screen):
    return screen.page.evaluate(_MISSED_JS)


def read_painted_at(screen):
    return datetime.fromisoformat(screen.page.evaluate("JSON.parse(sessionStorage.getItem('svodka.wall.main.1')).at"))


def wait_banner(screen, kind):
    read = "document.getElementById('scene').dataset.banner"
    return screen.wait_until(lambda: screen.page.evaluate(read) == kind, 20, f"the banner {kind!r}")


@pytest.mark.timeout(180)
def test_what_began_and_ended_unseen_is_told_apart_from_what_is_open(wall, duty):
    """While the line was cut, while the page was gone, while nobody looked: each told once, in no count."""
    assert read_missed(wall) == []
    wall.wire.cut()
    wait_banner(wall, "connection")
    duty.begin_and_end("unseen-1", "Топкинский")
    wall.wire.mend()
    wait_banner(wall, "")
    wall.wait_until(lambda: len(read_missed(wall)) == 1, 5, "the one that nobody saw")
    assert "Топкинский" in read_missed(wall)[0]
    assert len(wall.view().incidents) == 1
    assert wall.view().values["incidents_open"] == 1
    assert wall.inspect().faults == ()

    wall.page.goto("about:blank")
    duty.begin_and_end("unseen-2", "Белово")
    wall.open("/wall")
    wall.wait_until(lambda: len(read_missed(wall)) == 2, 30, "both, after the page began again")
    assert "Белово" in read_missed(wall)[0]

    wall.page.evaluate(_HIDE_JS)
    duty.begin_and_end("unseen-3", "Юрга")
    assert wall.page.evaluate("document.getElementById('scene').dataset.banner") != "rendering"
    wall.page.evaluate(_LOOK_JS)
    wall.wait_until(lambda: len(read_missed(wall)) == 3, 3, "the one that began and ended while the page was hidden")
    assert "Юрга" in read_missed(wall)[0]
    assert len(wall.view().incidents) == 1
    wall.wait_until(lambda: wall.view().panels["map"].state == "fresh", 20, "the map is drawn")
    assert wall.inspect().faults == ()


@pytest.mark.timeout(120)
def test_a_short_absence_in_which_nothing_happened_tells_nothing(wall, duty):
    """What is still open, and what ended before the eyes of all, is not news."""
    duty.begin("seen", "Белово")
    wall.wait_until(lambda: len(wall.view().incidents) == 2, 10, "both are open")
    duty.end("seen")
    wall.wait_until(lambda: len(wall.view().incidents) == 1, 10, "one is over")
    over_at = datetime.now(UTC)
    # What ended within five seconds of having been painted may be told again (docs/architecture.md).
    wall.wait_until(lambda: read_painted_at(wall) > over_at + timedelta(seconds=6), 20, "its end was seen for a while")
    wall.wire.cut()
    wait_banner(wall, "connection")
    duty.begin("new", "Топкинский")
    wall.wire.mend()
    wait_banner(wall, "")
    wall.wait_until(lambda: len(wall.view().incidents) == 2, 10, "the new one is open")
    assert read_missed(wall) == []


@pytest.mark.timeout(120)
def test_what_a_hanging_renderer_took_in_and_what_came_to_a_hidden_page_that_lost_its_line_is_told(wall, duty):
    """Until the server has answered, the screen was seen no later than when the gap began."""
    wall.page.evaluate(_STALL_JS)
    duty.begin_and_end("unpainted", "Белово")
    wait_banner(wall, "rendering")
    wall.page.evaluate(_GO_ON_JS)
    wall.wait_until(lambda: len(read_missed(wall)) == 1, 5, "what was never painted")

    wall.page.evaluate(_HIDE_JS)
    duty.begin_and_end("hidden", "Юрга")
    ended_at = datetime.now(UTC)
    wall.page.wait_for_timeout(4000)  # beats go on; what ended within two seconds of an instant is told again anyway
    wall.wire.cut()
    wait_banner(wall, "connection")
    wall.page.evaluate(_LOOK_JS)
    wall.page.wait_for_timeout(2000)  # painted before people, and written down, while the line is away
    assert read_painted_at(wall) < ended_at
    wall.wire.mend()
    wait_banner(wall, "")
    wall.wait_until(lambda: len(read_missed(wall)) == 2, 5, "what came while nobody looked")
