"""One real Chromium in front of the wall, through a proxy of its own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from playwright.sync_api import Error, Page, sync_playwright

from svodka.reports.collect import PageView
from tests.e2e.screen import Screen, launch_browser

if TYPE_CHECKING:
    from bench.faults.stage import Stage

_OPEN_LIMIT_S = 60.0
_SHOW_LIMIT_S = 20.0
_BLIND = {"stale", "dead", "loading"}
# What is beside a number in its value, and what no chart draws: it may be absent.
_MAY_BE_ABSENT = re.compile(r":(n|previous|term.*)$|^flow_week_ago_answered:")
# What the lists leave out, and whether another row of the feed would have had room.
_LISTS_JS = """() => {
  const digits = (name) => Number((document.querySelector(name)?.textContent ?? "").replace(/\\D/g, ""));
  const feed = [...document.querySelectorAll("[data-appeal-id]")];
  const panel = feed[0]?.closest("[data-panel]").getBoundingClientRect().bottom;
  const last = feed.at(-1)?.getBoundingClientRect();
  return {
    more: digits(".more--corner"), missed_more: digits(".missed-more"),
    missed: [...document.querySelectorAll("[data-missed-id]")].map((el) => el.dataset.missedId),
    feed_room: last ? Math.floor((panel - last.bottom) / last.height) : 0,
  };
}"""


class Told:
    """What the server told the page over its line, read beside it: which incidents it was shown, or told as missed."""

    name = "chromium"

    def __init__(self, page: Page) -> None:
        self.presented: set[str] = set()
        self.missed_without_name = 0
        self.missed: dict[str, str] = {}
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, text: str | bytes) -> None:
        if not isinstance(text, str) or not text.startswith("42"):
            return
        event, *payload = json.loads(text[2:])
        told = json.loads(payload[0]) if payload and isinstance(payload[0], str) else (payload or [{}])[0]
        if event == "snapshot":
            self.presented.update(str(row["id"]) for row in told["tables"]["incidents"])
        elif event == "frame":
            self.presented.update(row["key"] for row in told["rows"] if row["table"] == "incidents")
        elif event == "missed":
            self.missed |= {str(row["id"]): row["ended_at"] for row in told["incidents"]}
            self.presented.update(str(row["id"]) for row in told["incidents"])
            self.missed_without_name += max(0, told["n"] - len(told["incidents"]))


class RealBrowser:
    """The wall in Chromium; without a screen it only rests."""

    def __init__(
        self, screen: Screen | None = None, told: Told | None = None, ranks: Mapping[str, int] | None = None
    ) -> None:
        self._screen, self._ranks = screen, ranks or {}
        self.watchers = [told] if told else []

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
        lists = msgspec.convert(self._screen.page.evaluate(_LISTS_JS), Lists)
        yield from wrong_values(view, numbers)
        yield from wrong_lists(view, lists, picture, numbers, self._ranks)
        for told in self.watchers:
            yield from wrong_missed(lists, told.missed, picture["incidents"])


class Lists(msgspec.Struct, frozen=True, kw_only=True):
    """What the lists on the page say beside their rows.

    Attributes:
        more, missed_more: «ещё n» beside the open incidents, and beside the missed ones; 0 where there is none.
        missed: Ids of the missed incidents that stand there.
        feed_room: How many more rows of the feed would have had room.
    """

    more: int
    missed_more: int
    missed: list[str]
    feed_room: int


def wrong_values(view: PageView, numbers: Mapping[str, float | None]) -> Iterator[str]:
    """Every number of the read models stands on the wall, and each says one thing."""
    unlike = {
        name: (view.values.get(name, "absent"), value)
        for name, value in numbers.items()
        if (view.values[name] != value if name in view.values else not _MAY_BE_ABSENT.search(name))
    }
    if unlike:
        yield f"chromium shows (shown, expected) {dict(list(unlike.items())[:5])}, {len(unlike)} in all"
    if view.conflicts:
        yield f"chromium shows two values of {view.conflicts}"


def wrong_lists(
    view: PageView,
    lists: Lists,
    picture: Mapping[str, Any],
    numbers: Mapping[str, float | None],
    ranks: Mapping[str, int],
) -> Iterator[str]:
    """The feed is as long as it fits; the gravest incidents stand there, and the rest is counted."""
    newest = [str(row["id"]) for row in picture["appeals"]]
    if list(view.appeals) != newest[: len(view.appeals)] or (newest and not view.appeals):
        yield f"chromium's feed is {view.appeals[:5]}, expected {newest[:5]}"
    if len(view.appeals) < len(newest) and lists.feed_room > 0:
        yield f"chromium's feed has {len(view.appeals)} rows of {len(newest)} and room for {lists.feed_room} more"
    rows = sorted(picture["incidents"].values(), key=lambda row: (row["started_at"], row["id"]), reverse=True)
    gravest = [str(row["id"]) for row in sorted(rows, key=lambda row: ranks[row["level"]])]
    shown = list(view.incidents)
    if shown != gravest[: len(shown)] or (gravest and not shown):
        yield f"chromium shows incidents {shown}, expected {gravest[:5]}"
    if len(shown) + lists.more != numbers["incidents_open"]:
        yield f"chromium shows {len(shown)} incidents and {lists.more} more, {numbers['incidents_open']} are open"


def wrong_missed(lists: Lists, told: Mapping[str, str], still_open: Collection[str]) -> Iterator[str]:
    """What the page was told of as missed stands there, the newest first, and the rest is counted."""
    newest = sorted(told.keys() - set(still_open), key=lambda key: (told[key], int(key)), reverse=True)
    if lists.missed != newest[: len(lists.missed)] or (newest and not lists.missed):
        yield f"chromium shows as missed {lists.missed}, expected {newest[:5]}"
    if len(lists.missed) + lists.missed_more < len(newest):
        yield f"chromium shows {len(lists.missed)} missed and {lists.missed_more} more, was told of {len(newest)}"


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
            told = Told(screen.page)
            until = time.monotonic() + _OPEN_LIMIT_S
            while True:
                try:
                    screen.open("/wall")
                    screen.wait_until(lambda: screen.view().seq is not None, 20, "the wall shows something")
                    return RealBrowser(screen, told, {level.id: level.rank for level in stage.profile.levels})
                except (Error, AssertionError):
                    if time.monotonic() > until:
                        raise

        try:
            yield open_wall
        finally:
            browser.close()
