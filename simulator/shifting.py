"""Moves every time in a recorded document by one constant, each in the form in which it stands. Pure.

A text is a time when the whole of it reads as one; a number is a time when it is seconds or milliseconds
since 1970 and lies near the recording. Ids that contain a date stay as they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<sep>[T ])(?P<h>\d{1,2}):(?P<mi>\d\d)(?P<s>:\d\d)?(?P<f>[.,]\d{1,9})?(?P<zone>\s?(?:Z|[+-]\d\d:?\d\d))?"
_FORMS = (
    re.compile(rf"(?P<y>\d{{4}})-(?P<mo>\d\d)-(?P<d>\d\d)(?:{_CLOCK})?"),
    re.compile(rf"(?P<d>\d{{1,2}}) (?P<word>[A-Z][a-z]{{2}}) (?P<y>\d{{4}})(?:{_CLOCK})?"),
    re.compile(rf"(?P<d>\d\d)\.(?P<mo>\d\d)\.(?P<y>\d{{4}})(?:{_CLOCK})?"),
    re.compile(rf"(?P<mo>\d{{1,2}})/(?P<d>\d{{1,2}})/(?P<y>\d{{4}})(?:{_CLOCK})?"),
)
_NEAR = timedelta(days=400)
_MILLISECONDS_FROM = 10**12
_EPOCH_TEXT = re.compile(r"[1-9]\d{9}|[1-9]\d{12}")
_LONGEST = 40


def shift_times(document: object, by: timedelta, *, near: datetime) -> object:
    """Return the document with every time in it moved.

    Args:
        document: A decoded JSON document.
        by: How far; whole seconds, so that every form can hold it.
        near: When the document was recorded: numbers far from it are no times.
    """
    if isinstance(document, dict):
        return {key: shift_times(value, by, near=near) for key, value in document.items()}
    if isinstance(document, list):
        return [shift_times(value, by, near=near) for value in document]
    if isinstance(document, str):
        return _shift_text(document, by, near)
    if isinstance(document, int) and not isinstance(document, bool):
        return _shift_number(document, by, near)
    return document


def read_time(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return a time in one of the forms known here as UTC, None where the text is none of them.

    Args:
        text: The text.
        zone: Zone of a time that names none.
    """
    for form in _FORMS:
        match = form.fullmatch(text.strip())
        if match:
            parts = match.groupdict()
            at = _parse(parts)
            return at if at is None or parts["zone"] else at.replace(tzinfo=zone).astimezone(UTC)
    return None


def _shift_text(text: str, by: timedelta, near: datetime) -> str:
    if len(text) > _LONGEST or not any(character.isdigit() for character in text):
        return text
    if _EPOCH_TEXT.fullmatch(text):
        return str(_shift_number(int(text), by, near))
    for form in _FORMS:
        match = form.fullmatch(text)
        if match:
            parts = match.groupdict()
            at = _parse(parts)
            return text if at is None else _write(text, match, at.replace(tzinfo=None) + _offset(parts) + by)
    return text


def _shift_number(number: int, by: timedelta, near: datetime) -> int:
    factor = 1000 if number >= _MILLISECONDS_FROM else 1
    distance_s = number / factor - near.timestamp()
    return number + int(by.total_seconds()) * factor if abs(distance_s) < _NEAR.total_seconds() else number


def _parse(parts: dict[str, str | None]) -> datetime | None:
    word = parts.get("word")
    if word is not None and word not in _MONTHS:
        return None
    month = _MONTHS.index(word) + 1 if word else int(parts["mo"] or 0)
    second = int((parts["s"] or ":0")[1:])
    fraction = (parts["f"] or ".0")[1:7].ljust(6, "0")
    try:
        local = datetime(
            int(parts["y"] or 0),
            month,
            int(parts["d"] or 0),
            int(parts["h"] or 0),
            int(parts["mi"] or 0),
            second,
            int(fraction),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return local - _offset(parts)


def _offset(parts: dict[str, str | None]) -> timedelta:
    zone = (parts["zone"] or "Z").strip()
    if zone == "Z":
        return timedelta(0)
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _write(text: str, match: re.Match[str], at: datetime) -> str:
    """Put the moved wall-clock time into the places of the old one, zeros in front as the form has them."""
    has_slashes, has_word = "/" in text, "word" in match.re.groupindex
    loose_date = has_slashes or has_word
    values = {"y": f"{at.year:04d}", "word": _MONTHS[at.month - 1]}
    numbers = {"mo": (at.month, loose_date), "d": (at.day, loose_date), "h": (at.hour, has_slashes)}
    numbers |= {"mi": (at.minute, False)}
    for name, (number, is_loose) in numbers.items():
        if match.groupdict().get(name) is not None:
            values[name] = _like(match[name], number, is_loose=is_loose)
    values["s"] = f":{at.second:02d}"
    written, position = [], 0
    for name in sorted((name for name in values if match.groupdict().get(name) is not None), key=match.start):
        written += [text[position : match.start(name)], values[name]]
        position = match.end(name)
    return "".join((*written, text[position:]))


def _like(recorded: str, number: int, *, is_loose: bool) -> str:
    if recorded.startswith("0"):
        return f"{number:02d}"
    return str(number) if is_loose or len(recorded) == 1 else f"{number:02d}"
