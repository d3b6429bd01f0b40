"""The straight line through a series, and its bound."""

from __future__ import annotations

from random import Random

import pytest

from bench.slopes import fit_slope


def test_a_growing_series_is_seen_through_its_noise():
    chance = Random(1)
    xs = [n / 10 for n in range(100)]
    found = fit_slope(xs, [5 + 0.7 * x + chance.gauss(0, 0.2) for x in xs])
    assert found.lower < 0.7 < found.upper
    assert found.upper - found.lower < 0.1


def test_a_level_series_has_a_slope_about_zero_and_a_straight_one_no_width():
    chance = Random(2)
    xs = list(range(60))
    level = fit_slope(xs, [chance.gauss(20, 1) for _ in xs])
    assert level.lower < 0 < level.upper
    straight = fit_slope(xs, [2.0 * x for x in xs])
    assert (straight.lower, straight.per_x, straight.upper) == pytest.approx((2, 2, 2))


def test_neighbours_that_agree_widen_the_bound():
    """Twenty values told five times each are not a hundred values."""
    chance = Random(3)
    values = [chance.gauss(0, 1) for _ in range(20)]
    repeated = fit_slope(range(100), [value for value in values for _ in range(5)])
    shuffled = fit_slope(range(100), chance.sample([value for value in values for _ in range(5)], 100))
    assert repeated.upper - repeated.lower > 1.5 * (shuffled.upper - shuffled.lower)


def test_too_few_values_say_nothing():
    assert fit_slope([1, 2, 3], [1, 2, 3]) is None
