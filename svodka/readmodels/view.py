"""What a scene needs from the server. Two browsers that show the same scene share it."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import msgspec

from svodka.readmodels.keys import Extent, Key

_MARK_CHARACTERS = 16


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a scene.

    Attributes:
        scene: The reference of the scene (`overview`, `area:kemerovo`).
        keys: The values it holds.
        tables: Tables whose rows it holds.
        area: Slug of the only area whose rows it holds; None: of the whole region.
        sector: Slug of the only sector whose rows it holds.
    """

    scene: str
    keys: frozenset[Key]
    tables: frozenset[str]
    area: str | None = None
    sector: str | None = None

    @property
    def extent(self) -> Extent:
        """Whose rows it holds."""
        return Extent(area=self.area, sector=self.sector)

    @property
    def mark(self) -> str:
        """A short word for exactly this content: a page that holds another one needs a snapshot."""
        return _mark(self)


@lru_cache(maxsize=1024)
def _mark(view: View) -> str:
    content = [view.scene, *sorted(map(str, view.keys)), "", *sorted(view.tables), view.area or "", view.sector or ""]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:_MARK_CHARACTERS]
