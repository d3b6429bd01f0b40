"""The age of data decides the state of sources and panels."""

from __future__ import annotations

import pytest

from svodka.domain.freshness import Limits, SourceAge, State, decide_panel_state, decide_source_state

LIMITS = Limits(ageing_s=30, stale_s=60, dead_s=600)


def source(age_s, cover=1.0):
    return SourceAge(age_s=age_s, limits=LIMITS, cover=cover)


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (0, State.FRESH),
        (29.9, State.FRESH),
        (30, State.AGEING),
        (60, State.STALE),
        (600, State.DEAD),
        (None, State.DEAD),
    ],
)
def test_a_source_grows_old_at_its_limits(age_s, expected):
    """Each limit belongs to the worse state, and a source that never answered is dead."""
    assert decide_source_state(age_s, LIMITS) is expected


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([source(0), source(0)], State.FRESH),
        ([source(0), source(40)], State.AGEING),
        ([source(0, 3), source(100, 1)], State.PARTIAL),
        ([source(0, 1), source(100, 3)], State.STALE),
        ([source(0, 1), source(None, 3)], State.STALE),
        ([source(100), source(None)], State.STALE),
        ([source(None), source(700)], State.DEAD),
        ([], State.DEAD),
    ],
)
def test_a_panel_is_as_good_as_the_sources_that_remain(sources, expected):
    """One silent source of many makes it partial while the rest covers enough; else it is blind."""
    assert decide_panel_state(sources, partial_min_cover=0.6) is expected
