"""What ingest needs from the part that knows the region: records turned into the profile's terms."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from svodka.domain.reasons import AreaReason, DueBasis, PointState, TopicReason
from svodka.domain.records import AppealRecord, IncidentRecord
from svodka.profiles.model import Profile, SourceConfig


class ClassifiedPlace(Protocol):
    """Area and point of a record, as `svodka.geography` found them."""

    @property
    def area(self) -> str | None: ...  # noqa: D102 - fields of svodka.ingest.classify
    @property
    def area_reason(self) -> AreaReason: ...  # noqa: D102
    @property
    def lat(self) -> float | None: ...  # noqa: D102
    @property
    def lon(self) -> float | None: ...  # noqa: D102
    @property
    def point_state(self) -> PointState: ...  # noqa: D102


class AppealTerms(ClassifiedPlace, Protocol):
    """An appeal in the profile's terms."""

    @property
    def channel(self) -> str: ...  # noqa: D102 - fields of svodka.ingest.classify
    @property
    def sector(self) -> str: ...  # noqa: D102
    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def topic_reason(self) -> TopicReason: ...  # noqa: D102
    @property
    def body(self) -> str | None: ...  # noqa: D102
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def due_basis(self) -> DueBasis: ...  # noqa: D102
    @property
    def due_norm(self) -> str | None: ...  # noqa: D102


class IncidentTerms(ClassifiedPlace, Protocol):
    """An incident in the profile's terms."""

    @property
    def kind(self) -> str: ...  # noqa: D102 - fields of svodka.ingest.classify
    @property
    def level(self) -> str: ...  # noqa: D102


class RecordClassifier(Protocol):
    """Finds the profile's terms for records: pure, and quick enough to be asked inside a transaction."""

    @property
    def profile(self) -> Profile:
        """The region."""
        ...

    def classify_appeal(self, record: AppealRecord, source: SourceConfig) -> AppealTerms:
        """Return the appeal in the profile's terms."""
        ...

    def classify_incident(self, record: IncidentRecord, source: SourceConfig) -> IncidentTerms:
        """Return the incident in the profile's terms."""
        ...
