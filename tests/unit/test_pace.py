"""Frames adapt: at once when it is calm, 33 ms apart, 100 ms apart under load."""

from __future__ import annotations

import pytest

from svodka.realtime.pace import Pace


def test_the_first_change_goes_out_at_once():
    """Also the first after a pause."""
    pace = Pace()
    assert pace.delay_s(5.0) == 0
    pace.note_frame(5.0, 5.001)
    assert pace.delay_s(9.0) == 0


def test_at_least_33_ms_lie_between_two_frames():
    """The time is counted from the beginning of the frame before."""
    pace = Pace()
    pace.note_frame(5.0, 5.001)
    assert pace.delay_s(5.010) == pytest.approx(0.023)


def test_a_stream_without_a_break_slows_to_100_ms_and_recovers_with_a_pause():
    """Twenty frames that were all held back are a load."""
    pace, now_s = Pace(), 0.0
    for _ in range(22):
        now_s += pace.delay_s(now_s) + 0.001
        pace.note_frame(now_s, now_s + 0.002)
    assert pace.is_loaded
    assert pace.delay_s(now_s) == pytest.approx(0.1, abs=0.01)
    pace.note_frame(now_s + 3.0, now_s + 3.002)
    assert not pace.is_loaded


def test_frames_that_cost_much_come_less_often():
    """A frame of 40 ms at 33 ms spacing would leave nothing for anybody else."""
    pace = Pace()
    for n in range(20):
        pace.note_frame(n * 0.5, n * 0.5 + 0.040)
    assert pace.delay_s(9.540) == pytest.approx(0.06)


def test_one_slow_frame_is_no_load():
    """The machine was busy with something else: the next change does not wait for it."""
    pace = Pace()
    for n in range(20):
        pace.note_frame(n * 0.5, n * 0.5 + 0.004)
    pace.note_frame(10.0, 10.080)
    assert pace.delay_s(10.080) == 0


def test_changes_that_come_slower_than_frames_may_go_are_no_load():
    """Twenty a second: each is told at once, for as long as it lasts."""
    pace = Pace()
    for n in range(100):
        assert pace.delay_s(n * 0.05) == 0
        pace.note_frame(n * 0.05, n * 0.05 + 0.004)


def test_changes_that_come_as_often_as_frames_may_go_do_not_wait_longer_and_longer():
    """Under load, ten a second, each up to 30 ms early or late: nobody waits for more than the lateness before."""
    pace, now_s = Pace(), 0.0
    for _ in range(25):
        now_s += pace.delay_s(now_s) + 0.001
        pace.note_frame(now_s, now_s + 0.002)
    began_s, waits = now_s, []
    for n in range(1, 200):
        wanted_s = began_s + 0.1 * n + (n * 7 % 4) * 0.01
        waits.append(pace.delay_s(wanted_s))
        pace.note_frame(wanted_s + waits[-1], wanted_s + waits[-1] + 0.002)
    assert max(waits[10:]) < 0.035
