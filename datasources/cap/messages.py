"""One CAP message as its sender wrote it: from an `alert` element to typed values. Pure.

Reads CAP 1.0, 1.1 and 1.2 as far as they agree, by local names. Descriptions, instructions, contacts and resources
are not read: they are not needed, and may name people.
Source: OASIS Common Alerting Protocol 1.2 (docs.oasis-open.org/emergency/cap/v1.2), 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.fields import MAX_ID_CHARS
from datasources._toolkit.text import plain_text
from datasources._toolkit.times import parse_instant
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason

MAX_WORD_CHARS, _MAX_TITLE_CHARS = 256, 500
_MAX_REFERENCES = 200
_MAX_AREAS = 200
_CAP_NAMESPACE = re.compile(r"(urn:oasis:names:tc:emergency:cap:1\.[012]|https?://www\.incident\.com/cap/1\.0/?)?")
_REFERENCE = re.compile(r"([^,\s]*),([^,\s]+),([^,\s]+)")


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A place of an alert: its words, its codes (name and value) and its shapes as they stand there."""

    description: str
    codes: tuple[tuple[str, str], ...]
    polygons: tuple[str, ...]
    circles: tuple[str, ...]


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert says, in one language. `all_clear`: the sender says that there is no danger any more."""

    language: str
    categories: tuple[str, ...]
    event: str
    codes: tuple[tuple[str, str], ...]
    urgency: str
    severity: str
    certainty: str
    onset_at: datetime | None
    effective_at: datetime | None
    expires_at: datetime | None
    headline: str
    all_clear: bool
    areas: tuple[Area, ...]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message.

    Attributes:
        key: Sender and identifier, which together are unique.
        sent_at: When it was sent.
        status: `actual`, or exercise, system, test, draft.
        kind: `alert`, `update`, `cancel`, `ack` or `error`.
        scope: `public`, `restricted` or `private`; public where it is missing.
        references: Key and time of the earlier messages that it names, the earliest first.
        infos: Its content, in every language and grade.
        open_ended: Its feed says that it is in force and names no end.
    """

    key: str
    sent_at: datetime
    status: str
    kind: str
    scope: str
    references: tuple[tuple[datetime, str], ...]
    infos: tuple[Info, ...]
    open_ended: bool = False


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def is_cap(element: Element) -> bool:
    """Return whether an element is of a CAP namespace, or of none."""
    return _CAP_NAMESPACE.fullmatch(element.tag.rpartition("}")[0].removeprefix("{")) is not None


def is_alert(element: Element) -> bool:
    """Return whether an element is a CAP message."""
    return local_name(element) == "alert" and is_cap(element)


def read_key(alert: Element) -> str:
    """Return a message's sender and identifier as one id.

    Raises:
        RecordUnreadableError: MISSING_ID or TOO_LARGE.
    """
    identifier = _word(alert, "identifier", MAX_ID_CHARS + 1)
    if not identifier:
        raise RecordUnreadableError(RejectReason.MISSING_ID, "identifier")
    return _join_key(_word(alert, "sender", MAX_ID_CHARS + 1), identifier)


def read_message(
    alert: Element, zone: ZoneInfo | None, formats: Sequence[str] = (), *, open_ended: bool = False
) -> Message:
    """Read an `alert` element.

    Args:
        alert: The element.
        zone: Zone of times that carry none (CAP itself demands one).
        formats: `strptime` forms of this source.
        open_ended: See `Message`.

    Returns:
        The message.

    Raises:
        RecordUnreadableError: It has no id or time, or a time that cannot be read.
    """
    key = read_key(alert)
    sent_at = parse_instant(_word(alert, "sent"), zone, field="sent", formats=formats)
    if sent_at is None:
        raise RecordUnreadableError(RejectReason.MISSING_TIME, "sent")
    return Message(
        key=key,
        sent_at=sent_at,
        status=_word(alert, "status").casefold(),
        kind=_word(alert, "msgType").casefold(),
        scope=_word(alert, "scope").casefold() or "public",
        references=_references(_raw(alert, "references"), zone),
        infos=tuple(_info(info, zone, formats) for info in _all(alert, "info")),
        open_ended=open_ended,
    )


def _info(info: Element, zone: ZoneInfo | None, formats: Sequence[str]) -> Info:
    def at(name: str) -> datetime | None:
        return parse_instant(_word(info, name), zone, field=name, formats=formats)

    return Info(
        language=_word(info, "language").casefold(),
        categories=_words(info, "category"),
        event=_word(info, "event"),
        codes=_codes(info, "eventCode"),
        urgency=_word(info, "urgency").casefold(),
        severity=_word(info, "severity").casefold(),
        certainty=_word(info, "certainty").casefold(),
        onset_at=at("onset"),
        effective_at=at("effective"),
        expires_at=at("expires"),
        headline=_word(info, "headline", _MAX_TITLE_CHARS),
        all_clear="allclear" in [word.casefold() for word in _words(info, "responseType")],
        areas=tuple(_area(area) for area in _all(info, "area")[:_MAX_AREAS]),
    )


def _area(area: Element) -> Area:
    return Area(
        description=_word(area, "areaDesc", _MAX_TITLE_CHARS),
        codes=_codes(area, "geocode"),
        polygons=_shapes(area, "polygon"),
        circles=_shapes(area, "circle"),
    )


def _shapes(area: Element, name: str) -> tuple[str, ...]:
    texts = ((shape.text or "").strip() for shape in _all(area, name))
    return tuple(text for text in texts if text)


def _references(text: str, zone: ZoneInfo | None) -> tuple[tuple[datetime, str], ...]:
    """Return the earlier messages of a list `sender,identifier,sent …`, the earliest first; others are passed over."""
    found: list[tuple[datetime, str]] = []
    for match in list(_REFERENCE.finditer(text))[:_MAX_REFERENCES]:
        try:
            sent_at = parse_instant(match[3], zone, field="references")
            key = _join_key(match[1], match[2])
        except RecordUnreadableError:
            continue
        if sent_at is not None:
            found.append((sent_at, key))
    return tuple(sorted(found))


def _join_key(sender: str, identifier: str) -> str:
    key = f"{sender}|{identifier}" if sender else identifier
    if len(key) > MAX_ID_CHARS:
        raise RecordUnreadableError(RejectReason.TOO_LARGE, "identifier")
    return key


def _codes(element: Element, name: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of name and value; CAP 1.0 writes `<eventCode>name=value</eventCode>`."""
    codes: list[tuple[str, str]] = []
    for code in _all(element, name):
        if len(code):
            codes.append((_word(code, "valueName"), _word(code, "value")))
        else:
            key, _, value = plain_text(code.text or "", max_chars=MAX_WORD_CHARS).rpartition("=")
            codes.append((key, value))
    return tuple(codes)


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if local_name(child) == name]


def _raw(element: Element, name: str) -> str:
    return next((child.text or "" for child in element if local_name(child) == name), "")


def _word(element: Element, name: str, max_chars: int = MAX_WORD_CHARS) -> str:
    return plain_text(_raw(element, name), max_chars=max_chars)


def _words(element: Element, name: str) -> tuple[str, ...]:
    return tuple(plain_text(child.text or "", max_chars=MAX_WORD_CHARS) for child in _all(element, name))
