"""Care for glass that burns in: where the picture lies, minute by minute. Pure.

Once a minute the picture moves by one pixel of the scene along a closed path over a square of 12 by 12 offsets, so
that each of them is taken ten times a day, for as long as any other. One pixel of a scene is two of a wall of
3840x2160: the picture wanders over 22 pixels of such glass, unnoticed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

SIDE = 12  # even, or no closed path visits every offset once
_FIRST = -SIDE // 2
_MINUTE_S = 60


@lru_cache(maxsize=1)
def path() -> tuple[tuple[int, int], ...]:
    """Return the offsets (x, y) in scene pixels in their order; the last one lies beside the first."""
    down = [(0, y) for y in range(SIDE)]
    back = [
        (x, y)
        for y in range(SIDE - 1, -1, -1)
        for x in (range(1, SIDE) if (SIDE - 1 - y) % 2 == 0 else range(SIDE - 1, 0, -1))
    ]
    return tuple((x + _FIRST, y + _FIRST) for x, y in (*down, *back))


def shift_at(at: datetime) -> tuple[int, int]:
    """Return the offset of the picture at an instant (aware), in pixels of the scene."""
    minute = int(at.timestamp()) // _MINUTE_S
    return path()[minute % len(path())]


def next_shift(at: datetime) -> datetime:
    """Return the next instant after `at` at which the picture moves."""
    return at.replace(second=0, microsecond=0) + timedelta(seconds=_MINUTE_S)
