"""Public recordings through the real normalisers, against counts made without them.

The recordings are read from ../shared/data and are no part of the repository.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import tarfile
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from datasources._toolkit.documents import parse_json, parse_xml
from datasources._toolkit.http import Answer
from datasources.http_json.normalise import Normaliser as JsonNormaliser
from datasources.http_json.params import Params as JsonParams
from datasources.open311.normalise import Normaliser, requests_of, service_names_of
from datasources.open311.params import Fields, Params
from datasources.table.guess import guess_mapping
from datasources.table.params import Fields as TableFields
from datasources.table.params import Params as TableParams
from datasources.table.params import load_preset
from datasources.table.reading import Reading
from svodka.domain.errors import SourceContractBrokenError
from svodka.domain.records import AppealStatus
from svodka.profiles.model import SourceConfig

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
EXAMPLES = ROOT / "datasources" / "http_json" / "examples"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="recordings of ../shared/data are absent")

NYC = Params(
    fields=Fields(
        id="unique_key",
        received_at="created_date",
        updated_at="resolution_action_updated_date",
        due_at="due_date",
        answered_at="closed_date",
        service_code="complaint_type",
        service_name="complaint_type",
        text="descriptor",
        address="incident_address",
        area_name="borough",
        body_name="agency_name",
        lat="latitude",
        lon="longitude",
    ),
    statuses={
        "open": AppealStatus.NEW,
        "in progress": AppealStatus.IN_WORK,
        "assigned": AppealStatus.IN_WORK,
        "started": AppealStatus.IN_WORK,
        "pending": AppealStatus.IN_WORK,
        "unspecified": AppealStatus.NEW,
        "closed": AppealStatus.ANSWERED,
    },
    time_formats=("%m/%d/%Y %H:%M",),
)
NEW_YORK = ZoneInfo("America/New_York")


def _answer(body: bytes) -> Answer:
    return Answer(body=body, content_type="", charset="", source_time_at=None)


def test_every_public_recording_is_read_without_an_unhandled_error():
    """GeoReport answers as recorded, with the default params: every request in them becomes an appeal."""
    normaliser = Normaliser(params=Params())
    seen = 0
    for path in sorted((DATA / "open311").glob("*/*")):
        if path.suffix not in {".xml", ".json"} or path.parent.name in {"nyc311", "sf_open311dashboard"}:
            continue
        body = path.read_bytes()
        # A request is what carries both an id and the time it was made; services, tokens and errors do not.
        expected = body.count(b"<requested_datetime>") + body.count(b'"requested_datetime"')
        try:
            document = parse_xml(_answer(body)) if path.suffix == ".xml" else parse_json(_answer(body))
            records, _ = normaliser.normalise_page(requests_of(document), {})
        except SourceContractBrokenError:
            records = []
        assert len(records) == expected, path.name
        seen += len(records)
    assert seen == 8


def test_recorded_services_lists_are_read_whole():
    for name in ("node-open311_BSD/dc-services.xml", "open311status_MIT/services_giessen.xml"):
        body = (DATA / "open311" / name).read_bytes()
        assert len(service_names_of(parse_xml(_answer(body)))) == len(set(re.findall(rb"<service_code>(.+?)<", body)))
    names = service_names_of(parse_json(_answer((DATA / "open311/open311status_MIT/service_list.json").read_bytes())))
    assert len(names) == 3


def test_san_francisco_requests_are_read_whole():
    """500 requests of a database dump, their times without a zone."""
    dump = json.loads((DATA / "open311/sf_open311dashboard/sf_requests_2011-06.json").read_text("utf-8"))
    rows = [row["fields"] for row in dump if row["model"] == "dashboard.request"]
    fields = Fields(body_name="agency_responsible")
    normaliser = Normaliser(params=Params(fields=fields), zone=ZoneInfo("America/Los_Angeles"))
    records, rejected = normaliser.normalise_page(rows, {})
    assert (len(records), rejected) == (len(rows), [])
    assert len(rows) == 500
    assert sum(record.due_at is not None for record in records) == sum(bool(row["expected_datetime"]) for row in rows)


def test_new_york_requests_are_read_whole_from_three_forms():
    pages = {
        "nyc311_2024-05_socrata.json": json.loads(
            (DATA / "open311/nyc311/nyc311_2024-05_socrata.json").read_text("utf-8")
        )
    }
    for name in ("nyc311_2024-04_socrata.csv", "nyc311_animals_2025_plotly_MIT.csv"):
        with (DATA / "open311/nyc311" / name).open(encoding="utf-8", newline="") as file:
            rows = [{key.lower().replace(" ", "_"): text for key, text in row.items()} for row in csv.DictReader(file)]
        pages[name] = rows
    counts = {}
    for name, rows in pages.items():
        records, rejected = Normaliser(params=NYC, zone=NEW_YORK).normalise_page(rows, {})
        assert rejected == [], name
        counts[name] = len(records)
        done = sum(row["status"] == "Closed" for row in rows)
        assert sum(record.status is AppealStatus.ANSWERED for record in records) == done
        given = sum(bool(row.get("latitude")) for row in rows)
        assert sum(record.point is not None for record in records) == given
    assert list(counts.values()) == [1000, 1000, 4969]


TABLES = {
    "nyc311_2024-04_socrata.csv": 1000,
    "nyc311_animals_2025_plotly_MIT.csv": 4969,
}


@pytest.mark.parametrize("name", TABLES)
def test_recorded_tables_are_read_whole_by_their_preset(name):
    """Every row is an appeal, closed where the column says so, with the point that stands in it."""
    path = DATA / "open311" / "nyc311" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{key.lower().replace(" ", "_"): text for key, text in row.items()} for row in csv.DictReader(file)]
    with path.open("rb") as file:
        params = msgspec.convert(load_preset("nyc-311"), TableParams)
        page = Reading(file, params, digest="", records="appeals", zone=NEW_YORK).next_page(10_000)
    assert (len(page.records), page.rejected, page.is_last) == (TABLES[name], (), True)
    assert [record.foreign_id for record in page.records] == [row["unique_key"] for row in rows]
    done = sum(row["status"] == "Closed" for row in rows)
    assert sum(record.status is AppealStatus.ANSWERED for record in page.records) == done
    assert sum(record.point is not None for record in page.records) == sum(bool(row["latitude"]) for row in rows)


def test_daily_tables_with_and_without_a_header_row_are_read_whole():
    """761 files of Stuttgart's reports: no ids, no status, most without a header row; counted by csv alone."""
    columns = ("first_seen_at_timestamp", "date", "weekday", "hour", "category", "location", "lat", "lon")
    params = TableParams(
        fields=TableFields(
            id=("first_seen_at_timestamp", "category", "location", "lat", "lon"),
            started_at="first_seen_at_timestamp",
            topic="category",
            address="location",
            lat="lat",
            lon="lon",
        ),
        columns=columns,
        id_from="hash",
        status_default="new",
    )
    files = with_header = rows_n = records_n = 0
    ids: set[str] = set()
    told: set[tuple[str, ...]] = set()
    archive = DATA / "feeds-replay" / "stuttgart_gelbe_karten_2021_2022_2024-05.tar.xz"
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.name.endswith(".csv") or (file := tar.extractfile(member)) is None:
                continue
            body = file.read()
            rows = list(csv.reader(io.StringIO(body.decode("utf-8"))))
            headed = rows[0][0] == columns[0]
            files, with_header, rows = files + 1, with_header + headed, rows[headed:]
            page = Reading(
                io.BytesIO(body), params, digest="", records="appeals", zone=ZoneInfo("Europe/Berlin")
            ).next_page(100_000)
            assert page.rejected == (), member.name
            assert page.is_last
            rows_n, records_n = rows_n + len(rows), records_n + len(page.records)
            told |= {(row[0], *row[4:8]) for row in rows}
            ids |= {record.foreign_id for record in page.records}
    assert (files, records_n, len(ids)) == (761, rows_n, len(told))
    assert 0 < with_header < files


