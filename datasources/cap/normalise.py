"""From CAP messages to incidents: which message counts, what it says in our words, and when it is over. Pure.

Source: CAP 1.2, 3.2.1 (status, msgType, scope, references), 3.2.2 (urgency, severity, certainty, times).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from datasources.cap.messages import Area, Info, Message
from datasources.cap.params import LevelRule, Params
from datasources.cap.shapes import point_of
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import IncidentRecord, IncidentStatus

_STATUSES = frozenset({"actual", "exercise", "system", "test", "draft"})
_KINDS = frozenset({"alert", "update", "cancel", "ack", "error"})
_SCOPES = frozenset({"public", "restricted", "private"})
_GRADES = ("extreme", "severe", "moderate", "minor")


class Skip(StrEnum):
    """Why an entry gives no incident of its own, or not yet."""

    NOT_ACTUAL = "not_actual"
    NOT_PUBLIC = "not_public"
    ACKNOWLEDGEMENT = "acknowledgement"
    SUPERSEDED = "superseded"
    CANCEL_OF_UNKNOWN = "cancel_of_unknown"
    LINK_WAITS = "link_waits"
    LINK_UNAVAILABLE = "link_unavailable"


class Standing(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An incident as its newest message tells it.

    Attributes:
        record: The incident as long as it is in force.
        sent_at: When that message was sent.
        over_at: When it is, or was, over; None where its feed says that it goes on.
    """

    record: IncidentRecord
    sent_at: datetime
    over_at: datetime | None


def skip_reason(message: Message) -> Skip | None:
    """Return why a message is no incident; None: it is one, or the change or end of one.

    Raises:
        RecordUnreadableError: STATUS_UNKNOWN: status, msgType or scope is none of CAP's words.
    """
    for word, known, name in (
        (message.status, _STATUSES, "status"),
        (message.kind, _KINDS, "msgType"),
        (message.scope, _SCOPES, "scope"),
    ):
        if word not in known:
            raise RecordUnreadableError(RejectReason.STATUS_UNKNOWN, name, word=word)
    if message.status != "actual":
        return Skip.NOT_ACTUAL
    if message.scope != "public":
        return Skip.NOT_PUBLIC
    return Skip.ACKNOWLEDGEMENT if message.kind in {"ack", "error"} else None


class Normaliser:
    """Writes incidents of one source."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._kinds = {key.casefold(): kind for key, kind in params.kinds.items()}
        self._areas = {key.casefold(): name for key, name in params.areas.items()}

    def stand(self, message: Message, earlier: Sequence[Message], known: Standing | None, root: str) -> Standing | None:
        """Return how an incident stands after its newest message.

        Args:
            message: The newest message.
            earlier: Older ones of the same incident that are at hand.
            known: How it stood before, None where nothing is remembered.
            root: Id of the incident.

        Returns:
            How it stands; None for the cancellation of something that nobody has told of.
        """
        infos = next((each.infos for each in (message, *reversed(earlier)) if each.infos), ())
        if message.kind == "cancel" and not infos:
            if known is None:
                return None
            record = msgspec.structs.replace(known.record, updated_at=message.sent_at)
        else:
            record = self._record(message, infos, root)
        starts = [_started_at(each) for each in (message, *earlier)]
        starts += [at for each in (message, *earlier) for at, _ in each.references]
        if known is not None:
            starts.append(known.record.started_at)
        record = msgspec.structs.replace(record, started_at=min(starts))
        return Standing(record=record, sent_at=message.sent_at, over_at=self._over_at(message))

    def _record(self, message: Message, infos: Sequence[Info], root: str) -> IncidentRecord:
        info = self._choose(infos)
        area = None if info is None else self._choose_area(info)
        point, point_unreadable = (None, False) if area is None else point_of(area.polygons, area.circles)
        return IncidentRecord(
            foreign_id=root,
            started_at=message.sent_at,
            updated_at=message.sent_at,
            status=self._params.status,
            kind=None if info is None else self._kind(info),
            level=None if info is None else self._level(info),
            title="" if info is None else info.headline or info.event,
            area_name=None if area is None else self._area_name(area),
            address=None if area is None else area.description or None,
            point=point,
            point_unreadable=point_unreadable,
        )

    def _choose(self, infos: Sequence[Info]) -> Info | None:
        """Return the gravest block of the preferred language; an all-clear where nothing else stands."""
        if not infos:
            return None
        languages = [info.language for info in infos]
        wanted = next(
            (
                language
                for prefix in self._params.languages
                for language in languages
                if language.startswith(prefix.casefold())
            ),
            languages[0],
        )
        return min((info for info in infos if info.language == wanted), key=lambda info: (info.all_clear, _grade(info)))

    def _choose_area(self, info: Info) -> Area | None:
        named = (area for area in info.areas if self._mapped_area(area) is not None)
        return next(named, info.areas[0] if info.areas else None)

    def _mapped_area(self, area: Area) -> str | None:
        return _first(self._areas, [*_forms(area.codes), area.description])

    def _area_name(self, area: Area) -> str | None:
        return self._mapped_area(area) or area.description[:256] or None

    def _kind(self, info: Info) -> str | None:
        return _first(self._kinds, [*_forms(info.codes), info.event, *info.categories])

    def _level(self, info: Info) -> str | None:
        return next((rule.level for rule in self._params.levels if _fits(rule, info)), None)

    def _over_at(self, message: Message) -> datetime | None:
        infos = message.infos
        if message.kind == "cancel" or (infos and all(info.all_clear for info in infos)):
            return message.sent_at
        ends = [info.expires_at for info in infos if not info.all_clear]
        told = [at for at in ends if at is not None]
        if ends and len(told) == len(ends):
            return max(told)
        return None if message.open_ended else message.sent_at + timedelta(hours=self._params.default_expires_h)


def record_at(standing: Standing, now: datetime) -> IncidentRecord:
    """Return an incident as it is now: in force, or over since its end."""
    over_at = standing.over_at
    if over_at is None or over_at > now:
        return standing.record
    ended_at = max(over_at, standing.record.started_at)
    return msgspec.structs.replace(standing.record, status=IncidentStatus.CLOSED, closed_at=ended_at)


def _started_at(message: Message) -> datetime:
    """Return when a message's event began; a warning of what is to come stands from the time it was given."""
    times = [at for info in message.infos for at in (info.onset_at, info.effective_at)]
    return min([message.sent_at, *(at for at in times if at is not None)])


def _grade(info: Info) -> int:
    return _GRADES.index(info.severity) if info.severity in _GRADES else len(_GRADES)


def _fits(rule: LevelRule, info: Info) -> bool:
    words = ((rule.severity, info.severity), (rule.urgency, info.urgency), (rule.certainty, info.certainty))
    return all(not wanted or word in {each.casefold() for each in wanted} for wanted, word in words)


def _forms(codes: Sequence[tuple[str, str]]) -> list[str]:
    return [form for name, value in codes for form in (f"{name}={value}", value)]


def _first(words: dict[str, str], forms: Sequence[str]) -> str | None:
    return next((words[form.casefold()] for form in forms if form and form.casefold() in words), None)
