"""Pages of the browser without a browser: one node process that runs the real connection and the real reducer.

`tests/javascript/pages.mjs` is its other half. Time stands still in there: every order says what time it is.
"""

from __future__ import annotations

import subprocess
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from tests.node import ROOT, node_command


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a page did in answer to an order.

    Attributes:
        page: Its name.
        said: Pairs of event and text that it sent; `connect` where it asked for a new line.
        seq: Where it stands now.
        shown: What it says about its connection: "live", "syncing" or "lost".
        state: Its whole state, when it was asked to show it.
        counts: What it did so far, when it was asked to show it: frames applied, dropped, gaps, snapshots.
        seen: Incidents that it ever showed as open, when it was asked to show it.
        missed: Incidents that it was told of as over, when it was asked to show it.
    """

    page: str = ""
    said: list[tuple[str, str]] = []
    seq: int | None = None
    shown: str = ""
    state: dict[str, Any] | None = None
    counts: dict[str, int] = {}
    seen: list[int] = []
    missed: list[int] = []
    error: str = ""


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page is to do.

    Attributes:
        page: Its name.
        word: "open" (or load again), "say" (an event comes), "time" (look at timers), "show" (everything).
        event: Which event comes.
        payload: Its text.
        scene: The scene that an opened page wants.
    """

    page: str
    word: Literal["open", "say", "time", "show"]
    event: str = ""
    payload: str = ""
    scene: str | None = None


class Pages:
    """The node process; a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*node_command(), "--no-warnings", str(ROOT / "tests" / "javascript" / "pages.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.now_ms = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate(timeout=20)

    def obey(self, orders: list[Order]) -> list[Said]:
        """Have orders obeyed, one after the other, and return what became of each."""
        if not orders:
            return []
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode({"at_ms": self.now_ms, "orders": orders}) + b"\n")
        self._process.stdin.flush()
        answers = msgspec.json.decode(self._process.stdout.readline(), type=list[Said])
        assert not answers[-1].error, answers[-1].error
        return answers

    def show(self, *pages: str) -> list[Said]:
        """Return everything about some pages."""
        return self.obey([Order(page, "show") for page in pages])
