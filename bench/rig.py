"""What the benchmarks of the full page stand on: an installation, a Redis and a browser of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, sync_playwright

from bench.browsing import launch
from bench.installation import APPEALS_N, QUICK_APPEALS_N, Installation
from bench.peers.environment import ensure_peers
from bench.redis_server import RedisServer


class Rig(msgspec.Struct, frozen=True, kw_only=True):
    """What is shared by the systems that are measured in one run."""

    installation: Installation
    redis_url: str
    browser: Browser


@contextmanager
def set_up(*, quick: bool) -> Iterator[Rig]:
    """Set up everything, and end it; the peers are installed first unless it is quick, when only ours is measured."""
    if not quick:
        ensure_peers()
    with (
        tempfile.TemporaryDirectory(prefix="svodka-bench-") as folder,
        RedisServer(Path(folder)) as redis_url,
        sync_playwright() as playwright,
    ):
        installation = Installation(Path(folder) / "installation", QUICK_APPEALS_N if quick else APPEALS_N)
        browser = launch(playwright)
        yield Rig(installation=installation, redis_url=redis_url, browser=browser)
        browser.close()
