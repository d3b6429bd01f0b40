"""Pauses after failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.ingest.backoff import decide_delay_s


def test_the_pause_doubles_up_to_five_minutes():
    pauses = [decide_delay_s(failures_n=n, interval_s=5, retry_after_s=None, draw=1.0) for n in range(1, 10)]
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300, 300]


def test_the_draw_spreads_the_pause_over_the_whole_span():
    assert decide_delay_s(failures_n=4, interval_s=5, retry_after_s=None, draw=0.0) == 5
    assert decide_delay_s(failures_n=4, interval_s=5, retry_after_s=None, draw=0.5) == 42.5


def test_a_wish_of_the_source_is_a_lower_bound():
    assert decide_delay_s(failures_n=1, interval_s=5, retry_after_s=120, draw=0.0) == 120
    assert decide_delay_s(failures_n=9, interval_s=5, retry_after_s=1, draw=1.0) == 300


@pytest.mark.parametrize("failures_n", [1, 5, 10_000])
def test_a_source_that_is_rarely_polled_is_not_polled_more_often_because_it_fails(failures_n):
    assert decide_delay_s(failures_n=failures_n, interval_s=1200, retry_after_s=None, draw=1.0) == 1200


@given(
    st.integers(1, 10**9),
    st.floats(0.2, 86_400),
    st.none() | st.floats(0, 3600),
    st.floats(0, 1),
)
def test_a_pause_lies_between_the_interval_and_the_longest_of_all_bounds(failures_n, interval_s, retry_after_s, draw):
    pause = decide_delay_s(failures_n=failures_n, interval_s=interval_s, retry_after_s=retry_after_s, draw=draw)
    assert interval_s <= pause <= max(300, interval_s, retry_after_s or 0) + 1e-6
