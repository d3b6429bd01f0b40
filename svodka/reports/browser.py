"""The browser that renders pictures: where it is, and how it is started.

The system's own Chromium, never a downloaded one. It runs without a GPU, with software WebGL for the map,
and with everything off that would reach for the network.
"""

from __future__ import annotations

import shutil

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGS = (
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--disable-partial-raster",  # a tile that is painted in parts differs from one painted whole by a shade or two
)


def find_browser() -> str | None:
    """Return the path of the system's Chromium or Chrome, or None where there is none."""
    return next((path for name in BROWSER_NAMES if (path := shutil.which(name))), None)
