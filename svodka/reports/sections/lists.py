"""Sections of the lists: sectors, areas, incidents, sources."""

from __future__ import annotations

from collections.abc import Mapping

from svodka.domain.changes import IncidentRow
from svodka.readmodels.values import IncidentsValue, MapValue, SectorsValue, ShadedBy
from svodka.reports.content import Cell, Chart, Figure, Series, Table
from svodka.reports.sections.told import Parts, Told, count, number_cell, words_cell
from svodka.reports.stamp import capitalised
from svodka.reports.wording import NBSP

_AREAS_IN_CHART = 15
_INCIDENTS_TOLD = 30


def write_sectors(value: SectorsValue, told: Told) -> Parts:
    """Return open and overdue appeals by sector."""
    wording = told.wording
    names = {sector.id: sector.name for sector in told.profile.sectors}
    named = [(names.get(row.sector, wording.t("sectors.other")), row) for row in value.sectors]
    most = max(value.sectors, key=lambda row: row.open, default=None)
    message = wording.t("report.say.sectors_none")
    if most is not None and most.open:
        key = "report.say.sectors" if most.overdue else "report.say.sectors_in_time"
        name = names.get(most.sector, wording.t("sectors.other"))
        message = wording.t(key, name=name, n=wording.number(most.open), late=wording.number(most.overdue))
    rows = tuple(
        (
            words_cell(name),
            number_cell(f"sector_open:{row.sector}", row.open, wording),
            number_cell(f"sector_overdue:{row.sector}", row.overdue, wording),
        )
        for name, row in named
    )
    return Parts(
        message=message,
        tables=(
            Table(
                caption=wording.t("panel.sectors.title"),
                head=(wording.t("report.head.sector"), wording.t("report.head.open"), wording.t("kpi.overdue")),
                rows=rows,
            ),
        ),
        chart=Chart(
            kind="bars",
            categories=tuple(name for name, _ in named),
            series=(
                Series(name=wording.t("report.head.open"), values=tuple(row.open for _, row in named), look="main"),
                Series(name=wording.t("kpi.overdue"), values=tuple(row.overdue for _, row in named), look="late"),
            ),
        ),
    )


def write_map(value: MapValue, told: Told) -> Parts:
    """Return appeals of 24 hours by area; without any source of appeals no area has a number."""
    wording = told.wording
    names = {area.id: area.short_name for area in told.profile.areas}
    known = told.has_appeals  # an area that nobody asked is not one with 0 appeals
    ranked = sorted(value.areas, key=lambda area: (-(area.per_10k or 0.0), area.area))
    top = [area for area in ranked if area.per_10k and known]
    message = wording.t("report.say.map_none", span=told.span())
    if top:
        rate = wording.value(top[0].per_10k, "rate")
        message = wording.t("report.say.map", span=told.span(), name=names.get(top[0].area, top[0].area), rate=rate)
    unknown = count(
        "unknown_area", value.unknown_area if known else 0, wording, label=wording.t("report.label.unknown_area")
    )
    shown = top[:_AREAS_IN_CHART]
    rows = tuple(
        (
            words_cell(names.get(area.area, area.area)),
            number_cell(f"area_received:{area.area}", area.received if known else None, wording),
            number_cell(f"area_per_10k:{area.area}", area.per_10k if known else None, wording, "rate"),
            words_cell(wording.number(area.open_incidents)),
        )
        for area in ranked
    )
    return Parts(
        message=message,
        sentences=(wording.t("map.unknown_area", n=unknown.text),),
        figures=(unknown, *_counted(told)),
        tables=(
            Table(
                caption=wording.t("map.table", span=told.span()),
                head=tuple(
                    wording.t(key)
                    for key in (
                        "report.head.area",
                        "report.head.appeals",
                        "report.head.per_10k",
                        "report.head.incidents",
                    )
                ),
                rows=rows,
            ),
            *([] if value.by is None else [_shaded(value.by, names, told)]),
        ),
        chart=Chart(
            kind="bars",
            categories=tuple(names.get(area.area, area.area) for area in shown),
            series=(
                Series(
                    name=wording.t("report.head.per_10k"), values=tuple(area.per_10k for area in shown), look="main"
                ),
            ),
        )
        if shown
        else None,
    )


