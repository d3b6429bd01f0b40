"""Recorded times move by one constant, each in its own form; what is no time stays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from simulator.shifting import read_time, shift_times

NEAR = datetime(2024, 1, 10, 12, tzinfo=UTC)
BY = timedelta(days=366, hours=5, minutes=3, seconds=2)


@pytest.mark.parametrize(
    ("recorded", "moved"),
    [
        ("10 Jan 2024 11:56:17.83", "10 Jan 2025 16:59:19.83"),
        ("10 Jan 2024 12:02:01.783", "10 Jan 2025 17:05:03.783"),
        ("10 Jan 2024 11:23:56.5", "10 Jan 2025 16:26:58.5"),
        ("10 Jan 2024 11:41", "10 Jan 2025 16:44"),
        ("9 Jan 2024 15:41", "9 Jan 2025 20:44"),
        ("31 Jan 2024 21:00", "1 Feb 2025 02:03"),
        ("2024-01-10T01:24:20Z", "2025-01-10T06:27:22Z"),
        ("2024-01-10T22:24:20+07:00", "2025-01-11T03:27:22+07:00"),
        ("2024-01-10T22:24:20.000", "2025-01-11T03:27:22.000"),
        ("2024-01-10 01:24:20", "2025-01-10 06:27:22"),
        ("10.01.2024 01:24:20", "10.01.2025 06:27:22"),
        ("1/9/2024 1:59", "1/9/2025 7:02"),
        ("1704850000", "1736490582"),
        ("1704850000123", "1736490582123"),
        (1704850000, 1736490582),
    ],
)
def test_a_time_moves_and_keeps_its_form(recorded: object, moved: object) -> None:
    """Every form that occurs in the recordings."""
    assert shift_times([{"at": recorded}], BY, near=NEAR) == [{"at": moved}]


@pytest.mark.parametrize(
    "value",
    [
        "000560-10012024", "1666118", "1234567890123456", "0899123456", "-35.3035507202", "BAMBLETT RISE, 2611",
        "31 Feb 2024 10:00", "10 Foo 2024 10:00", "", 7, 1234567890, 149.03, True, None, "x" * 9999,
    ],
)  # fmt: skip
def test_what_is_no_time_stays(value: object) -> None:
    """Ids with dates in them, counts, coordinates, prose, numbers far from the recording."""
    assert shift_times({"value": [value]}, BY, near=NEAR) == {"value": [value]}


def test_a_time_without_a_zone_is_read_in_the_zone_given() -> None:
    """And one with a zone is not."""
    assert read_time("2024-01-10 07:00:00", ZoneInfo("Asia/Omsk")) == datetime(2024, 1, 10, 1, tzinfo=UTC)
    assert read_time("2024-01-10T07:00:00+07:00", ZoneInfo("Asia/Omsk")) == datetime(2024, 1, 10, tzinfo=UTC)
    assert read_time("yesterday") is None
