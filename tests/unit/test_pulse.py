"""The watchdog's two halves, on a clock of the test."""

from __future__ import annotations

import os

import pytest
from structlog.testing import capture_logs

from commands.pulse import HUNG_AFTER_S, LOOP_LIMIT_S, NEVER_BEGAN_AFTER_S, Alive, Pulse
from svodka.realtime.loops import Loop


class Standing(Loop):
    """A loop that moved as long ago as the test says."""

    def __init__(self):
        super().__init__("standing", 1.0)
        self.since_s = 0.0

    def step(self):
        """Never called: the loop is not started."""

    def still_s(self):
        return self.since_s


@pytest.fixture
def pulse():
    made = Pulse(0.0)
    yield made
    made.close()
    os.close(made.write_fd)


def look(pulse, from_s, to_s):
    """Look every second, so that no standstill is seen; return the last silence."""
    return [pulse.silent_s(float(second)) for second in range(from_s, to_s + 1)][-1]


def test_silence_counts_from_the_last_byte(pulse):
    Alive(pulse.write_fd, []).beat()
    assert look(pulse, 1, 20) == 19
    Alive(pulse.write_fd, []).beat()
    assert look(pulse, 21, 21) == 0


def test_before_the_first_byte_a_start_may_take_its_time(pulse):
    """A migration of a large database is no hanging."""
    assert pulse.limit_s == NEVER_BEGAN_AFTER_S
    Alive(pulse.write_fd, []).beat()
    look(pulse, 0, 1)
    assert pulse.limit_s == HUNG_AFTER_S


def test_time_in_which_the_supervisor_itself_stood_still_does_not_count(pulse):
    """After the machine was suspended, or Ctrl-Z, no child is killed for it."""
    Alive(pulse.write_fd, []).beat()
    look(pulse, 0, 2)
    assert pulse.silent_s(500.0) == 0
    assert pulse.silent_s(501.0) == 1


def test_a_supervisor_that_waits_for_its_broker_again_and_again_still_finds_a_hung_child(pulse):
    """Each try to start it takes up to twenty seconds."""
    Alive(pulse.write_fd, []).beat()
    look(pulse, 0, 1)
    assert [pulse.silent_s(float(second)) for second in (12, 34)] == [12, 34]


def test_a_full_pipe_holds_nobody_up(pulse):
    """The supervisor may be stopped for hours."""
    alive = Alive(pulse.write_fd, [])
    for _ in range(100_000):
        alive.beat()
    assert pulse.silent_s(1.0) == 0


def test_a_loop_that_stands_still_ends_the_beat_and_is_named_once(pulse):
    loop = Standing()
    alive = Alive(pulse.write_fd, [loop])
    with capture_logs() as said:
        loop.since_s = LOOP_LIMIT_S + 1
        alive.beat()
        alive.beat()
        assert pulse.silent_s(1.0) == 1
        loop.since_s = 0
        alive.beat()
        assert pulse.silent_s(2.0) == 0
    assert [entry["loops"] for entry in said] == [["standing"], []]


class Waiting:
    """A database whose oldest transaction has been under way for as long as the test says."""

    def __init__(self):
        self.since_s = 0.0

    def longest_s(self):
        return self.since_s


def test_a_wait_for_the_database_is_no_standstill_and_a_loop_that_stood_before_it_is_found(pulse):
    loop, database = Standing(), Waiting()
    alive = Alive(pulse.write_fd, [loop], [database])
    loop.since_s, database.since_s = 3600.0, 3599.0
    alive.beat()
    assert pulse.silent_s(1.0) == 0
    database.since_s = 3600.0 - LOOP_LIMIT_S - 1
    alive.beat()
    assert pulse.silent_s(2.0) == 1


def test_without_a_supervisor_nothing_is_written():
    Alive(None, []).beat()
