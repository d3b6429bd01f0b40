"""What a scene needs from the server: the keys of its panels' values, their tables, and whose rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from svodka.readmodels.keys import Scope
from svodka.readmodels.registry import key_of
from svodka.readmodels.view import View
from svodka.scenes.book import SceneBook
from svodka.scenes.kinds import PanelKind
from svodka.scenes.model import Scene, ScenePanel, SceneRef, parse_ref
from svodka.scenes.scoping import narrowings, rows_of

_VIEWS_KEPT = 1000
# Beside what its panels show every screen knows how its sources stand, and whether anything was ever received.
_ALWAYS = ("sources", "open")


class SceneViews:
    """The views of a book's scenes, as they are now.

    Args:
        book: The scenes.
    """

    def __init__(self, book: SceneBook) -> None:
        self.book = book
        self._kept: dict[tuple[str | None, str | None], View] = {}
        self._version = ""

    def view(self, text: str | None, wall: str | None = None) -> View:
        """Return what the scene of a reference needs; of the first scene where it refers to nothing that can be shown.

        Args:
            text: A reference.
            wall: Name of the wall that shows it; None: none does.
        """
        if self._version != self.book.version or len(self._kept) >= _VIEWS_KEPT:
            self._version, self._kept = self.book.version, {}
        view = self._kept.get((text, wall))
        if view is None:
            ref = self.book.find(text)
            view = view_of(self.book.scenes[ref.scene], ref.argument, self.book.kinds, wall)
            self._kept[text, wall] = view
        return view

    def known_view(self, text: str) -> View:
        """Return what a scene needs that no wall shows: for pictures and exports.

        Raises:
            KeyError: The reference is none that can be shown.
        """
        ref = parse_ref(text)
        if ref is None or not self.book.knows(ref):
            raise KeyError(text)
        return self.view(text)


def view_of(scene: Scene, argument: str | None, kinds: Mapping[str, PanelKind], wall: str | None = None) -> View:
    """Return the view of a scene.

    Args:
        scene: The scene.
        argument: Slug of the area or sector that it is asked to show; None: the region.
        kinds: Kinds of panel by name.
        wall: Name of the wall that shows it; None: none does (pictures, exports).

    Returns:
        The view; two screens of one wall that show the same scene have the same.
    """
    keys = {key_of(stem, Scope()) for stem in _ALWAYS}
    if wall is not None:
        keys.add(key_of("stage", Scope(wall=wall)))
    tables: set[str] = set()
    extents: set[tuple[str | None, str | None]] = set()
    for panel in scene.panels:
        kind = kinds[panel.kind]
        scope = scope_of(panel, kind, scene, argument)
        keys.update(key_of(stem, scope) for stem in (kind.stem, *_beside(panel, kind)))
        if kind.tables:
            tables.update(kind.tables)
            extents.add(rows_of(panel, kind, scene, argument))
    # All of a scene are of one area and sector (`svodka.scenes.checks`).
    area, sector = extents.pop() if extents else (None, None)
    return View(
        scene=str(SceneRef(scene.id, argument)),
        keys=frozenset(keys),
        tables=frozenset(tables),
        area=area,
        sector=sector,
    )


def _beside(panel: ScenePanel, kind: PanelKind) -> Iterator[str]:
    """Give the stems of the further values that a panel shows with its parameters."""
    for stem in kind.beside:
        name, values = kind.only_if.get(stem, ("", ()))
        if not name or panel.params.get(name, kind.choices[name][0]) in values:
            yield stem


def scope_of(panel: ScenePanel, kind: PanelKind, scene: Scene, argument: str | None) -> Scope:
    """Return what a panel's value is narrowed to: its own parameters, else what its scene is asked to show."""
    return msgspec.convert(narrowings(panel, kind, kind.takes, scene.takes, argument), Scope)


def key_text_of(panel: ScenePanel, kind: PanelKind, scene: Scene, argument: str | None) -> str:
    """Return the text under which a snapshot of the scene holds a panel's value."""
    return str(key_of(kind.stem, scope_of(panel, kind, scene, argument)))
