"""Percentiles of spans, and tables of them. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from statistics import quantiles

Stamps = Mapping[int, float]


def percentiles_ms(spans_s: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and max in milliseconds, and how many there were; only `n` where there are none."""
    if not spans_s:
        return {"n": 0}
    cuts = quantiles(spans_s, n=100, method="inclusive") if len(spans_s) > 1 else [spans_s[0]] * 99
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(spans_s)}
    return {name: round(value * 1000, 1) for name, value in found.items()} | {"n": len(spans_s)}


def first_at_least(steps: Sequence[tuple[float, float]], wanted: Iterable[int]) -> dict[int, float]:
    """Return when a growing number first reached each wanted one.

    Args:
        steps: (instant, number) in the order of time; a number that falls back counts as what it once reached.
        wanted: Numbers asked for; one that was never reached is not in the answer.
    """
    instants, reached = [], []
    for at, number in steps:
        if not reached or number > reached[-1]:
            instants.append(at)
            reached.append(number)
    found = {}
    for number in wanted:
        index = bisect_left(reached, number)
        if index < len(reached):
            found[number] = instants[index]
    return found


def spans_between(begins: Stamps, ends: Stamps) -> list[float]:
    """Return seconds from begin to end of whatever has both."""
    return [ends[n] - began for n, began in begins.items() if n in ends]


def format_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as text; None is shown as a dash, the first column stands left and the others right."""
    shown = [[*heads], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in shown) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in shown
    )


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
