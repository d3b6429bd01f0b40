"""From the body of a delivery to the list of its records; what a record says is read by http_json's field map. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from datasources._toolkit.documents import parse_json, parse_xml
from datasources._toolkit.http import Answer
from datasources._toolkit.trees import elements_at, record_value
from datasources.http_json.normalise import records_of
from datasources.webhook.params import Params
from svodka.domain.errors import SourceContractBrokenError
from svodka.domain.push import Delivery

_TYPES = {
    "json": frozenset({"application/json", "application/geo+json"}),
    "xml": frozenset({"application/xml", "text/xml"}),
}


def is_taken(content_type: str, params: Params) -> bool:
    """Return whether a body of that media type is read."""
    return content_type in _TYPES[params.format]


def open_body(delivery: Delivery, params: Params) -> list[object]:
    """Return the records of a delivery as decoded: a list, or one object alone.

    Args:
        delivery: With a body.
        params: The source's.

    Raises:
        SourceContractBrokenError: It is not of the agreed form, or names too many records.
    """
    answer = Answer(
        body=delivery.body,
        content_type=delivery.content_type,
        charset=delivery.charset,
        source_time_at=None,
    )
    items = _items(answer, params)
    if len(items) > params.max_records:
        message = f"more than {params.max_records} records: send them in several deliveries"
        raise SourceContractBrokenError(message)
    return items


def _items(answer: Answer, params: Params) -> list[object]:
    if params.format == "xml":
        return [record_value(element) for element in elements_at(parse_xml(answer), params.records)]
    document = parse_json(answer)
    if not params.records and isinstance(document, Mapping):
        return [document]
    return records_of(document, params.records)
