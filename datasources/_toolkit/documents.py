"""Whole answers turned into plain values: strict JSON, harmless XML. What is neither breaks the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from datasources._toolkit.fields import pick_id
from datasources._toolkit.http import Answer
from svodka.domain import codec
from svodka.domain.errors import RecordUnreadableError, SourceContractBrokenError
from svodka.domain.records import Rejected
from svodka.settings.crash import crash_here

MAX_RAW_CHARS = 4000
_MAX_XML_DEPTH = 16
# An element (two marks) or an attribute (one) takes hundreds of bytes of memory, be it only three bytes long.
_MAX_XML_MARKS = 600_000
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MAX_LINES = 500_000
_BOM = b"\xef\xbb\xbf"
# Half of a pair that a source cut an emoji in; an escaped backslash or a whole pair is matched first and kept.
_SURROGATES = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..")
_ESCAPED_BACKSLASH_BYTES, _PAIR_BYTES = 2, 12


def parse_json(answer: Answer) -> object:
    """Return the value of a JSON answer.

    Raises:
        SourceContractBrokenError: It is HTML, half a document, not UTF-8, holds NaN, or nests too deeply.
    """
    crash_here("parse_before")
    body = answer.body.removeprefix(_BOM)
    if answer.content_type in _HTML_TYPES or body.lstrip()[:1] == b"<":
        message = "the answer is HTML or XML where JSON was promised"
        raise SourceContractBrokenError(message)
    body = _as_utf8(body, answer.charset)
    try:
        return codec.decode(body)
    except (codec.DecodeError, RecursionError) as error:
        broken: Exception = error
    try:
        return codec.decode(_SURROGATES.sub(_mended, body))
    except (codec.DecodeError, RecursionError):
        message = f"the answer is not JSON: {broken}"[:200]
        raise SourceContractBrokenError(message) from broken


def parse_json_lines(answer: Answer) -> list[object]:
    """Return the values of an answer of JSON lines, one in each; blank lines are nothing.

    Raises:
        SourceContractBrokenError: It is HTML, empty, cut off in a line, not UTF-8, or a line is no JSON.
    """
    if answer.content_type in _HTML_TYPES or not answer.body.strip(_BOM):
        message = "the answer is HTML or empty where JSON lines were promised"
        raise SourceContractBrokenError(message)
    lines = _as_utf8(answer.body.removeprefix(_BOM), answer.charset).split(b"\n")
    if len(lines) > _MAX_LINES:
        message = f"the answer has more than {_MAX_LINES} lines"
        raise SourceContractBrokenError(message)
    return [
        parse_json(Answer(body=line, content_type="", charset="", source_time_at=None))
        for line in lines
        if line.strip()
    ]


def parse_xml(answer: Answer) -> Element:
    """Return the root of an XML answer without a document type, entities or outside references.

    Raises:
        SourceContractBrokenError: It is HTML, half a document, or uses what is refused.
    """
    if answer.content_type in _HTML_TYPES:
        message = "the answer is HTML where XML was promised"
        raise SourceContractBrokenError(message)
    if max(answer.body.count(b"<"), answer.body.count(b"=")) > _MAX_XML_MARKS:
        message = "the answer is XML of more elements or attributes than any list of records has"
        raise SourceContractBrokenError(message)
    try:
        root: Element = fromstring(answer.body, forbid_dtd=True)
    except DefusedXmlException as error:
        name = type(error).__name__
        message = f"not XML that is read here: it declares a document type, entities or outside references ({name})"
        raise SourceContractBrokenError(message) from error
    except (ParseError, ValueError, LookupError) as error:
        message = f"the answer is not XML: {type(error).__name__}"
        raise SourceContractBrokenError(message) from error
    if root.tag.lower() == "html":
        message = "the answer is HTML where XML was promised"
        raise SourceContractBrokenError(message)
    return root


def element_value(element: Element, depth: int = 0) -> object:
    """Return an element as text, or as an object where it has children (the first of a name wins)."""
    if not len(element) or depth >= _MAX_XML_DEPTH:
        return (element.text or "").strip() or None
    value: dict[str, object] = {}
    for child in element:
        value.setdefault(child.tag, element_value(child, depth + 1))
    return value


def reject(raw: object, error: RecordUnreadableError, *, id_paths: Sequence[str]) -> Rejected:
    """Return one unreadable record for the quarantine.

    Args:
        raw: The record as it came.
        error: Why it cannot be read.
        id_paths: Where its id stands, as for a readable record: ingest must know that this one is still named.
    """
    try:
        foreign_id = pick_id(raw, id_paths) if isinstance(raw, Mapping) else None
    except RecordUnreadableError:
        foreign_id = None
    try:
        shown = codec.encode_text(raw)
    except (RecursionError, TypeError, ValueError):
        shown = type(raw).__name__
    return Rejected(
        reason=error.reason,
        foreign_id=foreign_id,
        detail=error.detail[:256],
        raw=shown[:MAX_RAW_CHARS],
        word=error.word,
    )


def _mended(match: re.Match[bytes]) -> bytes:
    return match[0] if len(match[0]) in {_ESCAPED_BACKSLASH_BYTES, _PAIR_BYTES} else b"\\ufffd"


def _as_utf8(body: bytes, charset: str) -> bytes:
    if charset in {"", "utf-8", "utf8", "us-ascii"}:
        return body
    try:
        return body.decode(charset).encode()
    except (LookupError, UnicodeError) as error:
        message = "the answer is not in the character set that it names"
        raise SourceContractBrokenError(message) from error
