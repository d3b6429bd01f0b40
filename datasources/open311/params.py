"""What a sources file may say about an Open311 source: `[source.params]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from datasources._toolkit.limits import HttpLimits
from svodka.domain.records import AppealStatus


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a request says what; dotted paths, "" where the source has no such field.

    The defaults are GeoReport's own fields. Everything that it does not define is "".
    """

    id: str = "service_request_id"
    received_at: str = "requested_datetime"
    updated_at: str = "updated_datetime"
    due_at: str = "expected_datetime"
    answered_at: str = ""
    status: str = "status"
    fine_status: str = ""
    service_code: str = "service_code"
    service_name: str = "service_name"
    text: str = "description"
    address: str = "address"
    area_name: str = ""
    body_name: str = "agency_responsible"
    lat: str = "lat"
    lon: str = "long"
    channel: str = ""
    rating: str = ""
    repeat_of: str = ""
    place_moved: str = "place_moved"


def _geo_report_statuses() -> dict[str, AppealStatus]:
    """Return what GeoReport's own two statuses mean."""
    return {"open": AppealStatus.NEW, "closed": AppealStatus.ANSWERED}


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one Open311 source.

    Attributes:
        format: Which form of the API is asked.
        window: By which times the source filters: `updated` (updated_after, updated_before) sees every change;
            `requested` (start_date, end_date) is all that GeoReport v2 itself has, and sees a change only
            within `overlap_s`.
        max_window_h: Longest span asked for at once (GeoReport allows 90 days).
        overlap_s: How far behind its position a window begins, for what the source showed late.
        page_size: Requests per page; the source must allow as many.
        paging: `pages` (page, page_size) or `none`.
        last_page: How the end is seen: `empty` asks until a page is empty or repeats, safe with every source;
            `short` ends at a page that is not full and saves that question.
        order: `updated` where the source sorts by time of change, oldest first: then the next question begins
            at the last time read and not at a page number, and a request that changes while pages are read
            cannot push another one out of sight. With `unknown` that may happen, until that one changes again.
        query: Constant parameters, such as jurisdiction_id.
        services: Ask the services list for names of codes where a request carries none.
        statuses: Words of `fields.status` to our stages, without regard to case.
        fine_statuses: Words of `fields.fine_status`, which decide where they are listed.
        time_formats: `strptime` forms of times that the toolkit does not know.
        fields: Where a request says what.
        http: Limits of one answer.
    """

    format: Literal["json", "xml"] = "json"
    window: Literal["updated", "requested"] = "updated"
    max_window_h: float = 24.0
    overlap_s: float = 300.0
    page_size: int = 500
    paging: Literal["pages", "none"] = "pages"
    last_page: Literal["empty", "short"] = "empty"
    order: Literal["updated", "unknown"] = "unknown"
    query: dict[str, str] = {}
    services: bool = True
    statuses: dict[str, AppealStatus] = msgspec.field(default_factory=_geo_report_statuses)
    fine_statuses: dict[str, AppealStatus] = {}
    time_formats: tuple[str, ...] = ()
    fields: Fields = Fields()
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse numbers that would never end.

        Raises:
            ValueError: A number is out of its range.
        """
        if self.max_window_h <= 0 or self.overlap_s < 0 or self.page_size < 1:
            message = "max_window_h and page_size must be above 0, overlap_s at least 0"
            raise ValueError(message)
        if timedelta(seconds=self.overlap_s) >= timedelta(hours=self.max_window_h):
            message = "overlap_s must be shorter than max_window_h, or no window would lead on"
            raise ValueError(message)
