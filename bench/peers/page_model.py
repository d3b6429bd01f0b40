"""What a peer's page shows, kept by its server: filled from Redis at the start, then event by event.

Knows nothing of the product and imports nothing of it. All peers take the same messages from the same channel.
"""

from __future__ import annotations

import argparse
import json
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import Any

import redis

CHANNEL = "bench:events"
NEWEST_KEY = "bench:newest"
FEED_N = 50
MARKS_N = 1000
GAUGES_N = 6
HOURS_N = 24

Event = dict[str, Any]


class PageModel:
    """The state of a page: a count, six gauges, 24 hours of flow, 50 rows and 1,000 marks."""

    def __init__(self) -> None:
        self.count = 0
        self.rows: deque[Event] = deque(maxlen=FEED_N)
        self.marks: deque[Event] = deque(maxlen=MARKS_N)
        self.flow = [200 + 40 * (hour % 7) for hour in range(HOURS_N)]
        self.before = [220 + 35 * (hour % 5) for hour in range(HOURS_N)]

    @property
    def gauges(self) -> list[float]:
        """Six shares (0..1) that change with every event."""
        return [((self.count * (i + 3)) % 1000) / 1000 for i in range(GAUGES_N)]

    def load(self, client: redis.Redis) -> None:
        """Take what a server that starts anew finds."""
        self.take(json.loads(text) for text in reversed(client.lrange(NEWEST_KEY, 0, MARKS_N - 1)))

    def take(self, events: Iterable[Event]) -> None:
        """Apply events in their order; what is known already is left out."""
        for event in events:
            if self.rows and event["n"] <= self.rows[-1]["n"]:
                continue
            self.rows.append(event)
            self.marks.append(event)
            self.flow[event["hour"]] += 1
            self.count = event["n"]


def listen(url: str, model: PageModel, heard: Callable[[list[Event]], None]) -> None:
    """Fill the model and call `heard` with what is published from now on, in a thread."""
    client = redis.Redis.from_url(url)
    line = client.pubsub(ignore_subscribe_messages=True)
    line.subscribe(CHANNEL)
    model.load(client)

    def run() -> None:
        with client:  # a client that nobody holds takes its lines with it
            for message in line.listen():
                heard(json.loads(message["data"]))

    Thread(target=run, daemon=True).start()


def row_text(event: Event) -> str:
    """Return the words of a row."""
    return f"{event['at']} {event['topic']} · {event['area']}"


def load_areas(path: str) -> dict[str, Any]:
    """Return the borders of the map as GeoJSON."""
    return dict(json.loads(Path(path).read_text(encoding="utf-8")))


def rings_of(areas: dict[str, Any]) -> list[list[list[float]]]:
    """Return the outer border of every piece of every area as [lon, lat] pairs."""
    rings = []
    for feature in areas["features"]:
        geometry = feature["geometry"]
        pieces = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings.extend(piece[0] for piece in pieces)
    return rings


def read_options() -> argparse.Namespace:
    """Return port, Redis address and borders file of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis", required=True)
    parser.add_argument("--areas", required=True)
    return parser.parse_args()
