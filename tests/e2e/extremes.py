"""States of the wall that no ordinary day shows, made from a real snapshot and shown by the real page.

A frozen page asks the server for its snapshot; here the browser's request is answered with the changed one.
Snapshots are the plain JSON of `svodka.domain.changes.Snapshot`, checked against that type.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from svodka.domain.clock import ManualClock
from svodka.domain.codec import decode, encode
from svodka.profiles.model import Profile
from svodka.readmodels.pages import EVERYTHING
from svodka.readmodels.registry import build_snapshot
from svodka.storage.database import open_database
from svodka.storage.log_state import load_log_state
from tests.e2e.screen import Screen

Snapshot = dict[str, Any]
_FROZEN = "/wall?frozen=extreme"
_SILENT = timedelta(minutes=14)
_GONE = timedelta(hours=31)


def load_snapshot(home: Path, profile: Profile, at: datetime) -> Snapshot:
    """Return the snapshot of a home's database as the server would give it at `at`."""
    database = open_database(f"sqlite:///{home / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            state = load_log_state(connection)
            at_now = ManualClock(at)
            return dict(
                decode(encode(build_snapshot(connection, profile, at_now, state.epoch, state.head, EVERYTHING)))
            )
    finally:
        database.close()


def with_longest_names(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """Every row has the longest names that the profile knows, there are many incidents, and numbers are large."""
    topics = _longest(profile.topics)
    areas = _longest(profile.areas)
    channels = _longest(profile.channels)
    kinds = _longest(profile.incident_kinds)
    appeals = [
        row | {"topic": topics[i % 5], "area": areas[i % 5], "channel": channels[i % 3]}
        for i, row in enumerate(snapshot["tables"]["appeals"])
    ]
    shown = snapshot["tables"]["incidents"]
    incidents = [
        shown[i % len(shown)]
        | {"id": 900_000 + i, "kind": kinds[i % 5], "area": areas[i % 5], "affected_n": 12_345 - i}
        for i in range(20)
    ]
    values = _map_numbers(snapshot["values"], {"open_now": 12_345, "overdue_now": 2_345, "response_minutes": 99 * 60})
    values["incidents"] = values["incidents"] | {"open": 20}
    return snapshot | {"tables": {"appeals": appeals, "incidents": incidents}, "values": values}


def with_silent_sources(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """One source has been silent for a quarter of an hour, another since yesterday."""
    at = datetime.fromisoformat(snapshot["at"])
    views = [dict(view) for view in snapshot["values"]["sources"]["sources"]]
    for view, age in ((views[0], _SILENT), (views[-1], _GONE)):
        then = (at - age).isoformat()
        view |= {"last_complete_at": then, "last_success_at": then, "failing": True, "error_kind": "unavailable"}
    return snapshot | {"values": snapshot["values"] | {"sources": {"sources": views}}}


def with_every_source_dead(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """Nothing has answered since yesterday: the whole wall is blind."""
    then = (datetime.fromisoformat(snapshot["at"]) - _GONE).isoformat()
    views = [view | {"last_complete_at": then, "failing": True} for view in snapshot["values"]["sources"]["sources"]]
    return snapshot | {"values": snapshot["values"] | {"sources": {"sources": views}}}


def without_data(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """The sources answer, and nobody has ever written."""
    values = _map_numbers(snapshot["values"], {}, default=None)
    values["incidents"] = {"open": 0, "levels": [level | {"open": 0} for level in values["incidents"]["levels"]]}
    values["sectors"] = {"sectors": [s | {"open": 0, "overdue": 0} for s in values["sectors"]["sectors"]]}
    by_hour = ("received", "answered", "week_ago_received", "week_ago_answered")
    flow = {name: [None if n is None else 0 for n in values["flow"][name]] for name in by_hour}
    values["flow"] |= flow | {"received_today": 0, "answered_today": 0, "received_full_hours": 0}
    values["flow"] |= {"week_ago_received_full_hours": None, "channels": []}
    nobody = {"received": 0, "per_10k": 0, "open_incidents": 0}
    values["map"] |= {"areas": [area | nobody for area in values["map"]["areas"]], "received": 0, "unknown_area": 0}
    values["feed"] = {"received_last_hour": 0}
    return snapshot | {"tables": {"appeals": [], "incidents": []}, "values": values}


EXTREMES: dict[str, Callable[[Snapshot, Profile], Snapshot]] = {
    "longest": with_longest_names,
    "silent": with_silent_sources,
    "dead": with_every_source_dead,
    "empty": without_data,
}


def show(screen: Screen, snapshot: Snapshot) -> None:
    """Open the frozen wall of a screen with this snapshot and wait until it is ready."""
    screen.page.route("**/frozen/extreme.json", lambda route: route.fulfill(json=snapshot))
    screen.open(_FROZEN)
    screen.page.wait_for_selector("html[data-ready='true']", state="attached", timeout=60_000)


def _longest(nouns: Any) -> list[str]:
    return [noun.id for noun in sorted(nouns, key=lambda noun: (-len(noun.short_name), noun.id))]


_SAME = object()


def _map_numbers(values: dict[str, Any], numbers: dict[str, float], *, default: Any = _SAME) -> dict[str, Any]:
    """Return the values with the numbers of KPI tiles replaced."""

    def replace(value: Any) -> Any:
        if not isinstance(value, dict) or "kpi" not in value:
            return value
        number = numbers.get(value["kpi"], value["value"] if default is _SAME else default)
        return value | {"value": number} | ({"n": 0, "previous": None} if number is None else {})

    return {
        stem: {key: replace(part) for key, part in value.items()} if isinstance(value, dict) else value
        for stem, value in values.items()
    }
