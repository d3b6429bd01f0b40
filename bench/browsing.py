"""A page of one of the measured systems in headless Chromium at 1920x1080, with the probe in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Playwright

from bench import grid
from bench.publisher import Order, Published, Publisher
from bench.spans import first_at_least
from bench.systems import System
from svodka.domain.codec import encode_text
from svodka.reports.browser import BROWSER_ARGS, find_browser
from tests.e2e.processes import wait_until

_PROBE = Path(__file__).with_name("probe.js")
_MARK_PX = 6  # radius up to which a circle may be a mark
_FEW_MARKS = 250  # as long as fewer were drawn a map is not there
_AHEAD_N = 500  # by so many events a map may be before its newest row
_READY_LIMIT_S = 40.0
_ASK_TRIES = 20
# The wall of the benchmark is dense: the feed shows 50 small rows in place of a few large ones, as many as peers show.
DENSE_CSS = """
:root { --feed-row: 0.8rem !important; }
.stage { grid-template-rows: 10rem 10rem minmax(0, 1fr) 48rem 6rem !important; }
.feed-row { height: 0.8rem !important; overflow: hidden; }
.feed-row * { font-size: 0.7rem !important; line-height: 0.8rem !important; }
"""


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium; it can reach nothing but this machine."""
    executable = find_browser()
    assert executable, "Chromium is missing: run `make test-tools`"
    inside = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return playwright.chromium.launch(
        executable_path=executable, args=["--no-sandbox", inside, *BROWSER_ARGS], chromium_sandbox=False
    )


