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
from svodka.readmodels.registry import build_snapshot
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.views import SceneViews
from svodka.storage.database import open_database
from svodka.storage.log_state import load_log_state
from tests.e2e.screen import Screen

Snapshot = dict[str, Any]
Value = dict[str, Any]
_SILENT = timedelta(minutes=14)
_GONE = timedelta(hours=31)


def load_snapshot(home: Path, profile: Profile, at: datetime, reference: str = "overview") -> Snapshot:
    """Return the snapshot of a scene as the server would give it from a home's database at `at`."""
    view = SceneViews(SceneBook(profile, scene_folders(profile, home / "scenes"))).known_view(reference)
    database = open_database(f"sqlite:///{home / 'svodka.sqlite3'}")
    try:
        with database.read() as connection:
            state = load_log_state(connection)
            at_now = ManualClock(at)
            return dict(decode(encode(build_snapshot(connection, profile, at_now, state.epoch, state.head, view))))
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
        for i, row in enumerate(snapshot["tables"].get("appeals", []))
    ]
    shown = snapshot["tables"].get("incidents", [])
    incidents = [
        shown[i % len(shown)]
        | {"id": 900_000 + i, "kind": kinds[i % 5], "area": areas[i % 5], "affected_n": 12_345 - i}
        for i in range(20 if shown else 0)
    ]
    values = _map_numbers(snapshot["values"], {"open_now": 12_345, "overdue_now": 2_345, "response_minutes": 99 * 60})
    values = _change(values, "incidents", lambda value: value | {"open": 20})
    values = _change(values, "incident_list", lambda value: value | {"open": 20})
    values = _change(
        values,
        "topics",
        lambda value: (
            value
            | {
                "topics": [
                    row | {"topic": topic, "received": 12_345, "change": -1_234}
                    for row, topic in zip(value["topics"], topics, strict=False)
                ]
            }
        ),
    )
    return snapshot | {"tables": _tables(snapshot, appeals, incidents), "values": values}


def with_silent_sources(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """One source has been silent for a quarter of an hour, another since yesterday."""
    at = datetime.fromisoformat(snapshot["at"])

    def silence(value: Value) -> Value:
        views = [dict(view) for view in value["sources"]]
        for view, age in ((views[0], _SILENT), (views[-1], _GONE)):
            then = (at - age).isoformat()
            view |= {"last_complete_at": then, "last_success_at": then, "failing": True, "error_kind": "unavailable"}
        return {"sources": views}

    return snapshot | {"values": _change(snapshot["values"], "sources", silence)}


def with_every_source_dead(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """Nothing has answered since yesterday: the whole wall is blind."""
    then = (datetime.fromisoformat(snapshot["at"]) - _GONE).isoformat()

    def end(value: Value) -> Value:
        return {"sources": [view | {"last_complete_at": then, "failing": True} for view in value["sources"]]}

    return snapshot | {"values": _change(snapshot["values"], "sources", end)}


def without_data(snapshot: Snapshot, profile: Profile) -> Snapshot:
    """The sources answer, and nobody has ever written."""
    values = _map_numbers(snapshot["values"], {}, default=None)
    for stem, change in _EMPTY.items():
        values = _change(values, stem, change)
    return snapshot | {"tables": _tables(snapshot, [], []), "values": values}


def _without_counts(*names: str, rows: str = "", row: Value | None = None, **more: Any) -> Callable[[Value], Value]:
    """Return what empties a value: lists of counts become zeros where they are known, rows get the fields of `row`."""

    def change(value: Value) -> Value:
        zeros = {name: [None if n is None else 0 for n in value[name]] for name in names}
        emptied = {rows: [one | (row or {}) for one in value[rows]]} if rows else {}
        return value | zeros | emptied | more

    return change


_BY_DAY = ("received", "answered", "week_ago_received")
_NO_INCIDENTS = _without_counts(rows="levels", row={"open": 0}, open=0)
_EMPTY: dict[str, Callable[[Value], Value]] = {
    "incidents": _NO_INCIDENTS,
    "incident_list": _NO_INCIDENTS,
    "sectors": _without_counts(rows="sectors", row={"open": 0, "overdue": 0}),
    "flow": _without_counts(
        *_BY_DAY,
        "week_ago_answered",
        received_today=0,
        answered_today=0,
        received_full_hours=0,
        week_ago_received_full_hours=None,
        channels=[],
    ),
    "week": _without_counts(*_BY_DAY, received_7_days=0, answered_7_days=0, before_7_days=0),
    "map": _without_counts(
        rows="areas", row={"received": 0, "per_10k": 0, "open_incidents": 0}, received=0, unknown_area=0
    ),
    "clusters": _without_counts(cells=[], placed=0, unplaced=0),
    "rating": _without_counts(rows="rows", row={"value": None, "n": 0, "previous": None, "rank": None}, unknown_area=0),
    "topics": _without_counts(topics=[], received=0, change=None),
    "source_table": _without_counts(rows="sources", row={"today": 0, "last_hour": 0, "quarantined": 0, "failures": 0}),
    "area_facts": _without_counts(received=0, per_10k=0.0, region_per_10k=0.0),
    "feed": _without_counts(received_last_hour=0),
}
EXTREMES: dict[str, Callable[[Snapshot, Profile], Snapshot]] = {
    "longest": with_longest_names,
    "silent": with_silent_sources,
    "dead": with_every_source_dead,
    "empty": without_data,
}


def show(screen: Screen, snapshot: Snapshot, reference: str = "overview") -> None:
    """Open the frozen wall of a screen with this snapshot and wait until it is ready."""
    screen.page.route("**/frozen/extreme.json*", lambda route: route.fulfill(json=snapshot))
    screen.open(f"/wall?frozen=extreme&scene={reference}")
    screen.page.wait_for_selector("html[data-ready='true']", state="attached", timeout=60_000)


def _tables(snapshot: Snapshot, appeals: list[Value], incidents: list[Value]) -> dict[str, list[Value]]:
    """Return these rows, of the tables that the snapshot has."""
    rows = {"appeals": appeals, "incidents": incidents}
    return {name: rows[name] for name in snapshot["tables"]}


def _longest(nouns: Any) -> list[str]:
    return [noun.id for noun in sorted(nouns, key=lambda noun: (-len(noun.short_name), noun.id))]


def _change(values: Snapshot, stem: str, change: Callable[[Value], Value]) -> Snapshot:
    """Return the values with every one of a stem changed, whatever its scope."""
    return {
        key: change(value) if key.split("@")[0] == stem and value is not None else value
        for key, value in values.items()
    }


_SAME = object()


def _map_numbers(values: Snapshot, numbers: dict[str, float], *, default: Any = _SAME) -> Snapshot:
    """Return the values with the numbers of KPI tiles replaced."""

    def replace(value: Any) -> Any:
        if not isinstance(value, dict) or "kpi" not in value or "value" not in value:
            return value
        number = numbers.get(value["kpi"], value["value"] if default is _SAME else default)
        return value | {"value": number} | ({"n": 0, "previous": None} if number is None else {})

    return {
        stem: {key: replace(part) for key, part in value.items()} if isinstance(value, dict) else value
        for stem, value in values.items()
    }
