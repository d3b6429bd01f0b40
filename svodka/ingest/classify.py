"""From a source's record to the region's terms: channel, topic, sector, area, body and term; kind and level.

Pure and fast: no database, no clock. Every decision comes with its reason, which is stored and shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from svodka.domain.reasons import AreaReason, DueBasis, PointState, TopicReason
from svodka.domain.records import AppealRecord, IncidentRecord
from svodka.geography.finder import AreaFinder
from svodka.geography.names import fold
from svodka.ingest.keywords import TopicKeywords
from svodka.profiles.model import Norm, Profile, SourceConfig


class ClassifiedAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal in the region's terms.

    Attributes:
        channel: The record's channel where the profile knows it, else the source's.
        sector: Sector of the topic; «прочие» has one of its own.
        topic: Slug of the topic.
        topic_reason: How the topic was found.
        area: Slug of the area, None where it is not known.
        area_reason: How the area was found.
        body: Slug of the responsible body that the source names, None where the profile does not know it.
        due_at: The term; None where the record has none and the channel has no norm.
        due_basis: Where the term comes from.
        due_norm: Slug of the norm, where the term comes from one.
        lat: Latitude of the usable point.
        lon: Longitude of the usable point.
        point_state: What became of the coordinates given.
    """

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


class ClassifiedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident in the region's terms; unknown kinds are the profile's "other", unknown levels its mildest."""

    kind: str
    level: str
    area: str | None
    area_reason: AreaReason
    lat: float | None
    lon: float | None
    point_state: PointState


class Classifier:
    """Classifies records of any source; built once per process."""

    def __init__(self, profile: Profile, finder: AreaFinder) -> None:
        self.profile = profile
        self._finder = finder
        self._topics = {topic.id: topic for topic in profile.topics}
        self._topic_names = {fold(form): topic.id for topic in profile.topics for form in (topic.id, topic.name)}
        self._other = profile.other_topic
        self._keywords = TopicKeywords(profile.topics)
        norms = {norm.id: norm for norm in profile.norms}
        self._norm_of: dict[str, Norm | None] = {
            channel.id: norms[channel.norm] if channel.norm else None for channel in profile.channels
        }
        self._bodies = {fold(form): body.id for body in profile.bodies for form in (body.id, body.name)}
        self._body_of_area = {
            body.area: body.id for body in profile.bodies if body.kind == "municipality" and body.area
        }
        self._kinds = {kind.id for kind in profile.incident_kinds}
        self._other_kind = profile.other_kind.id
        self._levels = {level.id for level in profile.levels}
        self._default_level = profile.default_level.id
        self._maps: dict[str, dict[str, str]] = {}

    def classify_appeal(self, record: AppealRecord, source: SourceConfig) -> ClassifiedAppeal:
        """Return an appeal in the region's terms.

        Args:
            record: As the connector normalised it.
            source: The source that it comes from.
        """
        topic, topic_reason = self._find_topic(record, source)
        found = self._finder.find(record.area_name, record.address, record.point, unreadable=record.point_unreadable)
        channel = record.channel if record.channel in self._norm_of else source.channel
        due_at, due_basis, due_norm = self._find_term(record, channel)
        return ClassifiedAppeal(
            channel=channel or next(iter(self._norm_of)),
            sector=self._topics[topic].sector,
            topic=topic,
            topic_reason=topic_reason,
            area=found.area,
            area_reason=found.reason,
            body=self._find_body(record.body_name),
            due_at=due_at,
            due_basis=due_basis,
            due_norm=due_norm,
            lat=found.lat,
            lon=found.lon,
            point_state=found.point_state,
        )

    def classify_incident(self, record: IncidentRecord, source: SourceConfig) -> ClassifiedIncident:  # noqa: ARG002
        """Return an incident in the region's terms.

        Args:
            record: As the connector normalised it, its kind and level already mapped by the source's maps.
            source: The source that it comes from; the same call as for appeals.
        """
        found = self._finder.find(record.area_name, record.address, record.point, unreadable=record.point_unreadable)
        return ClassifiedIncident(
            kind=record.kind if record.kind in self._kinds else self._other_kind,
            level=record.level if record.level in self._levels else self._default_level,
            area=found.area,
            area_reason=found.reason,
            lat=found.lat,
            lon=found.lon,
            point_state=found.point_state,
        )

    def _find_topic(self, record: AppealRecord, source: SourceConfig) -> tuple[str, TopicReason]:
        if record.topic_code:
            code = fold(record.topic_code)
            mapped = self._map_of(source).get(code) or self._topic_names.get(code)
            if mapped is not None:
                return mapped, TopicReason.SOURCE_MAP
        keyword_topic = self._keywords.find(record.text)
        if keyword_topic is not None:
            return keyword_topic, TopicReason.KEYWORD
        return self._other.id, TopicReason.OTHER

    def _map_of(self, source: SourceConfig) -> dict[str, str]:
        known = self._maps.get(source.id)
        if known is None:
            known = {fold(code): topic for code, topic in source.topic_map.items() if topic in self._topics}
            self._maps[source.id] = known
        return known

    def _find_body(self, name: str | None) -> str | None:
        if not name:
            return None
        body = self._bodies.get(fold(name))
        if body is not None:
            return body
        area = self._finder.find_by_name(name)
        return self._body_of_area.get(area) if area is not None else None

    def _find_term(self, record: AppealRecord, channel: str | None) -> tuple[datetime | None, DueBasis, str | None]:
        if record.due_at is not None:
            return record.due_at, DueBasis.RECORD, None
        norm = self._norm_of.get(channel) if channel is not None else None
        if norm is None:
            return None, DueBasis.NONE, None
        return record.received_at + timedelta(hours=norm.hours), DueBasis.NORM, norm.id
