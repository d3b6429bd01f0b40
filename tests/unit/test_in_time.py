"""A monitor's question to a database that hangs."""

from __future__ import annotations

import threading

import gevent
import pytest
from gevent.threadpool import ThreadPool

from commands.in_time import in_time


@pytest.mark.timeout(20)
def test_while_a_question_is_under_way_others_are_answered_with_none_and_none_is_asked():
    """Ten monitors ask a database that hangs; when it answers again, so do we."""
    pool, answers, asked = ThreadPool(1), threading.Event(), []

    def find(seq):
        asked.append(seq)
        answers.wait()
        return seq

    ask = in_time(pool, find, 0.02)
    assert [ask(n) for n in range(10)] == [None] * 10
    assert asked == [0]
    answers.set()
    with gevent.Timeout(10):
        while ask(11) != 11:
            gevent.sleep(0.01)
    pool.kill()


@pytest.mark.timeout(20)
def test_a_pool_that_others_keep_busy_holds_nobody_up():
    """Links and pictures wait for the same hanging database."""
    pool, answers = ThreadPool(1), threading.Event()
    others = [gevent.spawn(pool.apply, answers.wait) for _ in range(4)]
    gevent.sleep(0)
    ask = in_time(pool, lambda seq: seq, 0.02)
    assert [ask(n) for n in range(3)] == [None] * 3
    answers.set()
    gevent.joinall(others)
    pool.kill()
