"""The harness's browser keeps until when it has seen everything as the page does (assets/js/seen.mjs)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bench.faults.model import Model
from tests.reducer import PageState

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def model():
    """At the tip, and everything until ten o'clock seen."""
    made = Model("model", [1], "http://127.0.0.1", Random(0))
    made.state = PageState(
        scene="overview", view="v", epoch="e", seq=5, at=AT, appeals=[], incidents={}, limits={}, values={}
    )
    made._last_at, made._is_answered = AT.isoformat(), True
    return made


def beat(seconds, read_s):
    return {"epoch": "e", "seq": 5, "at": (AT + timedelta(seconds=seconds)).isoformat(), "rate": 1.0, "read_s": read_s}


def test_a_server_that_cannot_read_moves_nothing(model):
    """What came to pass since its last look it does not know."""
    model._on_beat(beat(40, 40.0))
    assert datetime.fromisoformat(model._last_at) == AT
    model._on_beat(beat(41, 0.5))
    assert datetime.fromisoformat(model._last_at) == AT + timedelta(seconds=40.5)


def test_a_beat_before_the_answer_moves_nothing(model):
    """The hello would be said again with a later instant, if the line broke now."""
    model._is_answered = False
    model._on_beat(beat(10, 0.0))
    assert datetime.fromisoformat(model._last_at) == AT
