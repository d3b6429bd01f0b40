"""What browsers may say, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from svodka.domain.codec import encode_text
from svodka.realtime.frozen import KEPT_S, MAX_KEPT, FrozenMoments
from svodka.realtime.sockets import read_hello

GOOD = {
    "v": 3,
    "page": "wall",
    "wall": "main",
    "screen": "1",
    "scene": None,
    "view": "a1",
    "epoch": "a.b",
    "seq": 7,
    "at": "2026-03-02T05:30:20.250Z",
}


@pytest.mark.parametrize("words", [(GOOD,), (encode_text(GOOD),), ({"v": 3, "page": "wall"},)])
def test_a_hello_is_read_as_text_and_as_an_object(words):
    """A browser that knows nothing leaves its position out."""
    assert read_hello(words).page == "wall"


def test_a_page_that_loaded_itself_anew_may_know_nothing_but_when_it_last_showed_something():
    """Then it gets a snapshot and what it missed."""
    assert read_hello(({**GOOD, "epoch": None, "seq": None},)).at == datetime(2026, 3, 2, 5, 30, 20, 250_000, UTC)


@pytest.mark.parametrize(
    "words",
    [
        (),
        (GOOD, GOOD),
        (None,),
        (7,),
        (b"\x00",),
        ([GOOD],),
        ("",),
        ("{",),
        ("[" * 10_000,),
        ({**GOOD, "v": 2},),
        ({**GOOD, "at": "2026-03-02T05:30:20"},),
        ({**GOOD, "at": 7},),
        ({**GOOD, "scene": 7},),
        ({**GOOD, "scene": "a" * 161},),
        ({**GOOD, "wall": None},),
        ({**GOOD, "screen": 1},),
        ({**GOOD, "area": None},),
        ({**GOOD, "epoch": "e" * 10_000},),
        ({**GOOD, "seq": -1},),
        ({**GOOD, "seq": 2**63},),
        ({**GOOD, "seq": 1.5},),
        ({**GOOD, "seq": "7"},),
        ({**GOOD, "seq": float("nan")},),
        ({**GOOD, "seq": True},),
        ({**GOOD, "epoch": None},),
        ({**GOOD, "seq": None},),
        ({**GOOD, "room": "other"},),
        ({**GOOD, "__proto__": {}},),
        ({"page": "wall"},),
    ],
)
def test_anything_else_is_not_a_hello(words):
    """Wrong types, positions that cannot be, unknown fields, half a position."""
    assert read_hello(words) is None


def test_frozen_moments_end_with_their_time_and_are_bounded_in_number():
    """Two minutes, sixteen moments; the oldest goes first."""
    now_s = 100.0
    moments = FrozenMoments(lambda: now_s)
    tokens = [moments.keep({"overview": b"%d" % n, "area:north": b"north"}) for n in range(MAX_KEPT + 1)]
    assert moments.get(tokens[0]) is None
    assert moments.get(tokens[-1]) == b"%d" % MAX_KEPT
    assert moments.get(tokens[-1], "area:north") == b"north"
    assert moments.get(tokens[-1], "elsewhere") is None
    assert not moments.holds("guess")
    now_s += KEPT_S
    assert not moments.holds(tokens[-1])
