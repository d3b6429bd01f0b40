"""Proposes a mapping for a table that nobody has described: from the names of its columns and what stands in them.

What it proposes is a beginning for a person: it never decides between two readings of a date, and a word of the
status column that it does not know stays without a stage.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Literal
from zoneinfo import ZoneInfo

import msgspec

from datasources._toolkit.times import parse_instant
from datasources.table.normalise import TIMES, spreadsheet_time
from datasources.table.params import Fields, Params, load_preset, preset_names
from datasources.table.sheet import MAX_HEADER_ROWS, Names, fold, header_of, missing_columns, sheets_of
from datasources.table.workbook import Cell, Row
from svodka.domain.errors import RecordUnreadableError, SourceContractBrokenError

_SYNONYMS = Path(__file__).with_name("synonyms.toml")
_SAMPLE_ROWS = 5000
_STATUS_WORDS = 40
_EXACT, _BEGINS = 1000, 500
_READABLE_SHARE = 0.8
_BEHIND_A_WORD = " /(,"
_ANY = Params(fields=Fields(id=("?",), started_at="?"))
_UTC = ZoneInfo("UTC")
_FORMS = tuple(
    f"{date} {clock}".strip()
    for date in ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%Y%m%d")
    for clock in ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "")
)
_APPEALS_ONLY = frozenset({"text", "channel", "topic", "body_name", "rating", "answered_at", "due_at"})
_INCIDENTS_ONLY = frozenset({"kind", "level", "affected", "title", "closed_at"})


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed mapping.

    Attributes:
        preset: A shipped mapping whose columns are all there, "" for none; then nothing else is proposed.
        sheet: The sheet, "" in CSV.
        fields: Column by field.
        id_columns: Columns of the id.
        id_from: As in the params.
        id_counts_rows: The id may begin again in each file.
        statuses: Words with a stage.
        unknown_statuses: Words without one, by count.
        time_formats: Forms of times that the toolkit does not know.
        notes: What a person should look at.
    """

    preset: str = ""
    sheet: str = ""
    fields: dict[str, str] = {}
    id_columns: tuple[str, ...] = ()
    id_from: Literal["columns", "hash"] = "columns"
    id_counts_rows: bool = False
    statuses: dict[str, str] = {}
    unknown_statuses: dict[str, int] = {}
    time_formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def guess_mapping(file: IO[bytes], records: Literal["appeals", "incidents"], day: str) -> Guess:
    """Propose a mapping.

    Args:
        file: The table.
        records: What its rows are.
        day: Day on which the file was written, `2026-11-22`, for a table that tells no times.

    Returns:
        The proposal.

    Raises:
        SourceContractBrokenError: It is no table, or has no row that looks like a header.
    """
    synonyms = tomllib.loads(_SYNONYMS.read_text(encoding="utf-8"))
    sheet, header, rows = _find_header(file, synonyms["fields"])
    names = Names(header)
    if records == "appeals" and (preset := _preset_for(names)):
        return Guess(preset=preset, sheet=sheet, notes=(f"all columns of preset {preset!r} are there",))
    sample = [row for _, cells in islice(rows, _SAMPLE_ROWS) if (row := _by_name(header, cells)) and not _is_total(row)]
    fields = _fields(header, synonyms["fields"], _INCIDENTS_ONLY if records == "appeals" else _APPEALS_ONLY)
    notes: list[str] = []
    formats = _time_formats(fields, sample, notes)
    if "started_at" not in fields:
        notes.append(f"no column holds the time at which a row came: every row counts as of {day} (started_at)")
        fields["started_at"] = f"={day}"
    id_columns, id_from = _id(fields, sample, notes)
    counts_rows = id_from == "columns" and _counts_rows(id_columns[0], sample)
    if counts_rows:
        notes.append(
            f"column {id_columns[0]!r} counts the rows from 1: where the next file begins at 1 again, its rows take "
            "the place of this one's; name a column that numbers the appeals for ever, or id_from"
        )
    words = _words(sample, fields.get("status", ""))
    stages = _stages(words, synonyms["statuses"], records)
    if len(words) > _STATUS_WORDS:
        notes.append(f"column {fields['status']!r} has {len(words)} different words: is it the status?")
    return Guess(
        sheet=sheet,
        fields=fields,
        id_columns=id_columns,
        id_from=id_from,
        id_counts_rows=counts_rows,
        statuses=stages,
        unknown_statuses={word: n for word, n in words.most_common(_STATUS_WORDS) if word not in stages},
        time_formats=formats,
        notes=tuple(notes),
    )


def _find_header(file: IO[bytes], synonyms: dict[str, list[str]]) -> tuple[str, tuple[str, ...], Iterator[Row]]:
    """Return sheet, header and the rows behind it: the row that names the most fields.

    Raises:
        SourceContractBrokenError: No row looks like a header.
    """
    best: tuple[int, str, tuple[str, ...], list[Row], Iterator[Row]] | None = None
    for sheet, rows in sheets_of(file, _ANY):
        first = list(islice(rows, MAX_HEADER_ROWS))
        for at, (_, cells) in enumerate(first):
            header = header_of(cells)
            score = len(_fields(header, synonyms, frozenset()))
            if best is None or score > best[0]:
                best = (score, sheet, header, first[at + 1 :], rows)
    if best is None or best[0] == 0:
        message = "no row looks like a header: no column has a known name (datasources/table/synonyms.toml)"
        raise SourceContractBrokenError(message)
    _, sheet, header, behind, rows = best
    return sheet, header, iter([*behind, *islice(rows, _SAMPLE_ROWS)])


