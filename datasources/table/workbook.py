"""Reads the cells of an XLSX file row by row, in little memory whatever the file says.

Why not a library: docs/adr/0140. What is known of the format here: names of sheets, shared words, which styles are
dates, and the values of cells. Formulas are never computed: the value that was saved with one counts.
Source: ECMA-376-1, 18.2 (workbook), 18.3 (worksheets), 18.4 (shared strings), 18.8.30 (number formats).
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, NoReturn, Protocol
from xml.parsers import expat

from svodka.domain.errors import SourceContractBrokenError

Cell = str | int | float | bool | datetime | dict[str, str] | None
Row = tuple[int, list[Cell]]

MAX_COLUMNS = 1000
MAX_CELL_CHARS = 32_767  # what Excel itself keeps in a cell
NO_VALUE: dict[str, str] = {"formula": "without a saved value"}
_MIB = 1024 * 1024
_MAX_ENTRIES = 2000
_MAX_UNPACKED = 512 * _MIB
_MAX_WORDS_UNPACKED = 64 * _MIB
_MAX_PART_UNPACKED = 8 * _MIB
_MAX_RATIO, _RATIO_FROM = 100, 8 * _MIB
_MAX_CELLS_IN_ROW, _MAX_ROWS = 16_384, 1_048_576  # Excel's own
_MAX_DEPTH = 64
_CHUNK = 65_536
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_FIRST_SERIAL, _LAST_SERIAL = 1, 2_950_000
_WHOLE_LIMIT = 2**53
_ENCRYPTED = 0x1
# What zipfile, zlib, expat and numbers that are none raise; zipfile's RuntimeError is an encrypted part.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    ArithmeticError,
)


class _Handler(Protocol):
    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class Workbook:
    """One XLSX file.

    Args:
        file: Its bytes; must stay open while rows are read.

    Raises:
        SourceContractBrokenError: It is no XLSX file, is encrypted, or unpacks to more than is allowed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            message = "the file begins as XLSX but is cut off or damaged"
            raise SourceContractBrokenError(message) from error
        _check_entries(self._zip.infolist())
        self._names = set(self._zip.namelist())
        book = _Book()
        for _ in self._parse("xl/workbook.xml", book, _MAX_PART_UNPACKED):
            pass
        targets = _Targets()
        for _ in self._parse("xl/_rels/workbook.xml.rels", targets, _MAX_PART_UNPACKED):
            pass
        self._origin = datetime(1904, 1, 1) if book.from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - local
        self._sheets = {
            name: part for name, key in book.sheets if (part := _part(targets.by_id.get(key, ""))) in self._names
        }
        self._dates: frozenset[int] | None = None
        self._words: list[str] | None = None

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets, in their order."""
        return tuple(self._sheets)

    def rows(self, sheet: str) -> Iterator[Row]:
        """Yield number and cells of each row of a sheet.

        Raises:
            SourceContractBrokenError: The file is damaged, or larger than any spreadsheet.
        """
        if self._words is None or self._dates is None:
            words, styles = _Words(), _Styles()
            for part, handler, limit in (
                ("xl/sharedStrings.xml", words, _MAX_WORDS_UNPACKED),
                ("xl/styles.xml", styles, _MAX_PART_UNPACKED),
            ):
                if part in self._names:
                    for _ in self._parse(part, handler, limit):
                        pass
            self._words, self._dates = words.words, styles.dates()
        reader = _Sheet(self._words, self._dates, self._origin)
        for _ in self._parse(self._sheets[sheet], reader, _MAX_UNPACKED):
            rows, reader.rows = reader.rows, []
            yield from rows
        yield from reader.rows

    def _parse(self, part: str, handler: _Handler, limit: int) -> Iterator[None]:
        """Hand a part to a handler, a piece at a time.

        Raises:
            SourceContractBrokenError: There is no such part, it is damaged, too large, or has a document type.
        """
        if part not in self._names:
            message = f"the file is a zip archive but no XLSX: it has no {part}"
            raise SourceContractBrokenError(message)
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_document_type
        depth = [0]
        parser.StartElementHandler = _entering(handler, depth)
        parser.EndElementHandler = _leaving(handler, depth)
        parser.CharacterDataHandler = handler.text
        size = 0
        try:
            with self._zip.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        message = f"{part} unpacks to more than {limit // _MIB} MiB; save the table as CSV"
                        raise SourceContractBrokenError(message)
                    parser.Parse(chunk, False)
                    yield
                parser.Parse(b"", True)
        except _BROKEN as error:
            message = f"{part} of the file is damaged: {type(error).__name__}"
            raise SourceContractBrokenError(message) from error


class _Book:
    """Names of sheets and the origin of dates."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in {"1", "true"}
        elif name == "sheet":
            key = next((text for key, text in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), key))

    def end(self, name: str) -> None:
        """Nothing to do."""

    def text(self, data: str) -> None:
        """Nothing to do."""


class _Targets:
    """Which part of the archive a relation means."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode", "") != "External":
            self.by_id[attributes.get("Id", "")] = attributes.get("Target", "")

    def end(self, name: str) -> None:
        """Nothing to do."""

    def text(self, data: str) -> None:
        """Nothing to do."""


class _Styles:
    """Which styles of cells are dates."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._formats.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        self._inside = self._inside and name != "cellXfs"

    def text(self, data: str) -> None:
        """Nothing to do."""

    def dates(self) -> frozenset[int]:
        """Return the numbers of the styles that are dates."""
        return frozenset(index for index, number in enumerate(self._formats) if self._is_date(number))

    def _is_date(self, number: int) -> bool:
        if number in self._codes:
            return bool(_DATE_LETTERS.search(_NOT_LETTERS.sub("", self._codes[number]).replace("General", "")))
        return number in _DATE_FORMATS


