"""What a sources file says about a JSON or GeoJSON feed: `[source.params]`."""

from __future__ import annotations

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


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one JSON feed.

    Attributes:
        fields: Where a record says what.
        records: Path of the list in the answer, "" where the answer is the list (`features` in GeoJSON).
        lists_all_open: The feed names everything that is open now, so what is absent may have ended.
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
    records: str = ""
    lists_all_open: bool = False
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
        """Refuse a rule for ids that names no field, and variants of fields that do not exist.

        Raises:
            ValueError: One of those.
        """
        if not self.fields.id:
            message = "fields.id names no field"
            raise ValueError(message)
        known = set(Fields.__struct_fields__) - {"id"}
        for variant in self.variants:
            if unknown := sorted(set(variant.fields) - known):
                message = f"variants: no field {', '.join(unknown)}"
                raise ValueError(message)
