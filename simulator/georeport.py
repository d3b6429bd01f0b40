"""Open311 GeoReport v2 as a server speaks it: questions read strictly, answers in JSON and XML. Pure.

What GeoReport does not define but many servers add stands beside its own fields: `stage` (received, in_work,
answered, rejected), `closed_datetime`, `municipality`, `rating`, `duplicate_of`, `place_moved`.
Source: GeoReport v2 (wiki.open311.org/GeoReport_v2); page, page_size, updated_after, updated_before of 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from xml.sax.saxutils import escape

import msgspec

from svodka.domain import codec

MAX_PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 100
_FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
_STATUSES = frozenset({"open", "closed"})
_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])

Request = Mapping[str, object]


class Response(msgspec.Struct, frozen=True):
    """One HTTP answer.

    Attributes:
        status, content_type, body: As the names say.
        headers: Further headers.
        manner: What the server does instead of sending it whole: `half`, `hang`, `slow`; "" nothing of that.
    """

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    manner: str = ""


class BadQuestionError(Exception):
    """The question cannot be answered; code and description go into GeoReport's error form."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks of a list of requests. Instants are aware; both ends of a span belong to it."""

    ids: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    start_at: datetime | None = None
    end_at: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE

    def cut_page(self, found: Sequence[Request]) -> Sequence[Request]:
        """Return the page that was asked for."""
        return found[(self.page - 1) * self.page_size : self.page * self.page_size]


class Store(Protocol):
    """Where requests are."""

    def has_system(self, system: str) -> bool:
        """Whether there is such a system."""
        ...

    def services(self, system: str) -> list[Request]:
        """Return its services."""
        ...

    def search(self, system: str, query: Query, now: datetime) -> Sequence[Request]:
        """Return one page of requests as they are at `now`.

        By change, the oldest first, when the query asks for changes; otherwise by receipt, the newest first.
        """
        ...


def read_query(params: Mapping[str, str]) -> Query:
    """Read the parameters of a question; unknown ones are ignored, as servers do.

    Returns:
        The question.

    Raises:
        BadQuestionError: 400: a value has the wrong form.
    """
    statuses = _split(params.get("status", ""))
    if statuses - _STATUSES:
        raise BadQuestionError(400, "status must be open or closed")
    return Query(
        ids=_split(params.get("service_request_id", "")),
        codes=_split(params.get("service_code", "")),
        statuses=statuses,
        start_at=read_instant(params, "start_date"),
        end_at=read_instant(params, "end_date"),
        updated_after=read_instant(params, "updated_after"),
        updated_before=read_instant(params, "updated_before"),
        page=read_number(params, "page", 1, 1_000_000),
        page_size=read_number(params, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    )


def answer_georeport(store: Store, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response:
    """Answer one question.

    Args:
        store: Where requests are.
        parts: The path after `/open311/`: system, `v2`, resource and perhaps an id.
        params: The query's parameters.
        now: The server's clock.

    Returns:
        The answer; what cannot be answered becomes GeoReport's list of errors in the format asked for.
    """
    last, _, extension = parts[-1].rpartition(".") if parts else ("", "", "")
    if extension not in _FORMATS:
        return _refuse("json", BadQuestionError(400, "the address must end in .json or .xml"))
    try:
        return _answer(store, [*parts[:-1], last], extension, params, now)
    except BadQuestionError as error:
        return _refuse(extension, error)


def _refuse(extension: str, error: BadQuestionError) -> Response:
    items: list[Request] = [{"code": error.code, "description": error.description}]
    return _write(error.code, extension, "errors", "error", items)


def _answer(store: Store, parts: list[str], extension: str, params: Mapping[str, str], now: datetime) -> Response:
    match parts:
        case [system, "v2", *_] if not store.has_system(system):
            raise BadQuestionError(404, "no such system")
        case [system, "v2", "services"]:
            return _write(200, extension, "services", "service", store.services(system))
        case [system, "v2", "requests"]:
            return _write(200, extension, "service_requests", "request", store.search(system, read_query(params), now))
        case [system, "v2", "requests", request_id]:
            found = store.search(system, Query(ids=frozenset({request_id})), now)
            if not found:
                raise BadQuestionError(404, "no such service request")
            return _write(200, extension, "service_requests", "request", found)
        case _:
            raise BadQuestionError(404, "no such resource")


def _write(status: int, extension: str, root: str, tag: str, items: Sequence[Request]) -> Response:
    if extension == "json":
        return Response(status, _FORMATS["json"], codec.encode(list(items)))
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<{root}>"]
    for item in items:
        fields = "".join(f"<{key}>{write_xml_value(value)}</{key}>" for key, value in item.items())
        lines.append(f"<{tag}>{fields}</{tag}>")
    lines.append(f"</{root}>")
    return Response(status, _FORMATS["xml"], "\n".join(lines).encode())


def write_xml_value(value: object) -> str:
    """Return a value as the text of an XML element, without characters that XML does not know."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value).translate(_NOT_XML))


def _split(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def read_instant(params: Mapping[str, str], name: str) -> datetime | None:
    """Return a parameter as an aware instant, None where it is absent.

    Raises:
        BadQuestionError: 400: it is none.
    """
    text = params.get(name, "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuestionError(400, f"{name} must be a W3C date and time") from None
    if at.tzinfo is None:
        raise BadQuestionError(400, f"{name} must carry a time zone")
    return at


def read_number(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a parameter as a whole number from 1 to `most`.

    Raises:
        BadQuestionError: 400: it is none.
    """
    text = params.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise BadQuestionError(400, f"{name} must be a whole number from 1 to {most}")
    return int(text)
