"""CPU time of processes and of all that they started, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def read_tree(root: int) -> dict[int, tuple[str, float]]:
    """Return name and CPU seconds so far (user and system) of a process and its living descendants, by pid."""
    parents: dict[int, int] = {}
    found: dict[int, tuple[str, float]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text()
        except OSError:  # ended meanwhile
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        parents[int(folder.name)] = int(fields[1])
        # Children that have ended and were waited for count too: a server may work in short-lived ones.
        found[int(folder.name)] = (name, sum(map(int, fields[11:15])) / _TICKS_PER_S)
    return {pid: told for pid, told in found.items() if _descends(pid, root, parents)}


def cpu_s(root: int) -> float:
    """Return the CPU seconds of a process and its living descendants."""
    return sum(seconds for _, seconds in read_tree(root).values())


def browser_cpu_s() -> float:
    """Return the CPU seconds of the browsers that this process started."""
    return sum(seconds for name, seconds in read_tree(os.getpid()).values() if name.startswith("chrom"))


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid not in (root, 0):
        pid = parents.get(pid, 0)
    return pid == root
