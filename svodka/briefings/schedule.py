"""Exports that are made by themselves: when, of which scenes, in which formats; `exports.toml` of a profile.

```toml
[[export]]
id = "morning"
title = "Утренний доклад"
at = "08:30"                    # local time
days = ["mon", "tue", "wed", "thu", "fri"]
scenes = ["overview", "incidents"]
formats = ["pptx", "docx"]
keep = 30                       # how many finished packs stay
```
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from svodka.domain.errors import ProfileError

EXPORTS_FILE = "exports.toml"
LATE_LIMIT = timedelta(hours=1)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_BACK = timedelta(days=1)

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Format = Literal["png", "pptx", "pdf", "docx", "xlsx"]


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scheduled export; see the module."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    at: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    scenes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=40)]
    days: Annotated[tuple[Day, ...], msgspec.Meta(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    formats: Annotated[tuple[Format, ...], msgspec.Meta(min_length=1)] = ("pptx", "docx", "xlsx")
    keep: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 30


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    export: tuple[Export, ...] = ()


def load_exports(path: Path) -> tuple[Export, ...]:
    """Return the scheduled exports of a file; none where there is no file.

    Raises:
        ProfileError: The file cannot be used; the message names the key.
    """
    if not path.is_file():
        return ()
    try:
        read = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        message = f"{path}: {error}."
        raise ProfileError(message) from error
    names = [export.id for export in read.export]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"{path}: the exports {', '.join(twice)} stand there twice."
        raise ProfileError(message)
    return read.export


def find_due(export: Export, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the instant for which an export is due now; None where it is not.

    One that was due while nothing ran is made up for within an hour, later it is left out: a morning's report in the
    evening would only look like one of the morning.

    Args:
        export: The export.
        now: The product's clock, aware.
        zone: The region's.
    """
    here = now.astimezone(zone)
    wanted = time.fromisoformat(export.at)
    for day in (here.date(), (here - _DAY_BACK).date()):
        due = datetime.combine(day, wanted, tzinfo=zone)
        if _DAYS[day.weekday()] in export.days and timedelta(0) <= here - due < LATE_LIMIT:
            return due.astimezone(UTC)
    return None


def find_next(export: Export, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next instant for which an export is due."""
    here = now.astimezone(zone)
    wanted = time.fromisoformat(export.at)
    days = (here.date() + timedelta(days=n) for n in range(8))
    coming = (datetime.combine(day, wanted, tzinfo=zone) for day in days if _DAYS[day.weekday()] in export.days)
    return next(due for due in coming if due > here).astimezone(UTC)
