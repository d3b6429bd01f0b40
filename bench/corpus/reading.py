"""One file through its connector and the product's own poll cycle, into a database."""

from __future__ import annotations

import lzma
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec

from bench.corpus.counts import Told
from bench.corpus.files import Way
from commands.replay import replay
from datasources.registry import build_connector
from simulator.replay import Recording
from svodka.domain import codec
from svodka.domain.clock import ManualClock
from svodka.domain.reasons import Outcome
from svodka.domain.records import Connector
from svodka.ingest.classify import Classifier
from svodka.ingest.cycle import run_cycle
from svodka.profiles.model import SourceConfig
from svodka.profiles.reader import load_profile
from svodka.storage.database import Database, open_database
from svodka.storage.migrate import migrate
from tests.replay_count import count_recording

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "datasources" / "http_json" / "examples"
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
_TYPES = {".json": "application/json", ".geojson": "application/json", ".jsonl": "application/x-ndjson"}
_HANDLED = frozenset({"", "SourceContractBrokenError", "SourceUnavailableError"})
_CYCLES = 3


class Reading(msgspec.Struct, kw_only=True):
    """What became of a file.

    Attributes:
        file: Its path in the corpus.
        way: Connector and mapping.
        read_n: Rows in, by the product.
        stored_n, merged_n: New records, and those that were known already (the same again, older, or changed).
        quarantined, skipped: By reason.
        told: The independent count; None where it is compared by parts (`equal`).
        error_kind, error_text: Of the cycle.
        equal: Whether the product's counts are those of the independent count.
        again_n: What a second reading added or changed; must be 0.
        is_handled: No error but those that are meant for sources.
    """

    file: str
    way: str
    read_n: int = 0
    stored_n: int = 0
    merged_n: int = 0
    quarantined: dict[str, int] = {}
    skipped: dict[str, int] = {}
    told: Told | None = None
    error_kind: str = ""
    error_text: str = ""
    equal: bool = False
    again_n: int = 0
    is_handled: bool = True
    is_blocked: bool = False

    @property
    def is_good(self) -> bool:
        """Whether everything is as it must be."""
        return self.equal and self.is_handled and not self.again_n


class Desk(msgspec.Struct, frozen=True):
    """What all files share: database, classifier, and a folder for what is unpacked."""

    database: Database
    classifier: Classifier
    home: Path


def read_file(path: Path, name: str, way: Way, desk: Desk) -> Reading:
    """Read one file to its end, twice."""
    reading = Reading(file=name, way=f"{way.connector}: {way.mapping}")
    if way.role == "replay":
        return _replayed(path, reading, way, desk)
    source = _source(name, way)
    told = reading.told = way.count(path)
    with _served(path, way, desk.home) as url:
        clock = ManualClock(NOW)
        where = msgspec.structs.replace(source, url=url)
        connector = build_connector(where, clock, folders=(desk.home,), simulator_url=url)
        try:
            outcomes = _poll(reading, where, connector, desk, clock)
            if not reading.error_kind:
                again = Reading(file="", way="")
                outcomes_again = _poll(again, where, connector, desk, clock)
                reading.again_n = outcomes_again[Outcome.STORED] + outcomes_again[Outcome.UPDATED]
        finally:
            connector.close()
    reading.stored_n = outcomes[Outcome.STORED]
    reading.merged_n = sum(outcomes[one] for one in (Outcome.UPDATED, Outcome.DUPLICATE, Outcome.OUTDATED))
    unreadable_n = sum(reading.quarantined.values())
    reading.is_handled = reading.error_kind in _HANDLED
    reading.is_blocked = way.refused and reading.error_kind == "SourceContractBrokenError" and not reading.read_n
    counted = (reading.read_n, reading.stored_n, unreadable_n)
    expected = (told.rows_n, told.records_n, told.unreadable_n)
    whole = reading.read_n == reading.stored_n + reading.merged_n + unreadable_n + sum(reading.skipped.values())
    reading.equal = whole and counted == expected and (reading.is_blocked or not (way.refused or reading.error_kind))
    if way.role == "services" and not _has_names(path, desk.database, source):
        reading.equal = False
    return reading


def _poll(
    reading: Reading, source: SourceConfig, connector: Connector, desk: Desk, clock: ManualClock
) -> Counter[Outcome]:
    """Poll until nothing waits; a folder is looked at twice before anything of it is read."""
    outcomes: Counter[Outcome] = Counter()
    quarantined: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for _ in range(_CYCLES):
        report = run_cycle(desk.database, desk.classifier, source, connector, clock, max_pages=5_000)
        outcomes.update(report.outcomes)
        quarantined.update({reason.value: n for reason, n in report.quarantined.items()})
        skipped.update(report.skipped)
        reading.read_n += report.read_n
        reading.error_kind, reading.error_text = report.error_kind, report.error_text
        if report.error_kind or not source.url.startswith("file:"):
            break
        clock.advance(seconds=30)
    reading.quarantined, reading.skipped = dict(quarantined), dict(skipped)
    return outcomes