def _counted(told: Told) -> list[Figure]:
    """Return how many appeals a map with clusters shows, and where there are any, how many have no point on it."""
    clusters, wording = told.clusters, told.wording
    if not told.has_appeals or clusters is None or clusters.counted_at is None:
        return []
    figures = [count("clusters_placed", clusters.placed, wording, label=wording.t("map.placed"))]
    if clusters.unplaced:
        label = wording.t("report.label.unplaced")
        figures.append(count("clusters_unplaced", clusters.unplaced, wording, label=label))
    return figures


def _shaded(by: ShadedBy, names: Mapping[str, str], told: Told) -> Table:
    """Return the numbers that the areas of a map are shaded by."""
    wording, title = told.wording, capitalised(told.wording.t(f"rating.kpi.{by.kpi}"))
    return Table(
        caption=title,
        head=(wording.t("report.head.area"), wording.t("report.memo.value"), wording.t("report.head.cases")),
        rows=tuple(
            (
                words_cell(names.get(row.area, row.area)),
                number_cell(f"area_{by.kpi}:{row.area}", row.value, wording, by.unit),
                words_cell(wording.number(row.n)),
            )
            for row in by.rows
        ),
    )


def write_incidents(value: IncidentsValue, told: Told) -> Parts:
    """Return the open incidents, gravest first, then the newest."""
    wording = told.wording
    levels = {level.id: level for level in told.profile.levels}
    figures = [count("incidents_open", value.open, wording, label=wording.t("report.label.incidents"))]
    said = []
    for row in value.levels:
        name = levels[row.level].short_name if row.level in levels else row.level
        figures.append(count(f"incidents_level:{row.level}", row.open, wording, label=name))
        if row.open:
            said.append(f"{name}: {wording.number(row.open)}")
    message = wording.t("report.say.incidents", n=figures[0].text) if value.open else wording.t("incidents.none")
    rows = sort_incidents(told)
    kept = rows[:_INCIDENTS_TOLD]
    left = max(value.open, len(rows)) - len(kept)
    table = Table(
        caption=wording.t("report.table.incidents"),
        head=tuple(
            wording.t(key)
            for key in (
                "report.head.level",
                "report.head.incident",
                "report.head.area",
                "report.head.lasts",
                "report.head.affected",
                "report.head.status",
            )
        ),
        rows=tuple(_incident(row, told) for row in kept),
        rest=wording.t("report.say.left_out", n=wording.number(left)) if left > 0 else "",
    )
    first = capitalised(message) if not said else f"{capitalised(message)} ({', '.join(said)})"
    return Parts(message=first, figures=tuple(figures), tables=(table,) if kept else ())


def sort_incidents(told: Told) -> list[IncidentRow]:
    """Return open incidents as the wall lists them."""
    ranks = {level.id: level.rank for level in told.profile.levels}
    return sorted(told.incidents, key=lambda row: (ranks.get(row.level, 99), -row.started_at.timestamp(), -row.id))


def _incident(row: IncidentRow, told: Told) -> tuple[Cell, ...]:
    profile, wording = told.profile, told.wording
    level = next((level.short_name for level in profile.levels if level.id == row.level), row.level)
    kind = next((kind for kind in profile.incident_kinds if kind.id == row.kind), None)
    area = next((area.short_name for area in profile.areas if area.id == row.area), row.area)
    affected = ""
    if row.affected_n is not None:
        unit = kind.affected_unit if kind else ""
        affected = f"{unit}{NBSP}{wording.number(row.affected_n)}" if unit else wording.number(row.affected_n)
    lasts = wording.span((told.at - row.started_at).total_seconds())
    words = (
        level,
        kind.short_name if kind else row.kind,
        area or wording.t("incidents.no_area"),
        lasts,
        affected,
        wording.t(f"status.{row.status}"),
    )
    return tuple(words_cell(word) for word in words)
