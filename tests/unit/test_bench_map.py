"""The benchmark of the map: what it must not let pass."""

from __future__ import annotations

from bench.map.__main__ import judge


def told(**live):
    return {int(size[1:]): {"live_ms": ms} for size, ms in live.items()}


def test_a_live_point_that_grows_with_what_lies_below_fails():
    """From 1,000 to 100,000 at most by half; what lies between is told and not judged."""
    assert judge(told(n1000=40.0, n10000=90.0, n100000=59.0), {})["ok"]
    assert not judge(told(n1000=40.0, n100000=61.0), {})["ok"]


def test_a_live_point_that_is_no_tenth_of_plotlys_fails():
    """At the largest size; without Plotly's figure (--quick, or it gave up) nothing is claimed."""
    ours = told(n1000=40.0, n100000=50.0)
    assert judge(ours, told(n100000=500.0)) == {"growth": 1.25, "ahead": 10.0, "ok": True}
    assert not judge(ours, told(n100000=499.0))["ok"]
    assert judge(ours, {})["ahead"] is None
