"""A pack as a memo («справка»), DOCX: what an aide hands over on paper.

Sentences first, then tables; the margins, the typeface and the place of the page's number are those of Russian office
practice. Source: GOST R 7.0.97-2016, 3.3 (margins), 3.4 (number of the page), 3.6 (typefaces and sizes).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from svodka.reports.content import Cell, PackContent, Section, Table
from svodka.reports.stamp import capitalised, data_as_of, mark, stamp
from svodka.reports.wording import Wording

_FONT = "Times New Roman"
_QUIET = RGBColor(0x5A, 0x67, 0x70)
_HATCH = {"val": "thinDiagStripe", "color": "C9D0D5", "fill": "FFFFFF"}
_TEXT_WIDTH_MM = 170.0
_CELL_MM, _CHAR_MM = 4.2, 2.35  # the margins of a cell, and a wide letter of 11 points
_SIZES = (11.0, 10.5, 10.0, 9.5, 9.0)  # points of a table's letters, by preference


class Memo:
    """One memo being written."""

    def __init__(self, content: PackContent, wording: Wording) -> None:
        self._content, self._wording = content, wording
        self._paper = Document()
        properties = self._paper.core_properties
        properties.title, properties.subject = content.title, stamp(content, wording)
        properties.author = properties.last_modified_by = content.centre
        properties.created = properties.modified = content.at.replace(tzinfo=None)
        properties.comments, properties.revision = "", 1
        self._set_up()

    def write(self) -> bytes:
        """Return the whole file."""
        content, wording = self._content, self._wording
        self._line(wording.t("report.memo.heading"), bold=True, size=16, centred=True, after=2)
        self._line(content.title, bold=True, centred=True, after=2)
        self._line(f"{content.centre}. {data_as_of(content, wording)}", size=12, centred=True, after=10)
        if content.is_simulated:
            self._line(wording.t("report.memo.demo"), size=12, centred=True, after=10)
        sections = [section for section in content.sections() if section.slot != "feed"]
        self._summary(sections)
        self._incidents(sections)
        self._orders()
        self._tables(sections)
        self._sources()
        target = io.BytesIO()
        self._paper.save(target)
        return target.getvalue()

    def _set_up(self) -> None:
        section = self._paper.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(25), Mm(15)
        section.top_margin, section.bottom_margin = Mm(20), Mm(20)
        section.different_first_page_header_footer = True
        style = self._paper.styles["Normal"]
        style.font.name, style.font.size = _FONT, Pt(14)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
        style.element.rPr.rFonts.set(qn("w:cs"), _FONT)
        top = section.header.paragraphs[0]
        top.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _page_number(top.add_run())
        for footer in (section.footer, section.first_page_footer):
            foot = footer.paragraphs[0]
            foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = foot.add_run(stamp(self._content, self._wording))
            run.font.size, run.font.color.rgb = Pt(9), _QUIET

    def _line(self, text: str, *, bold: bool = False, size: float = 14, centred: bool = False, after: float = 4) -> Any:
        paragraph = self._paper.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(after)
        paragraph.paragraph_format.space_before = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.1
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(size)
        return paragraph

    def _heading(self, text: str) -> None:
        paragraph = self._paper.add_heading(level=2)
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(12), Pt(4)
        paragraph.paragraph_format.keep_with_next = True
        run = paragraph.add_run(text)
        run.font.name, run.font.size, run.bold = _FONT, Pt(14), True
        run.font.color.rgb = RGBColor(0, 0, 0)
        run._element.rPr.rFonts.set(qn("w:hAnsi"), _FONT)  # noqa: SLF001 - the theme's font would win

    def _summary(self, sections: Sequence[Section]) -> None:
        self._heading(self._wording.t("report.memo.main"))
        for section in sections:
            old = mark(section, self._wording)
            text = f"{section.message}." + (f" ({old})" if old else "")
            paragraph = self._line(text, after=2)
            paragraph.paragraph_format.first_line_indent = Mm(12.5)
            if section.is_blind:
                _hatch(paragraph._p.get_or_add_pPr())  # noqa: SLF001 - the library has no shading
            for sentence in section.sentences[:1] if section.chart else ():
                said = capitalised(sentence)
                more = self._line(said if said.endswith(".") else f"{said}.", after=2)
                more.paragraph_format.first_line_indent = Mm(12.5)
        figures = [(section, figure) for section in sections for figure in section.figures if figure.target]
        figures += [(section, figure) for section in sections for figure in section.figures if figure.id in _ALWAYS]
        wording = self._wording
        rows = [
            (
                Cell(text=figure.label),
                Cell(text=figure.text, id=figure.id),
                Cell(text=figure.target or "–"),
                Cell(text=figure.previous or "–"),
                Cell(text=mark(section, wording) or wording.t("report.stamp.in_order")),
            )
            for section, figure in figures
        ]
        head = tuple(wording.t(f"report.memo.{key}") for key in ("number", "value", "target", "before", "state"))
        blind = frozenset(index for index, (section, _) in enumerate(figures) if section.is_blind)
        self._table(Table(caption=wording.t("report.memo.main"), head=head, rows=tuple(rows)), "figures", blind)

    def _incidents(self, sections: Sequence[Section]) -> None:
        for section in sections:
            if section.key.partition("@")[0] == "incidents" and section.tables:
                self._told(section)

    def _tables(self, sections: Sequence[Section]) -> None:
        for section in sections:
            if section.key.partition("@")[0] != "incidents" and section.tables:
                self._told(section)

    def _told(self, section: Section) -> None:
        self._heading(section.title)
        old = mark(section, self._wording)
        if old:
            _hatch(self._line(old, bold=True, size=12)._p.get_or_add_pPr())  # noqa: SLF001 - see above
        for table in section.tables:
            self._line(table.caption, size=12, after=2).paragraph_format.keep_with_next = True
            blind = frozenset(range(len(table.rows))) if section.is_blind else frozenset[int]()
            self._table(table, f"{section.key}:{table.caption}", blind)

    def _orders(self) -> None:
        content, wording = self._content, self._wording
        if content.protocol:
            self._heading(wording.t("report.memo.protocol"))
            for line in content.protocol.splitlines():
                self._line(line).paragraph_format.first_line_indent = Mm(12.5)
        if content.orders:
            self._heading(wording.t("report.sheet.orders"))
            rows = tuple(
                (
                    Cell(text=str(order.number)),
                    Cell(text=order.text),
                    Cell(text=order.body),
                    Cell(text="" if order.due_on is None else wording.calendar_day(order.due_on)),
                )
                for order in content.orders
            )
            head = tuple(wording.t(f"report.order.{key}") for key in ("number", "text", "body", "due"))
            self._table(Table(caption=wording.t("report.sheet.orders"), head=head, rows=rows), "orders")

    def _sources(self) -> None:
        content, wording = self._content, self._wording
        self._heading(wording.t("report.sheet.sources"))
        rows = tuple(
            (
                Cell(text=source.name),
                Cell(text=source.brings),
                Cell(text=wording.t("state.never") if source.age_s is None else wording.span(source.age_s)),
                Cell(text=source.words or wording.t("report.stamp.in_order")),
            )
            for source in content.sources
        )
        head = tuple(wording.t(f"report.source.{key}") for key in ("name", "brings", "age", "state"))
        self._table(Table(caption=wording.t("report.sheet.sources"), head=head, rows=rows), "sources")
        self._line("", size=6)
        told = (
            wording.t("report.memo.made", id=content.id, at=wording.moment(content.at), version=content.version),
            wording.t("report.memo.digest", digest=content.digest),
            *content.attribution,
        )
        for text in told:
            self._line(text, size=10, after=1)

    def _table(self, table: Table, name: str, blind: frozenset[int] = frozenset()) -> None:
        """Add a table; `blind` are the rows whose data are old: hatched."""
        made = self._paper.add_table(rows=1, cols=len(table.head), style="Table Grid")
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        _describe(made, name)
        widths, size = _widths(table)
        for column, words in enumerate(table.head):
            _fill(made.rows[0].cells[column], capitalised(words), size=size, bold=True)
        _repeat(made.rows[0])
        for index, cells in enumerate(table.rows):
            row = made.add_row()
            _keep_whole(row)
            for column, cell in enumerate(cells):
                _fill(row.cells[column], cell.text, size=size, right=bool(cell.id) or cell.text.isdigit())
                if index in blind:
                    _hatch(row.cells[column]._tc.get_or_add_tcPr())  # noqa: SLF001 - the library has no shading
        for column, width in enumerate(widths):
            made.columns[column].width = Mm(width)
            for row in made.rows:
                row.cells[column].width = Mm(width)
        if table.rest:
            self._line(table.rest, size=11)
        self._line("", size=4, after=2)


_ALWAYS = frozenset({"open_now", "overdue_now", "received_today", "answered_today", "incidents_open"})


def write_memo(content: PackContent, wording: Wording) -> bytes:
    """Return the memo; see `Memo`."""
    return Memo(content, wording).write()


def _widths(table: Table) -> tuple[list[float], float]:
    """Return the columns' widths in millimetres and the letters' size in points.

    No word is broken, with smaller letters where there are many columns; what is left goes where texts are long.
    """
    columns = [[capitalised(head), *(row[column].text for row in table.rows)] for column, head in enumerate(table.head)]
    words = [max(map(_longest_word, texts)) for texts in columns]
    wanted = [max(8.0, min(46.0, max(map(len, texts)))) for texts in columns]
    for size in _SIZES:
        needed = [_CELL_MM + _CHAR_MM * size / _SIZES[0] * n for n in words]
        spare = _TEXT_WIDTH_MM - sum(needed)
        if spare >= 0:
            break
    more = [max(0.0, _CELL_MM + _CHAR_MM * want - least) for want, least in zip(wanted, needed, strict=True)]
    more = more if sum(more) else wanted
    return [least + spare * each / sum(more) for least, each in zip(needed, more, strict=True)], size


def _longest_word(text: str) -> int:
    """Return the letters of the longest word; what a space without a break holds together is one."""
    return max((len(word) for word in text.split(" ")), default=0)


def _fill(cell: Any, words: str, *, size: float, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(words)
    run.bold, run.font.size = bold, Pt(size)


def _page_number(run: Any) -> None:
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001 - the library has no fields
    run.font.size = Pt(12)


def _hatch(properties: Any) -> None:
    """Lay a pattern below a paragraph or a cell: what is old is marked without colour."""
    shading = OxmlElement("w:shd")
    for name, value in _HATCH.items():
        shading.set(qn(f"w:{name}"), value)
    properties.append(shading)


def _describe(table: Any, name: str) -> None:
    """Give a table the name by which a program finds it (its alternative text)."""
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), name)
    table._tbl.tblPr.append(caption)  # noqa: SLF001 - the library has no captions


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - the library has no repeated heads


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - the library has no such rows
