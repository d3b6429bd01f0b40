"""Every file of the corpus: which connector and mapping it goes through, or why it holds no records.

The mappings are those of a sources file, written for these files; nothing of the files themselves stands here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from bench.corpus.counts import (
    Count,
    count_alerts,
    count_codes,
    count_csv,
    count_json,
    count_json_lines,
    count_nothing,
    count_reports,
    count_requests,
)
from datasources.table.guess import guess_mapping

FOLDERS = ("open311", "alerts", "incidents-ru", "appeals-ru", "feeds-replay")
ATTACKS = frozenset({"xee.atom", "xee.cap"})
_SYDNEY, _NEW_YORK, _SAN_FRANCISCO = "Australia/Sydney", "America/New_York", "America/Los_Angeles"
_MOSCOW, _PERM, _BERLIN = "Europe/Moscow", "Asia/Yekaterinburg", "Europe/Berlin"
_STATES = {"open": "new", "in progress": "in_work", "assigned": "in_work", "started": "in_work", "closed": "answered"}
_STATES |= {"pending": "in_work", "unspecified": "new"}
# An alert of which a comment is all that is left; a day that does not exist.
_UNREADABLE_ALERTS = {"bushfire_invalid.edxlde": 1}

QUAKES = {
    "id": ["id"],
    "started_at": "properties.time",
    "updated_at": "properties.updated",
    "title": "properties.title",
    "kind": "properties.type",
    "address": "properties.place",
    "geometry": "geometry",
}
BUSH_FIRES = {
    "id": ["properties.guid"],
    "started_at": "properties.pubDate",
    "title": "properties.title",
    "level": "properties.category",
    "geometry": "geometry",
}
REPORTS = {
    "fields": {
        "id": ["first_seen_at_timestamp", "category", "location", "lat", "lon"],
        "started_at": "first_seen_at_timestamp",
        "topic": "category",
        "address": "location",
        "lat": "lat",
        "lon": "lon",
    },
    "columns": ["first_seen_at_timestamp", "date", "weekday", "hour", "category", "location", "lat", "lon"],
    "id_from": "hash",
    "status_default": "new",
}


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is read.

    Attributes:
        connector: Folder in datasources/.
        mapping: Of the params, in a word.
        records: What its rows are.
        params: Of the source.
        count: An independent count of what must come of it.
        time_zone: Of times that carry none.
        role: `answer`: the file is what an address answers; `services`: the list of services behind invented requests;
            `folder`: it is unpacked into a watched folder; `replay`: its polls are answered one after the other.
        refused: The whole file has to be refused.
        sources_file: Of a replay.
    """

    connector: str
    mapping: str
    records: Literal["appeals", "incidents"]
    count: Count
    params: dict[str, Any] = {}
    time_zone: str | None = None
    role: Literal["answer", "services", "folder", "replay"] = "answer"
    refused: bool = False
    sources_file: str = ""


def way_of(path: Path) -> Way | str:
    """Return how a file is read, or why it holds no records."""
    finders = {
        "open311": _open311,
        "alerts": _alerts,
        "incidents-ru": _incidents,
        "appeals-ru": _appeals,
        "feeds-replay": _feeds,
    }
    folder = next(part for part in path.parts if part in FOLDERS)
    return finders[folder](path)


def _open311(path: Path) -> Way | str:
    if path.parent.name == "georeport_spec":
        return "documentation: the description of the interface, and a list of servers"
    if path.parent.name == "nyc311":
        return _new_york(path)
    if path.parent.name == "sf_open311dashboard":
        fields = {
            "id": ["fields.service_request_id"],
            "started_at": "fields.requested_datetime",
            "updated_at": "fields.updated_datetime",
            "due_at": "fields.expected_datetime",
            "status": "fields.status",
            "topic": "fields.service_name",
            "text": "fields.description",
            "address": "fields.address",
            "lat": "fields.lat",
            "lon": "fields.long",
            "body_name": "fields.agency_responsible",
        }
        count = count_json(list, "fields", "service_request_id")
        return _json("database dump", "appeals", count, fields, statuses=_STATES, time_zone=_SAN_FRANCISCO)
    form = path.suffix[1:]
    params = {"format": form, "services": False, "paging": "none"}
    name = path.stem
    if "definition" in name or name in {"dc-services-S0301", "discovery-boston", "discovery-dc"} or "-err-" in name:
        # No list of requests: it must be refused, not taken for a quiet day.
        return Way(
            connector="open311",
            mapping=f"{form}, default",
            records="appeals",
            count=count_nothing,
            params=params,
            refused=True,
        )
    if "services" in name or name == "service_list":
        return Way(
            connector="open311",
            mapping=f"{form}, names of services",
            records="appeals",
            count=count_codes,
            params={**params, "services": True},
            role="services",
        )
    return Way(connector="open311", mapping=f"{form}, default", records="appeals", count=count_requests, params=params)


