"""Local hours hold in every zone and on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svodka.domain.hours import day_start, hour_start, hours_of_day, local_day, same_hour_days_earlier

ZONES = [
    "Asia/Novokuznetsk",
    "Asia/Kolkata",
    "Europe/Berlin",
    "America/Havana",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "UTC",
]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "expected_n"),
    [
        ("Asia/Novokuznetsk", date(2026, 3, 29), 24),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24),
        ("Australia/Lord_Howe", date(2026, 10, 4), 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_clocks_show(zone, day, expected_n):
    """23 when the clocks go forward, 25 when they go back, also where that happens at midnight or by half an hour."""
    hours = hours_of_day(day, ZoneInfo(zone))
    assert len(hours) == expected_n
    assert len(set(hours)) == expected_n


def test_an_hour_of_a_zone_with_half_an_offset_begins_at_half_past():
    """In India the local hour 10:00 begins at 04:30 UTC."""
    assert hour_start(utc(2026, 1, 5, 5, 10), ZoneInfo("Asia/Kolkata")) == utc(2026, 1, 5, 4, 30)


def test_the_hour_that_comes_twice_counts_as_two():
    """The two hours called 02:00 of a German autumn night begin an hour apart."""
    berlin = ZoneInfo("Europe/Berlin")
    assert hour_start(utc(2026, 10, 25, 0, 30), berlin) == utc(2026, 10, 25, 0)
    assert hour_start(utc(2026, 10, 25, 1, 30), berlin) == utc(2026, 10, 25, 1)


def test_the_same_hour_a_week_earlier_keeps_the_local_time():
    """Across a change of clocks it is not 168 hours earlier; where there is no such hour there is none."""
    berlin = ZoneInfo("Europe/Berlin")
    assert same_hour_days_earlier(utc(2026, 10, 25, 9), 7, berlin) == utc(2026, 10, 18, 8)
    assert same_hour_days_earlier(utc(2026, 10, 25, 0), 7, berlin) == utc(2026, 10, 18, 0)
    assert same_hour_days_earlier(utc(2026, 10, 25, 1), 7, berlin) is None
    assert same_hour_days_earlier(utc(2026, 4, 5, 0), 7, berlin) is None
    assert same_hour_days_earlier(utc(2026, 11, 1, 1), 7, berlin) == utc(2026, 10, 25, 0)


@given(
    at=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    name=st.sampled_from(ZONES),
)
def test_every_instant_lies_in_exactly_one_hour_of_its_local_day(at, name):
    """The hour of an instant is one of its day's hours, not in the future, and the hours cover the whole day."""
    zone = ZoneInfo(name)
    at = at.replace(tzinfo=UTC)
    hours = hours_of_day(local_day(at, zone), zone)
    start = hour_start(at, zone)
    assert start in hours
    assert start <= at < start + timedelta(minutes=90)
    assert hours[0] == day_start(local_day(at, zone), zone)
    assert list(hours) == sorted(set(hours))
    assert max(hour for hour in hours if hour <= at) == start
