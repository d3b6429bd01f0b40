"""What the benchmarks reckon with: the grid that tells marks apart, and spans between stamps."""

from __future__ import annotations

import math

from bench import overload
from bench.browsing import Run
from bench.grid import CELLS, COLUMNS, MARKS_N, ROWS, STRIDE, cell_of, point_of
from bench.publisher import Published
from bench.rightness import find_wrong_numbers
from bench.spans import first_at_least, format_table, percentiles_ms, spans_between

BOX = (84.0, 52.0, 89.0, 57.0)


def test_no_two_events_of_two_thousand_in_a_row_share_a_cell():
    """Whatever number the row of events begins with."""
    for first in (-999, 0, 12_345):
        assert len({cell_of(n) for n in range(first, first + CELLS)}) == CELLS


def test_three_hundred_events_in_a_row_touch_every_column_and_every_row():
    """The probe learns from the marks that stand there where the cells are."""
    assert math.gcd(STRIDE, CELLS) == 1
    for first in (-MARKS_N + 1, 1, 777):
        cells = [cell_of(n) for n in range(first, first + 300)]
        assert {column for column, _ in cells} == set(range(COLUMNS))
        assert {row for _, row in cells} == set(range(ROWS))


def test_a_point_stands_in_its_cell():
    """Also after it was snapped as the product snaps points."""
    west, south, east, north = BOX
    for n in range(-500, 500, 7):
        lat, lon = point_of(n, BOX)
        column, row = int((lon - west) / (east - west) * COLUMNS), int((lat - south) / (north - south) * ROWS)
        assert (column, row) == cell_of(n)


def test_a_number_is_stamped_when_it_was_first_reached():
    """Numbers that were leapt over are there with the leap; what was never reached has no stamp."""
    steps = [(1.0, 3), (2.0, 3), (3.0, 7), (4.0, 5), (5.0, 8)]
    assert first_at_least(steps, [2, 3, 4, 7, 8, 9]) == {2: 1.0, 3: 1.0, 4: 3.0, 7: 3.0, 8: 5.0}


def test_percentiles_of_spans():
    """In milliseconds; of nothing there are none, of one it is all of them."""
    assert percentiles_ms([]) == {"n": 0}
    assert percentiles_ms([0.5]) == {"p50": 500.0, "p95": 500.0, "p99": 500.0, "max": 500.0, "n": 1}
    found = percentiles_ms([n / 1000 for n in range(1, 102)])
    assert found == {"p50": 51.0, "p95": 96.0, "p99": 100.0, "max": 101.0, "n": 101}
    assert spans_between({1: 1.0, 2: 2.0}, {1: 1.5}) == [0.5]


def test_a_table_stands_in_columns():
    """Missing figures are dashes, not zeros."""
    assert format_table(["a", "b"], [["x", 1.5], ["long", None]]) == "a       b\nx     1.5\nlong    –"


def _run(steps, marks, stamps):
    """A run of events from number 1 on: steps are (second, value, row), marks (second, number)."""
    told = {
        "steps": [[1000 * at, value, row, None, True] for at, value, row in steps],
        "marks": [[1000 * at, n] for at, n in marks],
        "frames": [1000 * at for at in range(12)],
        "origin": 0,
        "fault": None,
    }
    return Run(Published(first_n=1, stamps=stamps, late_s=0.0), told)


def test_overload_judges_the_worst_of_number_row_and_mark():
    """A row or a mark that a newer one pushed out unseen was caught up when the newer one was painted."""
    numbers = [(1.1, 1, 1), (2.1, 2, 1), (3.1, 3, 3)]
    told = overload.judge_run(_run(numbers, [(1.2, 1), (4.5, 3)], [1.0, 2.0, 3.0]))
    assert told["behind_by_kind_s"] == {"value": 0.1, "row": 1.1, "mark": 2.5}
    assert (told["behind_s"], told["catch_up_s"], told["never_n"]) == (2.5, 1.5, 0)


def test_overload_is_not_fooled_by_a_page_that_counts_and_shows_no_rows_or_marks():
    """Whose newest row or mark was never painted has never caught up, however soon its number did."""
    numbers, stamps = [(1.1, 1, None), (2.1, 2, None), (3.1, 3, None)], [1.0, 2.0, 3.0]
    rows = [(at, value, value) for at, value, _ in numbers]
    marks = [(1.2, 1), (3.2, 3)]
    for steps, drawn in ((numbers, marks), (rows, [(1.2, 1)]), (rows, [])):
        told = overload.judge_run(_run(steps, drawn, stamps))
        assert (told["behind_s"], told["catch_up_s"]) == (None, None)
        assert told["never_n"] > 0
        ours = {str(rate): told | {"rate_reached": rate, "right_s": None} for rate in overload.RATES}
        held = overload.judge(ours)
        assert [name for name, is_so in held.items() if is_so] == ["rate_reached_1000", "rate_reached_5000"]


def test_every_number_of_the_wall_is_asked_for():
    """A number that the page does not show is wrong, unless the wall never shows it."""
    expected = {"open_now": 7, "overdue_now": 2, "in_time": 0.5, "in_time:n": 10}
    assert find_wrong_numbers({"open_now": 7, "overdue_now": 2, "in_time": 0.5, "own": 1}, expected) == []
    assert find_wrong_numbers({"open_now": 7, "in_time": 0.4}, expected) == [
        "overdue_now is missing",
        "in_time: 0.4 instead of 0.5",
    ]
