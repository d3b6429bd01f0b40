"""When a source is not as usual: pure decisions over what was seen of it before.

Fields: an answer that has records tells the names of its fields. Where every answer has all of them (the header of a
table), one answer is enough to know them. Elsewhere a field may be absent because no record of a small page has it:
then a name is new only after many answers, and vanished only where it never was absent for long before.

Hours: how many new records came in an hour is compared with comparable earlier hours by median and median absolute
deviation, which one odd week does not move; with too few such hours nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from svodka.domain.reasons import NoticeKind

MAX_FIELDS = 200
FIELD_MAX_CHARS = 64
LEARNT_AFTER = 10
_CONSTANT_AFTER, _GONE_AFTER, _SMALL_GAP = 20, 10, 2
MIN_SAMPLES = 4
_NORMAL_MAD = 1.4826  # a normal distribution's standard deviation is so many times its median absolute deviation
_DEVIATIONS, _SHARE, _LEAST = 5.0, 0.6, 10.0
_ALWAYS_AT_LEAST = 3


class Field(msgspec.Struct, array_like=True):
    """What was seen of a field.

    Attributes:
        seen_n: In how many answers, counted up to a limit.
        absent_n: In how many answers in a row it has been absent now.
        gap_n: The longest such run that ended.
    """

    seen_n: int = 0
    absent_n: int = 0
    gap_n: int = 0


class FieldState(msgspec.Struct):
    """What was learnt of a source's fields."""

    answers_n: int = 0
    fields: dict[str, Field] = {}


class FieldNews(msgspec.Struct, frozen=True):
    """Which fields are new and which have vanished."""

    new: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def learn_fields(state: FieldState, names: frozenset[str], *, is_header: bool) -> FieldNews:
    """Note an answer's fields in `state`.

    Args:
        state: What was learnt so far; changed.
        names: The names of this answer's fields; not empty.
        is_header: Every answer has all fields.

    Returns:
        What is new or has just vanished; each is told once.
    """
    learnt_after = 1 if is_header else LEARNT_AFTER
    is_learnt = state.answers_n >= learnt_after
    state.answers_n = min(state.answers_n + 1, LEARNT_AFTER)
    new = []
    for name in sorted(names):
        field = state.fields.get(name)
        if field is None:
            if len(state.fields) >= MAX_FIELDS:
                continue
            state.fields[name] = field = Field()
            if is_learnt:
                new.append(name)
        field.gap_n = max(field.gap_n, field.absent_n)
        field.absent_n = 0
        field.seen_n = min(field.seen_n + 1, _CONSTANT_AFTER)
    lost = [name for name, field in state.fields.items() if name not in names and _vanishes(field, is_header=is_header)]
    return FieldNews(tuple(new), tuple(sorted(lost)))


def _vanishes(field: Field, *, is_header: bool) -> bool:
    """Note that an answer lacks a field; return whether that makes it vanished just now."""
    gone_after = 1 if is_header else _GONE_AFTER
    if field.absent_n >= gone_after:
        return False
    field.absent_n += 1
    is_constant = is_header or (field.seen_n >= _CONSTANT_AFTER and field.gap_n <= _SMALL_GAP)
    return is_constant and field.absent_n == gone_after


def judge_hour(n: int, samples: Sequence[int]) -> NoticeKind | None:
    """Return what is unusual about an hour that brought `n` new records.

    Args:
        n: How many came.
        samples: How many came in comparable hours.

    Returns:
        None: nothing, or too few comparable hours to say.
    """
    if len(samples) < MIN_SAMPLES:
        return None
    middle = median(samples)
    if n == 0 and min(samples) > 0 and middle >= _ALWAYS_AT_LEAST:
        return NoticeKind.COUNT_NONE
    spread = _NORMAL_MAD * median(abs(sample - middle) for sample in samples)
    if abs(n - middle) <= max(_DEVIATIONS * spread, _SHARE * middle, _LEAST):
        return None
    return NoticeKind.COUNT_HIGH if n > middle else NoticeKind.COUNT_LOW
