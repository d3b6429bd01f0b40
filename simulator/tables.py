"""The simulated region as exports tell it: CSV and XLSX tables, orderly or as people send them. Pure.

- `/tables/appeals.csv`, `.xlsx`: what changed within the last day, at most 2,000 rows;
- `/tables/incidents.csv`, `.xlsx`: what is open;
- `/tables-rough/…`: the same with a line above the header, a column more, an empty row, a sum, a word of status that
  nobody knows, a date that is none, a row twice, a text that looks like a formula; CSV in cp1251.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import msgspec

from simulator.georeport import Response
from simulator.history import History, Known, KnownIncident
from simulator.workbook import write_workbook

UNREADABLE_N = 2
PASSED_N = 2
TIME_FORMAT = "%d.%m.%Y %H:%M:%S"
_WORDS = Path(__file__).with_name("tables.toml")
_MOST_ROWS = 2000
_DAY = timedelta(days=1)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Row = dict[str, object]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of columns and words of `tables.toml`."""

    appeals: dict[str, str]
    incidents: dict[str, str]
    states: dict[str, str]
    rough: dict[str, str]


def load_words() -> Words:
    """Read `tables.toml`."""
    return msgspec.convert(tomllib.loads(_WORDS.read_text(encoding="utf-8")), Words)


class TablesDesk:
    """Writes tables.

    Args:
        history: What is told.
        zone: Local time of the region; times in a table name no zone.
        topics: Names of topics by id.
        levels: Names of levels by id.
        kinds: Names of kinds by id.
    """

    def __init__(
        self,
        history: History,
        zone: tzinfo,
        *,
        topics: Mapping[str, str],
        levels: Mapping[str, str],
        kinds: Mapping[str, str],
    ) -> None:
        self._history = history
        self._zone = zone
        self._topics, self._levels, self._kinds = topics, levels, kinds
        self._words = load_words()

    def answer(self, parts: Sequence[str], params: Mapping[str, str], now: datetime) -> Response | None:
        """Answer a question; None: nothing is at this address."""
        del params
        match parts:
            case ["tables" | "tables-rough" as tree, name]:
                records, _, kind = name.partition(".")
                if records not in {"appeals", "incidents"} or kind not in {"csv", "xlsx"}:
                    return None
                is_rough = tree == "tables-rough"
                content_type = (
                    _XLSX if kind == "xlsx" else f"text/csv; charset={'windows-1251' if is_rough else 'utf-8'}"
                )
                return Response(200, content_type, self.write(records, kind, now, is_rough=is_rough))
            case _:
                return None

    def write(self, records: str, kind: str, now: datetime, *, is_rough: bool = False) -> bytes:
        """Return a table of `appeals` or `incidents` as `csv` or `xlsx`."""
        if records == "appeals":
            changed = self._history.changed(None, after=now - _DAY, before=now, now=now)[-_MOST_ROWS:]
            columns, rows = self._words.appeals, [self._appeal(each) for each in changed]
        else:
            known = self._history.incidents(now=now, closed_since=now)
            columns, rows = self._words.incidents, [self._incident(e) for e in known if e.state.status.is_open]
        names = list(columns.values())
        lines: list[list[object]] = [list(names), *([row.get(key) for key in columns] for row in rows)]
        if is_rough:
            lines = self._roughen(lines, list(columns))
        if kind == "xlsx":
            return write_workbook(lines)
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(lines)
        return text.getvalue().encode("cp1251" if is_rough else "utf-8-sig", "replace")

    def _roughen(self, lines: list[list[object]], keys: Sequence[str]) -> list[list[object]]:
        rough = self._words.rough
        head, *rows = lines
        wide = [[*row, number % 7] for number, row in enumerate(rows)]
        bad: list[list[object]] = []
        if wide:
            first, at, state = wide[0], keys.index("received" if "received" in keys else "began"), keys.index("state")
            told = keys.index("text" if "text" in keys else "title")
            bad = [
                first,
                [*first[:told], rough["text"], *first[told + 1 :]],
                ["R-1", *first[1:state], rough["state"], *first[state + 1 :]],
                ["R-2", *first[1:at], rough["date"], *first[at + 1 :]],
            ]
        empty: list[object] = [None] * len(head)
        total: list[object] = [rough["total"], len(rows), *empty[2:]]
        return [[rough["preamble"]], [*head, rough["column"]], *wide, *bad, empty, total]

    def _appeal(self, known: Known) -> Row:
        appeal, state = known.appeal, known.state
        return {
            "id": appeal.id,
            "received": self._local(appeal.received_at),
            "changed": self._local(state.at),
            "state": self._words.states[state.status.value],
            "answered": self._local(state.answered_at),
            "deadline": self._local(state.due_at),
            "topic": self._topics.get(appeal.topic, appeal.topic),
            "text": appeal.text,
            "municipality": appeal.area_name,
            "address": appeal.address,
            "lat": appeal.lat,
            "lon": appeal.lon,
            "mark": state.rating,
        }

    def _incident(self, known: KnownIncident) -> Row:
        incident, state = known.incident, known.state
        return {
            "id": incident.id,
            "began": self._local(incident.started_at),
            "changed": self._local(state.at),
            "state": self._words.states[state.status.value],
            "kind": self._kinds.get(incident.kind, incident.kind),
            "level": self._levels.get(state.level, state.level),
            "affected": state.affected_n,
            "title": incident.title,
            "municipality": incident.area_name,
            "address": incident.address,
            "lat": incident.lat,
            "lon": incident.lon,
        }

    def _local(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self._zone).strftime(TIME_FORMAT)
