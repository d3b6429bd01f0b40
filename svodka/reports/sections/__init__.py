"""What each panel says in an exported file: one writer for every read model, by its stem.

A stem without a writer is told by its picture alone; its section says so.
"""

from __future__ import annotations

import msgspec

from svodka.readmodels import values as v
from svodka.reports.sections.flow import write_flow
from svodka.reports.sections.lists import write_incidents, write_map, write_sectors
from svodka.reports.sections.places import write_area_facts, write_rating, write_topics, write_week
from svodka.reports.sections.standing import write_incident_list, write_source_table
from svodka.reports.sections.tiles import write_feed, write_in_time, write_open, write_response, write_satisfaction
from svodka.reports.sections.told import Parts, Told, Write

WRITERS: dict[str, tuple[type[msgspec.Struct], Write]] = {
    "in_time": (v.InTimeValue, write_in_time),
    "response": (v.ResponseValue, write_response),
    "open": (v.OpenValue, write_open),
    "satisfaction": (v.SatisfactionValue, write_satisfaction),
    "flow": (v.FlowValue, write_flow),
    "sectors": (v.SectorsValue, write_sectors),
    "map": (v.MapValue, write_map),
    "incidents": (v.IncidentsValue, write_incidents),
    "feed": (v.FeedValue, write_feed),
    "rating": (v.RatingValue, write_rating),
    "topics": (v.TopicsValue, write_topics),
    "week": (v.WeekValue, write_week),
    "source_table": (v.SourceTableValue, write_source_table),
    "incident_list": (v.IncidentListValue, write_incident_list),
    "area_facts": (v.AreaFactsValue, write_area_facts),
}


def write_section(stem: str, value: object, told: Told) -> Parts:
    """Return what a value says.

    Args:
        stem: Of its read model.
        value: As the stored snapshot holds it: plain JSON values, or None.
        told: Names, words and the instant.

    Raises:
        ValidationError: The value is not of the shape that this program knows (`msgspec`).
    """
    found = WRITERS.get(stem)
    if found is None:
        return Parts(message=told.wording.t("report.say.in_picture"))
    kind, write = found
    return write(msgspec.convert(value, kind), told)
