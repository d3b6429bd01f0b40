"""Reading one field of one record: dotted paths, constants, and the types a field may have.

Everything here raises RecordUnreadableError with the field's name and never with its content.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from datasources._toolkit.text import plain_text
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import Point

MAX_ID_CHARS = 256
_MAX_DEGREES = 180.0
_MAX_PLACES = 5000
_MAX_COUNT = 2_000_000_000
_MAX_NAMES = 200
_NAME_MAX_CHARS = 64


def names_of(items: Iterable[object], *, within: str = "") -> frozenset[str]:
    """Return the names of the fields that objects have, for noticing new and vanished ones.

    Args:
        items: The objects; others tell no names.
        within: Where an object is wrapped (`properties` of GeoJSON), the name of the field whose fields count as well.
    """
    found: set[str] = set()
    for item in items:
        if not isinstance(item, Mapping) or len(found) > _MAX_NAMES:
            continue
        found.update(item)
        inner = item.get(within) if within else None
        if isinstance(inner, Mapping):
            found.update(f"{within}.{name}" for name in inner)
    return frozenset(name[:_NAME_MAX_CHARS] for name in sorted(map(str, found))[:_MAX_NAMES])


def pick(record: Mapping[str, object], path: str) -> object:
    """Return what stands at a path, None where nothing does.

    Args:
        record: One record of the source.
        path: `name`, or `outer.inner` (a number counts into a list, `items.0.name` or `items[0].name`), or
            `=constant`; "" is absent. A key that itself contains dots is found when it stands at the top.
    """
    if not path:
        return None
    if path.startswith("="):
        return path[1:]
    if path in record:
        return record[path]
    here: object = record
    for part in _parts(path):
        here = _step(here, part)
        if here is None:
            return None
    return here


@lru_cache(maxsize=4096)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _step(here: object, part: str) -> object:
    if isinstance(here, Mapping):
        if part in here or not part.endswith("]"):
            return here.get(part)
        name, _, inner = part.partition("[")
        found: object = here.get(name) if name else None
        for index in inner[:-1].split("]["):
            found = _step(found, index) if isinstance(found, list) else None
        return found
    if isinstance(here, Sequence) and not isinstance(here, str):
        if part.startswith("["):
            part = part[1:-1]
        return here[int(part)] if part.isdecimal() and int(part) < len(here) else None
    return None


def pick_text(record: Mapping[str, object], path: str, *, max_chars: int) -> str | None:
    """Return plain text of a path, None where it is absent or empty.

    Raises:
        RecordUnreadableError: WRONG_TYPE: it is a list, an object or a truth value.
    """
    value = pick(record, path)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, path)
    return plain_text(str(value), max_chars=max_chars) or None


def pick_id(record: Mapping[str, object], paths: Sequence[str]) -> str:
    """Return the record's own id: one field, or several joined by "|".

    Raises:
        RecordUnreadableError: MISSING_ID, WRONG_TYPE or TOO_LARGE.
    """
    parts: list[str] = []
    for path in paths:
        value = pick(record, path)
        if value is None or value == "":
            raise RecordUnreadableError(RejectReason.MISSING_ID, path)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise RecordUnreadableError(RejectReason.WRONG_TYPE, path)
        text = plain_text(str(value), max_chars=MAX_ID_CHARS + 1)
        if not text:
            raise RecordUnreadableError(RejectReason.MISSING_ID, path)
        parts.append(text)
    joined = "|".join(parts)
    if len(joined) > MAX_ID_CHARS:
        raise RecordUnreadableError(RejectReason.TOO_LARGE, "id")
    return joined


def pick_number(record: Mapping[str, object], path: str) -> float | None:
    """Return a finite number, also when it is written as text; None where it is absent or empty.

    Raises:
        RecordUnreadableError: WRONG_TYPE.
    """
    value = pick(record, path)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number = _number(value)
    if number is None:
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, path)
    return number


def pick_count(record: Mapping[str, object], path: str) -> int | None:
    """Return a count, a whole number of at least 0; None where it is absent or empty.

    Raises:
        RecordUnreadableError: WRONG_TYPE: it is no such number.
    """
    number = pick_number(record, path)
    if number is None:
        return None
    if number < 0 or number > _MAX_COUNT or number != int(number):
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, path)
    return int(number)


def whole_number(holder: object, name: str) -> int | None:
    """Return a field that its API promises to be a whole number, None where it is none or there is no such field."""
    value = holder.get(name) if isinstance(holder, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def pick_rating(record: Mapping[str, object], path: str) -> int | None:
    """Return a mark 1 to 5; None where it is absent, empty or 0 (many systems write 0 for "no mark yet").

    Raises:
        RecordUnreadableError: WRONG_TYPE: it is another number or none.
    """
    count = pick_count(record, path)
    if not count:
        return None
    if count > 5:  # noqa: PLR2004 - the scale of AppealRecord.rating
        raise RecordUnreadableError(RejectReason.WRONG_TYPE, path)
    return count


def pick_flag(record: Mapping[str, object], path: str) -> bool:
    """Return whether a path says yes: true, 1, "true" or "1"."""
    value = pick(record, path)
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in {"true", "1"})


def pick_point(record: Mapping[str, object], lat_path: str, lon_path: str) -> tuple[Point | None, bool]:
    """Return a point and whether one was given that cannot be read.

    Numbers may be texts, with a decimal comma too. Which of the two is the latitude is not judged here.
    """
    lat_value, lon_value = pick(record, lat_path), pick(record, lon_path)
    blank = [value is None or (isinstance(value, str) and not value.strip()) for value in (lat_value, lon_value)]
    if all(blank):
        return None, False
    return _point(_number(lat_value), _number(lon_value))


def pick_geometry(record: Mapping[str, object], path: str) -> tuple[Point | None, bool]:
    """Return the point of a GeoJSON geometry (of anything but a point: the centre of its bounds).

    Source: RFC 7946, 3.1: longitude first.
    """
    geometry = pick(record, path)
    if geometry is None:
        return None, False
    if not isinstance(geometry, Mapping):
        return None, True
    members = geometry.get("geometries") if geometry.get("type") == "GeometryCollection" else [geometry]
    members = members if isinstance(members, list) else []
    places: list[tuple[float, float]] = []
    stack: list[object] = [member.get("coordinates") for member in members if isinstance(member, Mapping)]
    while stack and len(places) < _MAX_PLACES:
        here = stack.pop()
        if not isinstance(here, list) or not here:
            continue
        if isinstance(here[0], list):
            stack.extend(here)
            continue
        lon, lat = _number(here[0]), _number(here[1]) if len(here) > 1 else None
        if lon is None or lat is None:
            return None, True
        places.append((lon, lat))
    if not places:
        return None, geometry.get("coordinates") not in (None, [])
    lons, lats = zip(*places, strict=True)
    return _point((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)


def _point(lat: float | None, lon: float | None) -> tuple[Point | None, bool]:
    if lat is None or lon is None or abs(lat) > _MAX_DEGREES or abs(lon) > _MAX_DEGREES:
        return None, True
    return Point(lat, lon), False


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value.strip().replace(",", ".")) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
