"""Pictures of pages: freeze the state, have a child process render it, hand back a PNG that says what it shows.

One rendering at a time; whoever waits too long gets a sentence and a time to come back. Only registered pages
and bounded sizes. Nothing here needs asyncio: under gevent waiting for the child is cooperative.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection
from enum import StrEnum
from pathlib import Path

import msgspec

from svodka.domain.codec import decode_as, encode
from svodka.domain.errors import SvodkaError
from svodka.reports.browser import find_browser
from svodka.reports.collect import PictureFacts
from svodka.reports.order import METADATA_KEY, ExitCode, Order
from svodka.reports.png_text import read_text

MIN_WIDTH, MAX_WIDTH = 320, 7680
MIN_HEIGHT, MAX_HEIGHT = 240, 4320
_ROOT = Path(__file__).resolve().parents[2]
_END_GRACE_S = 5.0
_RETRY_AFTER_S = 15


class PictureRefusal(StrEnum):
    """Why there is no picture. A person reads `picture.refused.<value>` of the locales."""

    UNKNOWN_PAGE = "unknown_page"
    UNKNOWN_MOMENT = "unknown_moment"
    BAD_SIZE = "bad_size"
    BUSY = "busy"
    NO_BROWSER = "no_browser"
    TOO_SLOW = "too_slow"
    FAILED = "failed"


_STATUS = {
    PictureRefusal.UNKNOWN_PAGE: 400,
    PictureRefusal.UNKNOWN_MOMENT: 404,
    PictureRefusal.BAD_SIZE: 400,
}


class PictureRefusedError(SvodkaError):
    """There is no picture.

    Attributes:
        refusal: Why.
        status: HTTP status that says the same: 400 where the question was wrong, else 503.
        retry_after_s: When asking again makes sense; None: something has to be mended first.
        text_key: Key of the sentence for people.
        params: What the sentence needs.
    """

    def __init__(self, refusal: PictureRefusal, detail: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(f"{refusal.value}: {detail}" if detail else refusal.value)
        self.refusal = refusal
        self.status = _STATUS.get(refusal, 503)
        self.retry_after_s = retry_after_s
        self.text_key = f"picture.refused.{refusal.value}"
        self.params: dict[str, object] = {
            "min_width": MIN_WIDTH,
            "max_width": MAX_WIDTH,
            "min_height": MIN_HEIGHT,
            "max_height": MAX_HEIGHT,
        }


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A PNG and what it shows (the same facts are inside it)."""

    png: bytes
    facts: PictureFacts

    @property
    def seq(self) -> int | None:
        """What the pictured page stood at."""
        return self.facts.seq

    @property
    def as_of(self) -> str | None:
        """«Данные на», ISO 8601."""
        return self.facts.as_of


class PictureService:
    """Renders registered pages of the own server."""

    def __init__(
        self,
        *,
        base_url: str,
        freeze: Callable[[], str],
        pages: Collection[str] = ("/wall",),
        browser: Callable[[], str | None] = find_browser,
        ready_limit_s: float = 20.0,
        time_limit_s: float = 60.0,
        wait_limit_s: float = 20.0,
        max_waiting: int = 3,
    ) -> None:
        """Remember how to render; nothing is started.

        Args:
            base_url: Origin of the own server, loopback, without a slash at the end.
            freeze: Keeps the present state of the first scene for at least two minutes and returns its token.
            pages: Paths that may be pictured.
            browser: Finds the browser's executable.
            ready_limit_s: How long a page may take to become ready before it is pictured as it is.
            time_limit_s: After how long a rendering is ended.
            wait_limit_s: How long a request waits for the one before it.
            max_waiting: How many may wait.
        """
        self._base_url = base_url.rstrip("/")
        self._freeze = freeze
        self._pages = frozenset(pages)
        self._browser = browser
        self._ready_limit_s = ready_limit_s
        self._time_limit_s = time_limit_s
        self._wait_limit_s = wait_limit_s
        self._places = threading.Semaphore(max_waiting + 1)
        self._rendering = threading.Lock()

    def render(
        self, path: str, width: int, height: int, *, scene: str = "", freeze: Callable[[], str] | None = None
    ) -> Picture:
        """Return a picture of a page as it is at the moment of the call.

        Args:
            path: A registered page.
            width: Pixels, 320..7680.
            height: Pixels, 240..4320.
            scene: Reference of the scene; "": the first.
            freeze: Keeps that scene, or another moment than the present one.

        Returns:
            The picture.

        Raises:
            PictureRefusedError: No picture; the error says why, with which status, and when to try again.
        """
        if path not in self._pages:
            raise PictureRefusedError(PictureRefusal.UNKNOWN_PAGE)
        if not (MIN_WIDTH <= width <= MAX_WIDTH and MIN_HEIGHT <= height <= MAX_HEIGHT):
            raise PictureRefusedError(PictureRefusal.BAD_SIZE)
        executable = self._browser()
        if executable is None:
            raise PictureRefusedError(PictureRefusal.NO_BROWSER)
        if not self._places.acquire(blocking=False):
            raise PictureRefusedError(PictureRefusal.BUSY, retry_after_s=_RETRY_AFTER_S)
        try:
            token = (freeze or self._freeze)()  # the moment of the question, not of its turn
            if not self._rendering.acquire(timeout=self._wait_limit_s):
                raise PictureRefusedError(PictureRefusal.BUSY, retry_after_s=_RETRY_AFTER_S)
            try:
                return self._render_in_child(self._order(path, (width, height), scene, token, executable))
            finally:
                self._rendering.release()
        finally:
            self._places.release()

    def _order(self, path: str, size: tuple[int, int], scene: str, token: str, executable: str) -> Order:
        return Order(
            base_url=self._base_url,
            path=path,
            scene=scene,
            token=token,
            width=size[0],
            height=size[1],
            ready_limit_s=self._ready_limit_s,
            executable=executable,
            parent_pid=os.getpid(),
        )

    def _render_in_child(self, order: Order) -> Picture:
        child = subprocess.Popen(
            [sys.executable, "-m", "svodka.reports.render"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            png, errors = child.communicate(encode(order), timeout=self._time_limit_s)
        except subprocess.TimeoutExpired as error:
            raise PictureRefusedError(PictureRefusal.TOO_SLOW, retry_after_s=_RETRY_AFTER_S) from error
        finally:
            _end(child)
        if child.returncode != ExitCode.OK:
            is_slow = child.returncode == ExitCode.TOO_SLOW
            lines = errors.decode(errors="replace").strip().splitlines() or [f"exit code {child.returncode}"]
            refusal = PictureRefusal.TOO_SLOW if is_slow else PictureRefusal.FAILED
            raise PictureRefusedError(refusal, lines[-1], retry_after_s=_RETRY_AFTER_S if is_slow else None)
        return Picture(png=png, facts=decode_as(read_text(png, METADATA_KEY) or "", PictureFacts))


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and collect it; its browser ends with it because their pipe breaks."""
    if child.poll() is None:
        child.terminate()
        try:
            child.communicate(timeout=_END_GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
