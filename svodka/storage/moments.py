"""Stored moments: the snapshots of some scenes, read in one transaction and kept for good, packed by zlib.

What was shown to people must be there to be looked at again; so nothing here changes or deletes a moment.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa

from svodka.storage.database import Connection
from svodka.storage.tables import moment_scenes, moments

MomentKind = Literal["still", "briefing", "export"]


class StoredMoment(msgspec.Struct, frozen=True, kw_only=True):
    """A stored moment.

    Attributes:
        id: As `2026-11-22-0930-7f3a`: the local day and minute, and four letters.
        kind: What it was stored for.
        title: What people call it.
        at: The server's clock at the moment.
        epoch, seq: The position of the log.
        saved_by: Who had it stored; "" for the program itself.
    """

    id: str
    kind: MomentKind
    title: str
    at: datetime
    epoch: str
    seq: int
    saved_by: str


class StoredScene(msgspec.Struct, frozen=True, kw_only=True):
    """A scene of a moment.

    Attributes:
        scene: Its reference.
        title: Its title then.
        panels: Its panels then, JSON: scene files may change.
        body: The snapshot, JSON.
    """

    scene: str
    title: str
    panels: str
    body: bytes


_COLUMNS = [moments.c[name] for name in StoredMoment.__struct_fields__]


def save_moment(connection: Connection, moment: StoredMoment, scenes: Sequence[StoredScene]) -> None:
    """Store a new moment with its scenes in their order."""
    connection.execute(moments.insert().values(**msgspec.structs.asdict(moment)))
    rows = [
        {
            "moment_id": moment.id,
            "position": position,
            "scene": scene.scene,
            "title": scene.title,
            "panels": scene.panels,
            "body": zlib.compress(scene.body),
        }
        for position, scene in enumerate(scenes)
    ]
    connection.execute(moment_scenes.insert(), rows)


def load_moment(connection: Connection, moment_id: str) -> StoredMoment | None:
    """Return a moment, None where there is none of this id."""
    row = connection.execute(sa.select(*_COLUMNS).where(moments.c.id == moment_id)).mappings().one_or_none()
    return None if row is None else StoredMoment(**row)


def load_moments(connection: Connection, kind: MomentKind, limit: int) -> list[StoredMoment]:
    """Return the newest moments of a kind, the newest first."""
    query = sa.select(*_COLUMNS).where(moments.c.kind == kind).order_by(moments.c.at.desc(), moments.c.id).limit(limit)
    return [StoredMoment(**row) for row in connection.execute(query).mappings()]


def load_scenes(connection: Connection, moment_id: str) -> list[StoredScene]:
    """Return the scenes of a moment in their order; none where there is no such moment."""
    query = _scenes(moment_id).order_by(moment_scenes.c.position)
    return [_read(row) for row in connection.execute(query).mappings()]


def load_scene_titles(connection: Connection, moment_id: str) -> dict[str, str]:
    """Return the titles of a moment's scenes by reference, in their order."""
    columns = moment_scenes.c
    query = sa.select(columns.scene, columns.title).where(columns.moment_id == moment_id).order_by(columns.position)
    return {row.scene: row.title for row in connection.execute(query)}


def load_scene(connection: Connection, moment_id: str, scene: str) -> StoredScene | None:
    """Return one scene of a moment, None where it was not stored."""
    query = _scenes(moment_id).where(moment_scenes.c.scene == scene)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _read(row)


def _scenes(moment_id: str) -> sa.Select[tuple[str, str, str, bytes]]:
    columns = moment_scenes.c
    return sa.select(columns.scene, columns.title, columns.panels, columns.body).where(columns.moment_id == moment_id)


def _read(row: sa.RowMapping) -> StoredScene:
    return StoredScene(scene=row["scene"], title=row["title"], panels=row["panels"], body=zlib.decompress(row["body"]))
