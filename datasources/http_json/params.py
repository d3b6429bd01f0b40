"""What a sources file says about a feed of JSON, GeoJSON or XML: `[source.params]`."""

from __future__ import annotations

from typing import Literal

import msgspec

from datasources._toolkit.limits import HttpLimits


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a record says what: dotted paths, `=constant`, or "" where the feed has no such field.

    Attributes:
        id: One field, or several that together are unique.
        started_at: Beginning of an incident, or arrival of an appeal.
        updated_at, closed_at, answered_at, due_at: Other times.
        status, kind, level: Words that the maps below translate.
        affected: How many consumers, houses or people it touches.
        title: Title of an incident.
        text, channel, topic, body_name, rating, repeat_of: Of appeals.
        area_name, address: The place in words.
        lat, lon: Coordinates, numbers or texts.
        geometry: A GeoJSON geometry, in place of lat and lon.
        place_moved: Mark of a simulator that moved the place.
    """

    id: tuple[str, ...]
    started_at: str
    updated_at: str = ""
    closed_at: str = ""
    answered_at: str = ""
    due_at: str = ""
    status: str = ""
    kind: str = ""
    level: str = ""
    affected: str = ""
    title: str = ""
    text: str = ""
    channel: str = ""
    topic: str = ""
    body_name: str = ""
    rating: str = ""
    repeat_of: str = ""
    area_name: str = ""
    address: str = ""
    lat: str = ""
    lon: str = ""
    geometry: str = ""
    place_moved: str = "place_moved"


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of a feed that say something elsewhere, as when one list joins two systems.

    Attributes:
        when: Which records: words by path, without regard to case; all must agree.
        fields: Paths that replace those of `params.fields`, by the name of the field.
    """

    when: dict[str, str]
    fields: dict[str, str]


class AffectedLevel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level for records that touch at least so many."""

    at_least: int
    level: str


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a feed that answers in pages is read.

    Attributes:
        kind: `none`: one answer; `page`: page numbers; `offset`: records to skip; `cursor`: a word that each answer
            gives for the next; `link`: an address that each answer gives for the next.
        param: Parameter that carries number, offset or word; "" for the kind's own name.
        first: Number of the first page.
        size_param: Parameter that asks for so many records, "" where the feed knows none.
        size: How many are asked for.
        last_page: How the end of `page` and `offset` is seen: `empty` asks until a page is empty or repeats, safe
            with every feed; `short` ends at a page of fewer than `size`; `not_found` also ends at status 404.
        next: Path of the word or address for the next page; "" for `link`: the Link header (RFC 8288).
        more: Path of what says "no more" by being false, 0 or empty; "" where the feed has none.
        max_pages: A reading of more pages is broken off as an error.
    """

    kind: Literal["none", "page", "offset", "cursor", "link"] = "none"
    param: str = ""
    first: int = 1
    size_param: str = ""
    size: int = 100
    last_page: Literal["empty", "short", "not_found"] = "empty"
    next: str = ""
    more: str = ""
    max_pages: int = 1000

    def __post_init__(self) -> None:
        """Refuse pages that would never end or never lead on, and a paging that would silently be none.

        Raises:
            ValueError: One of those.
        """
        if self.first < 0 or self.size < 1 or self.max_pages < 1:
            message = "paging.size and max_pages must be above 0, first at least 0"
            raise ValueError(message)
        if self.kind == "none" and (self.param or self.size_param or self.next or self.more):
            message = "paging.kind is missing: page, offset, cursor or link"
            raise ValueError(message)
        if self.kind == "cursor" and not self.next:
            message = "paging.next must say where an answer gives the word for the next page"
            raise ValueError(message)


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed that is asked for what changed since the last reading.

    Attributes:
        since: Parameter that carries the instant.
        until: Parameter that carries the end, the present of the source; "" where it is not asked for.
        form: How an instant is written: `iso` (UTC), `epoch_s`, `epoch_ms`, or a `strftime` form in the source's zone.
        overlap_s: How far behind the position a reading begins, for what the source showed late.
        whole_every_h: After so many hours the source's whole `backfill_h` is read once more: it brings what slipped
            through while pages changed. 0: never.
    """

    since: str
    until: str = ""
    form: str = "iso"
    overlap_s: float = 300.0
    whole_every_h: float = 24.0

    def __post_init__(self) -> None:
        """Refuse a form that says nothing and spans below nought.

        Raises:
            ValueError: One of those.
        """
        if not self.since or (self.form not in {"iso", "epoch_s", "epoch_ms"} and "%" not in self.form):
            message = "window needs since, and form is iso, epoch_s, epoch_ms or a strftime form"
            raise ValueError(message)
        if self.overlap_s < 0 or self.whole_every_h < 0:
            message = "window.overlap_s and whole_every_h must be at least 0"
            raise ValueError(message)


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one feed.

    Attributes:
        format: Kind of the answer: one JSON document, `jsonl` (a record in each line, `records` does not apply), or
            `xml`, whose fields are read by the same paths (datasources/_toolkit/trees.py).
        fields: Where a record says what.
        records: Path of the list in the answer, "" where the answer is the list (`features` in GeoJSON, `channel.item`
            in RSS).
        lists_all_open: The feed names everything that is open now, so what is absent may have ended. All its pages are
            read in one poll.
        paging: Where the feed answers in pages.
        window: Where the feed is asked for what changed.
        statuses: Words of `fields.status` to our stages, without regard to case.
        status_default: Stage of a word that is not listed, or of a feed without a status; "" makes such a
            record unreadable, so that a new word of the source is noticed.
        kinds, levels: Words to kinds and levels of the profile; a word that is not listed is "other", or the
            mildest level.
        levels_by_affected: Level by the number touched, where no word gives it; the first that fits counts.
        variants: Records that say something elsewhere; the first that fits counts.
        query: Constant parameters of the question.
        time_formats: `strptime` forms of times that the toolkit does not know.
        http: Limits of one answer.
    """

    fields: Fields
    format: Literal["json", "jsonl", "xml"] = "json"
    records: str = ""
    lists_all_open: bool = False
    paging: Paging = Paging()
    window: Window | None = None
    statuses: dict[str, str] = {}
    status_default: str = ""
    kinds: dict[str, str] = {}
    levels: dict[str, str] = {}
    levels_by_affected: tuple[AffectedLevel, ...] = ()
    variants: tuple[Variant, ...] = ()
    query: dict[str, str] = {}
    time_formats: tuple[str, ...] = ()
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse ids of no field, variants of fields that do not exist, part of a list for all of it.

        Raises:
            ValueError: One of those.
        """
        if not self.fields.id:
            message = "fields.id names no field"
            raise ValueError(message)
        if self.window is not None and self.lists_all_open:
            message = "a feed that is asked for what changed (window) does not name all that is open (lists_all_open)"
            raise ValueError(message)
        known = set(Fields.__struct_fields__) - {"id"}
        for variant in self.variants:
            if unknown := sorted(set(variant.fields) - known):
                message = f"variants: no field {', '.join(unknown)}"
                raise ValueError(message)
