"""Reads one feed of JSON, GeoJSON or XML: a page at every poll, or all pages of a feed that names all that is open."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from datasources._toolkit.documents import parse_json, parse_json_lines, parse_xml
from datasources._toolkit.fields import names_of, pick
from datasources._toolkit.http import Answer, HttpClient
from datasources._toolkit.params import check_kinds_and_levels, check_stages, read_params, read_zone
from datasources._toolkit.trees import elements_at, record_value
from datasources.http_json.normalise import Normaliser, records_of
from datasources.http_json.params import Params
from datasources.http_json.reading import (
    Cursor,
    Page,
    begin_anew,
    begin_reading,
    end_page,
    end_reading,
    is_end_by,
    query_of,
)
from svodka.domain import codec
from svodka.domain.clock import Clock, monotonic_s
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness, PollResult, Record, Rejected
from svodka.profiles.model import Profile, SourceConfig

# A list that is read whole, page by page, in one poll.
_MAX_WHOLE_S = 240.0
_MAX_WHOLE_RECORDS = 100_000


def connect(source: SourceConfig, clock: Clock) -> HttpJsonConnector:
    """Build the connector of one feed.

    Args:
        source: The source, its url complete.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable.
    """
    params = read_params(source, Params)
    check_stages(source, params.statuses, params.status_default)
    normaliser = Normaliser(params, records=source.records, zone=read_zone(source))
    return HttpJsonConnector(source, params, normaliser, clock)


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that the maps lead to kinds and levels of the region; a slip would turn them into "other" unseen.

    Raises:
        ProfileError: One leads to nothing.
    """
    params = read_params(source, Params)
    levels = [*params.levels.values(), *(step.level for step in params.levels_by_affected)]
    check_kinds_and_levels(source, profile, kinds=params.kinds.values(), levels=levels)


def begins_at(source: SourceConfig) -> bool:
    """Whether the source can be asked from an instant: it has a window."""
    params = read_params(source, Params)
    return params.window is not None and not params.lists_all_open


class HttpJsonConnector:
    """One feed."""

    def __init__(self, source: SourceConfig, params: Params, normaliser: Normaliser, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._normaliser = normaliser
        self._clock = clock
        self._zone = read_zone(source)
        self._http = HttpClient(params.http, clock, home=source.url)

    def poll(self, cursor: str | None) -> PollResult:
        """Read one page, or the whole list (see `svodka.domain.records.Connector`)."""
        now = self._clock.now()
        if self._params.lists_all_open:
            return self._read_whole(Cursor(read_at=now))
        position = begin_reading(cursor, self._params, now=now, backfill_h=self._source.backfill_h)
        result, _ = self._read_page(position)
        return result

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def _read_whole(self, position: Cursor) -> PollResult:
        """Read all pages in one poll: half a list of what is open would say that the rest has ended."""
        ends_s = monotonic_s() + _MAX_WHOLE_S
        records: list[Record] = []
        rejected: list[Rejected] = []
        names: frozenset[str] = frozenset()
        while True:
            result, position = self._read_page(position)
            records += result.records
            rejected += result.rejected
            names |= result.fields
            if result.completeness is Completeness.COMPLETE:
                return PollResult(
                    records=tuple(records),
                    rejected=tuple(rejected),
                    cursor=result.cursor,
                    source_time_at=result.source_time_at,
                    completeness=Completeness.COMPLETE,
                    lists_all_open=True,
                    read_n=len(records) + len(rejected),
                    fields=names,
                )
            if len(records) + len(rejected) > _MAX_WHOLE_RECORDS:
                message = f"the list names more than {_MAX_WHOLE_RECORDS} records"
                raise SourceContractBrokenError(message)
            if monotonic_s() > ends_s:
                message = f"the list was not read to its end within {_MAX_WHOLE_S:g} s"
                raise SourceUnavailableError(message)

    def _read_page(self, position: Cursor) -> tuple[PollResult, Cursor]:
        now = self._clock.now()
        try:
            answer = self._ask(position)
        except SourceContractBrokenError as error:
            if is_end_by(error.status, position, self._params.paging):
                after = end_reading(position, self._params.window)
                return _result(after, Completeness.COMPLETE), after
            anew = begin_anew(error.status, position, now)
            if anew is None:
                raise
            position = anew
            answer = self._ask(position)
        items, page = self._open(answer, position)
        records, rejected = self._normaliser.normalise_page(items)
        after, is_last = end_page(position, page, self._params, now=now)
        result = PollResult(
            records=tuple(records),
            rejected=tuple(rejected),
            cursor=codec.encode_text(after),
            source_time_at=answer.source_time_at,
            completeness=Completeness.COMPLETE if is_last else Completeness.PARTIAL,
            read_n=len(items),
            fields=names_of(items, within="properties"),
        )
        return result, after

    def _ask(self, position: Cursor) -> Answer:
        query = query_of(position, self._params, now=self._clock.now(), zone=self._zone)
        return self._http.fetch(self._url(position), query)

    def _url(self, position: Cursor) -> str:
        is_address = self._params.paging.kind == "link" and bool(position.next)
        return position.next if is_address else self._source.url

    def _open(self, answer: Answer, position: Cursor) -> tuple[list[object], Page]:
        params = self._params
        document: object
        if params.format == "xml":
            root = parse_xml(answer)
            items = [record_value(element) for element in elements_at(root, params.records)]
            document = self._around(root)
        elif params.format == "jsonl":
            document = {}
            items = parse_json_lines(answer)
        else:
            document = parse_json(answer)
            items = records_of(document, params.records)
        around = document if isinstance(document, Mapping) else {}
        more = pick(around, params.paging.more) if params.paging.more else True
        page = Page(
            url=self._url(position),
            items=items,
            next=_word(pick(around, params.paging.next)) if params.paging.next else self._link(answer),
            more=bool(more) and str(more).strip().lower() not in {"false", "0", "no"},
            time_at=answer.source_time_at or self._clock.now(),
        )
        return items, page

    def _around(self, root: Element) -> object:
        """Return an XML document as a value where the next page stands in it."""
        paging = self._params.paging
        return record_value(root) if paging.next or paging.more else {}

    def _link(self, answer: Answer) -> str:
        return answer.next_link if self._params.paging.kind == "link" else ""


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _result(position: Cursor, completeness: Completeness) -> PollResult:
    return PollResult(
        records=(), rejected=(), cursor=codec.encode_text(position), source_time_at=None, completeness=completeness
    )
