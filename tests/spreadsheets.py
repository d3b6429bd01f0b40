"""Spreadsheets for tests: orderly ones from a library that only writes, hostile ones written by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{_LINKS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_RELATIONS = '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'


def spreadsheet(rows: Iterable[Sequence[object]], *, sheet: str = "Лист1", from_1904: bool = False) -> bytes:
    """Return a workbook with one sheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "date_1904": from_1904})
    as_date = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                page.write_datetime(number, column, value, as_date)
            elif isinstance(value, str):
                page.write_string(number, column, value)
            elif value is not None:
                page.write(number, column, value)
    book.close()
    return file.getvalue()


def raw_spreadsheet(sheet_data: str, *, prologue: str = "", parts: dict[str, str] | None = None) -> bytes:
    """Return a workbook whose one sheet says what it is told to."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", _WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'{prologue}<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>',
        )
        for name, text in (parts or {}).items():
            archive.writestr(name, text)
    return file.getvalue()
