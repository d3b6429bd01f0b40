"""A pack as PPTX: one message a slide, native charts and tables, sources in the notes, the moment at every foot."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from pptx.util import Inches, Pt

from svodka.reports.content import (
    BOARD,
    GRID_COLUMNS,
    GRID_ROWS,
    Annotation,
    Figure,
    PackContent,
    ScenePage,
    Section,
    Table,
)
from svodka.reports.slides import theme
from svodka.reports.slides.charts import add_chart
from svodka.reports.stamp import data_as_of, mark, sources_line, stamp, titled
from svodka.reports.wording import Wording

_ROWS_A_SLIDE = 12
_LINES_A_SLIDE, _LINE_CHARS = 14, 80  # of decisions, in letters of 20 points
_TILES_A_ROW = 3
_CHAR_INCHES = 0.2  # of a table's width for each letter of its longest row, with air around


class Deck:
    """One presentation being written.

    Args:
        content: What it says.
        wording: Its language.
        pictures: PNG of every scene by reference; scenes without one have no picture slide.
    """

    def __init__(self, content: PackContent, wording: Wording, pictures: Mapping[str, bytes]) -> None:
        self._content, self._wording, self._pictures = content, wording, pictures
        self._tables_told: set[tuple[Table, str]] = set()
        self._deck = theme.new_presentation()
        properties = self._deck.core_properties
        properties.title, properties.subject = content.title, stamp(content, wording)
        properties.author = properties.last_modified_by = content.centre
        properties.created = properties.modified = content.at.replace(tzinfo=None)
        properties.revision = 1

    def write(self) -> bytes:
        """Return the whole file."""
        self._cover()
        told: set[str] = set()
        for page in self._content.pages:
            self._scene(page)
            fresh = [section for section in page.sections if section.key not in told]
            told |= {section.key for section in fresh}
            self._tiles(page, [section for section in fresh if section.figures])
            for section in fresh:
                self._section(page, section)
        self._protocol()
        self._orders()
        self._sources()
        target = io.BytesIO()
        self._deck.save(target)
        return target.getvalue()

    def _add(self, label: str, title: str, notes: Sequence[str] = ()) -> Any:
        slide = theme.add_slide(self._deck, label=label, title=title, foot=stamp(self._content, self._wording))
        said = [*notes, data_as_of(self._content, self._wording)]
        said += [self._wording.t("report.notes.id", id=self._content.id, digest=self._content.digest)]
        said += [self._wording.t("report.notes.sources", sources=sources_line(self._content, self._wording))]
        slide.notes_slide.notes_text_frame.text = "\n".join(line for line in said if line)
        return slide

    def _cover(self) -> None:
        content, wording = self._content, self._wording
        slide = self._add(content.centre, content.title)
        slide.shapes.title.text_frame.paragraphs[0].font.size = Pt(44)
        first = wording.t("header.demo") + " · " if content.is_simulated else ""
        box: theme.Box = (theme.LEFT, Inches(2.3), theme.RIGHT - theme.LEFT, Inches(0.6))
        theme.add_text(slide, f"{first}{data_as_of(content, wording)}", box, size=24, name="as-of")
        silent = [source for source in content.sources if source.words]
        lines = [content.region, wording.t("report.stamp.id", id=content.id).capitalize()]
        if silent:
            lines.append(
                wording.t("report.say.sources_silent_n", n=len(silent), whole=len(content.sources))
                + ": "
                + "; ".join(f"{source.name}: {source.words}" for source in silent)
            )
        else:
            lines.append(wording.t("report.say.sources_well", n=len(content.sources)))
        box = (theme.LEFT, Inches(3.2), theme.RIGHT - theme.LEFT, Inches(1.6))
        theme.add_text(slide, "\n".join(lines), box, size=18, name="about", colour=theme.QUIET)

    def _scene(self, page: ScenePage) -> None:
        """Add the picture of a scene over the whole slide below its title, with the presenter's text boxes on it."""
        picture = self._pictures.get(page.ref)
        if picture is None:
            return
        marked = [f"{section.title}: {mark(section, self._wording)}" for section in page.sections if section.note]
        slide = self._add(self._wording.t("report.label.scene"), titled(page, self._wording), [page.notes, *marked])
        slide.shapes.title.height = Inches(0.5)
        top, height = Inches(1.2), Inches(5.65)
        shape = slide.shapes.add_picture(io.BytesIO(picture), theme.LEFT, top, height=height)
        if shape.width > theme.RIGHT - theme.LEFT:
            shape.height = int(shape.height * (theme.RIGHT - theme.LEFT) / shape.width)
            shape.width = theme.RIGHT - theme.LEFT
        shape.left = int((theme.WIDTH - shape.width) / 2)
        shape.name = f"scene:{page.ref}"
        for annotation in page.annotations:
            _annotate(slide, annotation, (shape.left, shape.top, shape.width, shape.height))

    def _tiles(self, page: ScenePage, sections: Sequence[Section]) -> None:
        """Add the numbers that stand alone: large, with target and last week."""
        told = [(section, figure) for section in sections if not section.chart for figure in section.figures]
        told = [pair for pair in told if not pair[0].tables]
        for begin in range(0, len(told), 2 * _TILES_A_ROW):
            part = told[begin : begin + 2 * _TILES_A_ROW]
            missed = [figure for _, figure in part if figure.is_missed]
            title = self._wording.t("report.say.all_on_target")
            if missed:
                names = ", ".join(figure.label for figure in missed)
                title = self._wording.t("report.say.missed_targets", names=names)
            elif not any(figure.target for _, figure in part):
                title = self._wording.t("report.say.main_numbers")
            slide = self._add(page.title, title, [section.message for section, _ in part])
            for index, (section, figure) in enumerate(part):
                self._tile(slide, index, section, figure)

    def _tile(self, slide: Any, index: int, section: Section, figure: Figure) -> None:
        column, row = index % _TILES_A_ROW, index // _TILES_A_ROW
        width, height = Inches(3.9), Inches(2.3)
        left = theme.LEFT + column * (width + Inches(0.216))
        top = theme.TOP + Inches(0.1) + row * (height + Inches(0.15))
        colour = theme.QUIET if section.is_blind else theme.INK
        inner = width - Inches(0.1)
        theme.add_text(slide, figure.label, (left, top, inner, Inches(0.55)), size=15, colour=theme.QUIET, name="name")
        value = (left, top + Inches(0.55), inner, Inches(0.7))
        theme.add_text(slide, figure.text, value, size=36, bold=True, colour=colour, name=figure.id)
        lines = [mark(section, self._wording)] if section.note else []
        lines += [figure.target, figure.change]
        said = "\n".join(line for line in lines if line)
        theme.add_text(slide, said, (left, top + Inches(1.3), inner, Inches(0.9)), size=14, name="said")

    def _section(self, page: ScenePage, section: Section) -> None:
        if section.chart is None and not section.tables:
            return
        label = f"{page.title} · {section.title}"
        notes = [*section.sentences, *([mark(section, self._wording)] if section.note else [])]
        notes += [f"{figure.label}: {figure.text}" for figure in section.figures]
        if section.chart is not None:
            slide = self._add(label, section.message, notes)
            top = self._mark(slide, section)
            box: theme.Box = (theme.LEFT, top, theme.RIGHT - theme.LEFT, theme.BOTTOM - top)
            add_chart(slide, section.chart, box, name=f"chart:{section.key}", is_blind=section.is_blind)
        for table in section.tables:
            is_told = (table, section.note) in self._tables_told  # the open incidents stand in several panels
            self._tables_told.add((table, section.note))
            if not is_told and (section.chart is None or len(table.rows) <= _ROWS_A_SLIDE):
                self._table(label, section, table, notes)

    def _mark(self, slide: Any, section: Section) -> int:
        """Mark a slide whose data are old or partial; return where its content may begin."""
        if not section.note:
            return theme.TOP - Inches(0.1)
        if section.is_blind:
            theme.add_mark(slide, mark(section, self._wording))
        else:
            box: theme.Box = (theme.LEFT, Inches(1.65), theme.RIGHT - theme.LEFT, Inches(0.3))
            theme.add_text(slide, section.note, box, size=14, bold=True, name="partial")
        return theme.TOP + Inches(0.35)

    def _table(self, label: str, section: Section, table: Table, notes: Sequence[str]) -> None:
        """Add a table, over as many slides as it needs."""
        pieces = [table.rows[at : at + _ROWS_A_SLIDE] for at in range(0, len(table.rows), _ROWS_A_SLIDE)]
        numbers = frozenset(column for column in range(len(table.head)) if any(row[column].id for row in table.rows))
        widths = tuple(_width(table, column) for column in range(len(table.head)))
        for number, rows in enumerate(pieces, start=1):
            title = table.caption if section.chart else section.message
            if len(pieces) > 1:
                title += f" ({number}/{len(pieces)})"
            slide = self._add(label, title, notes)
            top = self._mark(slide, section)
            height = min(Inches(0.36) * (len(rows) + 1), theme.BOTTOM - top)
            texts = [tuple(cell.text for cell in row) for row in rows]
            width: int = min(theme.RIGHT - theme.LEFT, Inches(_CHAR_INCHES * sum(widths)))
            box: theme.Box = (theme.LEFT, top, width, height)
            name = f"table:{section.key}:{table.caption}:{number}"
            theme.add_table(slide, table.head, texts, box, name=name, numbers=numbers, widths=widths)
            if table.rest and number == len(pieces):
                box = (theme.LEFT, top + height + Inches(0.05), theme.RIGHT - theme.LEFT, Inches(0.3))
                theme.add_text(slide, table.rest, box, size=12, colour=theme.QUIET, name="rest")

    def _protocol(self) -> None:
        """Add the decisions, over as many slides as their lines need."""
        lines = [line for line in self._content.protocol.splitlines() if line.strip()]
        for part in fill_slides(lines):
            slide = self._add(self._content.title, self._wording.t("report.memo.protocol"))
            box: theme.Box = (theme.LEFT, Inches(1.5), theme.RIGHT - theme.LEFT, theme.BOTTOM - Inches(1.5))
            theme.add_text(slide, "\n".join(part), box, size=20, name="protocol")

    def _orders(self) -> None:
        wording, orders = self._wording, self._content.orders
        for begin in range(0, len(orders), _ROWS_A_SLIDE // 2):
            part = orders[begin : begin + _ROWS_A_SLIDE // 2]
            slide = self._add(self._content.title, wording.t("report.sheet.orders"))
            rows = [
                (
                    str(order.number),
                    order.text,
                    order.body,
                    "" if order.due_on is None else wording.calendar_day(order.due_on),
                )
                for order in part
            ]
            head = tuple(wording.t(f"report.order.{key}") for key in ("number", "text", "body", "due"))
            box: theme.Box = (theme.LEFT, Inches(1.5), theme.RIGHT - theme.LEFT, Inches(0.5) * (len(rows) + 1))
            theme.add_table(slide, head, rows, box, name="orders", widths=(0.6, 6, 3, 1.6), size=16)

    def _sources(self) -> None:
        wording = self._wording
        silent = [source.name for source in self._content.sources if source.state in {"stale", "dead"}]
        key = "report.say.sources_silent" if silent else "report.say.sources_well"
        title = wording.t(key, names=", ".join(silent), n=len(self._content.sources))
        head = tuple(wording.t(f"report.source.{key}") for key in ("name", "brings", "last", "state"))
        rows = [
            (
                source.name,
                source.brings,
                wording.t("state.never")
                if source.last_complete_at is None
                else wording.moment(source.last_complete_at),
                source.words or wording.t("report.stamp.in_order"),
            )
            for source in self._content.sources
        ]
        for begin in range(0, len(rows), _ROWS_A_SLIDE):
            slide = self._add(wording.t("report.sheet.sources"), title)
            part = rows[begin : begin + _ROWS_A_SLIDE]
            box: theme.Box = (theme.LEFT, Inches(1.5), theme.RIGHT - theme.LEFT, Inches(0.38) * (len(part) + 1))
            theme.add_table(slide, head, part, box, name="sources", widths=(3, 2, 3.4, 3.2))
            if self._content.attribution:
                lines = "\n".join(self._content.attribution)
                box = (theme.LEFT, Inches(6.6), theme.RIGHT - theme.LEFT, Inches(0.3))
                theme.add_text(slide, lines, box, size=10, colour=theme.QUIET, name="attribution")


def write_slides(content: PackContent, wording: Wording, pictures: Mapping[str, bytes]) -> bytes:
    """Return the presentation; see `Deck`."""
    return Deck(content, wording, pictures).write()


def _annotate(slide: Any, annotation: Annotation, frame: theme.Box) -> None:
    """Lay a text box over the picture at its place of the grid."""
    left, top, width, height = (
        frame[0] + frame[2] * BOARD[0],
        frame[1] + frame[3] * BOARD[1],
        frame[2] * BOARD[2],
        frame[3] * BOARD[3],
    )
    box = (
        int(left + width * (annotation.column - 1) / GRID_COLUMNS),
        int(top + height * (annotation.row - 1) / GRID_ROWS),
        int(width * annotation.span / GRID_COLUMNS),
        int(height / GRID_ROWS),
    )
    shape = theme.add_text(slide, annotation.text, box, size=14, bold=True, name="annotation")
    shape.fill.solid()
    shape.fill.fore_color.rgb = theme.WHITE
    shape.line.color.rgb = theme.INK
    for side in ("left", "right", "top", "bottom"):
        setattr(shape.text_frame, f"margin_{side}", Inches(0.08))


def fill_slides(lines: Sequence[str]) -> list[list[str]]:
    """Return paragraphs as slides hold them; one that is longer than a slide is cut into several."""
    slides: list[list[str]] = []
    room = 0
    for line in lines:
        for piece in textwrap.wrap(line, _LINE_CHARS * _LINES_A_SLIDE):
            needed = -(-len(piece) // _LINE_CHARS)
            if needed > room:
                slides.append([])
                room = _LINES_A_SLIDE
            slides[-1].append(piece)
            room -= needed
    return slides


def _width(table: Table, column: int) -> float:
    """Return the share of a column: its longest word or text, so that few lines break."""
    longest = max([len(table.head[column]) * 0.7, *(len(row[column].text) for row in table.rows)])
    return min(44.0, max(7.0, longest + 2))
