"""What a region profile says. Facts only; every file of a profile names its source and date.

No region's name stands in code: whatever differs between regions is a field here.
Slugs (`id`) are lower-case ASCII with hyphens and never change once data refer to them.
"""

from __future__ import annotations

from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec


class _Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in a profile: a misspelt key is an error, not a silent default."""


class Provenance(_Fact, frozen=True):
    """Where the facts of one file come from.

    `note` says what no source confirms. `attribution` is the line that the source's licence wants on a map.
    """

    source: str
    date: str
    note: str = ""
    attribution: str = ""


class Sector(_Fact, frozen=True):
    """A sector (отраслевой блок). `short_name` fits a wall: at most 16 characters."""

    id: str
    name: str
    short_name: str


class Topic(_Fact, frozen=True):
    """A topic (категория проблемы) of a sector.

    `keywords` are lower-case word beginnings (with е for ё) that point to the topic; several in one string must
    stand close together in this order, and one that ends in `$` is a whole word. `other` marks «прочие»: exactly
    one topic per profile, alone in a sector of its own, which is no trade. `short_name` fits a feed row: at most 30
    characters.
    """

    id: str
    sector: str
    name: str
    short_name: str
    keywords: tuple[str, ...] = ()
    other: bool = False


class Area(_Fact, frozen=True):
    """A municipality (муниципальное образование) of the first level.

    `short_name` fits a map label: at most 18 characters. `aliases` are other spellings, matched after
    normalisation (case, ё/е, kind words). `population` is a
    number of residents at `population_on`, None where no source gives one: then there is no rate.
    """

    id: str
    name: str
    short_name: str
    kind: Literal["urban", "municipal", "district"]
    centre: str
    lat: float
    lon: float
    population: int | None = None
    population_on: str = ""
    aliases: tuple[str, ...] = ()
    oktmo: str = ""
    oktmo_confirmed: bool = False


class Place(_Fact, frozen=True):
    """A settlement with its area, for finding the area of an address and for drawing."""

    name: str
    area: str
    lat: float
    lon: float
    population: int = 0
    aliases: tuple[str, ...] = ()


class Body(_Fact, frozen=True):
    """Who answers: a ministry (ИОГВ), a municipality's administration (ОМСУ) or an organisation."""

    id: str
    name: str
    kind: Literal["ministry", "municipality", "organisation"]
    sectors: tuple[str, ...] = ()
    area: str | None = None


class Norm(_Fact, frozen=True):
    """A preset term for an answer, named on the tile that uses it. `example`: no act confirms it here."""

    id: str
    name: str
    hours: float
    source: str
    date: str
    example: bool = False


class Channel(_Fact, frozen=True):
    """A way by which appeals come. `norm`: the term used where the record gives none."""

    id: str
    name: str
    short_name: str
    norm: str | None = None


class Target(_Fact, frozen=True):
    """A target of a KPI. `better`: which direction is good. `example`: no source gives it."""

    kpi: str
    value: float
    better: Literal["higher", "lower"]
    source: str
    date: str
    example: bool = False


class Level(_Fact, frozen=True):
    """A level of incidents; 1 is the gravest. `shape` and `tone` are words of the design tokens."""

    id: str
    name: str
    short_name: str
    rank: int
    shape: Literal["triangle", "diamond", "square", "circle"]
    tone: Literal["critical", "warning", "notice", "info"]


class IncidentKind(_Fact, frozen=True):
    """A kind of incident. `other`: exactly one per profile. `short_name`: at most 30 characters."""

    id: str
    name: str
    short_name: str
    sector: str | None = None
    affected_unit: str = ""
    other: bool = False


