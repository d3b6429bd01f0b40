"""The numbers on the wall are right: an independent computation from the simulator's own records agrees."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from tests.e2e.demonstration import Truth, at_local, load_demonstration, write_fast_sources

MONDAY = date(2026, 11, 16)
MOMENTS_N = 10


def draw_moments(profile):
    """Random moments of the week, and the first minute of a day, in order."""
    begin = at_local(profile, MONDAY, 0)
    seconds = random.Random(20261116).sample(range(7 * 24 * 3600), MOMENTS_N - 1)
    midnight = at_local(profile, MONDAY + timedelta(days=3), 0, 0, 40)
    return sorted([midnight, *(begin + timedelta(seconds=s) for s in seconds)])


@pytest.mark.timeout(900)
def test_at_moments_of_a_week_every_number_equals_the_independent_one(make_product, open_wall, tmp_path):
    """One product, one page that is never reloaded; the clock moves through the week and every value follows."""
    sources = write_fast_sources(tmp_path)
    profile = load_demonstration(sources)
    moments = draw_moments(profile)
    product = make_product(sources=str(sources))
    product.set_clock(moments[0])
    product.start().wait_healthy()
    truth = Truth(profile, first_poll_at=moments[0])
    screen = open_wall(product)
    screen.wait_fresh()
    compared_n = 0
    for moment in moments:
        product.set_clock(moment)
        compared_n += truth.wait_shown(screen, moment)
    assert compared_n >= MOMENTS_N * 100
    assert screen.complaints == []
