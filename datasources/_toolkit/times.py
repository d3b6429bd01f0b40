"""Instants as sources write them, turned into aware UTC.

A time without a zone is never guessed: it needs the source's own `time_zone`, else the record is unreadable.
A local time that a change of the clocks makes ambiguous is taken as its first occurrence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_MAX_CHARS = 64
_LAST_SECOND = time(23, 59, 59)
_SECONDS_DIGITS, _MILLISECONDS_DIGITS = 11, 14
_CLOCK = r"(?:[T,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_FORMS = (
    re.compile(rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_CLOCK}{_ZONE}$"),
    re.compile(
        rf"(?P<day>\d{{1,2}})[\s-](?P<word>[^\W\d_]{{3,9}})\.?[\s-](?P<year>\d{{4}})(?:\s*г\.)?{_CLOCK}{_ZONE}$"
    ),
    re.compile(rf"(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})[-./](?P<day>\d{{1,2}}){_CLOCK}{_ZONE}$"),
)
# Beginnings of the months' names, English and Russian; the genitive «мая» differs from «май».
_MONTHS = {
    name: number
    for names in ("jan feb mar apr may jun jul aug sep oct nov dec", "янв фев мар апр мая июн июл авг сен окт ноя дек")
    for number, name in enumerate(names.split(), start=1)
} | {"май": 5}


def parse_instant(
    value: object, zone: ZoneInfo | None, *, field: str, formats: Sequence[str] = (), is_term: bool = False
) -> datetime | None:
    """Read one instant.

    Args:
        value: What the source gave: text, or seconds or milliseconds since 1970.
        zone: Zone of texts that carry none; None: they are unreadable.
        field: Name of the field, for the reason.
        formats: `strptime` forms of this source, tried first.
        is_term: It says until when something has to be done: a day without a clock, or at 00:00 of the source's own
            zone, runs out with its last second and not as it begins.

    Returns:
        Aware UTC; None for an absent or empty value.

    Raises:
        RecordUnreadableError: TIME_UNREADABLE or WRONG_TYPE.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, field)
    try:
        at = _parse(value, zone, formats, is_term=is_term)
    except (ValueError, OverflowError, OSError, TypeError) as error:
        raise RecordUnreadableError(RejectReason.TIME_UNREADABLE, field) from error
    if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise RecordUnreadableError(RejectReason.TIME_UNREADABLE, f"{field}: year out of range")
    return at


def _parse(value: str | float, zone: ZoneInfo | None, formats: Sequence[str], *, is_term: bool) -> datetime | None:
    if not isinstance(value, str):
        return _from_number(float(value))
    text = value.strip()
    if not text:
        return None
    if len(text) > _MAX_CHARS:
        message = "too long for a time"
        raise ValueError(message)
    if text.isascii() and text.replace(".", "", 1).isdecimal() and text.count(".") <= 1 and len(text) > len("20240101"):
        return _from_number(float(text))
    at = _parse_text(text, formats)
    if is_term and at.tzinfo is None and at.time() == time.min:
        at = datetime.combine(at, _LAST_SECOND)
    return _localised(at, zone)


def _from_number(number: float) -> datetime:
    digits = len(str(abs(int(number))))
    if digits > _MILLISECONDS_DIGITS:
        message = "neither seconds nor milliseconds"
        raise ValueError(message)
    seconds = number if digits <= _SECONDS_DIGITS else number / 1000
    return EPOCH + timedelta(seconds=seconds)


def _parse_text(text: str, formats: Sequence[str]) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the source's zone follows in _localised
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for pattern in _FORMS:
        match = pattern.match(text)
        if match is not None:
            return _from_match(match)
    return parsedate_to_datetime(text)


def _from_match(match: re.Match[str]) -> datetime:
    parts = match.groupdict()
    month = parts.get("month") or _MONTHS.get((parts.get("word") or "")[:3].lower())
    if month is None:
        message = "no month of that name"
        raise ValueError(message)
    local = datetime(  # noqa: DTZ001 - the source's zone follows in _localised
        int(parts["year"]),
        int(month),
        int(parts["day"]),
        int(parts["hour"] or 0),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int((parts["fraction"] or "0")[:6].ljust(6, "0")),
    )
    zone = parts["zone"]
    if not zone:
        return local
    return (
        local.replace(tzinfo=UTC)
        if zone in {"Z", "UTC", "GMT"}
        else datetime.fromisoformat(f"{local.isoformat()}{zone}")
    )


def _localised(at: datetime, zone: ZoneInfo | None) -> datetime:
    if at.tzinfo is None:
        if zone is None:
            message = "no zone, and the source has none"
            raise ValueError(message)
        at = at.replace(tzinfo=zone)
    return at.astimezone(UTC)