def test_recorded_appeals_without_dates_are_read_by_a_guessed_mapping():
    """2,000 texts, most with markup, some over several lines; the export tells no time, so each counts as of a day."""
    path = DATA / "appeals-ru" / "kursk_appeals_train.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("rb") as file:
        guess = guess_mapping(file, "appeals", "2022-06-01")
        fields = msgspec.convert({"id": guess.id_columns, **guess.fields}, TableFields)
        params = TableParams(fields=fields, id_from=guess.id_from, status_default="new")
        page = Reading(file, params, digest="", records="appeals", zone=NEW_YORK).next_page(10_000)
    assert (len(page.records), page.rejected) == (len(rows), ()) == (2000, ())
    assert [record.foreign_id for record in page.records] == [row["id"] for row in rows]
    assert sum(bool(record.text) for record in page.records) == sum(
        bool(row["Текст Сообщения"].strip()) for row in rows
    )


FEEDS = {
    "canberra-esa.toml": ("esa_act_2024-01-10_2024-01-24.jsonl.xz", "id", (919, 25_655, 2_954, 0)),
    "pge-outages.toml": ("pge_outages_2022-04-09_2022-04-14.jsonl.xz", "outageNumber", (585, 62_363, 4_311, 119)),
}


@pytest.mark.parametrize("example", FEEDS)
def test_the_recorded_feeds_are_read_whole_with_no_record_set_aside(example):
    """Counted: polls, entries, ids, and entries that begin over ten minutes after the poll (announced outages)."""
    recording, id_field, expected = FEEDS[example]
    table = tomllib.loads((EXAMPLES / example).read_text(encoding="utf-8"))["source"][0]
    source = msgspec.convert(table, SourceConfig)
    zone = ZoneInfo(source.time_zone) if source.time_zone else None
    normaliser = JsonNormaliser(msgspec.convert(source.params, JsonParams), records="incidents", zone=zone)
    ids: set[str] = set()
    polls = read = ahead = 0
    with lzma.open(DATA / "feeds-replay" / recording, "rt", encoding="utf-8") as lines:
        for line in lines:
            poll = json.loads(line)
            records, rejected = normaliser.normalise_page(poll["payload"])
            assert rejected == []
            assert [record.foreign_id for record in records] == [item[id_field] for item in poll["payload"]]
            assert all(record.point is not None for record in records)
            assert all(record.kind is not None or record.title for record in records)
            late = datetime.fromisoformat(poll["captured_at"]) + timedelta(minutes=10)
            polls, read = polls + 1, read + len(records)
            ahead += sum(record.started_at > late for record in records)
            ids |= {record.foreign_id for record in records}
    assert (polls, read, len(ids), ahead) == expected
