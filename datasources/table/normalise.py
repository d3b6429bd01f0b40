"""From one row of a table to an incident or an appeal. Pure.

A row becomes an object by the names of its columns, and is read from there on as an object of a JSON feed is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.documents import reject
from datasources.http_json.normalise import Normaliser as ObjectNormaliser
from datasources.http_json.params import Fields as ObjectFields
from datasources.http_json.params import Params as ObjectParams
from datasources.table.params import Params
from datasources.table.sheet import Names, Table, fold
from datasources.table.workbook import Cell, serial_instant
from svodka.domain.errors import RecordUnreadableError
from svodka.domain.records import Record, Rejected

TIMES = ("started_at", "updated_at", "closed_at", "answered_at", "due_at")
_ID, _STATUS = "(id)", "(status)"
_ENDED, _OPEN = "ended", "open"
_ORIGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - the source's zone follows in parse_instant
# Days of a spreadsheet that are 1990 to 2099; as seconds since 1970 they would be hours of its first day.
_FIRST_DAY, _LAST_DAY = 32_874, 73_050
_SERIAL_CHARS = 20


class Skip(StrEnum):
    """Why a row is no record on purpose."""

    EMPTY = "empty_row"
    TOTAL = "total_row"
    BY_MAPPING = "skipped_row"


class Normaliser:
    """Reads rows of one table.

    Args:
        params: The mapping.
        table: The table, for its header.
        records: What a row is.
        zone: Zone of times that carry none; None: such times are unreadable.

    Raises:
        ValueError: A status of the mapping is no stage.
    """

    def __init__(
        self, params: Params, table: Table, *, records: Literal["appeals", "incidents"], zone: ZoneInfo | None
    ) -> None:
        names = Names(table.header)
        found = {
            name: names.find(getattr(params.fields, name)) for name in params.fields.__struct_fields__ if name != "id"
        }
        self.columns = found
        self._header = table.header
        self.id_columns = [names.find(column) for column in params.fields.id]
        self._hashed = params.id_from == "hash"
        self._times = {found[name] for name in TIMES if found[name] and not found[name].startswith("=")}
        self._ended = names.find(params.ended_column)
        self._status = found["status"]
        self._started_at = found["started_at"]
        statuses = dict(params.statuses)
        self._known_statuses = {word.casefold() for word in statuses}
        if self._ended:
            statuses |= {
                _ENDED: "answered" if records == "appeals" else "closed",
                _OPEN: params.status_default or "new",
            }
            found = found | {"status": _STATUS}
        self._skip = {
            column: {fold(word) for word in words}
            for name, words in params.skip.items()
            if (column := names.find(name))
        }
        self._total_words = tuple(fold(word) for word in params.total_words)
        fields = ObjectFields(id=(_ID,), geometry="", place_moved="", **found)
        self._objects = ObjectNormaliser(
            ObjectParams(
                fields=fields,
                statuses=statuses,
                status_default=params.status_default,
                kinds=params.kinds,
                levels=params.levels,
                levels_by_affected=params.levels_by_affected,
                time_formats=params.time_formats,
            ),
            records=records,
            zone=zone,
        )

    def normalise(self, number: int, cells: Sequence[Cell]) -> Record | Rejected | Skip:
        """Read one row.

        Args:
            number: Its number, for the reason.
            cells: Its cells in the order of the header.

        Returns:
            A record; why there is none; what a row is that is passed over.
        """
        row = self.as_object(cells)
        if (skip := self._skip_reason(row)) is not None:
            return skip
        try:
            return self._objects.normalise(row)
        except RecordUnreadableError as error:
            rejected = reject(row, error, id_paths=(_ID,))
            return msgspec.structs.replace(rejected, detail=f"{rejected.detail}, row {number}".lstrip(", ")[:256])

    def as_object(self, cells: Sequence[Cell]) -> dict[str, object]:
        """Return a row by the names of its columns, without empty cells; times as text, and its id and status."""
        row: dict[str, object] = {}
        for name, cell in zip(self._header, cells, strict=False):
            if cell is None or not name:
                continue
            row[name] = spreadsheet_time(cell) if name in self._times else _plain(cell)
        if not row:
            return row
        parts = [row.get(name) if not name.startswith("=") else name[1:] for name in self.id_columns]
        identity = self._identity(parts)
        if identity is not None:
            row[_ID] = identity
        if self._ended:
            word = row.get(self._status)
            known = isinstance(word, str) and word.strip().casefold() in self._known_statuses
            row[_STATUS] = word if known else _ENDED if row.get(self._ended) else _OPEN
        return row

    def _identity(self, parts: Sequence[object]) -> object:
        """Return what names a row: one value as it is, several joined, or a digest of them."""
        if self._hashed:
            if all(part is None for part in parts):
                return None
            joined = "\x1f".join("" if part is None else str(part).strip() for part in parts)
            return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=12).hexdigest()
        if len(parts) == 1 or any(isinstance(part, dict | float) for part in parts):
            return next((part for part in parts if isinstance(part, dict | float)), parts[0])
        if any(part is None for part in parts):
            return None
        return "|".join(str(part).strip() for part in parts)

    def _skip_reason(self, row: dict[str, object]) -> Skip | None:
        if not row:
            return Skip.EMPTY
        if self._is_total(row):
            return Skip.TOTAL
        return Skip.BY_MAPPING if self._is_skipped(row) else None

    def _is_total(self, row: dict[str, object]) -> bool:
        first = next(iter(row.values()))
        if any(row.get(name) is not None and not self._says_total(row[name]) for name in self.id_columns):
            # A count that stands in the column of ids: "Итого: | 200", and no time beside it.
            has_time = self._started_at.startswith("=") or row.get(self._started_at) is not None
            return not has_time and isinstance(first, str) and fold(first) in self._total_words
        return self._says_total(first)

    def _says_total(self, value: object) -> bool:
        return isinstance(value, str) and bool(self._total_words) and fold(value).startswith(self._total_words)

    def _is_skipped(self, row: dict[str, object]) -> bool:
        return any(name in row and fold(str(row[name])) in words for name, words in self._skip.items())


def _plain(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell


def spreadsheet_time(cell: Cell) -> object:
    """Return a time of a cell as text, also where it is a bare number of a spreadsheet's days."""
    days: float | None = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else None
    if isinstance(cell, str) and len(cell) <= _SERIAL_CHARS:
        try:
            days = float(cell.replace(",", "."))
        except ValueError:
            days = None
    if days is not None and _FIRST_DAY <= days < _LAST_DAY:
        return serial_instant(days, _ORIGIN).isoformat(timespec="milliseconds")
    return cell.isoformat(timespec="milliseconds") if isinstance(cell, datetime) else _plain(cell)
