"""A small region and invented facts, put straight into the tables; rollups are rebuilt from them by the product."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from svodka.profiles.model import (
    Area,
    Channel,
    IncidentKind,
    Level,
    Norm,
    Profile,
    Sector,
    SourceConfig,
    Target,
    Topic,
)
from svodka.storage.database import Connection
from svodka.storage.rollups import rebuild_rollups
from svodka.storage.sources import SourceHealth, save_source
from svodka.storage.tables import appeals, incidents, sources

SECTORS = ("housing", "roads", "other")
AREAS = ("north-town", "south-district", "nowhere")
CHANNELS = ("portal", "letters", "chat")
LEVELS = ("grave", "middle", "mild")


def small_profile(time_zone: str = "Asia/Novokuznetsk") -> Profile:
    """Return a region of three areas: one without population; a channel with a preset term and one without any."""
    source = SourceConfig(
        id="portal-main",
        name="Portal",
        connector="open311",
        records="appeals",
        url="http://127.0.0.1:1",
        interval_s=10,
        ageing_s=30,
        stale_s=60,
        dead_s=600,
        channel="portal",
    )
    return Profile(
        id="small",
        name="Small",
        title="Small",
        time_zone=time_zone,
        federal_time_zone="Europe/Moscow",
        partial_min_cover=0.6,
        outline="",
        vocabulary={},
        sectors=tuple(Sector(id=id_, name=id_, short_name=id_) for id_ in SECTORS),
        topics=(
            Topic(id="heating", sector="housing", name="Heating", short_name="Heating"),
            Topic(id="potholes", sector="roads", name="Potholes", short_name="Potholes"),
            Topic(id="other", sector="other", name="Other", short_name="Other", other=True),
        ),
        areas=tuple(
            Area(
                id=id_,
                name=id_,
                short_name=id_,
                kind="urban",
                centre=id_,
                lat=54.0,
                lon=86.0 + n,
                population=population,
            )
            for n, (id_, population) in enumerate(zip(AREAS, (48_300, 7_150, None), strict=True))
        ),
        places=(),
        bodies=(),
        norms=(Norm(id="letters-30d", name="30 days", hours=720, source="an act", date="2026-01-01"),),
        channels=(
            Channel(id="portal", name="Portal", short_name="Portal"),
            Channel(id="letters", name="Letters", short_name="Letters", norm="letters-30d"),
            Channel(id="chat", name="Chat", short_name="Chat"),
        ),
        targets=(Target(kpi="in_time", value=0.9, better="higher", source="nobody", date="2026-01-01", example=True),),
        levels=tuple(
            Level(id=id_, name=id_, short_name=id_, rank=rank, shape="circle", tone="info")
            for rank, id_ in enumerate(LEVELS, start=1)
        ),
        incident_kinds=(
            IncidentKind(id="any", name="Any", short_name="Any", other=True),
            IncidentKind(id="heat", name="Heat", short_name="Heat", sector="housing"),
        ),
        sources=(source,),
        provenance={},
        folder="",
    )


def put_facts(connection: Connection, profile: Profile, truth: Mapping[str, Any]) -> None:
    """Replace all facts by those of `truth` (the oracle's form), terms by preset applied, and rebuild the rollups."""
    connection.execute(sa.delete(appeals))
    connection.execute(sa.delete(incidents))
    norms = {norm.id: norm for norm in profile.norms}
    by_channel = {channel.id: norms.get(channel.norm or "") for channel in profile.channels}
    rows = [_appeal(id_, row, by_channel[row["channel"]]) for id_, row in enumerate(truth["appeals"], start=1)]
    _insert(connection, appeals, rows)
    _insert(connection, incidents, [_incident(id_, row) for id_, row in enumerate(truth["incidents"], start=1)])
    connection.execute(sa.delete(sources))
    if truth.get("history_from") is not None:
        health = SourceHealth(source_id=profile.sources[0].id, covered_from_at=truth["history_from"])
        save_source(connection, health)
    rebuild_rollups(connection, profile.zone)


def _insert(connection: Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    if values := list(rows):
        connection.execute(sa.insert(table), values)


def _appeal(id_: int, row: Mapping[str, Any], norm: Norm | None) -> dict[str, Any]:
    received_at: datetime = row["received_at"]
    due_at, basis = row["due_at"], "record"
    if due_at is None:
        due_at, basis = (None, "none") if norm is None else (received_at + timedelta(hours=norm.hours), "norm")
    return {
        "id": id_,
        "source_id": "portal-main",
        "foreign_id": f"f{id_}",
        "channel": row["channel"],
        "sector": row["sector"],
        "topic": row.get("topic", "heating"),
        "topic_reason": "source_map",
        "area": row["area"],
        "area_reason": "unknown" if row["area"] is None else "source_name",
        "body": None,
        "status": row["status"],
        "is_open": row["status"] in {"new", "in_work"},
        "received_at": received_at,
        "feed_at": row.get("feed_at", received_at),
        "updated_at": None,
        "answered_at": row["answered_at"],
        "due_at": due_at,
        "due_basis": basis,
        "due_norm": norm.id if basis == "norm" and norm else None,
        "rating": row["rating"],
        "lat": row.get("lat"),
        "lon": row.get("lon"),
        "point_state": "absent",
        "moved": False,
        "repeat_of": None,
        "text": "",
        "fingerprint": hashlib.sha256(str(id_).encode()).hexdigest()[:32],
        "version": 1,
        "valid_at": received_at,
        "known_at": row.get("known_at", received_at),
    }


def _incident(id_: int, row: Mapping[str, Any]) -> dict[str, Any]:
    started_at: datetime = row["started_at"]
    return {
        "id": id_,
        "source_id": "dispatch",
        "foreign_id": f"i{id_}",
        "kind": row.get("kind", "any"),
        "level": row["level"],
        "area": row["area"],
        "area_reason": "unknown",
        "status": "in_work" if row["is_open"] else "closed",
        "is_open": row["is_open"],
        "close_reason": None if row["is_open"] else "source",
        "started_at": started_at,
        "updated_at": None,
        "closed_at": None,
        "affected_n": None,
        "lat": row.get("lat"),
        "lon": row.get("lon"),
        "point_state": "absent",
        "moved": False,
        "title": "",
        "missing_polls": 0,
        "fingerprint": hashlib.sha256(str(id_).encode()).hexdigest()[:32],
        "version": 1,
        "valid_at": started_at,
        "known_at": started_at,
    }
