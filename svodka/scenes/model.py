"""What a scene file says: a grid, the panels on it with their parameters, a title. Pure.

Units: a number in `columns` and `rows` is that many scene units of 10 px at 1920x1080 (1rem on the page); `"2fr"` is a
share of what the others leave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

GAP = 1.3
_REF = re.compile(r"([a-z][a-z0-9-]*)(?::([a-z0-9][a-z0-9-]*))?")
_WIDE_FROM = 2.2

Position = Annotated[int, msgspec.Meta(ge=1, le=24)]
Place = tuple[Position, Position]
Track = float | Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?fr$")]
Tracks = Annotated[tuple[Track, ...], msgspec.Meta(min_length=1, max_length=24)]


class Grid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tracks of a grid."""

    columns: Tracks
    rows: Tracks


class ScenePanel(msgspec.Struct, frozen=True, kw_only=True):
    """A panel of a scene.

    Attributes:
        kind: A name of `svodka.scenes.kinds`.
        at: Column and row from 1; None: only on wide screens.
        span: Columns and rows.
        wide_at: The same on the grid for wide screens; None: it does not stand there.
        wide_span: Columns and rows there.
        params: Parameters of the kind, as written; what is not written has the scene's or the kind's default.
        title: In place of the kind's own title.
        title_en: The same in English.
    """

    kind: str
    at: Place | None = None
    span: Place = (1, 1)
    wide_at: Place | None = None
    wide_span: Place = (1, 1)
    params: Mapping[str, str | bool] = {}
    title: str = ""
    title_en: str = ""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A scene.

    Attributes:
        id: The name of its file.
        title: In the language of the region.
        title_en: In English; empty: as `title`.
        takes: What it is asked to show (`area:…`, `sector:…`); None: the region.
        grid: Where panels may stand.
        wide: The same for screens wider than 2.2:1; None: the same grid.
        panels: In the order of reading.
    """

    id: str
    title: str
    title_en: str = ""
    takes: Literal["area", "sector"] | None = None
    grid: Grid
    wide: Grid | None = None
    panels: tuple[ScenePanel, ...]

    def is_wide_at(self, width: float, height: float) -> bool:
        """Whether a screen of that size gets the grid for wide screens."""
        return self.wide is not None and width > _WIDE_FROM * height


class SceneRef(msgspec.Struct, frozen=True):
    """What to show: a scene, and of what."""

    scene: str
    argument: str | None = None

    def __str__(self) -> str:
        """Return it as text: `overview`, `sector:housing`."""
        return self.scene if self.argument is None else f"{self.scene}:{self.argument}"


def parse_ref(text: str) -> SceneRef | None:
    """Return what a text like `overview` or `sector:housing` refers to; None where it is none."""
    found = _REF.fullmatch(text)
    return None if found is None else SceneRef(found[1], found[2])
