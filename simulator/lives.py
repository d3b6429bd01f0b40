"""The simulator's nouns: an appeal and an incident with their whole lives, past and to come.

A life is a row of events; what a feedback system shows at an instant follows from the events up to it.
Pure; nothing here knows how a life is made or served.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from operator import attrgetter

import msgspec

from svodka.domain.records import AppealStatus, IncidentStatus


class AppealEvent(msgspec.Struct, frozen=True, gc=False):
    """What became of an appeal at an instant: everything that can change about it."""

    at: datetime
    status: AppealStatus
    due_at: datetime | None
    answered_at: datetime | None = None
    rating: int | None = None


class SimAppeal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One appeal. `area` is the truth; `area_name`, `address` and the point are what its record tells."""

    id: str
    system: str
    channel: str
    topic: str
    sector: str
    area: str | None
    text: str
    area_name: str | None
    address: str | None
    lat: float | None
    lon: float | None
    repeat_of: str | None
    accident: bool
    events: tuple[AppealEvent, ...]

    @property
    def received_at(self) -> datetime:
        """When it arrived."""
        return self.events[0].at


class IncidentEvent(msgspec.Struct, frozen=True, gc=False):
    """What became of an incident at an instant."""

    at: datetime
    status: IncidentStatus
    level: str
    affected_n: int | None


class SimIncident(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One incident; its last event closes it."""

    id: str
    feed: str
    kind: str
    area: str
    area_name: str
    title: str
    address: str
    lat: float
    lon: float
    accident: bool
    events: tuple[IncidentEvent, ...]

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.events[0].at

    @property
    def closed_at(self) -> datetime:
        """When it ends."""
        return self.events[-1].at


_instant = attrgetter("at")


def appeal_state(appeal: SimAppeal, at: datetime) -> AppealEvent | None:
    """Return what is known of the appeal at `at`; None: it has not arrived yet."""
    index = bisect_right(appeal.events, at, key=_instant)
    return appeal.events[index - 1] if index else None


def incident_state(incident: SimIncident, at: datetime) -> IncidentEvent | None:
    """Return what is known of the incident at `at`; None: it has not begun yet."""
    index = bisect_right(incident.events, at, key=_instant)
    return incident.events[index - 1] if index else None
