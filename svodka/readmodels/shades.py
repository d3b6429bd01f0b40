"""Bounds of the map's shades: half, once, twice and four times what is usual in the region. Pure.

They change at most once a day, at local midnight, and only from one round number to another, so that a
shade means the same all day. Why: docs/adr/0070-shades-of-the-map.md.
"""

from __future__ import annotations

import math

_ROUND = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_SHARES_OF_USUAL = (0.0, 0.5, 1.0, 2.0, 4.0)
_USUAL_IF_UNKNOWN = 1.0
_DIGITS = 6


def compute_steps(usual: float | None) -> tuple[float, ...]:
    """Return the lower bounds of five shades, rising, the first 0.

    Args:
        usual: The region's usual number of appeals per 10,000 residents and day; None or 0 where unknown.
    """
    base = _round_number(usual) if usual else _USUAL_IF_UNKNOWN
    return tuple(round(base * share, _DIGITS) for share in _SHARES_OF_USUAL)


def _round_number(value: float) -> float:
    """Return the round number nearest to `value` (above 0) by ratio."""
    power = 10.0 ** math.floor(math.log10(value))
    return min((step * power for step in _ROUND), key=lambda step: abs(math.log(step / value)))
