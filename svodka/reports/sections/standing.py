"""Sections of the table of sources and of the list of incidents with their end."""

from __future__ import annotations

import msgspec

from svodka.readmodels.values import IncidentListValue, IncidentsValue, SourceTableValue
from svodka.reports.content import Table
from svodka.reports.sections.lists import write_incidents
from svodka.reports.sections.told import Parts, Told, number_cell, words_cell


def write_source_table(value: SourceTableValue, told: Told) -> Parts:
    """Return what every source brought and what is wrong with it."""
    wording = told.wording
    names = {source.id: source.name for source in told.profile.sources}
    failing = [names.get(row.source, row.source) for row in value.sources if row.failures]
    message = wording.t("report.say.sources_brought", n=wording.number(sum(row.today or 0 for row in value.sources)))
    if failing:
        message = wording.t("report.say.sources_failing", names=", ".join(failing))
    heads = ("report.source.name", "report.head.today", "report.head.hour", "report.head.quarantined")
    return Parts(
        message=message,
        tables=(
            Table(
                caption=wording.t("report.table.sources"),
                head=tuple(wording.t(key) for key in (*heads, "report.head.failures")),
                rows=tuple(
                    (
                        words_cell(names.get(row.source, row.source)),
                        number_cell(f"source_today:{row.source}", row.today, wording),
                        number_cell(f"source_last_hour:{row.source}", row.last_hour, wording),
                        number_cell(f"source_quarantined:{row.source}", row.quarantined, wording),
                        number_cell(f"source_failures:{row.source}", row.failures, wording),
                    )
                    for row in value.sources
                ),
            ),
        ),
    )


def write_incident_list(value: IncidentListValue, told: Told) -> Parts:
    """Return the open incidents, and when all is calm since when."""
    parts = write_incidents(IncidentsValue(levels=value.levels, open=value.open), told)
    if value.open or value.last_ended_at is None:
        return parts
    ended = told.wording.t("report.say.last_ended", at=told.wording.moment(value.last_ended_at))
    return msgspec.structs.replace(parts, sentences=(ended,))
