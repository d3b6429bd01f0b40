"""The child process that takes one picture: `python -m svodka.reports.render`, order on stdin, PNG on stdout.

A process of its own, so that a browser that hangs, leaks or crashes never touches the push, and so that
ending the process ends the browser: the driver closes the browser when its pipe to us breaks. It visits one
address, asks no other origin for anything, and ends with the process that started it.

On failure stderr holds one line and the exit code says which: see `svodka.reports.order.ExitCode`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from svodka.domain.codec import decode_as, encode_text
from svodka.reports.browser import BROWSER_ARGS
from svodka.reports.collect import COLLECT_JS, PageView, PictureFacts
from svodka.reports.order import METADATA_KEY, ExitCode, Order
from svodka.reports.png_text import write_text

_PR_SET_PDEATHSIG = 1


class PageFailedError(Exception):
    """The page, or its frozen state, did not come."""


def end_with(parent_pid: int) -> None:
    """Ask the kernel to end this process when its parent ends (Linux; elsewhere the time limit has to do)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:  # it ended before the line above took effect
        sys.exit(ExitCode.PAGE_FAILED)


@contextlib.contextmanager
def open_page(executable: str, base_url: str, width: int, height: int) -> Iterator[Page]:
    """Start the browser and open one empty page in it, which may ask nobody but the own server.

    Yields:
        The page.

    Raises:
        BrowserError: The browser did not start, or broke.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=list(BROWSER_ARGS),
            chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox refuses root
            handle_sigint=False,
        )
        try:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                reduced_motion="reduce",
                service_workers="block",
            )
            page = context.new_page()
            context.route("**/*", lambda route: _only_own(route, base_url))
            yield page
        finally:
            browser.close()


def _only_own(route: Route, base_url: str) -> None:
    asked, own = urlsplit(route.request.url), urlsplit(base_url)
    if asked.scheme in {"data", "blob"} or (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        route.continue_()
    else:
        route.abort("blockedbyclient")


def take_picture(page: Page, order: Order) -> tuple[bytes, PictureFacts]:
    """Return a picture with its metadata inside, and the metadata.

    Raises:
        PageFailedError: The server did not give the page or its frozen state.
        BrowserError: The browser broke.
    """
    scene = f"&scene={quote(order.scene, safe='')}" if order.scene else ""
    answer = page.goto(f"{order.base_url}{order.path}?frozen={order.token}{scene}", wait_until="domcontentloaded")
    if answer is None or not answer.ok:
        message = f"{order.path} answered {answer.status if answer else 'nothing'}"
        raise PageFailedError(message)
    frozen = _load_frozen(page, f"/frozen/{order.token}.json" + (f"?{scene[1:]}" if scene else ""))
    # After the limit it is pictured as it is: the page itself says which panel is not ready and why.
    with contextlib.suppress(BrowserTimeoutError):
        page.wait_for_selector("html[data-ready='true']", state="attached", timeout=order.ready_limit_s * 1000)
    view = msgspec.convert(page.evaluate(COLLECT_JS), PageView)
    png = page.screenshot(type="png", animations="disabled", caret="hide", timeout=order.ready_limit_s * 1000)
    facts = PictureFacts(
        path=order.path,
        scene=str(frozen.get("scene", "")),
        epoch=str(frozen["epoch"]),
        seq=view.seq,
        at=str(frozen["at"]),
        as_of=view.as_of,
        states={panel: shown.state for panel, shown in view.panels.items()},
        values=view.values,
        ready=view.ready,
    )
    return write_text(png, METADATA_KEY, encode_text(facts)), facts


def _load_frozen(page: Page, address: str) -> dict[str, Any]:
    frozen = page.evaluate(
        "async (address) => { const answer = await fetch(address); return answer.ok ? await answer.json() : null; }",
        address,
    )
    if not isinstance(frozen, dict):
        message = "the frozen state is gone"
        raise PageFailedError(message)
    return frozen


def main() -> ExitCode:
    """Read the order, write the picture, and return the exit code."""
    order = decode_as(sys.stdin.buffer.read(), Order)
    end_with(order.parent_pid)
    try:
        with open_page(order.executable, order.base_url, order.width, order.height) as page:
            png, _ = take_picture(page, order)
    except PageFailedError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one line the parent reads
        return ExitCode.PAGE_FAILED
    except BrowserTimeoutError as error:
        print(error.message.splitlines()[0], file=sys.stderr)  # noqa: T201 - the one line the parent reads
        return ExitCode.TOO_SLOW
    except BrowserError as error:
        print(error.message.splitlines()[0], file=sys.stderr)  # noqa: T201 - the one line the parent reads
        return ExitCode.BROWSER_FAILED
    sys.stdout.buffer.write(png)
    sys.stdout.buffer.flush()
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
