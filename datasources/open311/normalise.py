"""From a GeoReport request to an appeal. Pure.

Source: GeoReport v2 (wiki.open311.org/GeoReport_v2), "GET Service Requests".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.documents import element_value, reject
from datasources._toolkit.fields import pick, pick_flag, pick_id, pick_point, pick_rating, pick_text
from datasources._toolkit.text import MAX_TEXT_CHARS
from datasources._toolkit.times import parse_instant
from datasources.open311.params import Params
from svodka.domain.errors import RecordUnreadableError, SourceContractBrokenError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import AppealRecord, AppealStatus, Rejected

_NAME_CHARS, _ADDRESS_CHARS = 256, 500


class Normaliser(msgspec.Struct, frozen=True, kw_only=True):
    """Reads requests of one source.

    Attributes:
        params: What the sources file says.
        zone: Zone of times that carry none.
        topic_map: The source's topic map: decides whether code or name is the topic.
    """

    params: Params
    zone: ZoneInfo | None = None
    topic_map: Mapping[str, str] = {}

    def normalise_page(
        self, items: Iterable[object], service_names: Mapping[str, str]
    ) -> tuple[list[AppealRecord], list[Rejected]]:
        """Read a page of requests; one unreadable request does not stop its neighbours."""
        records: list[AppealRecord] = []
        rejected: list[Rejected] = []
        for item in items:
            try:
                records.append(self.normalise(item, service_names))
            except RecordUnreadableError as error:
                rejected.append(reject(item, error, id_paths=(self.params.fields.id,)))
        return records, rejected

    def normalise(self, item: object, service_names: Mapping[str, str]) -> AppealRecord:
        """Read one request.

        Args:
            item: The request as decoded.
            service_names: Names of the services by code.

        Returns:
            The appeal.

        Raises:
            RecordUnreadableError: It cannot be read; the reason says why.
        """
        if not isinstance(item, Mapping):
            raise RecordUnreadableError(RejectReason.NOT_AN_OBJECT)
        fields = self.params.fields
        foreign_id = pick_id(item, (fields.id,))
        received_at = self._instant(item, fields.received_at)
        if received_at is None:
            raise RecordUnreadableError(RejectReason.MISSING_TIME, fields.received_at)
        code = pick_text(item, fields.service_code, max_chars=_NAME_CHARS)
        name = pick_text(item, fields.service_name, max_chars=_NAME_CHARS) or service_names.get(code or "")
        point, point_unreadable = pick_point(item, fields.lat, fields.lon)
        return AppealRecord(
            foreign_id=foreign_id,
            received_at=received_at,
            updated_at=self._instant(item, fields.updated_at),
            status=self._status(item),
            answered_at=self._instant(item, fields.answered_at),
            due_at=self._instant(item, fields.due_at, is_term=True),
            channel=pick_text(item, fields.channel, max_chars=64),
            topic_code=self._topic_code(code, name),
            text=pick_text(item, fields.text, max_chars=MAX_TEXT_CHARS) or name or "",
            area_name=pick_text(item, fields.area_name, max_chars=_NAME_CHARS),
            address=pick_text(item, fields.address, max_chars=_ADDRESS_CHARS),
            point=point,
            point_unreadable=point_unreadable,
            body_name=pick_text(item, fields.body_name, max_chars=_NAME_CHARS),
            rating=pick_rating(item, fields.rating),
            repeat_of=pick_text(item, fields.repeat_of, max_chars=256),
            place_moved=pick_flag(item, fields.place_moved),
        )

    def _instant(self, item: Mapping[str, object], path: str, *, is_term: bool = False) -> datetime | None:
        formats = self.params.time_formats
        return parse_instant(pick(item, path), self.zone, field=path, formats=formats, is_term=is_term)

    def _topic_code(self, code: str | None, name: str | None) -> str | None:
        for word in (code, name):
            if word is not None and word in self.topic_map:
                return word
        return code or name

    def _status(self, item: Mapping[str, object]) -> AppealStatus:
        fields, params = self.params.fields, self.params
        fine = pick_text(item, fields.fine_status, max_chars=_NAME_CHARS)
        if fine is not None and (found := _lookup(params.fine_statuses, fine)) is not None:
            return found
        coarse = pick_text(item, fields.status, max_chars=_NAME_CHARS)
        if coarse is None or (found := _lookup(params.statuses, coarse)) is None:
            raise RecordUnreadableError(RejectReason.STATUS_UNKNOWN, fields.status, word=coarse or "")
        return found


def requests_of(document: object) -> list[object]:
    """Return the requests of a whole answer, JSON or XML.

    Raises:
        SourceContractBrokenError: It is no list of requests.
    """
    if isinstance(document, Element):
        if document.tag != "service_requests":
            message = "the answer has no <service_requests>"
            raise SourceContractBrokenError(message)
        return [element_value(child) for child in document]
    if isinstance(document, Mapping):  # some servers wrap the list
        document = document.get("service_requests", document.get("requests"))
    if not isinstance(document, list):
        message = "the answer is not a list of requests"
        raise SourceContractBrokenError(message)
    return document


def service_names_of(document: object) -> dict[str, str]:
    """Return the names of services by code from a services list, JSON or XML; unreadable entries are left out.

    Raises:
        SourceContractBrokenError: It is no list of services.
    """
    items = [element_value(child) for child in document] if isinstance(document, Element) else document
    if not isinstance(items, list):
        message = "the answer is not a list of services"
        raise SourceContractBrokenError(message)
    names: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Mapping):
            continue
        try:
            code = pick_text(item, "service_code", max_chars=_NAME_CHARS)
            name = pick_text(item, "service_name", max_chars=_NAME_CHARS)
        except RecordUnreadableError:
            continue
        if code and name:
            names[code] = name
    return names


def _lookup(statuses: Mapping[str, AppealStatus], word: str) -> AppealStatus | None:
    """Find a word of a status map without regard to case."""
    return statuses.get(word) or {key.casefold(): value for key, value in statuses.items()}.get(word.casefold())
