"""When a source is not as usual: fields, and how much an hour brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from svodka.domain.reasons import NoticeKind
from svodka.ingest.drift import MAX_FIELDS, FieldState, judge_hour, learn_fields
from svodka.ingest.hour_watch import choose_samples

USUAL = frozenset({"id", "status", "at"})
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Novokuznetsk")  # UTC+7


def learn(state, *answers, is_header=False):
    told = [learn_fields(state, frozenset(names), is_header=is_header) for names in answers]
    return [name for news in told for name in news.new], [name for news in told for name in news.lost]


def test_a_new_field_is_told_once_and_only_after_many_answers():
    """A field that few records have appears late without being new."""
    state = FieldState()
    assert learn(state, *[USUAL] * 9, USUAL | {"rating"}) == ([], [])
    assert learn(state, USUAL | {"phone"}, USUAL | {"phone"}) == (["phone"], [])


def test_a_field_that_was_always_there_vanishes_after_ten_answers_and_once():
    """Not sooner, and not again each time."""
    state = FieldState()
    learn(state, *[USUAL] * 25)
    assert learn(state, *[USUAL - {"status"}] * 9) == ([], [])
    assert learn(state, USUAL - {"status"}) == ([], ["status"])
    assert learn(state, *[USUAL - {"status"}] * 30) == ([], [])


def test_a_field_that_comes_and_goes_never_vanishes():
    """Small pages have no record with it."""
    state = FieldState()
    learn(state, *([USUAL | {"answer"}] + [USUAL] * 4) * 10)
    assert learn(state, *[USUAL] * 50) == ([], [])


def test_a_table_is_known_by_one_header():
    """The second file shows at once what was added and what was left out."""
    state = FieldState()
    assert learn(state, USUAL, is_header=True) == ([], [])
    assert learn(state, (USUAL - {"status"}) | {"stage"}, is_header=True) == (["stage"], ["status"])
    assert learn(state, (USUAL - {"status"}) | {"stage"}, is_header=True) == ([], [])


def test_names_from_outside_cannot_grow_without_end():
    """A source whose every answer has other names is remembered up to a bound."""
    state = FieldState()
    for n in range(50):
        learn(state, [f"{n}-{k}" for k in range(50)])
    assert len(state.fields) == MAX_FIELDS


@pytest.mark.parametrize(
    ("n", "samples", "expected"),
    [
        (0, [40, 38, 45, 41], NoticeKind.COUNT_NONE),
        (0, [40, 0, 45, 41], NoticeKind.COUNT_LOW),
        (0, [1, 2, 1, 1], None),  # so few that none is nothing
        (0, [0, 0, 0, 0], None),
        (200, [40, 38, 45, 41], NoticeKind.COUNT_HIGH),
        (45, [40, 38, 45, 41], None),
        (9, [40, 38, 45, 41], NoticeKind.COUNT_LOW),
        (60, [40, 38, 45, 2000], None),  # one odd week moves neither middle nor spread
        (500, [40, 38, 45], None),  # too few hours to say
        (90, [10, 80, 30, 60], None),  # it varies as much by itself
    ],
)
def test_an_hour_is_unusual_by_the_median_of_comparable_hours(n, samples, expected):
    """Silent until there is enough to compare with."""
    assert judge_hour(n, samples) is expected


def test_comparable_hours_are_those_of_earlier_weeks_or_of_days_of_the_same_sort():
    """Hours before the first known one are not taken for empty."""
    weeks = {MONDAY - timedelta(days=7 * week): 10 + week for week in range(1, 9)}
    assert sorted(choose_samples({**weeks, MONDAY - timedelta(days=60): 1}, MONDAY, ZONE)) == list(range(11, 19))
    days = {MONDAY - timedelta(days=day): day for day in range(1, 12)}
    chosen = choose_samples({**days, MONDAY - timedelta(days=11) - HOUR: 5}, MONDAY, ZONE)
    assert sorted(chosen) == [3, 4, 5, 6, 7, 10, 11]  # no Saturday, no Sunday
    assert choose_samples({MONDAY - timedelta(days=1): 5}, MONDAY, ZONE) == ()


def test_a_weekend_is_the_region_s():
    """Sunday 20:00 UTC is Monday morning there: a working day, compared with working days."""
    night = MONDAY.replace(hour=20) - timedelta(days=1)
    days = {night - timedelta(days=day): day for day in range(1, 12)}
    chosen = choose_samples({**days, night - timedelta(days=11) - HOUR: 5}, night, ZONE)
    assert sorted(chosen) == [3, 4, 5, 6, 7, 10, 11]