class Watched:
    """A page under the probe; a browser context of its own, so that nothing is cached."""

    def __init__(self, browser: Browser, system: System, *, dense: bool = True) -> None:
        self._context = browser.new_context(viewport={"width": 1920, "height": 1080})
        self.page = self._context.new_page()
        reading = system.reading
        told = {
            "value": reading.value,
            "row": reading.row,
            "ready": reading.ready,
            "mark": reading.mark,
            "few": _FEW_MARKS,
            "most": _MARK_PX,
            "ahead": _AHEAD_N,
            "columns": grid.COLUMNS,
            "rows": grid.ROWS,
            "stride": grid.STRIDE,
        }
        self.page.add_init_script(f"({_PROBE.read_text(encoding='utf-8')})({encode_text(told)});")
        if dense:
            self.page.add_init_script(
                "addEventListener('DOMContentLoaded', () => { const sheet = new CSSStyleSheet();"
                f"sheet.replaceSync({encode_text(DENSE_CSS)}); document.adoptedStyleSheets.push(sheet); }});"
            )
        self._system = system

    def open(self) -> float:
        """Go to the page and return the seconds from the beginning of the navigation until every panel is right."""
        self.page.goto(self._system.url + self._system.path, wait_until="commit")
        self.wait_until(lambda: self.ask("probe.readyAt !== null"), _READY_LIMIT_S, f"{self._system.name} ready")
        return float(self.ask("probe.readyAt")) / 1000

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page; a page that is just loading itself anew is asked again."""
        for _ in range(_ASK_TRIES):
            try:
                return self.page.evaluate(expression)
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise
                self.page.wait_for_timeout(200)
        return self.page.evaluate(expression)

    def wait_until(self, is_so: Any, limit_s: float, what: str) -> float:
        """Wait while the page lives on; return the seconds it took."""
        return wait_until(is_so, limit_s, what, pause=lambda s: self.page.wait_for_timeout(1000 * s))

    def calibrate(self) -> None:
        """Find out where the cells of the marks are."""
        told: list[str | None] = [None]

        def is_done() -> bool:
            told[0] = self.ask("probe.calibrate()")
            return told[0] is None

        try:
            self.wait_until(is_done, 10.0, "the marks' cells are found")
        except AssertionError as error:
            message = f"{self._system.name}: {told[0]}"
            raise AssertionError(message) from error

    def run(self, publisher: Publisher, order: Order, *, settle_s: float) -> Run:
        """Have events published, wait until the page shows the last of them, and return what was painted when.

        Args:
            publisher: Where they come from.
            order: How many and how fast.
            settle_s: How long to wait for the last one; then what is missing is missing.
        """
        self.ask("probe.reset()")
        publisher.begin(order)
        self.wait_until(publisher.ended, order.seconds + 120, "the publisher has done its work")
        published = publisher.ended()
        assert published is not None
        return self.finish(published, settle_s=settle_s)

    def finish(self, published: Published, *, settle_s: float) -> Run:
        """Wait until the page shows the last of what was published, and return what was painted when.

        Args:
            published: What was published since `probe.reset()`.
            settle_s: How long to wait for the last one; then what is missing is missing.
        """
        last_n = published.first_n + len(published.stamps) - 1
        told_n = 3 if self._system.reading.mark else 2
        caught_up = (
            f"((step) => step.slice(1, {told_n + 1}).every((n) => n >= {last_n}) && step[4])"
            "(probe.steps.at(-1) ?? [0, 0, 0])"
        )
        with suppress(AssertionError):  # what is missing tells
            self.wait_until(lambda: self.ask(caught_up), settle_s, "the last event is painted")
        self.page.wait_for_timeout(150)  # a mark may follow its row by some frames
        told = self.ask(
            "({ steps: probe.steps, marks: probe.marks, frames: probe.frames, fault: probe.fault,"
            " origin: performance.timeOrigin })"
        )
        return Run(published, told)

    def rows(self) -> list[int]:
        """Return the numbers of all rows shown, newest first."""
        return [int(n) for n in self.ask(self._system.reading.rows)]

    def cells(self) -> set[int] | None:
        """Return the cells of `bench.grid` whose marks stand on the map, None before `calibrate`."""
        told = self.ask("probe.standing()")
        return None if told is None else set(told)

    def close(self) -> None:
        """Close the page."""
        self._context.close()


class Run:
    """What was published and when each of it was painted. Stamps are seconds since 1970, by event number."""

    def __init__(self, published: Published, told: dict[str, Any]) -> None:
        self.published = published
        self.committed = dict(enumerate(published.stamps, start=published.first_n))
        self.steps = [(at / 1000, value, row) for at, value, row, *_ in told["steps"] if value is not None]
        self.frames_s = [(told["origin"] + at) / 1000 for at in told["frames"]]
        self.fault: str | None = told["fault"]
        self.states = [
            (at / 1000, value, row, is_ready) for at, value, row, _, is_ready in told["steps"] if value and row
        ]
        wanted = self.committed.keys()
        self.painted = {
            "value": first_at_least([(at, value) for at, value, _ in self.steps], wanted),
            "row": first_at_least([(at, row) for at, _, row in self.steps if row is not None], wanted),
            "mark": _first_marks(told["marks"], set(wanted)) or _plotted(told["steps"], wanted),
        }

    def caught_up(self, kind: str) -> dict[int, float]:
        """Return when each event or a newer one was first painted: what was pushed out unseen went with the newer."""
        steps = sorted((at, n) for n, at in self.painted[kind].items())
        return first_at_least(steps, self.committed.keys())

    @property
    def last_n(self) -> int:
        """The last event."""
        return max(self.committed)

    @property
    def seconds(self) -> float:
        """From the first commit to the last."""
        return max(self.published.stamps) - min(self.published.stamps)


def _first_marks(told: list[list[float]], wanted: set[int]) -> dict[int, float]:
    found: dict[int, float] = {}
    for at, n in told:
        if n in wanted:
            found.setdefault(int(n), at / 1000)
    return found


def _plotted(steps: list[list[float]], wanted: Iterable[int]) -> dict[int, float]:
    return first_at_least([(step[0] / 1000, step[3]) for step in steps if step[3] is not None], wanted)
