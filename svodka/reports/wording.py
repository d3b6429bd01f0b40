"""Numbers, times and durations in the language and zones of the region: the words of `assets/js/format.mjs` in Python.

What an exported file says and what the wall says must be the same text, so both are held together by a test that asks
node (`tests/unit/test_wording.py`). Pure: never reads a clock.

Source: Unicode CLDR, number and date patterns of ru and en (US), as `Intl` of a browser applies them.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from svodka.i18n.catalogue import Catalogue

NBSP = "\u00a0"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_DAYS_ALONE, _HOURS_UNTIL_DAYS = 10, 48
_GROUPING = {"ru": (NBSP, ","), "en": (",", ".")}
_DAY_MONTH = {"ru": "{0:%d}.{0:%m}", "en": "{0:%m}/{0:%d}"}
_DATE = {"ru": "{0:%d}.{0:%m}.{0:%Y}", "en": "{0:%m}/{0:%d}/{0:%Y}"}
_PLACE = re.compile(r"\{(\w+)\}")


class Wording:
    """Turns values into the words of a person.

    Args:
        words: The language; ru or en decide how numbers and days are written.
        local: The region's zone.
    """

    def __init__(self, words: Catalogue, local: ZoneInfo) -> None:
        self.words, self.local = words, local
        self.language = words.language if words.language in _GROUPING else "en"

    def t(self, key: str, **values: object) -> str:
        """Return the words of a key with its places filled; a place without a value becomes empty."""
        return _PLACE.sub(lambda found: str(values.get(found[1], "")), self.words.word(key))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with exactly so many decimal digits, halves away from zero."""
        thousands, point = _GROUPING[self.language]
        text = f"{_rounded(value, digits):,.{digits}f}"
        return text.replace(",", "\0").replace(".", point).replace("\0", thousands)

    def up_to(self, value: float, digits: int) -> str:
        """Return a number with decimal digits only where they say something: 3,5 but 4."""
        text, point = self.number(value, digits), _GROUPING[self.language][1]
        return text.rstrip("0").rstrip(point) if point in text and digits else text

    def span_parts(self, seconds: float) -> list[tuple[str, str]]:
        """Return the two largest units of a span: [("1", "ч"), ("5", "мин")]."""
        whole = max(0, int(seconds))
        days, hours, minutes = whole // _DAY, whole // _HOUR, whole // _MINUTE
        if days >= _DAYS_ALONE:
            return [self._part(days, "day")]
        if hours >= _HOURS_UNTIL_DAYS:
            return [self._part(days, "day"), *([self._part(hours % 24, "hour")] if hours % 24 else [])]
        if minutes >= _MINUTE:
            return [self._part(hours, "hour"), *([self._part(minutes % 60, "minute")] if minutes % 60 else [])]
        return [self._part(minutes, "minute") if minutes else self._part(whole, "second")]

    def span(self, seconds: float) -> str:
        """Return a span in words; nothing in it breaks over a line."""
        return NBSP.join(NBSP.join(part) for part in self.span_parts(seconds))

    def time(self, at: datetime) -> str:
        """Return the local time of day, 14:05."""
        return f"{at.astimezone(self.local):%H:%M}"

    def hour(self, at: datetime) -> str:
        """Return the local hour, 14."""
        return f"{at.astimezone(self.local):%H}"

    def day(self, at: datetime) -> str:
        """Return the local day and month in words: 2 марта, March 2."""
        here = at.astimezone(self.local)
        month = self.words.word(f"month.{here.month}")
        return f"{here.day} {month}" if self.language == "ru" else f"{month} {here.day}"

    def day_month(self, at: datetime) -> str:
        """Return the local day in digits, 02.03."""
        return _DAY_MONTH[self.language].format(at.astimezone(self.local))

    def full_date(self, at: datetime) -> str:
        """Return the local date in digits, 02.03.2026."""
        return _DATE[self.language].format(at.astimezone(self.local))

    def calendar_day(self, day: date) -> str:
        """Return a day of the calendar in digits; it has no time and no zone."""
        return _DATE[self.language].format(day)

    def moment(self, at: datetime) -> str:
        """Return date, time and zone, so that nobody can mistake it: 02.03.2026 14:05 (UTC+7)."""
        here = at.astimezone(self.local)
        offset = f"{here:%z}"
        zone = f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:5]}" if offset[3:5] != "00" else "")
        return f"{self.full_date(at)} {self.time(at)} ({zone})"

    def time_or_day(self, at: datetime, now: datetime) -> str:
        """Return the time of day, or the day where that is not today."""
        is_today = at.astimezone(self.local).date() == now.astimezone(self.local).date()
        return self.time(at) if is_today else f"{self.day_month(at)}, {self.time(at)}"

    def value(self, value: float | None, unit: str) -> str:
        """Return the number of a tile with its unit, in one line; «нет данных» for None.

        Args:
            value: As on the wire: a share 0..1, minutes, a count, a mark.
            unit: `share`, `minutes`, `rating`, `rate`, `change` (of a count); anything else is a count.
        """
        if value is None:
            return self.words.word("state.empty")
        if unit == "share":
            return f"{self.number(value * 100, 1)}{NBSP}{self.words.word('unit.percent')}"
        if unit == "minutes":
            return self.span(value * 60)
        if unit == "change":
            return ("+" if value > 0 else "\u2212" if value < 0 else "") + self.number(abs(value))
        return self.number(value, {"rating": 2, "rate": 1}.get(unit, 0))

    def goal(self, value: float, unit: str) -> str:
        """Return a target in words: 95 %, 24 ч, 4."""
        if unit == "minutes":
            return self.span(value * 60)
        if unit == "share":
            return f"{self.up_to(value * 100, 1)}{NBSP}{self.words.word('unit.percent')}"
        return self.up_to(value, 2)

    def _part(self, n: int, unit: str) -> tuple[str, str]:
        return self.number(n), self.words.word(f"unit.{unit}")


def _rounded(value: float, digits: int) -> Decimal:
    """Return a number rounded half away from zero from its shortest decimal form: 1.005 is 1.01, as `Intl` has it."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
