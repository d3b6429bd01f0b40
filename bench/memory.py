"""How much memory processes hold, by the kernel's proportional share (PSS): what is shared counts once."""

from __future__ import annotations

import os
from pathlib import Path

from bench.cpu import read_tree


def pss_of_tree(root: int) -> int:
    """Return the bytes of a process and its living descendants."""
    return sum(_pss(pid) for pid in read_tree(root))


def pss_of_page() -> int:
    """Return the bytes of the browser's process that shows the page: the largest of those that this process started."""
    pids = [pid for pid in read_tree(os.getpid()) if _is_renderer(pid)]
    return max((_pss(pid) for pid in pids), default=0)


def _is_renderer(pid: int) -> bool:
    try:
        return b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # ended meanwhile
        return False


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
