"""What tests of the ingest need: a tiny region, a classifier without geography, records and pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from svodka.domain.reasons import AreaReason, DueBasis, PointState, TopicReason
from svodka.domain.records import (
    AppealRecord,
    AppealStatus,
    Completeness,
    IncidentRecord,
    IncidentStatus,
    PollResult,
)
from svodka.profiles.model import (
    Area,
    Channel,
    IncidentKind,
    Level,
    Profile,
    Provenance,
    Sector,
    SourceConfig,
    Topic,
)

T0 = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
_PROVENANCE = Provenance(source="invented for tests", date="2026-01-01")


def minutes(n: float) -> timedelta:
    """Return a span of `n` minutes."""
    return timedelta(minutes=n)


def tiny_profile(time_zone: str = "Asia/Novokuznetsk") -> Profile:
    """Return a region of two sectors, two areas and two channels."""
    return Profile(
        id="tiny",
        name="Tiny",
        title="Tiny centre",
        time_zone=time_zone,
        federal_time_zone="Europe/Moscow",
        partial_min_cover=0.5,
        outline="",
        vocabulary={},
        sectors=(
            Sector(id="heat", name="Heat", short_name="Heat"),
            Sector(id="roads", name="Roads", short_name="Roads"),
        ),
        topics=(
            Topic(id="cold-flat", sector="heat", name="Cold flat", short_name="Cold flat"),
            Topic(id="pothole", sector="roads", name="Pothole", short_name="Pothole"),
            Topic(id="other", sector="roads", name="Other", short_name="Other", other=True),
        ),
        areas=tuple(
            Area(id=slug, name=slug, short_name=slug, kind="urban", centre=slug, lat=55.0, lon=86.0)
            for slug in ("north", "south")
        ),
        places=(),
        bodies=(),
        norms=(),
        channels=(
            Channel(id="portal", name="Portal", short_name="Portal"),
            Channel(id="phone", name="Phone", short_name="Phone"),
        ),
        targets=(),
        levels=(
            Level(id="grave", name="Grave", short_name="Grave", rank=1, shape="triangle", tone="critical"),
            Level(id="mild", name="Mild", short_name="Mild", rank=4, shape="circle", tone="info"),
        ),
        incident_kinds=(
            IncidentKind(id="heat", name="Heat", short_name="Heat", sector="heat"),
            IncidentKind(id="other", name="Other", short_name="Other", other=True),
        ),
        sources=(),
        provenance={"profile.toml": _PROVENANCE},
        folder="",
    )


class PlainAppealTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms read off the record."""

    channel: str
    sector: str
    topic: str
    topic_reason: TopicReason
    area: str | None
    area_reason: AreaReason
    body: str | None
    due_at: datetime | None
    due_basis: DueBasis
    due_norm: str | None
    lat: float | None
    lon: float | None
    point_state: PointState


class PlainIncidentTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms read off the record."""

    kind: str
    level: str
    area: str | None
    area_reason: AreaReason
    lat: float | None
    lon: float | None
    point_state: PointState


class PlainClassifier:
    """Takes the words of records for slugs; points are taken as they are given."""

    def __init__(self, profile: Profile | None = None) -> None:
        self.profile = profile or tiny_profile()
        self.asked_n = 0

    def classify_appeal(self, record: AppealRecord, source: SourceConfig) -> PlainAppealTerms:
        self.asked_n += 1
        topics = {topic.id: topic for topic in self.profile.topics}
        topic = topics.get(record.topic_code or "", self.profile.other_topic)
        return PlainAppealTerms(
            channel=record.channel or source.channel or "portal",
            sector=topic.sector,
            topic=topic.id,
            topic_reason=TopicReason.OTHER if topic.other else TopicReason.SOURCE_MAP,
            area=record.area_name,
            area_reason=AreaReason.SOURCE_NAME if record.area_name else AreaReason.UNKNOWN,
            body=None,
            due_at=record.due_at,
            due_basis=DueBasis.RECORD if record.due_at else DueBasis.NONE,
            due_norm=None,
            lat=record.point.lat if record.point else None,
            lon=record.point.lon if record.point else None,
            point_state=PointState.AS_GIVEN if record.point else PointState.ABSENT,
        )

    def classify_incident(self, record: IncidentRecord, source: SourceConfig) -> PlainIncidentTerms:
        self.asked_n += 1
        return PlainIncidentTerms(
            kind=record.kind or self.profile.other_kind.id,
            level=record.level or self.profile.default_level.id,
            area=record.area_name,
            area_reason=AreaReason.SOURCE_NAME if record.area_name else AreaReason.UNKNOWN,
            lat=record.point.lat if record.point else None,
            lon=record.point.lon if record.point else None,
            point_state=PointState.AS_GIVEN if record.point else PointState.ABSENT,
        )


def appeal_source(source_id: str = "portal", **changes: object) -> SourceConfig:
    """Return a source of appeals."""
    return _source(source_id, "appeals", {"channel": "portal", **changes})


def incident_source(source_id: str = "duty", **changes: object) -> SourceConfig:
    """Return a source of incidents that closes what is missing from three good polls."""
    return _source(source_id, "incidents", {"close_after_missing_polls": 3, **changes})


def _source(source_id: str, records: str, changes: dict[str, object]) -> SourceConfig:
    base = {
        "id": source_id,
        "name": source_id,
        "connector": "http_json",
        "records": records,
        "url": "http://127.0.0.1:9/",
        "interval_s": 10.0,
        "ageing_s": 30.0,
        "stale_s": 60.0,
        "dead_s": 600.0,
    }
    return msgspec.convert({**base, **changes}, SourceConfig)


def appeal(foreign_id: str, **changes: object) -> AppealRecord:
    """Return an appeal received at `T0`."""
    base = {"received_at": T0, "status": AppealStatus.NEW, "topic_code": "cold-flat", "area_name": "north"}
    return AppealRecord(foreign_id=foreign_id, **{**base, **changes})


def incident(foreign_id: str, **changes: object) -> IncidentRecord:
    """Return an incident begun at `T0`."""
    return IncidentRecord(foreign_id=foreign_id, **{"started_at": T0, "status": IncidentStatus.NEW, **changes})


def page(*records: AppealRecord | IncidentRecord, **changes: object) -> PollResult:
    """Return a complete answer that lists everything open."""
    base = {
        "rejected": (),
        "cursor": "{}",
        "source_time_at": None,
        "completeness": Completeness.COMPLETE,
        "lists_all_open": True,
        "read_n": len(records),
    }
    return PollResult(records=records, **{**base, **changes})
