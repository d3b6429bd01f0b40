"""The environment that the peers live in: made at the first use from PyPI, by name, with pinned versions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WANTED = ROOT / "bench" / "peers" / "requirements.txt"
HOME = ROOT / "var" / "bench" / "peers"
PYTHON = HOME / "bin" / "python"


def ensure_peers(wanted_file: Path = WANTED, home: Path = HOME) -> Path:
    """Install peers where that has not been done, or was done for other versions; return their Python."""
    python, done = home / "bin" / "python", home / "installed.txt"
    wanted = wanted_file.read_text(encoding="utf-8")
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    print("installing the peers into", home)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(wanted_file)], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python
