"""The feedback systems over HTTP, with every bad manner that the plan asks of them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.faults.world import APPEAL_SOURCES, DISPATCH, DUTY, Item, World

MAX_EMPTY_IN_A_ROW = 4
_SLOW_PIECES = 8
SOURCES_TOML = """
[provenance]
source = "invented for the fault harness"
date = "2026-11-22"
"""
_COMMON = """
[[source]]
id = "{id}"
name = "{id}"
connector = "{connector}"
records = "{records}"
url = "{url}/{path}"
interval_s = {interval_s}
ageing_s = 3600
stale_s = 7200
dead_s = 14400
simulated = true
backfill_h = 48
"""
_APPEALS = """
channel = "{channel}"
[source.params]
overlap_s = 120
page_size = 120
last_page = "short"
order = "updated"
services = false
[source.params.fields]
fine_status = "stage"
answered_at = "closed_datetime"
area_name = "municipality"
rating = "mark"
[source.params.fine_statuses]
received = "new"
in_work = "in_work"
answered = "answered"
[source.params.http]
connect_s = 1.0
read_s = 1.5
total_s = 4.0
allow_private = true
"""
_INCIDENTS = """
{closing}
[source.params]
lists_all_open = {lists_all_open}
[source.params.fields]
id = ["id"]
started_at = "began"
updated_at = "changed"
status = "stage"
kind = "kind"
level = "level"
affected = "affected"
area_name = "area"
title = "kind"
[source.params.statuses]
new = "new"
work = "in_work"
closed = "closed"
[source.params.kinds]
{kinds}
[source.params.levels]
{levels}
[source.params.http]
connect_s = 1.0
read_s = 1.5
total_s = 4.0
allow_private = true
"""


def sources_toml(url: str, *, kinds: Sequence[str], levels: Sequence[str], interval_s: float) -> str:
    """Return the sources file that makes the product poll this server."""
    text = SOURCES_TOML
    common = {"url": url, "interval_s": interval_s}
    for source, channel in APPEAL_SOURCES.items():
        text += _COMMON.format(id=source, connector="open311", records="appeals", path=source, **common)
        text += _APPEALS.format(channel=channel)
    for source in (DISPATCH, DUTY):
        text += _COMMON.format(id=source, connector="http_json", records="incidents", path=f"{source}.json", **common)
        text += _INCIDENTS.format(
            closing="close_after_missing_polls = 3" if source == DUTY else "",
            lists_all_open="true" if source == DUTY else "false",
            kinds="\n".join(f'"{kind}" = "{kind}"' for kind in kinds),
            levels="\n".join(f'"{level}" = "{level}"' for level in levels),
        )
    return text


class SourceServer:
    """Serves the world. `manners` holds the present fault of each source, by its id; none: well behaved.

    Args:
        world: What is told.
        now: The systems' own clock.
    """

    def __init__(self, world: World, now: Callable[[], datetime]) -> None:
        self.world, self.now = world, now
        self.manners: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.misbehaved: Counter[str] = Counter()
        self._empty_run: Counter[str] = Counter()
        self._draw = Random(f"older {world.seed}")  # noqa: S311 - invented faults
        self.ended = threading.Event()
        faulty = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                faulty.answer(self)

            def log_message(self, *_args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_args: object) -> None:
                """The poller may have been killed while it listened."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop; whoever hangs is let go."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one question in the manner of the moment."""
        parts = urlsplit(handler.path)
        source = parts.path.strip("/").split("/")[0].removesuffix(".json")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if source not in self.world.by_source:
            handler.send_error(404)
            return
        self.asked[source] += 1
        manner = self.manners.get(source, "")
        if manner == "empty":
            manner = manner if self._empty_run[source] < MAX_EMPTY_IN_A_ROW else ""
        if manner:
            self.misbehaved[f"source_{manner}"] += 1
        if manner == "hang":
            self.ended.wait(6)
            handler.close_connection = True
            return
        now = self.now()  # one instant for what is told and for the Date beside it: a later Date would hide what comes
        if manner in {"500", "429"}:
            wait = {"Retry-After": "1"} if manner == "429" else {}
            self._send(handler, b"{}", now, status=int(manner), headers=wait)
            return
        items = [] if manner == "empty" else self._items(source, query, manner, now)
        self._empty_run[source] = self._empty_run[source] + 1 if manner == "empty" else 0
        body = json.dumps(items, ensure_ascii=False).encode()
        self._send(handler, body, now, manner=manner)

    def _items(self, source: str, query: Mapping[str, str], manner: str, now: datetime) -> list[dict[str, Any]]:
        if source == DUTY:
            told: Sequence[Item] = self.world.open_now(source, now)
        elif source == DISPATCH:
            told = self.world.published(source, now)
        else:
            after = datetime.fromisoformat(query["updated_after"])
            until = datetime.fromisoformat(query["updated_before"]) if "updated_before" in query else now
            size, page = int(query["page_size"]), int(query["page"])
            told = [item for item in self.world.published(source, now) if after < item.at <= until]
            told = told[(page - 1) * size : page * size]
        forms = [_incident_form(item) if source in {DISPATCH, DUTY} else _appeal_form(item) for item in told]
        if manner == "twice":
            return forms + forms
        if manner == "older" and source != DUTY:
            old = self.world.published(source, now)
            again = [old[self._draw.randrange(len(old))] for _ in range(min(20, len(old)))]
            # Versions that were told before (or are told later in this very answer) come once more, out of turn.
            told_at = _told_up_to(query, told)
            again = [item for item in again if item.at <= told_at]
            return [*forms, *(_incident_form(i) if source == DISPATCH else _appeal_form(i) for i in again)]
        return forms

    def _send(
        self,
        handler: BaseHTTPRequestHandler,
        body: bytes,
        now: datetime,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        manner: str = "",
    ) -> None:
        handler.send_response_only(status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        if manner == "half":
            handler.wfile.write(body[: len(body) // 2])
            handler.close_connection = True
            return
        if manner == "slow":
            size = len(body) // _SLOW_PIECES + 1
            for start in range(0, len(body), size):
                handler.wfile.write(body[start : start + size])
                handler.wfile.flush()
                self.ended.wait(0.15)
            return
        handler.wfile.write(body)


def _told_up_to(query: Mapping[str, str], told: Sequence[Item]) -> datetime:
    return told[-1].at if told else datetime.fromisoformat(query["updated_after"])


def _appeal_form(item: Item) -> dict[str, Any]:
    is_answered = item.stage == "answered"
    return {
        "service_request_id": item.key,
        "requested_datetime": item.began_at.isoformat(),
        "updated_datetime": item.changed_at.isoformat(),
        "status": "closed" if is_answered else "open",
        "stage": item.stage,
        "service_code": item.topic,
        "municipality": item.area_name,
        "description": "Invented.",
        "mark": item.mark,
        "expected_datetime": item.due_at.isoformat() if item.due_at else None,
        "closed_datetime": item.changed_at.isoformat() if is_answered else None,
    }


def _incident_form(item: Item) -> dict[str, Any]:
    return {
        "id": item.key,
        "began": item.began_at.isoformat(),
        "changed": item.changed_at.isoformat(),
        "stage": item.stage,
        "kind": item.kind,
        "level": item.level,
        "affected": item.affected,
        "area": item.area_name,
    }
