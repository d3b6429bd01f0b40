"""Processes that a test started, found by a mark in their environment (children of children, orphans too)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

MARK = "SVODKA_TEST_MARK"


def find_marked(mark: str) -> dict[int, str]:
    """Return the command lines of living processes that carry `mark`, by pid, without this process."""
    wanted = f"{MARK}={mark}".encode()
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0") and not _is_zombie(folder):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(folder.name)] = line
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def _is_zombie(folder: Path) -> bool:
    return (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def wait_until(
    is_so: Callable[[], object], limit_s: float, what: str, *, pause: Callable[[float], object] | None = None
) -> float:
    """Wait until `is_so()` is true and return the seconds it took; fail with `what` after the limit.

    A browser's events are handled only while its driver is asked something: give `pause` where a page is watched.
    """
    rest = pause or threading.Event().wait
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > limit_s:
            message = f"after {limit_s} s still not: {what}"
            raise AssertionError(message)
        rest(0.05)
    return time.monotonic() - began
