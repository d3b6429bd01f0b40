"""The numbers of a pack as XLSX: one row for every number with its id on the wall, then every table as a sheet."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from svodka.reports.content import Cell, PackContent, ScenePage, Section, Table
from svodka.reports.stamp import data_as_of, stamp, state_words, titled
from svodka.reports.wording import Wording

_FONT = "Arial"
_NAME_CHARS = 31
_FORMS = {
    "share": "0.0%",
    "rating": "0.00",
    "rate": "0.0",
    "minutes": "0",
    "count": "#,##0",
    "change": "+#,##0;-#,##0;0",
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_A4 = 9  # of the format's list of papers
_HATCH = 14  # a light diagonal pattern of the format
_WIDTHS = (16, 16, 20, 24, 14, 10, 14, 14, 24, 14)  # at least
_MOST_WIDE, _CHAR_WIDTH = 80.0, 1.1


class _Styles:
    def __init__(self, book: Any) -> None:
        make = book.add_format
        self.title = make({"bold": True, "font_size": 16, "font_name": _FONT})
        self.quiet = make({"font_color": "#5A6770", "font_name": _FONT, "font_size": 10})
        self.head = make(
            {"bold": True, "font_name": _FONT, "bg_color": "#E6EAED", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.words = make({"font_name": _FONT, "valign": "top", "text_wrap": True})
        self.blind_words = make(
            {"font_name": _FONT, "valign": "top", "text_wrap": True, "font_color": "#5A6770"} | self._hatched()
        )
        self.line = make({"font_name": _FONT})
        self.blind_line = make({"font_name": _FONT, "font_color": "#5A6770"} | self._hatched())
        self.numbers = {unit: make({"font_name": _FONT, "num_format": form}) for unit, form in _FORMS.items()}
        self.blind_numbers = {
            unit: make({"font_name": _FONT, "num_format": form, "font_color": "#5A6770"} | self._hatched())
            for unit, form in _FORMS.items()
        }
        self.instant = make({"font_name": _FONT, "num_format": "dd.mm.yyyy hh:mm:ss", "align": "left"})

    @staticmethod
    def _hatched() -> dict[str, object]:
        return {"pattern": _HATCH, "bg_color": "#FFFFFF", "fg_color": "#C9D0D5"}


def write_sheets(content: PackContent, wording: Wording) -> bytes:
    """Return the workbook.

    Every number stands as a number, with its unit's form, and beside it as the text that a person reads on the wall.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": content.title,
            "subject": stamp(content, wording),
            "author": content.centre,
            "created": content.at.replace(tzinfo=None),
        }
    )
    styles = _Styles(book)
    _about(book, styles, content, wording)
    _numbers(book, styles, content, wording)
    _sources(book, styles, content, wording)
    if content.orders:
        _orders(book, styles, content, wording)
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    for section in content.sections():
        if section.tables:
            name = _free_name(section.title, taken)
            _tables(book.add_worksheet(name), styles, section, content, wording)
    for sheet in book.worksheets():
        _set_up_printing(sheet, content, wording)
    book.close()
    return target.getvalue()


