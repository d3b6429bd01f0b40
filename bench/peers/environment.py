"""The environment that the peers live in: made at the first use from PyPI, by name, with pinned versions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WANTED = ROOT / "bench" / "peers" / "requirements.txt"
HOME = ROOT / "var" / "bench" / "peers"
PYTHON = HOME / "bin" / "python"
_DONE = HOME / "installed.txt"


def ensure_peers() -> None:
    """Install the peers where that has not been done, or was done for other versions."""
    wanted = WANTED.read_text(encoding="utf-8")
    if _DONE.exists() and _DONE.read_text(encoding="utf-8") == wanted:
        return
    print("installing the peers into", HOME)
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", "-r", str(WANTED)], check=True)
    _DONE.write_text(wanted, encoding="utf-8")
