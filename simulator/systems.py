"""The simulated region as its feedback systems tell it: Open311 requests, 112 cards, a map of outages, alerts. Pure.

Each system has its own manners on purpose: the cards tell local times without a zone and coordinates as text,
and tell an end; from the outages whatever has ended is simply gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from simulator.alerts import ENDED_SHOWN, AlertsDesk
from simulator.georeport import Query, Request, Response, answer_georeport
from simulator.history import History, Known, KnownIncident
from simulator.lists import ListsDesk
from simulator.tables import TablesDesk
from simulator.telegram import TelegramDesk
from simulator.vk import VkDesk
from svodka.domain import codec
from svodka.domain.records import AppealStatus, IncidentStatus

CARDS_TIME_FORMAT = "%d.%m.%Y %H:%M:%S"
_ENDED_CARDS_SHOWN = timedelta(hours=2)
_LONGEST_SEARCH = timedelta(days=90)
_STAGES = {
    AppealStatus.NEW: "received",
    AppealStatus.IN_WORK: "in_work",
    AppealStatus.ANSWERED: "answered",
    AppealStatus.REJECTED: "rejected",
}
_CARD_STATES = {
    IncidentStatus.NEW: "registered",
    IncidentStatus.IN_WORK: "assigned",
    IncidentStatus.CONTROLLED: "localised",
    IncidentStatus.CLOSED: "closed",
}
_JSON = "application/json; charset=utf-8"


class Desk(Protocol):
    """One of the region's systems."""

    def answer(self, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response | None:
        """Answer a question at an address in parts; None: nothing is there."""
        ...


class RegionSite:
    """Everything a simulated region serves.

    `/open311/<system>/v2/…`, `/cards.json`, `/outages.geojson`, alerts, lists in pages (simulator/lists.py), tables.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        profile = history.region.profile
        self._zone = profile.zone
        self._topics = {topic.id: topic for topic in profile.topics}
        self._sectors = {sector.id: sector.name for sector in profile.sectors}
        self._ranks = {level.id: level.rank for level in profile.levels}
        self._alerts = AlertsDesk(self._ranks, self._zone)
        self.tables = TablesDesk(
            history,
            self._zone,
            topics={topic.id: topic.name for topic in profile.topics},
            levels={level.id: level.name for level in profile.levels},
            kinds={kind.id: kind.name for kind in profile.incident_kinds},
        )
        lists = ListsDesk(history, self._zone)
        telegram = TelegramDesk(history)
        vk = VkDesk(history)
        self._desks: dict[str, Desk] = {
            "lists": lists,
            "lists-rough": lists,
            "tables": self.tables,
            "tables-rough": self.tables,
            "telegram": telegram,
            "telegram-rough": telegram,
            "vk": vk,
            "vk-rough": vk,
        }
        self._systems = frozenset(system.id for system in history.region.simulation.systems)
        self._bodies = {sector: body.name for body in reversed(profile.bodies) for sector in body.sectors}

    def answer(self, path: str, params: dict[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        parts = [part for part in path.split("/") if part]
        match parts:
            case ["open311", *rest]:
                return answer_georeport(self, rest, params, now)
            case ["cards.json"]:
                return self._cards(now)
            case ["outages.geojson"]:
                return self._outages(now)
            case [first, *_] if first in self._desks:
                return self._desks[first].answer(parts, params, now)
            case [first, *_] if first.startswith("alerts"):
                known = self._history.incidents(now=now, closed_since=now - ENDED_SHOWN)
                return self._alerts.answer(parts, known, now)
            case _:
                return None

    def has_system(self, system: str) -> bool:
        """Whether the simulation has such a system."""
        return system in self._systems

    def services(self, system: str) -> list[Request]:
        """Return the region's topics as services; every system knows all of them."""
        del system
        return [
            {
                "service_code": topic.id,
                "service_name": topic.name,
                "description": topic.name,
                "metadata": False,
                "type": "realtime",
                "keywords": "",
                "group": self._sectors.get(topic.sector, ""),
            }
            for topic in self._topics.values()
        ]

    def search(self, system: str, query: Query, now: datetime) -> Sequence[Request]:
        """Return one page of requests (see `simulator.georeport.Store`)."""
        found = [known for known in self._find(system, query, now) if self._fits(known, query)]
        page = found[(query.page - 1) * query.page_size : query.page * query.page_size]
        return [self._write(known) for known in page]

    def _find(self, system: str, query: Query, now: datetime) -> list[Known]:
        history = self._history
        if query.ids:
            known = [history.find(system, request_id, now=now) for request_id in sorted(query.ids)]
            return [each for each in known if each is not None]
        if query.updated_after or query.updated_before:
            before = query.updated_before or now
            after = query.updated_after or before - _LONGEST_SEARCH
            return history.changed(system, after=max(after, before - _LONGEST_SEARCH), before=before, now=now)
        end = query.end_at or now
        start = query.start_at or end - timedelta(days=30)
        return history.received(system, start=max(start, end - _LONGEST_SEARCH), end=end, now=now)

    @staticmethod
    def _fits(known: Known, query: Query) -> bool:
        if query.codes and known.appeal.topic not in query.codes:
            return False
        if query.statuses and _coarse(known) not in query.statuses:
            return False
        received_at = known.appeal.received_at
        return not ((query.start_at and received_at < query.start_at) or (query.end_at and received_at > query.end_at))

    def _write(self, known: Known) -> Request:
        appeal, state = known.appeal, known.state
        return {
            "service_request_id": appeal.id,
            "status": _coarse(known),
            "stage": _STAGES[state.status],
            "service_code": appeal.topic,
            "service_name": self._topics[appeal.topic].name,
            "description": appeal.text,
            "agency_responsible": self._bodies.get(appeal.sector),
            "requested_datetime": self._local(appeal.received_at),
            "updated_datetime": self._local(state.at),
            "expected_datetime": self._local(state.due_at),
            "closed_datetime": self._local(state.answered_at),
            "municipality": appeal.area_name,
            "address": appeal.address,
            "lat": appeal.lat,
            "long": appeal.lon,
            "rating": state.rating,
            "duplicate_of": appeal.repeat_of,
        }

    def _local(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self._zone).isoformat()

    def _cards(self, now: datetime) -> Response:
        known = self._history.incidents(now=now, closed_since=now - _ENDED_CARDS_SHOWN)
        cards = [self._card(each) for each in known if each.incident.feed == "cards"]
        return Response(200, _JSON, codec.encode({"generated": self._naive(now), "cards": cards}))

    def _card(self, known: KnownIncident) -> Request:
        incident, state = known.incident, known.state
        return {
            "number": incident.id,
            "registered": self._naive(incident.started_at),
            "changed": self._naive(state.at),
            "closed": None if state.status.is_open else self._naive(incident.closed_at),
            "state": _CARD_STATES[state.status],
            "type": incident.kind,
            "severity": self._ranks[state.level],
            "title": incident.title,
            "municipality": incident.area_name,
            "address": incident.address,
            "lat": f"{incident.lat:.6f}",
            "lon": f"{incident.lon:.6f}",
            "affected": state.affected_n,
        }

    def _naive(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime(CARDS_TIME_FORMAT)

    def _outages(self, now: datetime) -> Response:
        known = self._history.incidents(now=now, closed_since=now)
        features = [
            self._feature(each) for each in known if each.incident.feed == "outages" and each.state.status.is_open
        ]
        body = codec.encode({"type": "FeatureCollection", "features": features})
        return Response(200, "application/geo+json; charset=utf-8", body)

    def _feature(self, known: KnownIncident) -> Request:
        incident, state = known.incident, known.state
        return {
            "type": "Feature",
            "id": incident.id,
            "geometry": {"type": "Point", "coordinates": [incident.lon, incident.lat]},
            "properties": {
                "resource": incident.kind,
                "state": state.status.value,
                "rank": self._ranks[state.level],
                "started_at": self._local(incident.started_at),
                "updated_at": self._local(state.at),
                "consumers": state.affected_n,
                "municipality": incident.area_name,
                "address": incident.address,
                "title": incident.title,
            },
        }


def _coarse(known: Known) -> str:
    return "open" if known.state.status.is_open else "closed"
