"""A pack as the document that Chromium prints to PDF: scenes as pictures, everything else as real text.

One document without scripts, whose pictures and typefaces are inside it, so that the browser asks nobody for anything.
Pure; `svodka.reports.printing` prints it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path

from svodka.reports.content import BOARD, GRID_COLUMNS, GRID_ROWS, Annotation, PackContent, ScenePage, Section, Table
from svodka.reports.stamp import capitalised, data_as_of, mark, stamp, titled
from svodka.reports.wording import Wording

FONTS = ("golos-cyrillic.woff2", "golos-latin.woff2")
_RANGES = {"golos-cyrillic.woff2": "U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116"}
_TOLD_COLUMNS, _ROW_MM, _MARK_MM = 3, 10.5, 6.0  # sentences below a picture: two lines each
_PICTURE_MM = (80.0, 160.0)  # how low and how high a picture may be
_CSS = """
@page { size: A4 landscape; margin: 12mm 12mm 16mm }
* { box-sizing: border-box }
body { font: 12pt/1.35 "Golos Text", Arial, sans-serif; color: #1c252b; margin: 0;
  font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact }
section { break-before: page } section:first-child { break-before: auto }
h1 { font-size: 30pt; margin: 0 0 4mm } h2 { font-size: 20pt; margin: 0 0 3mm; line-height: 1.15 }
h3 { font-size: 13pt; margin: 5mm 0 1.5mm; break-after: avoid }
.quiet { color: #5a6770 } .small { font-size: 10pt } .as-of { font-size: 18pt; margin: 0 0 2mm }
.picture { position: relative; margin: 0 auto; width: fit-content }
.picture img { display: block; max-width: 273mm }
.note { position: absolute; background: #fff; border: 1px solid #1c252b; padding: 1.5mm 2.5mm;
  font-weight: 600 }
.old { font-weight: 600; padding: 1mm 2mm; border: 0.6mm dashed #5a6770; background: #eceff1 }
table { border-collapse: collapse; margin: 0 0 4mm }
caption { text-align: left; color: #5a6770; font-size: 10pt; padding-bottom: 1mm }
th { text-align: left; font-size: 10pt; color: #5a6770; font-weight: 500; border-bottom: 1.2pt solid #5a6770 }
td { border-bottom: 0.4pt solid #c9d0d5 }
th, td { padding: 0.9mm 4mm 0.9mm 0; vertical-align: top } tr { break-inside: avoid }
.n { text-align: right } .blind td { color: #5a6770; background: #eceff1; border-bottom-style: dashed }
.protocol { margin: 0 0 1mm } .missed { font-weight: 700 } ul { margin: 0; padding-left: 5mm } li { margin: 0 0 1.2mm }
.tables { columns: 2; column-gap: 10mm } .tables table { width: 100%; font-size: 9pt }
.tables th, .tables td { padding-right: 2.5mm }
.told { columns: 3; column-gap: 8mm; font-size: 9.5pt; margin-top: 3mm } .told li { break-inside: avoid }
"""


def read_fonts(folder: Path) -> dict[str, bytes]:
    """Return the typefaces of the wall by file name; a file that is not there is left out, Arial stands in for it."""
    return {name: (folder / name).read_bytes() for name in FONTS if (folder / name).is_file()}


def write_paper(
    content: PackContent, wording: Wording, pictures: Mapping[str, bytes], fonts: Mapping[str, bytes]
) -> str:
    """Return the document as HTML.

    Args:
        content: What it says.
        wording: Its language.
        pictures: PNG of every scene by reference.
        fonts: Typefaces by file name, as `read_fonts` returns them.
    """
    parts = [_cover(content, wording)]
    parts += [_scene(page, pictures, wording) for page in content.pages]
    parts += [_numbers(content, wording), _sources(content, wording)]
    faces = "".join(_face(name, data) for name, data in fonts.items())
    return (
        f"<!doctype html><html lang='{wording.language}'><meta charset='utf-8'><title>{escape(content.title)}</title>"
        f"<style>{faces}{_CSS}</style><body>{''.join(parts)}</body></html>"
    )


def write_foot(content: PackContent, wording: Wording) -> str:
    """Return the foot of every page, as Chromium's printing wants it."""
    return (
        "<div style='font:8pt Arial;color:#5a6770;width:100%;margin:0 12mm;display:flex;justify-content:space-between'>"
        f"<span>{escape(stamp(content, wording))}</span><span class='pageNumber'></span></div>"
    )


def _face(name: str, data: bytes) -> str:
    span = f"unicode-range:{_RANGES[name]};" if name in _RANGES else ""
    return (
        f"@font-face{{font-family:'Golos Text';font-weight:400 900;{span}"
        f"src:url(data:font/woff2;base64,{base64.b64encode(data).decode()})}}"
    )


def _cover(content: PackContent, wording: Wording) -> str:
    silent = [f"{source.name}: {source.words}" for source in content.sources if source.words]
    well = wording.t("report.say.sources_well", n=len(content.sources))
    demo = f"<p class='as-of'>{escape(wording.t('report.memo.demo'))}</p>" if content.is_simulated else ""
    figures = [(section, figure) for section in content.sections() for figure in section.figures if figure.target]
    rows = "".join(
        f"<tr class='{_blind(section)}'><td>{escape(figure.label)}</td>"
        f"<td class='n {'missed' if figure.is_missed else ''}'>{escape(figure.text)}</td>"
        f"<td>{escape(figure.target)}</td><td>{escape(figure.change)}</td>"
        f"<td>{escape(mark(section, wording))}</td></tr>"
        for section, figure in figures
    )
    heads = "".join(f"<th>{escape(wording.t(f'report.memo.{key}'))}</th>" for key in ("number", "value", "target"))
    table = f"<table class='small'><tr>{heads}<th colspan='2'></th></tr>{rows}</table>" if rows else ""
    return (
        f"<section><p class='quiet'>{escape(content.centre)}</p><h1>{escape(content.title)}</h1>"
        f"<p class='as-of'>{escape(data_as_of(content, wording))}</p>{demo}"
        f"<p class='quiet'>{escape('; '.join(silent) or well)}</p>{table}"
        f"{_orders(content, wording)}</section>"
    )


def _scene(page: ScenePage, pictures: Mapping[str, bytes], wording: Wording) -> str:
    marks = "".join(
        f"<li>{escape(section.title)}: <b>{escape(mark(section, wording))}</b></li>"
        for section in page.sections
        if section.note
    )
    picture = ""
    if page.ref in pictures:
        source = f"data:image/png;base64,{base64.b64encode(pictures[page.ref]).decode()}"
        notes = "".join(_note(annotation) for annotation in page.annotations)
        picture = f"<div class='picture'><img src='{source}' alt='{escape(page.title)}' "
        picture += f"style='max-height:{_picture_mm(page):.0f}mm'>{notes}</div>"
    messages = "".join(f"<li>{escape(capitalised(section.message))}.</li>" for section in page.sections)
    old = f"<ul class='small'>{marks}</ul>" if marks else ""
    return f"<section><h2>{escape(titled(page, wording))}</h2>{picture}{old}<ul class='told'>{messages}</ul></section>"


def _picture_mm(page: ScenePage) -> float:
    """Return how high a picture may be for its sentences to stand below it on the same page."""
    rows = -(-len(page.sections) // _TOLD_COLUMNS)
    marks = sum(bool(section.note) for section in page.sections)
    return max(_PICTURE_MM[0], _PICTURE_MM[1] - _ROW_MM * rows - _MARK_MM * marks)


def _note(annotation: Annotation) -> str:
    left = 100 * (BOARD[0] + BOARD[2] * (annotation.column - 1) / GRID_COLUMNS)
    top = 100 * (BOARD[1] + BOARD[3] * (annotation.row - 1) / GRID_ROWS)
    width = 100 * BOARD[2] * annotation.span / GRID_COLUMNS
    place = f"left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%"
    return f"<div class='note' style='{place}'>{escape(annotation.text)}</div>"


def _numbers(content: PackContent, wording: Wording) -> str:
    parts = []
    for section in content.sections():
        if not section.tables:
            continue
        old = mark(section, wording)
        said = f"<p class='old'><span>{escape(old)}</span></p>" if old else ""
        head = f"<h3>{escape(section.title)}</h3>{said}"
        parts += [
            f"<div>{head if not index else ''}{_table(t, section)}</div>" for index, t in enumerate(section.tables)
        ]
    title = escape(wording.t("report.sheet.numbers"))
    return f"<section><h2>{title}</h2><div class='tables'>{''.join(parts)}</div></section>"


def _table(table: Table, section: Section) -> str:
    heads = "".join(f"<th>{escape(capitalised(head))}</th>" for head in table.head)
    rows = "".join(
        f"<tr class='{_blind(section)}'>"
        + "".join(f"<td class='{'n' if cell.id else ''}'>{escape(cell.text)}</td>" for cell in cells)
        + "</tr>"
        for cells in table.rows
    )
    rest = f"<p class='small quiet'>{escape(table.rest)}</p>" if table.rest else ""
    return f"<table class='small'><caption>{escape(table.caption)}</caption><tr>{heads}</tr>{rows}</table>{rest}"


def _blind(section: Section) -> str:
    return "blind" if section.is_blind else ""


def _orders(content: PackContent, wording: Wording) -> str:
    protocol = "".join(f"<p class='protocol'>{escape(line)}</p>" for line in content.protocol.splitlines())
    if protocol:
        protocol = f"<h3>{escape(wording.t('report.memo.protocol'))}</h3>{protocol}"
    if not content.orders:
        return protocol
    heads = "".join(f"<th>{escape(wording.t(f'report.order.{key}'))}</th>" for key in ("number", "text", "body", "due"))
    rows = "".join(
        f"<tr><td>{order.number}</td><td>{escape(order.text)}</td><td>{escape(order.body)}</td>"
        f"<td>{'' if order.due_on is None else wording.calendar_day(order.due_on)}</td></tr>"
        for order in content.orders
    )
    head = f"<h3>{escape(wording.t('report.sheet.orders'))}</h3>"
    return f"{protocol}{head}<table class='small'><tr>{heads}</tr>{rows}</table>"


def _sources(content: PackContent, wording: Wording) -> str:
    heads = "".join(
        f"<th>{escape(wording.t(f'report.source.{key}'))}</th>" for key in ("name", "brings", "age", "state")
    )
    rows = "".join(
        f"<tr><td>{escape(source.name)}</td><td>{escape(source.brings)}</td>"
        f"<td>{escape(wording.t('state.never') if source.age_s is None else wording.span(source.age_s))}</td>"
        f"<td>{escape(source.words or wording.t('report.stamp.in_order'))}</td></tr>"
        for source in content.sources
    )
    told = (
        wording.t("report.memo.made", id=content.id, at=wording.moment(content.at), version=content.version),
        wording.t("report.memo.digest", digest=content.digest),
        *content.attribution,
    )
    lines = "".join(f"<p class='small quiet'>{escape(line)}</p>" for line in told)
    title = escape(wording.t("report.sheet.sources"))
    return f"<section><h2>{title}</h2><table><tr>{heads}</tr>{rows}</table>{lines}</section>"
