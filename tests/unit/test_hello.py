"""What browsers may say, and nothing else."""

from __future__ import annotations

import pytest

from svodka.domain.codec import encode_text
from svodka.realtime.frozen import KEPT_S, MAX_KEPT, FrozenMoments
from svodka.realtime.sockets import read_hello

GOOD = {"v": 1, "page": "wall", "epoch": "a.b", "seq": 7}


@pytest.mark.parametrize("words", [(GOOD,), (encode_text(GOOD),), ({"v": 1, "page": "wall"},)])
def test_a_hello_is_read_as_text_and_as_an_object(words):
    """A browser that knows nothing leaves its position out."""
    assert read_hello(words).page == "wall"


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
    tokens = [moments.keep(f"{n}") for n in range(MAX_KEPT + 1)]
    assert moments.get(tokens[0]) is None
    assert moments.get(tokens[-1]) == f"{MAX_KEPT}"
    assert not moments.holds("guess")
    now_s += KEPT_S
    assert not moments.holds(tokens[-1])
