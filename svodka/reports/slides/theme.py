"""The look of the slides: one quiet master with a large title, made from the library's empty presentation.

Greys; colour only for what is abnormal, and then with words beside it (as on the wall). Arial, which every office has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_PATTERN
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from svodka.reports.stamp import capitalised

FONT = "Arial"
Box = tuple[int, int, int, int]  # left, top, width, height in the library's units
_colour: Callable[[str], RGBColor] = RGBColor.from_string
INK, QUIET, HAIRLINE = _colour("1C252B"), _colour("5A6770"), _colour("C9D0D5")
MAIN, BESIDE, BEFORE, LATE = _colour("7C8E9A"), _colour("1C252B"), _colour("9AA7B0"), _colour("C05A1C")
BLIND, WHITE = _colour("B9C2C8"), _colour("FFFFFF")
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, RIGHT = Inches(0.6), Inches(12.733)
TOP, BOTTOM = Inches(1.75), Inches(6.75)
_TITLE_ONLY = 5
_TITLE_CHARS = 110  # of a title in large letters


def new_presentation() -> Any:
    """Return an empty presentation of 16:9 with our master; its only layout has a title."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    layout = deck.slide_layouts[_TITLE_ONLY]
    for other in [found for found in deck.slide_layouts if found is not layout]:
        deck.slide_layouts.remove(other)
    _set_fonts(deck)
    for shapes in (deck.slide_master.placeholders, layout.placeholders):
        for shape in list(shapes):
            if shape.placeholder_format.type == 1:  # PP_PLACEHOLDER.TITLE
                _shape_title(shape)
            else:
                shape._element.getparent().remove(shape._element)  # noqa: SLF001 - the library has no other way
    return deck


def _set_fonts(deck: Any) -> None:
    """Set the theme's fonts: what the master inherits from."""
    part = next(
        relation.target_part for relation in deck.slide_master.part.rels.values() if relation.reltype.endswith("/theme")
    )
    blob = part.blob.decode()
    for name in ("majorFont", "minorFont"):
        begin = blob.index(f"<a:{name}>")
        end = blob.index('"', blob.index('typeface="', begin) + 10)
        blob = blob[: blob.index('typeface="', begin) + 10] + FONT + blob[end:]
    part._blob = blob.encode()  # noqa: SLF001 - the library has no other way


def _shape_title(shape: Any) -> None:
    shape.left, shape.top, shape.width, shape.height = LEFT, Inches(0.62), RIGHT - LEFT, Inches(1.05)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.font.size, paragraph.font.bold, paragraph.font.name = Pt(28), True, FONT
        paragraph.font.color.rgb = INK


def add_slide(deck: Any, *, label: str, title: str, foot: str) -> Any:
    """Add a slide: small label above, the message as its title, the stamp and the number of the slide at its foot."""
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    shape = slide.shapes.title
    _shape_title(shape)
    shape.text_frame.text = title
    run = shape.text_frame.paragraphs[0]
    run.alignment = PP_ALIGN.LEFT
    run.font.size, run.font.bold, run.font.name = Pt(28 if len(title) <= _TITLE_CHARS else 24), True, FONT
    run.font.color.rgb = INK
    add_text(slide, label, (LEFT, Inches(0.3), RIGHT - LEFT, Inches(0.3)), size=12, colour=QUIET, name="label")
    line = slide.shapes.add_shape(1, LEFT, Inches(6.93), RIGHT - LEFT, Pt(0.75))
    line.name = "line"
    line.fill.solid()
    line.fill.fore_color.rgb = HAIRLINE
    line.line.fill.background()
    line.shadow.inherit = False
    add_text(slide, foot, (LEFT, Inches(7.0), Inches(11.2), Inches(0.3)), size=10, colour=QUIET, name="foot")
    number = (Inches(11.9), Inches(7.0), RIGHT - Inches(11.9), Inches(0.3))
    add_text(slide, str(len(deck.slides)), number, size=10, colour=QUIET, name="number", align=PP_ALIGN.RIGHT)
    return slide


