"""What a file holds, counted with the standard library from its bytes; shares no code with the product's readers."""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import tarfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec


class Told(msgspec.Struct, frozen=True):
    """What must come of a file: rows in it, different records among those that can be read, and rows that cannot."""

    rows_n: int
    records_n: int
    unreadable_n: int = 0


Count = Callable[[Path], Told]


def count_alerts(path: Path) -> Told:
    """Count entries of a document of alerts, the alerts that they carry, and those that carry none."""
    text = re.sub(rb"<!--.*?-->", b"", path.read_bytes(), flags=re.DOTALL)
    # What is an entry depends on the kind of document; a single alert is its own only entry.
    entries: list[bytes] = []
    for tag, envelope in (
        (rb"(?:\w+:)?entry", rb"<(?:\w+:)?feed[\s>]"),
        (rb"item", rb"<rss[\s>]"),
        (rb"(?:\w+:)?contentObject", rb"EDXLDistribution"),
        (rb"(?:\w+:)?alert", rb"<(?:\w+:)?alert[\s>]"),
    ):
        if re.search(envelope, text):
            entries = re.findall(rb"<%s(?:\s[^>]*)?>.*?</%s>" % (tag, tag), text, flags=re.DOTALL)
            break
    told = [
        len(re.findall(rb"<(?:\w+:)?alert[\s>]", entry)) or int(b"<gdacs:eventtype>" in entry or b"<cap:event" in entry)
        for entry in entries
    ]
    inline = [int(not n and b"<cap:severity>" in entry) for n, entry in zip(told, entries, strict=True)]
    alerts_n = sum(told) + sum(inline)
    without_n = sum(not n and not i for n, i in zip(told, inline, strict=True))
    return Told(alerts_n + without_n, alerts_n, without_n)


def count_requests(path: Path) -> Told:
    """Count requests of a GeoReport answer; one without its time or number cannot be read."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        items = json.loads(text)
        good = [item["service_request_id"] for item in items if item.get("requested_datetime")]
        return Told(len(items), len(set(good)), len(items) - len(good))
    requests = re.findall(r"<request>.*?</request>", text, flags=re.DOTALL)
    ids = [re.search(r"<service_request_id>([^<]+)<", request) for request in requests]
    good = [
        found[1] for found, request in zip(ids, requests, strict=True) if found and "<requested_datetime>" in request
    ]
    return Told(len(requests), len(set(good)), len(requests) - len(good))


def count_codes(path: Path) -> Told:
    """Count different codes of a list of services."""
    found = re.findall(r"<service_code>([^<]+)<|\"service_code\":\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    return Told(len(set(found)), len(set(found)))


def count_nothing(path: Path) -> Told:  # noqa: ARG001 - the signature of a count
    """Say that nothing of a file may be stored."""
    return Told(0, 0)


def count_csv(*columns: str) -> Count:
    """Return a count of a CSV file's rows by the columns that name them, in lower case and with spaces."""

    def count(path: Path) -> Told:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        places = [[name.lower().replace("_", " ") for name in header].index(column) for column in columns]
        return _told([[row[place].strip() for place in places] for row in rows])

    return count


def count_json(rows: Callable[[object], Iterable[dict]], *way: str) -> Count:
    """Return a count of a JSON document's rows by what stands at the end of a way of keys."""

    def identity(row: dict) -> str:
        here: object = row
        for key in way:
            here = here.get(key) if isinstance(here, dict) else None
        return "" if here is None else str(here)

    return lambda path: _told([[identity(row)] for row in rows(json.loads(path.read_text(encoding="utf-8")))])


def count_json_lines(key: str) -> Count:
    """Return a count of a file's lines by one of their keys."""
    return lambda path: _told([[str(json.loads(line)[key])] for line in path.read_text("utf-8").splitlines()])


def count_reports(path: Path) -> Told:
    """Count the rows of all daily files of an archive; some begin with a header row, none has a number."""
    rows: list[list[str]] = []
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(path.read_bytes()))) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file is not None:
                day = list(csv.reader(io.StringIO(file.read().decode())))
                rows += day[day[0][0] == "first_seen_at_timestamp" :]
    return Told(len(rows), len({(row[0], *row[4:8]) for row in rows}))


def _told(identities: Sequence[Sequence[str]]) -> Told:
    good = [tuple(parts) for parts in identities if all(parts)]
    return Told(len(identities), len(set(good)), len(identities) - len(good))