def _set_up_printing(sheet: Any, content: PackContent, wording: Wording) -> None:
    """Have a sheet print on A4, across, all columns on one page, with the moment at every foot."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    foot = stamp(content, wording).replace("&", "&&")
    sheet.set_footer(f"&L&8{foot}&R&8&P / &N")


def _about(book: Any, styles: _Styles, content: PackContent, wording: Wording) -> None:
    sheet = book.add_worksheet(wording.t("report.sheet.about"))
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 80)
    sheet.write_string(0, 0, content.title, styles.title)
    rows = (
        ("report.about.region", content.region),
        ("report.about.centre", content.centre),
        ("report.about.as_of", data_as_of(content, wording)),
        ("report.about.at", wording.moment(content.at)),
        ("report.about.id", content.id),
        ("report.about.position", f"{content.epoch} / {content.seq}"),
        ("report.about.digest", content.digest),
        ("report.about.version", content.version),
    )
    for index, (key, text) in enumerate(rows, start=2):
        sheet.write_string(index, 0, wording.t(key), styles.words)
        sheet.write_string(index, 1, text, styles.words)
    sheet.write_string(len(rows) + 3, 0, wording.t("report.about.numbers"), styles.quiet)


def _numbers(book: Any, styles: _Styles, content: PackContent, wording: Wording) -> None:
    sheet = book.add_worksheet(wording.t("report.sheet.numbers"))
    widths = list(map(float, _WIDTHS))
    keys = ("scene", "panel", "id", "name", "value", "unit", "text", "state", "as_of", "ref")
    for column, key in enumerate(keys):
        sheet.write_string(0, column, wording.t(f"report.number.{key}"), styles.head)
    row = 1
    for page in content.pages:
        for section in page.sections:
            for cell, name in numbers_of(section):
                _number_row(sheet, row, styles, (page, section, cell, name), widths=widths, wording=wording)
                row += 1
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(1, row - 1), len(keys) - 1)


def numbers_of(section: Section) -> list[tuple[Cell, str]]:
    """Return every number of a section once, with its name in words: of a table cell its row and its column."""
    found: dict[str, tuple[Cell, str]] = {}
    for figure in section.figures:
        cell = Cell(text=figure.text, id=figure.id, value=figure.value, unit=figure.unit)
        found.setdefault(figure.id, (cell, figure.label))
    for table in section.tables:
        for cells in table.rows:
            name = next(cell.text for cell in cells if not cell.id)  # a rating begins with the place, which is a number
            for head, cell in zip(table.head, cells, strict=True):
                if cell.id:
                    found.setdefault(cell.id, (cell, f"{name}: {head}"))
    return list(found.values())


def _number_row(
    sheet: Any,
    row: int,
    styles: _Styles,
    told: tuple[ScenePage, Section, Cell, str],
    *,
    widths: list[float],
    wording: Wording,
) -> None:
    page, section, cell, name = told
    words = styles.blind_line if section.is_blind else styles.line
    texts = {0: titled(page, wording), 1: section.title, 2: cell.id, 3: name, 5: cell.unit, 6: cell.text}
    texts[7] = state_words(section, wording)
    texts[8] = "" if section.as_of is None else wording.moment(section.as_of)
    texts[9] = page.ref
    for column, text in texts.items():
        sheet.write_string(row, column, text, words)
        widths[column] = max(widths[column], min(_MOST_WIDE, len(text) * _CHAR_WIDTH))
    _write_number(sheet, row, 4, cell, styles, is_blind=section.is_blind)


def _write_number(sheet: Any, row: int, column: int, cell: Cell, styles: _Styles, *, is_blind: bool) -> None:
    numbers = styles.blind_numbers if is_blind else styles.numbers
    form = numbers.get(cell.unit, numbers["count"])
    if cell.value is None:
        sheet.write_blank(row, column, None, form)
    else:
        sheet.write_number(row, column, cell.value, form)


def _sources(book: Any, styles: _Styles, content: PackContent, wording: Wording) -> None:
    sheet = book.add_worksheet(wording.t("report.sheet.sources"))
    keys = ("name", "brings", "last", "age", "state", "stored")
    for column, key in enumerate(keys):
        sheet.set_column(column, column, 26)
        sheet.write_string(0, column, wording.t(f"report.source.{key}"), styles.head)
    for row, source in enumerate(content.sources, start=1):
        last = wording.t("state.never") if source.last_complete_at is None else wording.moment(source.last_complete_at)
        age = "" if source.age_s is None else wording.span(source.age_s)
        words = (source.name, source.brings, last, age, source.words or wording.t("report.stamp.in_order"))
        for column, text in enumerate(words):
            sheet.write_string(row, column, text, styles.words)
        sheet.write_number(row, len(words), source.records_total, styles.numbers["count"])
    sheet.freeze_panes(1, 0)


def _orders(book: Any, styles: _Styles, content: PackContent, wording: Wording) -> None:
    sheet = book.add_worksheet(wording.t("report.sheet.orders"))
    for column, (key, width) in enumerate((("number", 8), ("text", 70), ("body", 40), ("due", 16))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, wording.t(f"report.order.{key}"), styles.head)
    for row, order in enumerate(content.orders, start=1):
        sheet.write_number(row, 0, order.number, styles.numbers["count"])
        due = "" if order.due_on is None else wording.calendar_day(order.due_on)
        for column, text in enumerate((order.text, order.body, due), start=1):
            sheet.write_string(row, column, text, styles.words)


def _tables(sheet: Any, styles: _Styles, section: Section, content: PackContent, wording: Wording) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 12, 18)
    sheet.write_string(0, 0, section.title, styles.title)
    sheet.write_string(1, 0, section.message, styles.words)
    sheet.write_string(2, 0, state_words(section, wording), styles.quiet)
    sheet.write_string(3, 0, stamp(content, wording), styles.quiet)
    row = 5
    for table in section.tables:
        row = _table(sheet, row, table, styles, is_blind=section.is_blind) + 2


def _table(sheet: Any, row: int, table: Table, styles: _Styles, *, is_blind: bool) -> int:
    sheet.write_string(row, 0, table.caption, styles.quiet)
    for column, head in enumerate(table.head):
        sheet.write_string(row + 1, column, head, styles.head)
    for at, cells in enumerate(table.rows, start=row + 2):
        _cells(sheet, at, cells, styles, is_blind=is_blind)
    end = row + 2 + len(table.rows)
    if table.rest:
        sheet.write_string(end, 0, table.rest, styles.quiet)
    return end


def _cells(sheet: Any, row: int, cells: Sequence[Cell], styles: _Styles, *, is_blind: bool) -> None:
    words = styles.blind_words if is_blind else styles.words
    for column, cell in enumerate(cells):
        if cell.id:
            _write_number(sheet, row, column, cell, styles, is_blind=is_blind)
        else:
            sheet.write_string(row, column, cell.text, words)


def _free_name(title: str, taken: set[str]) -> str:
    """Return a sheet's name that the format allows and the workbook has not."""
    base = _FORBIDDEN.sub(" ", title)[:_NAME_CHARS].strip() or "-"
    name, n = base, 2
    while name.lower() in taken:
        tail = f" {n}"
        name, n = base[: _NAME_CHARS - len(tail)] + tail, n + 1
    taken.add(name.lower())
    return name
