"""What one appeal adds to the rollups, and that differences add up to the present."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.analytics.rollups import (
    STANDING,
    Cell,
    MinutesCell,
    compute_difference,
    contributions,
    split_term_name,
    term_name,
)

ZONES = ["Asia/Novokuznetsk", "Asia/Kolkata", "Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe"]
KOLKATA = ZoneInfo("Asia/Kolkata")
RECEIVED_AT = datetime(2026, 3, 2, 5, 10, 30, tzinfo=UTC)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    received_at: datetime = RECEIVED_AT
    feed_at: datetime = RECEIVED_AT
    answered_at: datetime | None = None
    due_at: datetime | None = None
    due_basis: str = "record"
    due_norm: str | None = None
    is_open: bool = True
    rating: int | None = None
    area: str | None = "north"
    sector: str = "heat"
    channel: str = "portal"


def received_cells(area):
    """In Kolkata an hour begins at half past in UTC, and a day at 18:30."""
    hour_at = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    return {
        Cell("received", hour_at): 1,
        Cell("received_by_channel", hour_at, "portal"): 1,
        Cell("received_by_area", hour_at, area): 1,
        Cell("received_by_area_day", datetime(2026, 3, 1, 18, 30, tzinfo=UTC), area): 1,
        Cell("fed", datetime(2026, 3, 2, 5, 10, tzinfo=UTC)): 1,
        Cell("known", STANDING, "heat"): 1,
    }


def test_an_open_appeal_counts_as_received_and_open():
    """No area is the empty text; a mark of what is open counts nowhere."""
    assert dict(contributions(Facts(area=None, rating=5, due_at=RECEIVED_AT), KOLKATA)) == {
        **received_cells(""),
        Cell("open", STANDING, "heat"): 1,
        Cell("open_with_term", STANDING, "heat"): 1,
    }
    assert dict(contributions(Facts(), KOLKATA)) == {**received_cells("north"), Cell("open", STANDING, "heat"): 1}


def test_an_answered_appeal_counts_in_the_hour_of_its_answer():
    """Whole minutes are rounded down, and an answer exactly at its term is in time."""
    answered_at = RECEIVED_AT + timedelta(minutes=61, seconds=59)
    facts = Facts(
        answered_at=answered_at, due_at=answered_at, due_basis="norm", due_norm="30d", is_open=False, rating=4
    )
    hour_at = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
    assert dict(contributions(facts, KOLKATA)) == {
        **received_cells("north"),
        Cell("answered", hour_at): 1,
        Cell("answered_by_term", hour_at, "norm:30d"): 1,
        Cell("answered_with_term", hour_at): 1,
        Cell("answered_in_time", hour_at): 1,
        Cell("rating_sum", hour_at): 4,
        Cell("rating_n", hour_at): 1,
        MinutesCell(hour_at, 61): 1,
    }


@pytest.mark.parametrize(("basis", "norm"), [("record", None), ("norm", "30d"), ("none", None)])
def test_the_name_of_a_term_keeps_its_origin(basis, norm):
    """What was put together is taken apart again."""
    assert split_term_name(term_name(basis, norm)) == (basis, norm)


def test_an_answer_before_its_appeal_took_no_time():
    """Sources round times; a negative span counts as 0 minutes."""
    facts = Facts(answered_at=RECEIVED_AT - timedelta(minutes=3), is_open=False)
    assert [cell.minutes for cell, _ in contributions(facts, KOLKATA) if isinstance(cell, MinutesCell)] == [0]


instants = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 8), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds are what hypothesis asks for
facts = st.builds(
    Facts,
    received_at=instants,
    answered_at=st.none() | instants,
    due_at=st.none() | instants,
    is_open=st.booleans(),
    rating=st.none() | st.integers(1, 5),
    area=st.sampled_from([None, "north", "south"]),
    sector=st.sampled_from(["heat", "roads"]),
)


@pytest.mark.parametrize("zone", ZONES)
@given(history=st.lists(facts, min_size=1, max_size=6))
def test_differences_along_a_history_add_up_to_its_end(zone, history):
    """Whatever an appeal went through, what remains in the rollups is what its last state contributes."""
    zone = ZoneInfo(zone)
    total = Counter()
    for old, new in zip([None, *history], history, strict=False):
        for cell, n in compute_difference([(old, new)], zone).items():
            total[cell] += n
    assert {cell: n for cell, n in total.items() if n} == dict(contributions(history[-1], zone))
