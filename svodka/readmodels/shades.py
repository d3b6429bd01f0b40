"""Bounds of the map's shades: half, once, twice and four times what is usual, or by a KPI's target. Pure.

They change at most once a day, at local midnight, and only from one round number to another, so that a
shade means the same all day. Why: docs/adr/0070-shades-of-the-map.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

_ROUND = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_SHARES_OF_USUAL = (0.0, 0.5, 1.0, 2.0, 4.0)
_USUAL_IF_UNKNOWN = 1.0
_DIGITS = 6
# Without a target nothing is abnormal: bounds that can be said aloud.
_PLAIN = {
    "share": (0.0, 0.05, 0.1, 0.2, 0.4),
    "minutes": (0.0, 240.0, 1440.0, 4320.0, 10080.0),
    "rating": (0.0, 3.0, 3.5, 4.0, 4.5),
}
_BELOW_TARGET = {"share": (0.1, 0.2), "rating": (0.5, 1.0)}


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


def compute_kpi_steps(unit: str, better: str, target: float | None, numbers: Sequence[float]) -> tuple[float, ...]:
    """Return the lower bounds of the shades of a KPI, rising, the first 0.

    Args:
        unit: `share`, `minutes`, `rating` or `rate`.
        better: `higher` or `lower`.
        target: Kept, once missed and missed by far are told apart by it; None: what is usual.
        numbers: Of the areas, for what is usual.
    """
    if target is None:
        return _PLAIN.get(unit) or compute_steps(median(numbers) if numbers else None)
    if better == "lower":
        return (0.0, target, 2 * target, 4 * target)
    missed = _BELOW_TARGET.get(unit, (target / 4, target / 2))
    bounds = (*(round(target - by, _DIGITS) for by in reversed(missed)), target)
    return (0.0, *(bound for bound in bounds if bound > 0))
