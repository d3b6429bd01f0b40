"""What the web process and its renderer tell one another; imports neither server nor browser."""

from __future__ import annotations

from enum import IntEnum

import msgspec

METADATA_KEY = "svodka"


class ExitCode(IntEnum):
    """How the renderer ended."""

    OK = 0
    BROWSER_FAILED = 3
    PAGE_FAILED = 4
    TOO_SLOW = 5
    NOT_WRITTEN = 6
    NO_BROWSER = 7


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to picture.

    Attributes:
        base_url: Own origin; requests to any other are refused.
        path: Page.
        scene: Reference of the scene; "": the first of the frozen state.
        token: Its frozen state.
        width, height: Viewport in pixels.
        ready_limit_s: How long to wait for the page to say that it is ready; then it is pictured as it is.
        executable: The browser.
        parent_pid: The process that ordered; the renderer ends with it.
    """

    base_url: str
    path: str
    token: str
    width: int
    height: int
    ready_limit_s: float
    executable: str
    parent_pid: int
    scene: str = ""