def _replayed(path: Path, reading: Reading, way: Way, desk: Desk) -> Reading:
    """Answer the polls of a recording one after the other, and compare every outcome with what the file says."""
    sources_file = EXAMPLES / way.sources_file
    profile = load_profile(desk.classifier.profile.id, str(sources_file))
    count = count_recording(path, sources_file)
    database = open_database(f"sqlite:///{desk.home / path.name}.sqlite3")
    try:
        migrate(database)
        summary = replay(database, desk.classifier, profile.sources[0], Recording([path]))
    finally:
        database.close()
    reading.read_n, reading.stored_n = summary.read, summary.stored
    reading.merged_n = summary.updated + summary.duplicates + summary.outdated
    reading.quarantined = {"time_in_future": count.outcomes["quarantined"]} if count.outcomes["quarantined"] else {}
    reading.told = Told(sum(count.outcomes.values()), count.outcomes["stored"], count.outcomes["quarantined"])
    told = (count.polls, *(count.outcomes[one] for one in ("stored", "updated", "duplicate", "outdated")))
    found = (summary.polls, summary.stored, summary.updated, summary.duplicates, summary.outdated)
    ends = (len(count.open_ids), count.vanished) == (summary.open, summary.vanished)
    quarantined_n = summary.read - summary.stored - reading.merged_n
    reading.equal = told == found and ends and quarantined_n == count.outcomes["quarantined"] and not summary.failed
    return reading


def _source(name: str, way: Way) -> SourceConfig:
    return SourceConfig(
        id=re.sub(r"[^a-z0-9]+", "-", name.lower())[-60:].strip("-"),
        name="Corpus",
        connector=way.connector,
        records=way.records,
        channel=None,
        url="",
        interval_s=60,
        ageing_s=300,
        stale_s=900,
        dead_s=3600,
        time_zone=way.time_zone,
        backfill_h=1.0,
        params=way.params if way.role == "folder" else {**way.params, "http": {"allow_private": True}},
    )


@contextmanager
def _served(path: Path, way: Way, home: Path) -> Iterator[str]:
    if way.role == "folder":
        yield _unpacked(path, home)
        return
    body = path.read_bytes()
    answers = {"": body}
    if way.role == "services":
        answers = {"services": body, "requests": _requests_for(path)}
    handler = type("Handler", (_Handler,), {"answers": answers, "kind": _TYPES.get(path.suffix, "text/xml")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{path.name}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, bytes] = {}  # noqa: RUF012 - given by the subclass of each file
    kind = ""

    def do_GET(self) -> None:
        name = next((name for name in self.answers if f"/{name}." in self.path or not name), None)
        body = b"" if name is None else self.answers[name]
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's form
        """Say nothing."""


def _requests_for(path: Path) -> bytes:
    """Return a list of invented requests, one for each code of a list of services, none with a name."""
    found = re.findall(r"<service_code>([^<]+)<|\"service_code\":\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    codes = sorted({first or second for first, second in found})
    at = "2026-11-22T05:50:00Z"
    requests = [
        {"service_request_id": f"r-{code}", "service_code": code, "status": "open", "requested_datetime": at}
        for code in codes
    ]
    if path.suffix == ".json":
        return codec.encode(requests)
    inside = ("".join(f"<{key}>{text}</{key}>" for key, text in each.items()) for each in requests)
    return f"<service_requests>{''.join(f'<request>{each}</request>' for each in inside)}</service_requests>".encode()


def _has_names(path: Path, database: Database, source: SourceConfig) -> bool:
    """Return whether every request, which says nothing itself, got a name of the file's as its text."""
    names = set(
        re.findall(r"<service_name>([^<]+)<|\"service_name\":\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    )
    known = {" ".join((first or second).split()) for first, second in names}
    with database.read() as connection:
        facts = connection.exec_driver_sql(
            "SELECT facts FROM appeal_versions JOIN appeals ON appeals.id = appeal_id WHERE source_id = ?", (source.id,)
        )
        texts = [codec.decode(row[0])["record"]["text"] for row in facts]
    known |= {_unescaped(name) for name in known}
    return bool(texts) and all(text in known for text in texts)


def _unescaped(name: str) -> str:
    for word, sign in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        name = name.replace(word, sign)
    return name


def _unpacked(path: Path, home: Path) -> str:
    """Unpack the tables of an archive into a folder, oldest first; return its address."""
    folder = home / path.name.partition(".")[0]
    folder.mkdir()
    with lzma.open(path) as packed, tarfile.open(fileobj=packed) as archive:
        for number, member in enumerate(sorted(archive.getmembers(), key=lambda member: member.name)):
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file is not None:
                name = folder / member.name.replace("/", "-")
                name.write_bytes(file.read())
                os.utime(name, (1_700_000_000 + number, 1_700_000_000 + number))
    return f"file://{folder}/"
