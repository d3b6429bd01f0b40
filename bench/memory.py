"""How much memory of their own processes hold: the kernel's proportional share of anonymous memory (Pss_Anon).

Mapped files are left out: their share changes with whoever else runs the same programs.
"""

from __future__ import annotations

import os
from pathlib import Path

from bench.cpu import read_tree


def own_of_tree(root: int) -> int:
    """Return the bytes of a process and its living descendants."""
    return sum(_own(pid) for pid in read_tree(root))


def own_of_page() -> int:
    """Return the bytes of the browser's process that shows the page: the largest of those that this process started."""
    pids = [pid for pid in read_tree(os.getpid()) if _is_renderer(pid)]
    return max((_own(pid) for pid in pids), default=0)


def _is_renderer(pid: int) -> bool:
    try:
        return b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # ended meanwhile
        return False


def _own(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:")), 0)
