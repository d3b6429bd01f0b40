"""From one object of a JSON feed to an incident or an appeal, by the source's field map. Pure.

Keys that no map names are ignored: feeds grow keys without notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.documents import reject
from datasources._toolkit.fields import (
    pick,
    pick_count,
    pick_flag,
    pick_geometry,
    pick_id,
    pick_point,
    pick_rating,
    pick_text,
)
from datasources._toolkit.text import MAX_TEXT_CHARS
from datasources._toolkit.times import parse_instant
from datasources.http_json.params import Fields, Params
from svodka.domain.errors import RecordUnreadableError, SourceContractBrokenError
from svodka.domain.reasons import RejectReason
from svodka.domain.records import (
    AppealRecord,
    AppealStatus,
    IncidentRecord,
    IncidentStatus,
    Point,
    Record,
    Rejected,
)

S = TypeVar("S", AppealStatus, IncidentStatus)
_NAME_CHARS, _ADDRESS_CHARS = 256, 500


class Normaliser:
    """Reads objects of one feed."""

    def __init__(self, params: Params, *, records: Literal["appeals", "incidents"], zone: ZoneInfo | None) -> None:
        self._params = params
        self._records = records
        self._variants = [
            (variant.when, msgspec.structs.replace(params.fields, **variant.fields)) for variant in params.variants
        ]
        self._zone = zone
        self._kinds = _casefolded(params.kinds)
        self._levels = _casefolded(params.levels)
        statuses = _casefolded(params.statuses)
        self._appeal_statuses = {key: AppealStatus(value) for key, value in statuses.items() if records == "appeals"}
        self._incident_statuses = {
            key: IncidentStatus(value) for key, value in statuses.items() if records == "incidents"
        }
        default = params.status_default
        self._appeal_default = AppealStatus(default) if default and records == "appeals" else None
        self._incident_default = IncidentStatus(default) if default and records == "incidents" else None

    def normalise_page(self, items: Iterable[object]) -> tuple[list[Record], list[Rejected]]:
        """Read a list of objects; one unreadable object does not stop its neighbours."""
        records: list[Record] = []
        rejected: list[Rejected] = []
        for item in items:
            try:
                records.append(self.normalise(item))
            except RecordUnreadableError as error:
                rejected.append(reject(item, error, id_paths=self._params.fields.id))
        return records, rejected

    def normalise(self, item: object) -> Record:
        """Read one object.

        Args:
            item: The object as decoded.

        Returns:
            An incident or an appeal, as the source promises.

        Raises:
            RecordUnreadableError: It cannot be read; the reason says why.
        """
        if not isinstance(item, Mapping):
            raise RecordUnreadableError(RejectReason.NOT_AN_OBJECT)
        fields = self._fields_of(item)
        foreign_id = pick_id(item, fields.id)
        started_at = self._instant(item, fields.started_at)
        if started_at is None:
            raise RecordUnreadableError(RejectReason.MISSING_TIME, fields.started_at)
        if self._records == "appeals":
            return self._appeal(item, fields, foreign_id, started_at)
        return self._incident(item, fields, foreign_id, started_at)

    def _fields_of(self, item: Mapping[str, object]) -> Fields:
        for when, fields in self._variants:
            if all(
                (pick_text(item, path, max_chars=_NAME_CHARS) or "").casefold() == word.casefold()
                for path, word in when.items()
            ):
                return fields
        return self._params.fields

    def _incident(
        self, item: Mapping[str, object], fields: Fields, foreign_id: str, started_at: datetime
    ) -> IncidentRecord:
        point, point_unreadable = self._point(item, fields)
        affected_n = pick_count(item, fields.affected)
        return IncidentRecord(
            foreign_id=foreign_id,
            started_at=started_at,
            updated_at=self._instant(item, fields.updated_at),
            closed_at=self._instant(item, fields.closed_at),
            status=self._status(item, fields.status, self._incident_statuses, self._incident_default),
            kind=self._mapped(item, fields.kind, self._kinds),
            level=self._mapped(item, fields.level, self._levels) or self._level_by(affected_n),
            affected_n=affected_n,
            title=self._text(item, fields.title, _ADDRESS_CHARS) or "",
            area_name=self._text(item, fields.area_name, _NAME_CHARS),
            address=self._text(item, fields.address, _ADDRESS_CHARS),
            point=point,
            point_unreadable=point_unreadable,
            place_moved=pick_flag(item, fields.place_moved),
        )

    def _appeal(
        self, item: Mapping[str, object], fields: Fields, foreign_id: str, received_at: datetime
    ) -> AppealRecord:
        point, point_unreadable = self._point(item, fields)
        return AppealRecord(
            foreign_id=foreign_id,
            received_at=received_at,
            updated_at=self._instant(item, fields.updated_at),
            status=self._status(item, fields.status, self._appeal_statuses, self._appeal_default),
            answered_at=self._instant(item, fields.answered_at),
            due_at=self._instant(item, fields.due_at, is_term=True),
            channel=self._text(item, fields.channel, 64),
            topic_code=self._text(item, fields.topic, _NAME_CHARS),
            text=self._text(item, fields.text, MAX_TEXT_CHARS) or "",
            area_name=self._text(item, fields.area_name, _NAME_CHARS),
            address=self._text(item, fields.address, _ADDRESS_CHARS),
            point=point,
            point_unreadable=point_unreadable,
            body_name=self._text(item, fields.body_name, _NAME_CHARS),
            rating=pick_rating(item, fields.rating),
            repeat_of=self._text(item, fields.repeat_of, _NAME_CHARS),
            place_moved=pick_flag(item, fields.place_moved),
        )

    def _instant(self, item: Mapping[str, object], path: str, *, is_term: bool = False) -> datetime | None:
        formats = self._params.time_formats
        return parse_instant(pick(item, path), self._zone, field=path, formats=formats, is_term=is_term)

    @staticmethod
    def _text(item: Mapping[str, object], path: str, max_chars: int) -> str | None:
        return pick_text(item, path, max_chars=max_chars)

    @staticmethod
    def _point(item: Mapping[str, object], fields: Fields) -> tuple[Point | None, bool]:
        if fields.geometry:
            return pick_geometry(item, fields.geometry)
        return pick_point(item, fields.lat, fields.lon)

    def _status(self, item: Mapping[str, object], path: str, statuses: Mapping[str, S], default: S | None) -> S:
        word = self._text(item, path, _NAME_CHARS)
        found = statuses.get(word.casefold(), default) if word is not None else default
        if found is None:
            raise RecordUnreadableError(RejectReason.STATUS_UNKNOWN, path, word=word or "")
        return found

    def _mapped(self, item: Mapping[str, object], path: str, words: Mapping[str, str]) -> str | None:
        word = self._text(item, path, _NAME_CHARS)
        return None if word is None else words.get(word.casefold())

    def _level_by(self, affected_n: int | None) -> str | None:
        if affected_n is None:
            return None
        return next((step.level for step in self._params.levels_by_affected if affected_n >= step.at_least), None)


def records_of(document: object, path: str) -> list[object]:
    """Return the list of records in a whole answer.

    Raises:
        SourceContractBrokenError: There is no list at the path.
    """
    found = document if not path else pick(document, path) if isinstance(document, Mapping) else None
    if not isinstance(found, list):
        message = f"the answer has no list at {path!r}" if path else "the answer is not a list"
        raise SourceContractBrokenError(message)
    return found


def _casefolded(words: Mapping[str, str]) -> dict[str, str]:
    return {key.casefold(): value for key, value in words.items()}
