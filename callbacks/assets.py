"""Where the browser's files lie."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "assets"
VENDOR = ASSETS / "vendor"