def add_text(
    slide: Any,
    text: str,
    box: Box,
    *,
    size: float,
    name: str,
    colour: RGBColor = INK,
    bold: bool = False,
    align: Any = PP_ALIGN.LEFT,
    anchor: Any = MSO_ANCHOR.TOP,
) -> Any:
    """Add a text box without margins; lines of `text` become paragraphs."""
    shape = slide.shapes.add_textbox(*box)
    shape.name = name
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, anchor
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for index, line in enumerate(text.split("\n")):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line
        paragraph.alignment = align
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
        run.font.color.rgb = colour
    return shape


def add_mark(slide: Any, words: str) -> None:
    """Lay a hatched band below the title of a slide whose data are old: a pattern and words, never colour alone."""
    box = slide.shapes.add_shape(1, LEFT, Inches(1.62), RIGHT - LEFT, Inches(0.36))
    box.name = "stale"
    box.fill.patterned()
    box.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
    box.fill.fore_color.rgb, box.fill.back_color.rgb = HAIRLINE, WHITE
    box.line.color.rgb = QUIET
    box.shadow.inherit = False
    plate = slide.shapes.add_textbox(LEFT + Inches(0.2), Inches(1.66), Inches(0.14) * len(words), Inches(0.28))
    plate.name = "stale-words"
    plate.fill.solid()
    plate.fill.fore_color.rgb = WHITE
    frame = plate.text_frame
    frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.word_wrap = False
    run = frame.paragraphs[0].add_run()
    run.text = words
    run.font.size, run.font.bold, run.font.name = Pt(14), True, FONT
    run.font.color.rgb = INK


def add_table(
    slide: Any,
    head: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    box: Box,
    *,
    name: str,
    numbers: frozenset[int] = frozenset(),
    widths: tuple[float, ...] = (),
    size: float = 14,
) -> Any:
    """Add a native table with hairlines only.

    Args:
        slide: Where.
        head: Words of the columns.
        rows: Texts of the cells.
        box: Left, top, width, height.
        name: The shape's name, by which a program finds it.
        numbers: Columns that are set to the right.
        widths: Shares of the width; empty: equal.
        size: Of the text, in points.

    Returns:
        The shape.
    """
    left, top, width, height = box
    shape = slide.shapes.add_table(len(rows) + 1, len(head), left, top, width, height)
    shape.name = name
    table = shape.table
    properties = table._tbl.tblPr  # noqa: SLF001 - the library has no other way
    properties.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
    table.horz_banding = False
    whole = sum(widths) or len(head)
    for index, column in enumerate(table.columns):
        column.width = int(width * (widths[index] if widths else 1) / whole)
    for row in table.rows:
        row.height = int(height / (len(rows) + 1))
    for index, words in enumerate(head):
        _fill(table.cell(0, index), capitalised(words), size=size - 2, colour=QUIET, right=index in numbers, line=1.5)
    for number, row in enumerate(rows, start=1):
        for index, words in enumerate(row):
            _fill(table.cell(number, index), words, size=size, colour=INK, right=index in numbers, line=0.5)
    return shape


def _fill(cell: Any, words: str, *, size: float, colour: RGBColor, right: bool, line: float) -> None:
    cell.margin_top = cell.margin_bottom = Pt(1.5)
    cell.margin_left = cell.margin_right = Pt(4)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.name = Pt(size), FONT
    run.font.color.rgb = colour
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 - the library has no borders
    border = properties.makeelement(qn("a:lnB"), {"w": str(int(Pt(line))), "cmpd": "sng"})
    fill = border.makeelement(qn("a:solidFill"), {})
    colour_of = fill.makeelement(qn("a:srgbClr"), {"val": str(HAIRLINE if line < 1 else QUIET)})
    fill.append(colour_of)
    border.append(fill)
    properties.append(border)
