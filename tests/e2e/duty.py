"""A duty service whose incidents a test begins and ends, and the sources file that reads it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from simulator.georeport import Response
from simulator.server import SimulatorServer
from svodka.domain.clock import SystemClock
from svodka.domain.codec import encode
from tests.e2e.processes import wait_until

SOURCES = """
[provenance]
source = "tests"
date = "2026-11-21"
[[source]]
id = "duty"
name = "ЕДДС"
connector = "http_json"
records = "incidents"
url = "{url}/open.json"
interval_s = 1
ageing_s = 20
stale_s = 60
dead_s = 600
simulated = true
[source.params]
records = "items"
statuses = {{ "open" = "in_work", "over" = "closed" }}
kinds = {{ "fire" = "fire" }}
http = {{ allow_private = true }}
levels = {{ "2" = "high" }}
[source.params.fields]
id = ["id"]
started_at = "at"
status = "status"
kind = "kind"
level = "level"
area_name = "area"
"""


class Duty:
    """A duty service whose incidents the test begins and ends; it waits until the product has learnt of it."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, object]] = {}
        self._server = SimulatorServer(self, SystemClock())
        self.url = self._server.start()
        self.database = None

    def answer(self, path, params, now):
        return Response(200, "application/json", encode({"items": list(self._items.values())}))

    def begin(self, name, area):
        at = datetime.now(UTC).isoformat()
        self._items[name] = {"id": name, "at": at, "status": "open", "kind": "fire", "level": "2", "area": area}
        wait_until(lambda: self._is_open(name) is True, 20, f"{name} is known")

    def end(self, name):
        self._items[name] = self._items[name] | {"status": "over"}
        wait_until(lambda: self._is_open(name) is False, 20, f"the end of {name} is known")

    def begin_and_end(self, name, area):
        self.begin(name, area)
        self.end(name)

    def _is_open(self, name):
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            row = connection.execute("SELECT is_open FROM incidents WHERE foreign_id = ?", (name,)).fetchone()
        finally:
            connection.close()
        return None if row is None else bool(row[0])

    def close(self):
        self._server.stop()
