"""The map's shades mean half, once, twice and four times the usual, in round numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.readmodels.shades import compute_kpi_steps, compute_steps


@pytest.mark.parametrize(
    ("usual", "expected"),
    [
        (None, (0.0, 0.5, 1.0, 2.0, 4.0)),
        (0.0, (0.0, 0.5, 1.0, 2.0, 4.0)),
        (3.2, (0.0, 1.5, 3.0, 6.0, 12.0)),
        (0.0412, (0.0, 0.02, 0.04, 0.08, 0.16)),
        (97.0, (0.0, 50.0, 100.0, 200.0, 400.0)),
    ],
)
def test_steps_are_round_numbers_around_the_usual(usual, expected):
    """A reader of the legend meets numbers that can be said aloud."""
    assert compute_steps(usual) == expected


@given(usual=st.floats(1e-4, 1e5))
def test_steps_always_rise_and_the_usual_lies_near_the_third(usual):
    """Whatever the region's size, five shades, never two alike, and the rounding is at most a half."""
    steps = compute_steps(usual)
    assert list(steps) == sorted(set(steps))
    assert 0.66 < steps[2] / usual < 1.5


def test_a_few_more_appeals_leave_the_shades_alone():
    """Between two neighbouring round numbers nothing moves."""
    assert {compute_steps(usual) for usual in (2.6, 2.8, 3.0, 3.2, 3.4)} == {(0.0, 1.5, 3.0, 6.0, 12.0)}


@pytest.mark.parametrize(
    ("unit", "better", "target", "expected"),
    [
        ("share", "higher", 0.95, (0.0, 0.75, 0.85, 0.95)),
        ("share", "higher", 0.15, (0.0, 0.05, 0.15)),
        ("rating", "higher", 4.0, (0.0, 3.0, 3.5, 4.0)),
        ("minutes", "lower", 1440, (0.0, 1440, 2880, 5760)),
        ("share", "lower", None, (0.0, 0.05, 0.1, 0.2, 0.4)),
        ("rate", "lower", None, (0.0, 1.5, 3.0, 6.0, 12.0)),
    ],
)
def test_a_kpi_is_shaded_by_its_target_and_else_by_plain_numbers(unit, better, target, expected):
    """Kept, missed, missed by more, missed by far; a rate by what is usual among the areas."""
    assert compute_kpi_steps(unit, better, target, [1.0, 3.2, 50.0]) == expected
