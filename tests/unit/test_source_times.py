"""Instants in the forms that real sources write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources._toolkit.times import parse_instant
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason

ZONE = ZoneInfo("Asia/Novokuznetsk")
EXPECTED = datetime(2024, 1, 10, 4, 56, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-10T11:56:17+07:00",
        "2024-01-10T04:56:17Z",
        "2024-01-10 04:56:17 UTC",
        "2024-01-10T11:56:17",
        "2024-01-10 11:56:17",
        "2024/01/10 11:56:17",
        "10 Jan 2024 11:56:17",
        "10-Jan-2024 11:56:17",
        "10.01.2024 11:56:17",
        "10.01.2024, 11:56:17",
        "10.01.2024 04:56:17Z",
        "10.01.2024 11:56:17 +07:00",
        "10.01.2024 11:56:17 +0700",
        "10 января 2024 11:56:17",
        "10 января 2024 г. 11:56:17",
        "Wed, 10 Jan 2024 04:56:17 GMT",
        "1704862577",
        "1704862577000",
        1704862577,
        1704862577000,
        1704862577.0,
        "1704862577.0",
        " 10.01.2024 11:56:17 ",
    ],
)
def test_every_known_form_of_one_instant_is_the_same_instant(value):
    assert parse_instant(value, ZONE, field="at") == EXPECTED


@pytest.mark.parametrize(
    ("value", "microsecond"),
    [("10 Jan 2024 11:56:17.83", 830000), ("10.01.2024 11:56:17.783", 783000), ("2024-01-10T11:56:17.5", 500000)],
)
def test_parts_of_a_second_are_kept(value, microsecond):
    assert parse_instant(value, ZONE, field="at") == EXPECTED.replace(microsecond=microsecond)


@pytest.mark.parametrize("value", ["11 Jan 2024 15:22", "11.01.2024 15:22", "2024-01-11T15:22", "2024-01-11 15:22"])
def test_minutes_are_enough(value):
    assert parse_instant(value, ZONE, field="at") == datetime(2024, 1, 11, 8, 22, tzinfo=UTC)


@pytest.mark.parametrize("value", ["10 Jan 2024 11:56:17", "2024-01-10T11:56:17", "10.01.2024 11:56"])
def test_a_time_without_a_zone_is_unreadable_where_the_source_has_none(value):
    with pytest.raises(RecordUnreadableError) as caught:
        parse_instant(value, None, field="at")
    assert caught.value.reason is RejectReason.TIME_UNREADABLE
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "31.02.2024 10:00",
        "10.13.2024 10:00",
        "10 Foo 2024 10:00",
        "25:00",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59+00:00",
        "1e400",
        "99999999999999999",
        float("inf"),
        float("nan"),
        -1e30,
        "2" * 5000,
        "3/14/2025 1:20",
        "12:23:20",
        17,
    ],
)
def test_what_is_no_instant_is_unreadable_and_never_crashes(value):
    with pytest.raises(RecordUnreadableError) as caught:
        parse_instant(value, ZONE, field="at")
    assert caught.value.reason is RejectReason.TIME_UNREADABLE


@pytest.mark.parametrize("value", [True, [], {}, ["2024-01-10"]])
def test_another_type_is_named_as_such(value):
    with pytest.raises(RecordUnreadableError) as caught:
        parse_instant(value, ZONE, field="at")
    assert caught.value.reason is RejectReason.WRONG_TYPE


@pytest.mark.parametrize("value", [None, "", "   "])
def test_nothing_is_nothing(value):
    assert parse_instant(value, ZONE, field="at") is None


def test_a_source_may_name_its_own_forms():
    at = parse_instant("3/14/2025 1:20", ZoneInfo("America/New_York"), field="at", formats=["%m/%d/%Y %H:%M"])
    assert at == datetime(2025, 3, 14, 5, 20, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_taken_as_its_first():
    at = parse_instant("07.04.2024 02:30", ZoneInfo("Australia/Sydney"), field="at")
    assert at == datetime(2024, 4, 6, 15, 30, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001 - local times
def test_a_local_time_written_in_any_form_is_read_back(local):
    expected = local.replace(tzinfo=ZONE).astimezone(UTC)
    for form in ("%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f"):
        assert parse_instant(local.strftime(form), ZONE, field="at") == expected
    assert abs(parse_instant(expected.timestamp(), None, field="at") - expected) < timedelta(milliseconds=1)


@given(st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.none(), st.booleans()))
def test_anything_at_all_gives_an_instant_nothing_or_a_reason(value):
    try:
        at = parse_instant(value, ZONE, field="at")
    except RecordUnreadableError:
        return
    assert at is None or at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("told", ["17.12.2026", "2026-12-17", "17.12.2026 00:00", "2026-12-17T00:00:00.000"])
def test_a_term_that_is_a_day_runs_out_with_its_last_second(told):
    """Else what is answered on the day itself would be overdue; in the zone of the source, whatever the server's."""
    zone = ZoneInfo("Asia/Novokuznetsk")
    assert parse_instant(told, zone, field="due", is_term=True) == datetime(2026, 12, 17, 16, 59, 59, tzinfo=UTC)
    assert parse_instant(told, zone, field="at") == datetime(2026, 12, 16, 17, tzinfo=UTC)


@pytest.mark.parametrize("told", ["17.12.2026 12:30", "2026-12-17T00:00:00+07:00", 1797440400])
def test_a_term_with_a_clock_or_a_zone_is_that_instant(told):
    """Only a day that is meant as one is stretched."""
    zone = ZoneInfo("Asia/Novokuznetsk")
    assert parse_instant(told, zone, field="due", is_term=True) == parse_instant(told, zone, field="due")
