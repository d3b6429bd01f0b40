"""What a panel of a scene is narrowed to. Pure; `assets/js/scene.mjs` (`paramsOf`) decides the same."""

from __future__ import annotations

from collections.abc import Iterable

from svodka.scenes.kinds import PanelKind
from svodka.scenes.model import Scene, ScenePanel


def narrowings(
    panel: ScenePanel, kind: PanelKind, names: Iterable[str], scene_takes: str | None, argument: str | None
) -> dict[str, str | bool]:
    """Return those of `names` that a panel is narrowed to.

    Its own parameters come first, then what its scene is asked to show, then the first of the kind's choices.
    """
    found: dict[str, str | bool] = {}
    for name in names:
        if name in panel.params:
            found[name] = panel.params[name]
        elif name == scene_takes and argument is not None:
            found[name] = argument
        elif kind.choices.get(name, ("",))[0]:
            found[name] = kind.choices[name][0]
    return found


def rows_of(panel: ScenePanel, kind: PanelKind, scene: Scene, argument: str | None) -> tuple[str | None, str | None]:
    """Return of which area and sector the rows are that a panel shows; None: of all."""
    found = narrowings(panel, kind, kind.takes, scene.takes, argument)
    area, sector = (found.get(name) for name in ("area", "sector"))
    return (str(area) if area else None, str(sector) if sector else None)
