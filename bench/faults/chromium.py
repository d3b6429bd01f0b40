"""One real Chromium in front of the wall, through a proxy of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error, sync_playwright

from tests.e2e.screen import Screen, launch_browser

if TYPE_CHECKING:
    from bench.faults.stage import Stage

_OPEN_LIMIT_S = 60.0
_SHOW_LIMIT_S = 20.0
_BLIND = {"stale", "dead", "loading"}


class RealBrowser:
    """The wall in Chromium; without a screen it only rests."""

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen

    def rest(self, seconds: float) -> None:
        """Wait while the page lives on."""
        if self._screen is None:
            time.sleep(seconds)
        else:
            self._screen.page.wait_for_timeout(seconds * 1000)

    def wrong(
        self, stage: Stage, picture: dict[str, Any], numbers: Mapping[str, float | None], head: int
    ) -> Iterator[str]:
        """Return in words what the page shows otherwise than the server's snapshot."""
        del stage
        if self._screen is None:
            return
        until = time.monotonic() + _SHOW_LIMIT_S
        while list(self._differences(picture, numbers, head)) and time.monotonic() < until:
            self.rest(0.25)
        yield from self._differences(picture, numbers, head)

    def _differences(self, picture: dict[str, Any], numbers: Mapping[str, float | None], head: int) -> Iterator[str]:
        assert self._screen is not None
        view = self._screen.view()
        if view.seq != head:
            yield f"chromium stands at {view.seq}, the log at {head}"
        for name, panel in view.panels.items():
            if panel.state in _BLIND:
                yield f"chromium: panel {name} is {panel.state}"
        unlike = {
            name: (value, numbers[name])
            for name, value in view.values.items()
            if name in numbers and value != numbers[name]
        }
        if unlike:
            yield f"chromium shows (shown, expected) {dict(list(unlike.items())[:5])}"
        if not any(name in numbers for name in view.values):
            yield "chromium shows no number"
        if view.conflicts:
            yield f"chromium shows two values of {view.conflicts}"
        newest = [str(row["id"]) for row in picture["appeals"]]
        if list(view.appeals) != newest[: len(view.appeals)] or not view.appeals:
            yield f"chromium's feed is {view.appeals[:5]}, expected {newest[:5]}"
        if not set(view.incidents) <= set(picture["incidents"]):
            yield f"chromium shows incidents {sorted(set(view.incidents) - set(picture['incidents']))} that are over"


@contextmanager
def maybe_browser(*, enabled: bool) -> Iterator[Callable[[Stage], RealBrowser]]:
    """Give what opens the wall of a stage: in Chromium, or nowhere."""
    if not enabled:
        yield lambda _stage: RealBrowser()
        return
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)

        def open_wall(stage: Stage) -> RealBrowser:
            screen = Screen(browser, stage.origin)
            until = time.monotonic() + _OPEN_LIMIT_S
            while True:
                try:
                    screen.open("/wall")
                    screen.wait_until(lambda: screen.view().seq is not None, 20, "the wall shows something")
                    return RealBrowser(screen)
                except (Error, AssertionError):
                    if time.monotonic() > until:
                        raise

        try:
            yield open_wall
        finally:
            browser.close()
