"""From the bytes of a table to its header and rows, whatever its name says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO

import msgspec

from datasources._toolkit.text import plain_text
from datasources.table.delimited import find_delimiter, find_encoding, read_rows
from datasources.table.params import Column, Params
from datasources.table.workbook import MAX_COLUMNS, Cell, Row, Workbook
from svodka.domain.errors import SourceContractBrokenError

MAX_HEADER_ROWS = 50
_NAME_CHARS = 200
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SPACES = re.compile(r"\s+")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose header was found.

    Attributes:
        header: Names of the columns in order, "" for one without a name.
        header_row: Number of the header's row; 0: there is none, the mapping names the columns.
        sheet: Name of the sheet, "" in CSV.
        rows: Number and cells of each row below the header; to be read once.
    """

    header: tuple[str, ...]
    header_row: int
    sheet: str
    rows: Iterator[Row]


class Names:
    """Finds columns by name, without regard to case, spaces, «ё» and punctuation at the ends."""

    def __init__(self, header: Sequence[str]) -> None:
        self._by_key = {fold(name): name for name in reversed(header) if name}

    def find(self, column: Column) -> str:
        """Return the header's own spelling of the first name that is there, a constant as it is, "" for none."""
        for name in (column,) if isinstance(column, str) else column:
            if name.startswith("="):
                return name
            if found := self._by_key.get(fold(name)):
                return found
        return ""


def fold(name: str) -> str:
    """Return a column's name as it is compared."""
    return _SPACES.sub(" ", name.casefold().replace("ё", "е")).strip(" :*.\ufeff\"'«»")


def open_table(file: IO[bytes], params: Params) -> Table:
    """Find the header of a table.

    Args:
        file: Its bytes; must stay open while the rows are read.
        params: Which columns to look for.

    Returns:
        The table; in a workbook without a named sheet the first sheet that has the columns.

    Raises:
        SourceContractBrokenError: It is no table, or a column that every row needs is missing.
    """
    nearest: tuple[str, ...] = ()
    for sheet, rows in sheets_of(file, params):
        first = list(islice(rows, params.header_row or MAX_HEADER_ROWS))
        for at, (number, cells) in enumerate(first):
            if params.header_row not in {0, number}:
                continue
            header = header_of(cells)
            absent = missing_columns(Names(header), params)
            if not absent:
                return Table(header=header, header_row=number, sheet=sheet, rows=chain(first[at + 1 :], rows))
            nearest = min(nearest or absent, absent, key=len)
        if params.columns and first and not missing_columns(Names(params.columns), params):
            return Table(header=params.columns, header_row=0, sheet=sheet, rows=chain(first, rows))
    message = f"the table has no header row with the column {nearest[0]!r}" if nearest else "the table is empty"
    raise SourceContractBrokenError(message)


def sheets_of(file: IO[bytes], params: Params) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield name and rows of each sheet that may be meant; one without a name where the file has no sheets.

    Raises:
        SourceContractBrokenError: It is no table.
    """
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_ZIP):
        book = Workbook(file)
        if params.sheet and params.sheet not in book.sheets:
            message = f"the workbook has no sheet {params.sheet!r}"
            raise SourceContractBrokenError(message)
        for name in (params.sheet,) if params.sheet else book.sheets:
            yield name, book.rows(name)
        return
    _check_head(head)
    encoding = params.encoding or find_encoding(file)
    delimiter = params.delimiter or find_delimiter(file, encoding)
    yield "", read_rows(file, encoding, delimiter)


def header_of(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return the names of columns in a row: plain text; the second of a name is called `name (2)`."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for cell in cells[:MAX_COLUMNS]:
        name = plain_text(cell, max_chars=_NAME_CHARS) if isinstance(cell, str) else "" if cell is None else str(cell)
        seen[name] = seen.get(name, 0) + 1
        names.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return tuple(names)


def missing_columns(names: Names, params: Params) -> tuple[str, ...]:
    """Return which of the columns that every row needs are not there."""
    needed = (*params.fields.id, params.fields.started_at)
    return tuple(
        column if isinstance(column, str) else column[0] for column in needed if column and not names.find(column)
    )


def _check_head(head: bytes) -> None:
    """Refuse what is no table by how it begins.

    Raises:
        SourceContractBrokenError: It is none.
    """
    message = ""
    if head.startswith(_OLE):
        message = "the file is an old .xls or has a password: save it as .xlsx or CSV without one"
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        message = "the file is HTML or XML, not a table: save it as .xlsx or CSV"
    elif not head.strip():
        message = "the table is empty"
    if message:
        raise SourceContractBrokenError(message)
