"""Reads recordings: polls of a feed, and lists of requests in the forms in which cities publish them.

Values stay as recorded; only names of fields are brought to GeoReport's where a file has its own.
"""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import defusedxml.ElementTree as SafeTree
import msgspec
from defusedxml.common import DefusedXmlException

from simulator.georeport import Request
from svodka.domain import codec
from svodka.domain.errors import StartError

_SOCRATA = {
    "service_request_id": "unique_key",
    "status": "status",
    "status_notes": "resolution_description",
    "service_name": "complaint_type",
    "description": "descriptor",
    "agency_responsible": "agency_name",
    "requested_datetime": "created_date",
    "updated_datetime": "resolution_action_updated_date",
    "closed_datetime": "closed_date",
    "expected_datetime": "due_date",
    "address": "incident_address",
    "zipcode": "incident_zip",
    "lat": "latitude",
    "long": "longitude",
}
_CARDS = ("first_seen_at_timestamp", "", "", "", "category", "location", "lat", "lon")


class Poll(msgspec.Struct, frozen=True):
    """One recorded poll: what the feed said and when."""

    captured_at: datetime
    payload: msgspec.Raw


def read_polls(path: Path) -> tuple[Poll, ...]:
    """Return the polls of a `.jsonl` or `.jsonl.xz` file in the order of time.

    Raises:
        StartError: The file cannot be read as one poll a line.
    """
    try:
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        decoder = msgspec.json.Decoder(Poll)
        polls = [decoder.decode(line) for line in data.splitlines() if line.strip()]
    except (OSError, lzma.LZMAError, msgspec.MsgspecError) as error:
        message = f"{path} is no recording of polls, one a line: {error}."
        raise StartError(message) from error
    return tuple(sorted(polls, key=lambda poll: poll.captured_at))


def read_requests(path: Path) -> list[Request] | None:
    """Return the requests of one file, None where the file holds none.

    Understands GeoReport JSON and XML, fixtures of Django, Socrata JSON and CSV, and tar files of daily CSV.

    Raises:
        StartError: The file cannot be read at all.
    """
    name = path.name.lower()
    try:
        if name.endswith((".tar.xz", ".tar.gz", ".tar")):
            return list(_read_daily_tables(path))
        if name.endswith(".json"):
            return _from_json(codec.decode(path.read_bytes()))
        if name.endswith(".xml"):
            return _from_xml(path.read_bytes())
        if name.endswith(".csv"):
            return _from_table(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, tarfile.TarError, lzma.LZMAError, SafeTree.ParseError, DefusedXmlException) as error:
        message = f"{path} cannot be read: {error}."
        raise StartError(message) from error
    return None


def _from_json(document: object) -> list[Request] | None:
    items = document.get("service_requests") if isinstance(document, dict) else document
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        return None
    records: list[dict[str, Any]] = [item for item in items if isinstance(item, dict)]
    if "model" in records[0] and "fields" in records[0]:
        records = [record["fields"] for record in records]
        return [record for record in records if "service_request_id" in record]
    if "unique_key" in records[0]:
        return [_rename(record) for record in records]
    return list(records) if any("service_request_id" in record for record in records) else None


def _from_xml(data: bytes) -> list[Request] | None:
    root = SafeTree.fromstring(data)
    if root.tag != "service_requests":
        return None
    return [{field.tag: (field.text or "").strip() or None for field in element} for element in root]


def _from_table(text: str) -> list[Request] | None:
    rows = csv.DictReader(io.StringIO(text))
    columns = {name: name.strip().lower().replace(" ", "_") for name in rows.fieldnames or ()}
    if "unique_key" not in columns.values():
        return None
    return [_rename({columns[name]: value or None for name, value in row.items() if name in columns}) for row in rows]


def _rename(record: Mapping[str, Any]) -> Request:
    renamed: dict[str, object] = {ours: record.get(theirs) for ours, theirs in _SOCRATA.items()}
    renamed["service_code"] = record.get("complaint_type")
    renamed["municipality"] = record.get("city")
    return renamed


def _read_daily_tables(path: Path) -> Iterable[Request]:
    """Read daily tables with and without a header row; rows have no id, so one is made from what they say.

    Many rows say the same; the second of them is another report, so their number belongs to the id.

    Yields:
        Requests in GeoReport's names.
    """
    seen: Counter[str] = Counter()
    with tarfile.open(path) as archive:
        members = sorted((member for member in archive if member.name.endswith(".csv")), key=lambda member: member.name)
        for member in members:
            file = archive.extractfile(member)
            if file is None:
                continue
            for row in csv.reader(io.TextIOWrapper(file, encoding="utf-8")):
                if len(row) != len(_CARDS) or row[0] == _CARDS[0]:
                    continue
                values = dict(zip(_CARDS, row, strict=True))
                yield _card(values, seen)


def _card(values: Mapping[str, str], seen: Counter[str]) -> Request:
    said = "|".join(values[name] for name in _CARDS if name)
    seen[said] += 1
    digest = hashlib.blake2b(f"{said}|{seen[said]}".encode(), digest_size=8).hexdigest()
    return {
        "service_request_id": digest,
        "status": "open",
        "service_code": values["category"],
        "service_name": values["category"],
        "description": None,
        "requested_datetime": values["first_seen_at_timestamp"],
        "updated_datetime": values["first_seen_at_timestamp"],
        "address": values["location"],
        "lat": values["lat"] or None,
        "long": values["lon"] or None,
    }


def find_files(paths: Iterable[Path], wanted: Callable[[Path], bool]) -> list[Path]:
    """Return the files among `paths` and below those that are folders, in a fixed order.

    Raises:
        StartError: A path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            message = f"there is no recording at {path}."
            raise StartError(message)
        found += (
            sorted(each for each in path.rglob("*") if each.is_file() and wanted(each)) if path.is_dir() else [path]
        )
    return found
