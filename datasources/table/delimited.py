"""Reads the rows of a CSV or TSV file in little memory: character set and delimiter are found out where not said.

A file that ends in the middle of a row was cut off: that is an error, not a shorter table.
Source: RFC 4180, with any of the usual delimiters.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import IO

from datasources.table.workbook import Cell, Row
from svodka.domain.errors import SourceContractBrokenError

DELIMITERS = (",", ";", "\t", "|")
_MAX_LINE_CHARS = 1024 * 1024
_CHUNK = 1024 * 1024
_SAMPLE_ROWS = 50
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def find_encoding(file: IO[bytes]) -> str:
    """Return the character set of a whole file: by its byte order mark, UTF-8 where it is that, else cp1251."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1251"
    finally:
        file.seek(0)
    return "utf-8"


def find_delimiter(file: IO[bytes], encoding: str) -> str:
    """Return the delimiter by which the first rows have the most columns, as equal as can be."""

    def worth(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            for _, row in read_rows(file, encoding, delimiter):
                widths.append(len(row))
                if len(widths) >= _SAMPLE_ROWS:
                    break
        except SourceContractBrokenError:
            pass
        wide = [width for width in widths if width > 1]
        common = max(set(wide), key=wide.count) if wide else 0
        return wide.count(common) * (common > 1), common

    return max(DELIMITERS, key=worth)


def read_rows(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[Row]:
    """Yield number and cells of each row from the beginning.

    Raises:
        SourceContractBrokenError: Another character set, a line or cell without end, or a file that was cut off.
    """
    file.seek(0)
    # Errors of the decoder and of csv are those of the file; what it holds stays out of the message.
    lines = _Lines(io.TextIOWrapper(io.BufferedReader(_Unclosable(file)), encoding=encoding, newline=""))
    number = width = 0
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            number += 1
            if not lines.ended and (lines.quotes % 2 or 0 < len(row) < width):
                message = "the table ends in the middle of a row: it was cut off"
                raise SourceContractBrokenError(message)
            width = len(row) or width
            lines.quotes = 0
            cells: list[Cell] = [cell if cell.strip() else None for cell in row]
            yield number, cells
    except (UnicodeError, csv.Error) as error:
        message = f"the table cannot be read as {encoding} text: {type(error).__name__} after row {number}"
        raise SourceContractBrokenError(message) from error


class _Lines:
    """Lines of bounded length; blank space without end is a blank line.

    Attributes:
        ended: The last line given had its end.
        quotes: How many quotation marks were given since this was last set to 0.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self.ended = True
        self.quotes = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(_MAX_LINE_CHARS)
        while len(line) >= _MAX_LINE_CHARS and not line.strip():
            line = self._stream.readline(_MAX_LINE_CHARS)
        if not line:
            raise StopIteration
        self.ended = line.endswith(("\n", "\r"))
        if "\0" in line or (len(line) >= _MAX_LINE_CHARS and not self.ended):
            message = f"the file is no text: zero bytes, or a line of more than {_MAX_LINE_CHARS} characters"
            raise SourceContractBrokenError(message)
        self.quotes += line.count('"')
        return line if line.strip(" ") else "\n"


class _Unclosable(io.RawIOBase):
    """Lets a text reader go without closing the file beneath it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
