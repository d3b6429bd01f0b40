"""Whether a series grows: a straight line through it, with a bound. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import NormalDist, fmean

import msgspec

_MIN_N = 4
_MAX_CORRELATION = 0.95


class Slope(msgspec.Struct, frozen=True, kw_only=True):
    """Growth per unit of x, and the bound that it stays below with 97.5 % (the upper end of a 95 % interval)."""

    per_x: float
    upper: float
    lower: float


def fit_slope(xs: Sequence[float], ys: Sequence[float]) -> Slope | None:
    """Return the slope of a series by least squares, None where there are too few values.

    What one value has in common with the one before (a heap that was just cleared, a cache that fills) would make the
    bound too narrow; the standard error is widened by the correlation of neighbouring residuals.
    """
    n = len(xs)
    mean_x, mean_y = (fmean(xs), fmean(ys)) if n else (0.0, 0.0)
    spread = sum((x - mean_x) ** 2 for x in xs)
    if n < _MIN_N or spread == 0:
        return None
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    rest = [y - mean_y - slope * (x - mean_x) for x, y in zip(xs, ys, strict=True)]
    squares = sum(r * r for r in rest)
    neighbours = sum(a * b for a, b in pairwise(rest))
    correlation = min(_MAX_CORRELATION, max(0.0, neighbours / squares)) if squares else 0.0
    error = sqrt(squares / (n - 2) / spread) * sqrt((1 + correlation) / (1 - correlation))
    width = _student_t(n - 2) * error
    return Slope(per_x=slope, upper=slope + width, lower=slope - width)


def _student_t(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5 (expansion of Cornish and Fisher).
    """
    z = NormalDist().inv_cdf(0.975)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom ** (i + 1) for i, term in enumerate(terms))