class SourceConfig(_Fact, frozen=True):
    """One connected feedback system, as its sources file says.

    Attributes:
        id: Slug.
        name: Name on the wall, at most 16 characters.
        connector: Folder in datasources/ that reads it.
        records: What it brings.
        channel: The channel of its appeals; None for incidents.
        url: Address; `{simulator}` stands for the demonstration's own server; "" for a source that is not polled.
        interval_s: Seconds between polls; of a source that pushes, between two signs of life at most.
        ageing_s, stale_s, dead_s: Limits of age (see svodka.domain.freshness).
        cover: Its share of the picture, any scale.
        simulated: The wall says «ДЕМО».
        time_zone: Zone of instants that carry none; None: such instants are unreadable.
        backfill_h: Hours read at the very first poll; longer than the longest term (30 days), or what is open
            since before is missed.
        close_after_missing_polls: For a source that lists everything open: in how many complete polls in a row
            a record must be missing before its incident counts as ended; None: absence says nothing.
        future_tolerance_s: How far ahead of our clock a time may lie.
        topic_map: The source's topic codes or names to topics of the profile.
        owner, legal_basis, contact, note: For the source's passport: whose it is, on what ground it is connected, whom
            to ask when it is silent, what else to know. At most 300 characters each; no names of persons are needed.
        params: What its connector needs (field map, status map, paging …).
    """

    id: str
    name: str
    connector: str
    records: Literal["appeals", "incidents"]
    interval_s: float
    ageing_s: float
    stale_s: float
    dead_s: float
    url: str = ""
    channel: str | None = None
    cover: float = 1.0
    simulated: bool = False
    time_zone: str | None = None
    backfill_h: float = 888.0
    close_after_missing_polls: int | None = None
    future_tolerance_s: float = 600.0
    topic_map: dict[str, str] = {}
    owner: str = ""
    legal_basis: str = ""
    contact: str = ""
    note: str = ""
    params: dict[str, Any] = {}


class Profile(_Fact, frozen=True):
    """A whole region.

    Attributes:
        id: The folder's name.
        name: Short name of the region, as on the wall.
        title: Name of the centre.
        time_zone: IANA zone of the region.
        federal_time_zone: IANA zone of the second clock.
        vocabulary: The region's own words (`appeal`, `appeals`, `incident` …); `federal_clock` names the second clock.
        partial_min_cover: Share of cover (0..1) that must remain for a panel to be partial and not blind.
        outline: Code or name of the region in the outline file of the map, "" where none is known.
        problem_window_days: How long after an appeal another one like it is about the same problem, where that is
            answered; while it is open, always. 30 days: the longest term of an answer by 59-ФЗ.
        provenance: Source and date by file name.
        folder: Where the profile was read from.
    """

    id: str
    name: str
    title: str
    time_zone: str
    federal_time_zone: str
    partial_min_cover: float
    outline: str
    vocabulary: dict[str, str]
    sectors: tuple[Sector, ...]
    topics: tuple[Topic, ...]
    areas: tuple[Area, ...]
    places: tuple[Place, ...]
    bodies: tuple[Body, ...]
    norms: tuple[Norm, ...]
    channels: tuple[Channel, ...]
    targets: tuple[Target, ...]
    levels: tuple[Level, ...]
    incident_kinds: tuple[IncidentKind, ...]
    sources: tuple[SourceConfig, ...]
    provenance: dict[str, Provenance]
    folder: str
    problem_window_days: float = 30.0

    @property
    def zone(self) -> ZoneInfo:
        """The region's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def other_topic(self) -> Topic:
        """The topic «прочие»."""
        return next(topic for topic in self.topics if topic.other)

    @property
    def other_kind(self) -> IncidentKind:
        """The kind of incidents that no map places."""
        return next(kind for kind in self.incident_kinds if kind.other)

    @property
    def default_level(self) -> Level:
        """The mildest level, for sources that tell none."""
        return max(self.levels, key=lambda level: level.rank)

    @property
    def is_simulated(self) -> bool:
        """Whether any source is simulated, so that every screen says «ДЕМО»."""
        return any(source.simulated for source in self.sources)