class _Words:
    """The shared words of all sheets."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._parts = _Collected()
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - they have none of use
        if name == "si":
            self._parts = _Collected()
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._parts.open = not self._phonetic

    def end(self, name: str) -> None:
        if name == "si":
            self.words.append(self._parts.whole())
        elif name == "rPh":
            self._phonetic = False
        elif name == "t":
            self._parts.open = False

    def text(self, data: str) -> None:
        self._parts.add(data)


class _Collected:
    """Text of one cell, as far as a cell goes."""

    def __init__(self) -> None:
        self.open = False
        self._parts: list[str] = []
        self._room = MAX_CELL_CHARS

    def add(self, data: str) -> None:
        """Take some text, where any is wanted."""
        if self.open and self._room > 0:
            self._parts.append(data[: self._room])
            self._room -= len(data)

    def whole(self) -> str:
        """Return what was taken."""
        return "".join(self._parts)


class _Sheet:
    """Rows of one sheet, as they end."""

    def __init__(self, words: list[str], dates: frozenset[int], origin: datetime) -> None:
        self.rows: list[Row] = []
        self._words, self._dates, self._origin = words, dates, origin
        self._number = self._column = self._cells_n = 0
        self._row: list[Cell] = []
        self._kind, self._style, self._has_formula, self._phonetic = "n", -1, False, False
        self._value = _Collected()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self._value.open = not self._phonetic
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._row, self._column, self._cells_n = [], -1, 0
            if not 0 < self._number <= _MAX_ROWS:
                _refuse_size()

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._value.open = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._phonetic = False
        elif name == "row":
            self.rows.append((self._number, self._row))
            self._row = []

    def text(self, data: str) -> None:
        self._value.add(data)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cells_n += 1
        if self._cells_n > _MAX_CELLS_IN_ROW:
            _refuse_size()
        place = attributes.get("r", "")
        self._column = _column(place) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", "0"))
        self._has_formula = False
        self._value = _Collected()

    def _end_cell(self) -> None:
        value = self._decoded(self._value.whole())
        if value is None or self._column >= MAX_COLUMNS:
            return
        self._row.extend([None] * (self._column + 1 - len(self._row)))
        self._row[self._column] = value

    def _decoded(self, text: str) -> Cell:
        if self._kind == "e":
            return {"error": text[:16]}
        if self._kind == "inlineStr":
            return text or None
        if not text:
            return NO_VALUE if self._has_formula and self._kind != "str" else None
        if self._kind == "s":
            return self._words[int(text)] if 0 <= int(text) < len(self._words) else _refuse_size()
        if self._kind == "b":
            return text == "1"
        return text if self._kind in {"str", "d"} else self._number_of(text)

    def _number_of(self, text: str) -> Cell:
        number = float(text)
        if self._style in self._dates and _FIRST_SERIAL <= number < _LAST_SERIAL:
            return serial_instant(number, self._origin)
        return int(number) if abs(number) < _WHOLE_LIMIT and number == int(number) else number


def serial_instant(serial: float, origin: datetime) -> datetime:
    """Return the local time of a spreadsheet's number of days, to the millisecond, without a zone."""
    return origin + timedelta(milliseconds=round(serial * 86_400_000))


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that says itself that it is none of a spreadsheet's.

    Raises:
        SourceContractBrokenError: Too many entries, too large, packed too tightly, or encrypted.
    """
    message = ""
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
        message = (
            f"the archive holds more than {_MAX_ENTRIES} parts or unpacks to more than {_MAX_UNPACKED // _MIB} MiB"
        )
    elif any(entry.flag_bits & _ENCRYPTED for entry in entries):
        message = "the archive is encrypted: save it without a password"
    elif any(entry.file_size > _RATIO_FROM and entry.file_size > _MAX_RATIO * entry.compress_size for entry in entries):
        message = f"a part of the archive is packed more than {_MAX_RATIO} times: a zip bomb"
    if message:
        raise SourceContractBrokenError(message)


def _part(target: str) -> str:
    """Return the name in the archive of a relation's target, which counts from `xl/`."""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _column(place: str) -> int:
    """Return the number, from 0, of the column of `BC12`."""
    number = 0
    for character in place[:3]:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return number - 1 if number else MAX_COLUMNS


def _entering(handler: _Handler, depth: list[int]) -> Callable[[str, dict[str, str]], None]:
    def enter(name: str, attributes: dict[str, str]) -> None:
        depth[0] += 1
        if depth[0] > _MAX_DEPTH:
            _refuse_size()
        handler.start(name.rpartition(" ")[2], attributes)

    return enter


def _leaving(handler: _Handler, depth: list[int]) -> Callable[[str], None]:
    def leave(name: str) -> None:
        depth[0] -= 1
        handler.end(name.rpartition(" ")[2])

    return leave


def _refuse_document_type(*_: object) -> NoReturn:
    message = "the file has a document type or entities: refused"
    raise SourceContractBrokenError(message)


def _refuse_size() -> NoReturn:
    message = "the file has more rows, cells or words than a spreadsheet can have"
    raise SourceContractBrokenError(message)
