"""Reads an Open311 GeoReport v2 server: windows of time, page by page, with an overlap.

A poll is one page. Where the source sorts by time of change, the next question begins at the last instant read and
not at a page number: a record that changes in between moves to the end and no neighbour slips through.
Source: GeoReport v2; page, page_size and updated_after as in GeoReport 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.documents import parse_json, parse_xml
from datasources._toolkit.fields import names_of
from datasources._toolkit.http import Answer, HttpClient
from datasources._toolkit.params import check_brings, read_params, read_zone
from datasources.open311.cursor import Cursor, begin_window, doubt_empty, end_window, first_cursor
from datasources.open311.normalise import Normaliser, requests_of, service_names_of
from datasources.open311.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import AppealRecord, Completeness, PollResult
from svodka.profiles.model import SourceConfig

_SERVICES_EVERY = timedelta(hours=24)
_SERVICES_AGAIN = timedelta(minutes=10)
_MAX_PAGES = 10_000
# Sources cut to whole seconds, and some exclude the instant they are asked for.
_KEYSET_STEP = timedelta(seconds=1)


def connect(source: SourceConfig, clock: Clock) -> Open311Connector:
    """Build the connector of one source.

    Args:
        source: The source, its url complete.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable, or the source is not one of appeals.
    """
    check_brings(source, "appeals")
    return Open311Connector(source, read_params(source, Params), clock)


def begins_at(source: SourceConfig) -> bool:
    """Whether the source can be asked from an instant: GeoReport always can."""
    del source
    return True


class Open311Connector:
    """One Open311 source."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._clock = clock
        self._http = HttpClient(params.http, clock)
        self._normaliser = Normaliser(params=params, zone=read_zone(source), topic_map=source.topic_map)
        self._service_names: dict[str, str] = {}
        self._services_due_at: datetime | None = None

    def poll(self, cursor: str | None) -> PollResult:
        """Read one page (see `svodka.domain.records.Connector`)."""
        params = self._params
        now = self._clock.now()
        position = read_cursor(cursor, Cursor) if cursor else first_cursor(now, self._source.backfill_h)
        position = begin_window(position, now, overlap_s=params.overlap_s, max_window_h=params.max_window_h)
        answer = self._http.fetch(self._url("requests"), self._query(position))
        items = requests_of(self._parse(answer))
        records, rejected = self._normaliser.normalise_page(items, self._names(items))
        # Also the lowest of our own times: what a clock that was set back refused as "of the future" on one page of a
        # window would be passed over for good if the clock is right again at its end.
        seen_at = position.seen_at or answer.source_time_at or now
        position = msgspec.structs.replace(position, seen_at=min(seen_at, now))
        page_hash = hashlib.blake2b(answer.body, digest_size=8).hexdigest()
        if not items and (doubted := doubt_empty(position)) is not None:
            position, is_present = doubted, False
        elif self._is_last(position, items, page_hash):
            was_empty = not items and position.page == 1
            position, is_present = end_window(position, now, overlap_s=params.overlap_s, was_empty=was_empty)
        else:
            position, is_present = self._next_page(position, records, len(items), page_hash), False
        return PollResult(
            records=tuple(records),
            rejected=tuple(rejected),
            cursor=codec.encode_text(position),
            source_time_at=answer.source_time_at,
            completeness=Completeness.COMPLETE if is_present else Completeness.PARTIAL,
            read_n=len(items),
            fields=names_of(items),
        )

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _url(self, name: str) -> str:
        return f"{self._source.url.rstrip('/')}/{name}.{self._params.format}"

    def _parse(self, answer: Answer) -> object:
        return parse_json(answer) if self._params.format == "json" else parse_xml(answer)

    def _query(self, position: Cursor) -> dict[str, str]:
        params = self._params
        by_update = params.window == "updated"
        query = dict(params.query)
        query["updated_after" if by_update else "start_date"] = _w3c(position.from_at(params.overlap_s))
        if position.to_at is not None:
            query["updated_before" if by_update else "end_date"] = _w3c(position.to_at)
        if params.paging == "pages":
            query |= {"page": str(position.page), "page_size": str(params.page_size)}
        return query

    def _is_last(self, position: Cursor, items: Sequence[object], page_hash: str) -> bool:
        if not items or self._params.paging == "none" or page_hash == position.page_hash:
            return True
        return self._params.last_page == "short" and len(items) < self._params.page_size

    def _next_page(self, position: Cursor, records: Sequence[AppealRecord], read_n: int, page_hash: str) -> Cursor:
        if position.page >= _MAX_PAGES:
            message = f"a window of more than {_MAX_PAGES} pages: the source does not page as promised"
            raise SourceContractBrokenError(message)
        position = msgspec.structs.replace(
            position, is_after_full=read_n >= self._params.page_size, is_asked_again=False
        )
        sorted_to_at = self._sorted_up_to(records) if len(records) == read_n else None
        if sorted_to_at is not None and sorted_to_at - _KEYSET_STEP > position.from_at(self._params.overlap_s):
            keyset_at = sorted_to_at - _KEYSET_STEP
            return msgspec.structs.replace(position, keyset_at=keyset_at, page=1, page_hash="")
        return msgspec.structs.replace(position, page=position.page + 1, page_hash=page_hash)

    def _sorted_up_to(self, records: Sequence[AppealRecord]) -> datetime | None:
        """Return the last time of change of a page that is sorted by it as promised; else None."""
        if self._params.order != "updated" or self._params.window != "updated":
            return None
        times = [record.updated_at or record.received_at for record in records]
        return times[-1] if times and times == sorted(times) else None

    def _names(self, items: Sequence[object]) -> dict[str, str]:
        """Return service names by code; the list is asked only for requests that carry no name."""
        fields = self._params.fields
        needed = any(isinstance(item, dict) and not item.get(fields.service_name) for item in items)
        now = self._clock.now()
        if not self._params.services or not needed or (self._services_due_at and now < self._services_due_at):
            return self._service_names
        try:
            self._service_names = service_names_of(self._parse(self._http.fetch(self._url("services"))))
            self._services_due_at = now + _SERVICES_EVERY
        except (SourceUnavailableError, SourceContractBrokenError):
            # Requests matter more than the names of their services: go on with codes, ask again later.
            self._services_due_at = now + _SERVICES_AGAIN
        return self._service_names


def _w3c(at: datetime) -> str:
    """Return an instant as W3C date and time, in UTC."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
