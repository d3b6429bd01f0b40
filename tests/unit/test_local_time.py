"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from svodka.domain.local_time import read_local_time

ZONE = ZoneInfo("Asia/Novokuznetsk")  # UTC+7
NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)  # 00:30 on the 22nd there


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("00:10", "2026-11-21T17:10"),
        ("0.10", "2026-11-21T17:10"),
        ("23:50", "2026-11-21T16:50"),
        (" 21.11 14:05 ", "2026-11-21T07:05"),
        ("21.11.2026 14:05", "2026-11-21T07:05"),
        ("21.11.26, 14:05", "2026-11-21T07:05"),
        ("24.12 10:00", "2025-12-24T03:00"),
        ("00:31", "2026-11-21T17:30"),  # the clock on the wall runs ahead of ours
        ("22.11 00:35", "2026-11-21T17:30"),
        ("22.11.2026 00:31", "2026-11-21T17:30"),
        ("00:36", "2026-11-20T17:36"),
        ("22.11 18:00", "2026-11-22T11:00"),  # later on this very day: yet to come, and not a year ago
        ("01.01.2030 00:00", "2029-12-31T17:00"),
    ],
)
def test_a_typed_time_is_one_of_the_region_and_not_yet_to_come_unless_it_names_a_year(text, hours):
    assert read_local_time(text, ZONE, NOW) == datetime.fromisoformat(hours).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "вчера", "25:00", "12:61", "31.02 10:00", "1.1.0001 99:99", "14", "9" * 400])
def test_what_is_no_time_is_none(text):
    assert read_local_time(text, ZONE, NOW) is None
