"""The simulated appeals as a plain web service tells them: JSON and XML, in pages of each kind. Pure.

- `/lists/page.json`: by `page` and `per_page`, under `items`; `/lists/page.xml`: the same in XML.
- `/lists/offset.json`: by `offset` and `limit`, a bare list.
- `/lists/cursor.json`: by `cursor`, under `data`; the word for the next page stands in `meta.next`.
- `/lists/link.json`: by `after`; the next page stands in the Link header; under `records`.
- `/lists-rough/…`: the same with records that cannot be read, that come twice or in an older state, and with markup.

`since` names the earliest change; without it the last day is told. The first two list the newest change first, so an
appeal that changes while pages are read pushes another onto the next page, where it comes a second time. The last two
go by the time of change, where nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from simulator.georeport import BadQuestionError, Response, read_instant, read_number, write_xml_value
from simulator.history import History, Known
from svodka.domain import codec

LONGEST = timedelta(days=90)
UNREADABLE_N = 5
_DAY = timedelta(days=1)
_MOST, _USUAL = 500, 50
_JSON, _XML = "application/json; charset=utf-8", "text/xml; charset=utf-8"

Item = Mapping[str, object]


class ListsDesk:
    """Writes lists of appeals.

    Args:
        history: What is told.
        zone: Local time of the region, in which times are told.
    """

    def __init__(self, history: History, zone: tzinfo) -> None:
        self._history = history
        self._zone = zone

    def answer(self, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address.

        Args:
            parts: The address.
            params: Of the question.
            now: The server's clock.

        Returns:
            The answer, 400 for a parameter that cannot be read.
        """
        is_rough = parts[0] == "lists-rough"
        try:
            since = read_instant(params, "since") or now - _DAY
            known = self._history.changed(None, after=max(since, now - LONGEST), before=now, now=now)
            match parts[1:]:
                case ["page.json" | "page.xml" as name]:
                    return self._by_page(known[::-1], params, is_xml=name.endswith("xml"), is_rough=is_rough)
                case ["offset.json"]:
                    return self._by_offset(known[::-1], params, is_rough=is_rough)
                case ["cursor.json"]:
                    shown, following = _after(known, params, "cursor")
                    body = {"data": self._items(shown, is_rough=is_rough), "meta": {"next": following}}
                    return Response(200, _JSON, codec.encode(body))
                case ["link.json"]:
                    return self._by_link(known, params, is_rough=is_rough)
                case _:
                    return None
        except BadQuestionError as error:
            return Response(error.code, _JSON, codec.encode({"error": error.description}))

    def _by_page(self, known: Sequence[Known], params: Mapping[str, str], *, is_xml: bool, is_rough: bool) -> Response:
        page, size = read_number(params, "page", 1, 1_000_000), read_number(params, "per_page", _USUAL, _MOST)
        items = self._items(known[(page - 1) * size : page * size], is_rough=is_rough)
        if is_xml:
            return Response(200, _XML, _xml(items, page).encode())
        return Response(200, _JSON, codec.encode({"page": page, "items": items}))

    def _by_offset(self, known: Sequence[Known], params: Mapping[str, str], *, is_rough: bool) -> Response:
        size = read_number(params, "limit", _USUAL, _MOST)
        begin = 0 if params.get("offset", "0") == "0" else read_number(params, "offset", 0, 1_000_000)
        return Response(200, _JSON, codec.encode(self._items(known[begin : begin + size], is_rough=is_rough)))

    def _by_link(self, known: Sequence[Known], params: Mapping[str, str], *, is_rough: bool) -> Response:
        shown, following = _after(known, params, "after")
        query = urlencode({**params, "after": following})
        headers = (("Link", f'<link.json?{query}>; rel="next"'),) if following else ()
        return Response(200, _JSON, codec.encode({"records": self._items(shown, is_rough=is_rough)}), headers=headers)

    def _items(self, known: Iterable[Known], *, is_rough: bool) -> list[object]:
        items = [self._item(each) for each in known]
        return roughen(items) if is_rough and items else [*items]

    def _item(self, known: Known) -> Item:
        appeal, state = known.appeal, known.state
        return {
            "id": appeal.id,
            "received": self._local(appeal.received_at),
            "changed": self._local(state.at),
            "answered": self._local(state.answered_at),
            "deadline": self._local(state.due_at),
            "state": state.status.value,
            "topic": appeal.topic,
            "text": appeal.text,
            "municipality": appeal.area_name,
            "address": appeal.address,
            "place": {"lat": appeal.lat, "lon": appeal.lon},
            "mark": state.rating,
        }

    def _local(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self._zone).isoformat()


def roughen(items: Sequence[Item]) -> list[object]:
    """Return a page as a careless system gives it; `UNREADABLE_N` entries of it cannot be read."""
    first = dict(items[0])
    return [
        *items,
        first,
        {**first, "text": f"<p>{first['text']}&nbsp;</p><script>alert(1)</script>", "unforeseen": ["x", None]},
        {**first, "id": None},
        {**first, "received": "31.02.2026"},
        {**first, "state": "lost"},
        {**first, "id": ["a", "list"]},
        "no object",
    ]


def _after(known: Sequence[Known], params: Mapping[str, str], name: str) -> tuple[Sequence[Known], str]:
    """Return what follows the place that was named, by time of change, and the word for the next place."""
    size = read_number(params, "limit", _USUAL, _MOST)
    if place := params.get(name, ""):
        known = [each for each in known if _place(each) > place]
    return known[:size], _place(known[size - 1]) if len(known) > size else ""


def _place(known: Known) -> str:
    return f"{known.state.at.timestamp():017.6f}~{known.appeal.id}"


def _xml(items: Iterable[object], page: int) -> str:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<answer page="{page}"><appeals>']
    for item in items:
        if not isinstance(item, Mapping):
            lines.append("<appeal/>")
            continue
        fields = "".join(f"<{key}>{write_xml_value(value)}</{key}>" for key, value in item.items() if key != "place")
        place = item["place"]
        where = "".join(f' {key}="{escape(str(value))}"' for key, value in place.items() if value is not None)
        lines.append(f"<appeal>{fields}<place{where}/></appeal>")
    lines.append("</appeals></answer>")
    return "\n".join(lines)
