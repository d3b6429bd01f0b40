"""Reads files of the office as a program does that knows nothing of ours: ZIP and XML alone."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAW = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SLIDE = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    return ElementTree.fromstring(archive.read(name))


def read_sheet(data: bytes, name: str) -> list[list[str | float | None]]:
    """Return the cells of a sheet of an XLSX; an empty cell is None."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared = [
            "".join(t.text or "" for t in item.iter(f"{_SHEET}t")) for item in _xml(archive, "xl/sharedStrings.xml")
        ]
        sheets = _xml(archive, "xl/workbook.xml").find(f"{_SHEET}sheets")
        assert sheets is not None
        number = [sheet.get("name") for sheet in sheets].index(name) + 1
        rows = []
        for row in _xml(archive, f"xl/worksheets/sheet{number}.xml").iter(f"{_SHEET}row"):
            cells: dict[int, str | float | None] = {}
            for cell in row:
                value = cell.find(f"{_SHEET}v")
                text = None if value is None else value.text
                column = _column(cell.get("r") or "")
                is_text = cell.get("t") == "s"
                cells[column] = None if text is None else shared[int(text)] if is_text else float(text)
            rows.append([cells.get(index) for index in range(max(cells, default=-1) + 1)])
        return rows


def _column(reference: str) -> int:
    n = 0
    for letter in re.sub(r"\d", "", reference):
        n = n * 26 + ord(letter) - 64
    return n - 1


def read_tables(data: bytes) -> dict[str, list[list[str]]]:
    """Return the tables of a DOCX by the name in their alternative text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = _xml(archive, "word/document.xml")
    found = {}
    for table in body.iter(f"{_WORD}tbl"):
        caption = table.find(f"{_WORD}tblPr/{_WORD}tblCaption")
        assert caption is not None
        rows = [
            ["".join(t.text or "" for t in cell.iter(f"{_WORD}t")) for cell in row.iter(f"{_WORD}tc")]
            for row in table.iter(f"{_WORD}tr")
        ]
        found[str(caption.get(f"{_WORD}val"))] = rows
    return found


def read_hatched(data: bytes) -> list[str]:
    """Return the words of the paragraphs and cells of a DOCX that stand on a pattern."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = _xml(archive, "word/document.xml")
    found = []
    for tag, properties in ((f"{_WORD}p", f"{_WORD}pPr"), (f"{_WORD}tc", f"{_WORD}tcPr")):
        for element in body.iter(tag):
            shading = element.find(f"{properties}/{_WORD}shd")
            if shading is not None and shading.get(f"{_WORD}val") == "thinDiagStripe":
                found.append("".join(t.text or "" for t in element.iter(f"{_WORD}t")))
    return found


class SlideRead:
    """One slide: its title, texts and tables by the shape's name, the numbers of its charts by series, its notes."""

    def __init__(self, archive: zipfile.ZipFile, number: int) -> None:
        root = _xml(archive, f"ppt/slides/slide{number}.xml")
        self.texts: dict[str, list[str]] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.charts: dict[str, dict[str, list[float | None]]] = {}
        targets = self._targets(archive, number)
        for shape in root.iter(f"{_SLIDE}sp"):
            self.texts.setdefault(_name(shape), []).append(_text(shape))
        for frame in root.iter(f"{_SLIDE}graphicFrame"):
            table, chart = frame.find(f".//{_DRAW}tbl"), frame.find(f".//{_CHART}chart")
            if table is not None:
                rows = table.iter(f"{_DRAW}tr")
                self.tables[_name(frame)] = [[_text(cell) for cell in row.iter(f"{_DRAW}tc")] for row in rows]
            elif chart is not None:
                target = targets[str(chart.get(f"{_RELATION}id"))]
                self.charts[_name(frame)] = _series(_xml(archive, f"ppt/charts/{target.rsplit('/', 1)[-1]}"))
        notes = next((target for target in targets.values() if "notesSlide" in target), "")
        self.notes = _text(_xml(archive, f"ppt/notesSlides/{notes.rsplit('/', 1)[-1]}")) if notes else ""
        titles = [words for name, words in self.texts.items() if name.startswith("Title")]
        self.title = titles[0][0] if titles else ""

    @staticmethod
    def _targets(archive: zipfile.ZipFile, number: int) -> dict[str, str]:
        relations = _xml(archive, f"ppt/slides/_rels/slide{number}.xml.rels")
        return {str(relation.get("Id")): str(relation.get("Target")) for relation in relations}


def read_slides(data: bytes) -> list[SlideRead]:
    """Return the slides of a PPTX in their order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        n = sum(bool(re.fullmatch(r"ppt/slides/slide\d+\.xml", name)) for name in archive.namelist())
        return [SlideRead(archive, number) for number in range(1, n + 1)]


def _series(chart: Element) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for series in chart.iter(f"{_CHART}ser"):
        name = "".join(v.text or "" for v in series.findall(f"{_CHART}tx//{_CHART}v"))
        count = series.find(f"{_CHART}val//{_CHART}ptCount")
        assert count is not None
        values: list[float | None] = [None] * int(str(count.get("val")))
        for point in series.findall(f"{_CHART}val//{_CHART}pt"):
            value = point.find(f"{_CHART}v")
            assert value is not None
            values[int(str(point.get("idx")))] = float(str(value.text))
        found[name] = values
    return found


def _name(shape: Element) -> str:
    return next(str(element.get("name")) for element in shape.iter(f"{_SLIDE}cNvPr"))


def _text(element: Element) -> str:
    paragraphs = element.iter(f"{_DRAW}p")
    return "\n".join("".join(t.text or "" for t in paragraph.iter(f"{_DRAW}t")) for paragraph in paragraphs)
