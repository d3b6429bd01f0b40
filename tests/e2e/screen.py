"""A browser in front of the product, with the network limited to its server and an eye on the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import Browser, Playwright

from svodka.reports.browser import BROWSER_ARGS, find_browser
from svodka.reports.collect import COLLECT_JS, PageView
from svodka.scenes.room import Bezels
from tests.e2e.inspect import Inspection, inspect_page
from tests.e2e.processes import wait_until

MARKS_JS = """() => {
  const canvas = document.querySelector("#map-marks");
  const copy = Object.assign(document.createElement("canvas"), {width: canvas.width, height: canvas.height});
  const pen = copy.getContext("2d", {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0, sum = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) { n += 1; sum = (sum * 31 + i * pixels[i]) % 1000000007; }
  return [n, sum];
}"""


DRAWN_JS = """async () => {
  const {isMapIdle} = await import("/assets/js/map.mjs");
  const shown = (selector) => [...document.querySelectorAll(`[data-panel]:not([hidden]) ${selector}`)];
  return shown(".figure:not(#map-figure)").every((figure) => figure.querySelector(".main-svg .trace"))
    && (!shown("#map-box[data-areas='map']").length || isMapIdle())
    && document.getAnimations().every(({playState}) => playState !== "running");
}"""


def launch_browser(playwright: Playwright) -> Browser:
    """Start the system's Chromium; only our own pages are opened, so that root may run it."""
    executable = find_browser()
    assert executable, "Chromium is missing: run `make test-tools`"
    return playwright.chromium.launch(
        executable_path=executable, args=["--no-sandbox", *BROWSER_ARGS], chromium_sandbox=False
    )


class Screen:
    """One page of a playwright browser. `outside` and `complaints` should stay empty."""

    def __init__(self, browser: Browser, url: str, *, width: int = 1920, height: int = 1080) -> None:
        self.url = url
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self._context = browser.new_context(viewport={"width": width, "height": height})
        self._context.route("**/*", self._only_own)
        self.page = self._context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"pageerror: {error}"))
        self.page.on("websocket", self._on_socket)

    def _only_own(self, route: Any) -> None:
        address = route.request.url
        if address.startswith((f"{self.url}/", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(address)
            route.abort()

    def _on_socket(self, socket: Any) -> None:
        if urlsplit(socket.url).netloc != urlsplit(self.url).netloc:
            self.outside.append(socket.url)

    def _on_console(self, message: Any) -> None:
        # Software WebGL complains about its own speed when pixels are read back; that is the machine, not the page.
        if message.type in {"error", "warning"} and "GPU stall due to ReadPixels" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, path: str) -> None:
        """Go to a page of the product."""
        answer = self.page.goto(f"{self.url}{path}", wait_until="domcontentloaded")
        assert answer.ok, f"{path} answered {answer.status}"

    def view(self) -> PageView:
        """Return what the page shows now."""
        return msgspec.convert(self.page.evaluate(COLLECT_JS), PageView)

    def wait_until(self, is_so: Callable[[], object], limit_s: float, what: str) -> float:
        """Wait while the page lives on; return the seconds it took."""
        return wait_until(is_so, limit_s, what, pause=lambda s: self.page.wait_for_timeout(1000 * s))

    def wait_fresh(self, limit_s: float = 25.0) -> float:
        """Wait until every panel is fresh and return the seconds it took."""
        return self.wait_until(self._is_fresh, limit_s, "every panel fresh")

    def _is_fresh(self) -> bool:
        panels = self.view().panels
        return bool(panels) and all(panel.state == "fresh" for panel in panels.values())

    def wait_drawn(self, limit_s: float = 40.0) -> float:
        """Wait until every panel is fresh, its figure drawn and everything at rest; return the seconds it took."""
        return self.wait_fresh(limit_s) + self.wait_until(
            lambda: self.page.evaluate(DRAWN_JS), limit_s, "figures and areas drawn"
        )

    def wait_seq(self, seq: int, limit_s: float = 60.0) -> float:
        """Wait until the page stands at `seq` or beyond and return the seconds it took."""
        return self.wait_until(lambda: (self.view().seq or 0) >= seq, limit_s, f"the page at {seq}")

    def read_marks(self) -> list[int]:
        """Return the painted pixels of the map's canvas that carries the marks, as (how many, a sum over them)."""
        return list(self.page.evaluate(MARKS_JS))

    def inspect(self, seams: Bezels | None = None) -> Inspection:
        """Return the faults of the page as it stands; `seams` between displays are in its CSS pixels."""
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return inspect_page(self.page, seams)

    def close(self) -> None:
        """Close the page."""
        self._context.close()
