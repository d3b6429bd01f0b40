"""Looks at the folders of scenes once a second, so that a saved file shows on the walls without a restart."""

from __future__ import annotations

from svodka.realtime.loops import Loop
from svodka.scenes.book import SceneBook

_EVERY_S = 1.0


class SceneWatch(Loop):
    """The loop; walls are told of another version by the pulse."""

    def __init__(self, scenes: SceneBook) -> None:
        super().__init__("scene-watch", _EVERY_S)
        self._scenes = scenes

    def step(self) -> None:
        """Look once."""
        self._scenes.refresh()