def _new_york(path: Path) -> Way:
    if path.suffix == ".csv":
        return Way(
            connector="table",
            mapping="preset nyc-311",
            records="appeals",
            count=count_csv("unique key"),
            params={"preset": "nyc-311"},
            time_zone=_NEW_YORK,
        )
    fields = {
        "id": ["unique_key"],
        "started_at": "created_date",
        "updated_at": "resolution_action_updated_date",
        "answered_at": "closed_date",
        "due_at": "due_date",
        "status": "status",
        "topic": "complaint_type",
        "text": "descriptor",
        "address": "incident_address",
        "area_name": "borough",
        "body_name": "agency_name",
        "lat": "latitude",
        "lon": "longitude",
    }
    count = count_json(list, "unique_key")
    return _json("Socrata fields", "appeals", count, fields, statuses=_STATES, time_zone=_NEW_YORK)


def _alerts(path: Path) -> Way:
    if path.parent.name in {"cap_google_Apache2", "gdacs_Apache2"}:
        return Way(
            connector="cap",
            mapping="default",
            records="incidents",
            count=count_nothing if path.name in ATTACKS else _count_alerts,
            refused=path.name in ATTACKS,
            time_zone=_SYDNEY,
        )
    fields = BUSH_FIRES if "nsw" in path.name else QUAKES
    count = count_json(lambda document: document["features"], *fields["id"][0].split("."))
    extra = {"records": "features", "status_default": "in_work", "time_formats": ["%d/%m/%Y %I:%M:%S %p"]}
    return _json("GeoJSON", "incidents", count, fields, time_zone=_SYDNEY, **extra)


def _count_alerts(path: Path) -> Any:
    told = count_alerts(path)
    lost = _UNREADABLE_ALERTS.get(path.name, 0)
    return msgspec.structs.replace(told, records_n=told.records_n - lost, unreadable_n=told.unreadable_n + lost)


def _incidents(path: Path) -> Way:
    if path.name == "dtp_regions.csv":
        fields = {"id": ["gibdd_code", "slug"], "started_at": "=2020-12-10", "title": "name", "area_name": "ya_name"}
        return Way(
            connector="table",
            mapping="reference list, as of a day",
            records="incidents",
            count=count_csv("gibdd code", "slug"),
            params={"fields": fields, "status_default": "closed"},
            time_zone=_MOSCOW,
        )
    if path.name == "dtp_regions_fixture.json":
        fields = {"id": ["pk"], "started_at": "=2020-12-10T00:00:00+03:00", "title": "fields.name"}
        return _json(
            "reference list, as of a day", "incidents", count_json(list, "pk"), fields, status_default="closed"
        )
    if path.suffix == ".geojson":
        year = path.stem.split("_")[2]
        fields = {"id": ["properties.cpId"], "started_at": f"={year}-01-01T00:00:00+03:00", "geometry": "geometry"}
        count = count_json(lambda document: document["features"], "properties", "cpId")
        return _json("GeoJSON, as of a year", "incidents", count, fields, records="features", status_default="in_work")
    fields = {
        "id": ["id"],
        "started_at": "datetime",
        "kind": "category_name",
        "affected": "injured",
        "area_name": "region_slug",
        "address": "address",
        "lat": "point.latitude",
        "lon": "point.longitude",
    }
    return _json("accidents", "incidents", count_json(list, "id"), fields, status_default="closed", time_zone=_MOSCOW)


def _appeals(path: Path) -> Way | str:
    if path.name == "perm_cur_taxonomy.json":
        return "a list of topics, no records (what topic_map leads from)"
    if path.suffix == ".txt":
        return "documentation: counts of a set that is not published"
    if path.suffix == ".jsonl":
        fields = {"id": ["n"], "started_at": "=2022-10-01T00:00:00+05:00", "text": "text"}
        return _json(
            "JSON lines, as of a day",
            "appeals",
            count_json_lines("n"),
            fields,
            format="jsonl",
            status_default="new",
            time_zone=_PERM,
        )
    with path.open("rb") as file:
        guess = guess_mapping(file, "appeals", "2022-06-01")
    return Way(
        connector="table",
        mapping="as `mapping guess` proposes, as of a day",
        records="appeals",
        count=count_csv("id"),
        params={"fields": {"id": guess.id_columns, **guess.fields}, "id_from": guess.id_from, "status_default": "new"},
        time_zone=_MOSCOW,
    )


def _feeds(path: Path) -> Way:
    if path.name.startswith("stuttgart"):
        return Way(
            connector="table",
            mapping="daily files of a folder, with and without a header row",
            records="appeals",
            count=count_reports,
            params={**REPORTS, "settle_s": 0.0},
            time_zone=_BERLIN,
            role="folder",
        )
    sources_file = "canberra-esa.toml" if path.name.startswith("esa") else "pge-outages.toml"
    return Way(
        connector="http_json",
        mapping=f"examples/{sources_file}, poll by poll",
        records="incidents",
        count=count_nothing,
        role="replay",
        sources_file=sources_file,
    )


def _json(
    mapping: str,
    brings: Literal["appeals", "incidents"],
    count: Count,
    fields: dict[str, Any],
    *,
    time_zone: str | None = None,
    **params: Any,
) -> Way:
    return Way(
        connector="http_json",
        mapping=mapping,
        records=brings,
        count=count,
        params={"fields": fields, **params},
        time_zone=time_zone,
    )