def _preset_for(names: Names) -> str:
    """Return the shipped mapping that has the most columns of this table, all that it names among them."""
    fits: list[tuple[int, str]] = []
    for name in preset_names():
        params = msgspec.convert(load_preset(name), Params)
        columns = [getattr(params.fields, field) for field in params.fields.__struct_fields__ if field != "id"]
        named = [column for column in columns if column]
        if not missing_columns(names, params) and all(names.find(column) for column in named):
            fits.append((len(named), name))
    return max(fits)[1] if fits else ""


def _fields(header: Sequence[str], synonyms: dict[str, list[str]], without: frozenset[str]) -> dict[str, str]:
    """Return the column of each field, the best name first, no column twice."""
    ranked: list[tuple[int, int, str, str]] = []
    for order, (field, words) in enumerate(synonyms.items()):
        wanted = [name for name in header if name and field not in without]
        ranked.extend((_likeness(fold(name), words), -order, field, name) for name in wanted)
    found: dict[str, str] = {}
    for likeness, _, field, name in sorted(ranked, reverse=True):
        if likeness and field not in found and name not in found.values():
            found[field] = name
    return found


def _likeness(name: str, words: Sequence[str]) -> int:
    for at, word in enumerate(words):
        if name == fold(word):
            return _EXACT - at
    for at, word in enumerate(words):
        if name.startswith(tuple(f"{fold(word)}{mark}" for mark in _BEHIND_A_WORD)):
            return _BEGINS - at
    return 0


def _by_name(header: Sequence[str], cells: Sequence[Cell]) -> dict[str, Cell]:
    return {name: cell for name, cell in zip(header, cells, strict=False) if name and cell is not None}


def _is_total(row: dict[str, Cell]) -> bool:
    first = next(iter(row.values()))
    return isinstance(first, str) and fold(first).startswith(_ANY.total_words)


def _time_formats(fields: dict[str, str], sample: list[dict[str, Cell]], notes: list[str]) -> tuple[str, ...]:
    """Return forms for the times that the toolkit cannot read; drop columns in which most are no times."""
    formats: list[str] = []
    for field in [name for name in TIMES if name in fields]:
        column = fields[field]
        texts = [row[column] for row in sample if column in row]
        unread = [text for text in texts if not _is_time(text, ())]
        if not unread:
            continue
        readers = [
            form for form in _FORMS if sum(_is_time(text, (form,)) for text in unread) >= len(unread) * _READABLE_SHARE
        ]
        if not readers:
            if len(unread) > len(texts) * (1 - _READABLE_SHARE):
                notes.append(
                    f"column {column!r} was taken for {field} by its name, but holds no times that can be read"
                )
                del fields[field]
            continue
        kinds = {form.split(" ")[0] for form in readers}
        if len(kinds) > 1:
            notes.append(
                f"times of column {column!r} can be read in two ways, {' and '.join(sorted(kinds))}: check time_formats"
            )
        formats += [form for form in readers if form not in formats and form.split(" ")[0] == readers[0].split(" ")[0]]
    return tuple(formats)


def _is_time(value: Cell, formats: tuple[str, ...]) -> bool:
    if isinstance(value, datetime):
        return True
    try:
        return parse_instant(spreadsheet_time(value), _UTC, field="", formats=formats) is not None
    except RecordUnreadableError:
        return False


def _id(
    fields: dict[str, str], sample: list[dict[str, Cell]], notes: list[str]
) -> tuple[tuple[str, ...], Literal["columns", "hash"]]:
    """Return the columns of the id: one whose values are all different, else a digest of several."""
    column = fields.pop("id", "")
    if column:
        values = [str(row[column]) for row in sample if column in row]
        if values and len(set(values)) == len(values):
            return (column,), "columns"
        notes.append(f"column {column!r} is not different in every row: changes of a row may be taken for another")
        if len(set(values)) > len(values) * _READABLE_SHARE:
            return (column,), "columns"
    notes.append("no column holds a number of its own for each row: ids are made from when, where and what (id_from)")
    told = [fields[name] for name in ("started_at", "area_name", "address", "text", "title") if name in fields]
    told = [column for column in told if not column.startswith("=")] or list(fields.values())[:1]
    return tuple(told), "hash"


def _counts_rows(column: str, sample: list[dict[str, Cell]]) -> bool:
    """Whether a column says 1, 2, 3 … down the table."""
    told = [str(row[column]) for row in sample if column in row]
    return len(told) > 1 and told == [str(number) for number in range(1, len(told) + 1)]


def _words(sample: list[dict[str, Cell]], column: str) -> Counter[str]:
    """Return the words of a column by count, each in its first spelling."""
    spelt: dict[str, str] = {}
    texts = [cell.strip() for row in sample if isinstance(cell := row.get(column), str)]
    return Counter(spelt.setdefault(text.casefold(), text) for text in texts)


def _stages(words: Counter[str], synonyms: dict[str, list[str]], records: str) -> dict[str, str]:
    """Return the stage of each word that is known."""
    done = "answered" if records == "appeals" else "closed"
    stage_of = {
        fold(word): {"done": done, "rejected": "rejected" if records == "appeals" else "closed"}.get(stage, stage)
        for stage, known in synonyms.items()
        for word in known
    }
    return {word: stage_of[fold(word)] for word, _ in words.most_common(_STATUS_WORDS) if fold(word) in stage_of}
