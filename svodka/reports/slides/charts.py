"""Native charts of slides: their numbers can be edited in the office, their series are named where they end."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Pt

from svodka.reports.content import Chart, Series
from svodka.reports.slides import theme

_LINES = frozenset({"beside", "before"})
_COLOURS = {"main": theme.MAIN, "beside": theme.BESIDE, "before": theme.BEFORE, "late": theme.LATE}
# Elements of a column's series that a line's series must not have (ECMA-376, CT_LineSer).
_ONLY_OF_COLUMNS = ("c:invertIfNegative", "c:pictureOptions", "c:shape")


def add_chart(slide: Any, chart: Chart, box: theme.Box, *, name: str, is_blind: bool) -> Any:
    """Add a chart to a slide.

    Args:
        slide: Where.
        chart: What it shows; None in a series is a gap, never 0.
        box: Left, top, width, height.
        name: The shape's name, by which a program finds it.
        is_blind: Its data are old: all of it stands in one light grey.

    Returns:
        The shape.
    """
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call] # the library's
    data.categories = list(chart.categories)
    for series in chart.series:
        data.add_series(series.name, series.values)
    is_bars = chart.kind == "bars"
    kind = XL_CHART_TYPE.BAR_CLUSTERED if is_bars else XL_CHART_TYPE.COLUMN_CLUSTERED
    shape = slide.shapes.add_chart(kind, *box, data)
    shape.name = name
    drawn = shape.chart
    drawn.has_legend = drawn.has_title = False
    drawn.font.size, drawn.font.name = Pt(12), theme.FONT
    drawn.font.color.rgb = theme.QUIET
    _axes(drawn, is_bars=is_bars)
    plot = drawn.plots[0]
    plot.gap_width, plot.overlap = 45, 100 if is_bars else 0
    for series, told in zip(plot.series, chart.series, strict=True):
        _paint(series, told, is_blind=is_blind)
    if is_bars:
        _label_bars(drawn, chart)
    else:
        _lighten(plot.series[0], chart, is_blind=is_blind)
        _to_lines(drawn, chart)
        _name_series(drawn, chart)
    return shape


def _axes(drawn: Any, *, is_bars: bool) -> None:
    category, value = drawn.category_axis, drawn.value_axis
    category.format.line.color.rgb = theme.HAIRLINE
    category.major_tick_mark = category.minor_tick_mark = XL_TICK_MARK.NONE
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.tick_labels.font.size = Pt(13)
    category.tick_labels.font.color.rgb = theme.INK
    category.reverse_order = is_bars  # the first stands on top
    value.minimum_scale = 0
    value.visible = not is_bars
    value.has_major_gridlines = not is_bars
    value.major_tick_mark = XL_TICK_MARK.NONE
    if not is_bars:
        value.major_gridlines.format.line.color.rgb = theme.HAIRLINE
        value.format.line.fill.background()


def _paint(series: Any, told: Series, *, is_blind: bool) -> None:
    colour: RGBColor = theme.BLIND if is_blind else _COLOURS[told.look]
    if told.look in _LINES:
        series.format.line.color.rgb = colour
        series.format.line.width = Pt(2.5 if told.look == "beside" else 1.75)
        if told.look == "before":
            series.format.line.dash_style = MSO_LINE.DASH
    else:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour


def _lighten(series: Any, chart: Chart, *, is_blind: bool) -> None:
    """Draw the column that is not over yet lighter than those that are."""
    if chart.unfinished is not None and not is_blind:
        fill = series.points[chart.unfinished].format.fill
        fill.solid()
        fill.fore_color.rgb = theme.BLIND


def _label_bars(drawn: Any, chart: Chart) -> None:
    """Write the number of the whole behind every bar; that of a part into it, where it has the room."""
    most = max((value or 0 for told in chart.series for value in told.values), default=0)
    for series, told in zip(drawn.plots[0].series, chart.series, strict=True):
        is_part = told.look == "late"
        for index, value in enumerate(told.values):
            if value is None or (is_part and value < most * _ROOM_OF_LABEL):
                continue
            label = series.points[index].data_label
            label.position = XL_LABEL_POSITION.INSIDE_BASE if is_part else XL_LABEL_POSITION.OUTSIDE_END
            label.font.size, label.font.bold = Pt(13), True
            label.font.color.rgb = theme.WHITE if is_part else theme.INK
            _show_value(label, "#,##0" if all(one is None or float(one).is_integer() for one in told.values) else "0.0")


def _show_value(label: Any, form: str) -> None:
    """Let the label of one point show its number; the library has this for whole series only."""
    element = label._get_or_add_dLbl()  # noqa: SLF001 - see above
    position = element.find(qn("c:dLblPos"))
    for tag in ("c:showLegendKey", "c:showVal", "c:showCatName", "c:showSerName", "c:showPercent", "c:showBubbleSize"):
        for found in element.findall(qn(tag)):
            element.remove(found)
        element.append(element.makeelement(qn(tag), {"val": "1" if tag == "c:showVal" else "0"}))
    numbers = element.makeelement(qn("c:numFmt"), {"formatCode": form, "sourceLinked": "0"})
    first = next(
        found for found in (element.find(qn("c:spPr")), element.find(qn("c:txPr")), position) if found is not None
    )
    first.addprevious(numbers)


def _to_lines(drawn: Any, chart: Chart) -> None:
    """Move the series that are lines into a line chart over the same axes; the library draws one kind only."""
    area = drawn._chartSpace.chart.plotArea  # noqa: SLF001 - the library has no other way
    columns = area.find(qn("c:barChart"))
    moved = [
        series for series, told in zip(columns.findall(qn("c:ser")), chart.series, strict=True) if told.look in _LINES
    ]
    if not moved:
        return
    lines = area.makeelement(qn("c:lineChart"), {})
    for tag, value in (("c:grouping", "standard"), ("c:varyColors", "0")):
        lines.append(lines.makeelement(qn(tag), {"val": value}))
    for series in moved:
        for tag in _ONLY_OF_COLUMNS:
            for found in series.findall(qn(tag)):
                series.remove(found)
        marker = series.makeelement(qn("c:marker"), {})
        marker.append(marker.makeelement(qn("c:symbol"), {"val": "none"}))
        properties = series.find(qn("c:spPr"))
        properties.addnext(marker)
        series.append(series.makeelement(qn("c:smooth"), {"val": "0"}))
        lines.append(series)
    lines.append(lines.makeelement(qn("c:marker"), {"val": "1"}))
    for axis in columns.findall(qn("c:axId")):
        lines.append(deepcopy(axis))
    columns.addnext(lines)


def _name_series(drawn: Any, chart: Chart) -> None:
    """Write each series' name at its highest point instead of a legend, the columns' above their highest."""
    by_name = {series.name: series for plot in drawn.plots for series in plot.series}
    places: set[int] = set()
    for told in chart.series:
        known = [(value, -index) for index, value in enumerate(told.values) if value is not None]
        free = [pair for pair in known if not any(abs(-pair[1] - taken) < _NAME_GAP for taken in places)] or known
        if not free:
            continue
        place = -max(free)[1]
        places.add(place)
        label = by_name[told.name].points[place].data_label
        label.has_text_frame = True
        run = label.text_frame.paragraphs[0].add_run()
        run.text = told.name
        run.font.size, run.font.bold, run.font.name = Pt(13), True, theme.FONT
        run.font.color.rgb = theme.INK if told.look == "beside" else theme.QUIET
        label.position = XL_LABEL_POSITION.OUTSIDE_END if told.look == "main" else XL_LABEL_POSITION.ABOVE


_NAME_GAP = 5  # categories between two names, so that they do not meet
_ROOM_OF_LABEL = 0.035  # of the longest bar: a shorter one holds no number
