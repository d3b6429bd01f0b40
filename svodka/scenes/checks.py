"""What is wrong with a scene: against the kinds of panel, the profile and its own grid. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from svodka.profiles.model import Profile
from svodka.scenes.faults import SceneFault
from svodka.scenes.kinds import PERIODS, PanelKind
from svodka.scenes.model import Grid, Place, Scene, ScenePanel
from svodka.scenes.placing import SCREEN, lay_panels, place_of
from svodka.scenes.reader import ReadScene
from svodka.scenes.scoping import rows_of

_WIDE_SCREEN = (288.0, 108.0)


def find_faults(read: ReadScene, kinds: Mapping[str, PanelKind], profile: Profile) -> list[SceneFault]:
    """Return what is wrong with a scene, in the order of its file; [] when it can be shown.

    Args:
        read: The scene with its file and lines.
        kinds: Kinds of panel by name.
        profile: The region, for areas and sectors.
    """
    scene = read.scene
    lines = dict(zip(map(id, scene.panels), read.lines, strict=False))

    def at(panel: ScenePanel, text: str) -> SceneFault:
        return SceneFault(read.file, lines.get(id(panel), 0), f"{panel.kind}: {text}")

    faults = [
        at(panel, text)
        for panel in scene.panels
        for text in _panel_faults(panel, kinds.get(panel.kind), kinds, profile)
    ]
    counts = Counter(panel.kind for panel in scene.panels)
    faults += [
        SceneFault(read.file, 0, f"{kind}: {n} panels of this kind, a scene may hold {kinds[kind].most_n}")
        for kind, n in counts.items()
        if kind in kinds and n > kinds[kind].most_n
    ]
    faults += [at(panel, text) for panel, text in _row_faults(scene, kinds)]
    grids = [(scene.grid, False)] + ([] if scene.wide is None else [(scene.wide, True)])
    grid_faults = [
        at(panel, text) for grid, is_wide in grids for panel, text in _grid_faults(scene, grid, is_wide=is_wide)
    ]
    faults += grid_faults
    if not faults:
        faults += [at(panel, text) for panel, text in _size_faults(scene, kinds)]
    return faults


def _panel_faults(
    panel: ScenePanel, kind: PanelKind | None, kinds: Mapping[str, PanelKind], profile: Profile
) -> Iterator[str]:
    if kind is None:
        yield f"there is no such kind of panel; there are {', '.join(sorted(kinds))}"
        return
    if panel.at is None and panel.wide_at is None:
        yield "it stands nowhere: write at = [column, row]"
    known: dict[str, tuple[str | bool, ...]] = {
        "area": tuple(area.id for area in profile.areas),
        "sector": tuple(sector.id for sector in profile.sectors),
        "period": PERIODS,
    }
    allowed = {name: known[name] for name in kind.takes if name in known} | dict(kind.choices)
    for name, value in panel.params.items():
        if name not in allowed:
            takes = f"it takes {', '.join(sorted(allowed))}" if allowed else "it takes none"
            yield f"{name} is no parameter of this kind; {takes}"
        elif value not in allowed[name]:
            yield f"{name} = {value!r} is unknown; it may be {_few(allowed[name])}"


def _row_faults(scene: Scene, kinds: Mapping[str, PanelKind]) -> Iterator[tuple[ScenePanel, str]]:
    """A screen gets the rows of one area and sector: a panel of another would show too few, or foreign ones."""
    of_rows = [panel for panel in scene.panels if panel.kind in kinds and kinds[panel.kind].tables]
    extents = [rows_of(panel, kinds[panel.kind], scene, "asked") for panel in of_rows]
    for panel, extent in zip(of_rows[1:], extents[1:], strict=True):
        if extent != extents[0]:
            yield panel, f"shows rows of another area or sector than {of_rows[0].kind}: a scene has those of one"


def _few(values: tuple[str | bool, ...], most: int = 12) -> str:
    named = [str(value).lower() if isinstance(value, bool) else value for value in values[:most]]
    return ", ".join(named) + (f" and {len(values) - most} more" if len(values) > most else "")


def _grid_faults(scene: Scene, grid: Grid, *, is_wide: bool) -> Iterator[tuple[ScenePanel, str]]:
    word = "the wide grid" if is_wide else "the grid"
    size = (len(grid.columns), len(grid.rows))
    placed: list[tuple[ScenePanel, Place, Place]] = []
    for panel in scene.panels:
        place = place_of(panel, is_wide=is_wide)
        if place is None:
            continue
        at, span = place
        end = (at[0] + span[0] - 1, at[1] + span[1] - 1)
        if end[0] > size[0] or end[1] > size[1]:
            yield panel, f"outside of {word}, which has {size[0]} columns and {size[1]} rows"
            continue
        for other, first, last in placed:
            if at[0] <= last[0] and first[0] <= end[0] and at[1] <= last[1] and first[1] <= end[1]:
                yield panel, f"overlaps {other.kind} on {word}"
        placed.append((panel, at, end))


def _size_faults(scene: Scene, kinds: Mapping[str, PanelKind]) -> Iterator[tuple[ScenePanel, str]]:
    for screen in (SCREEN, _WIDE_SCREEN) if scene.wide is not None else (SCREEN,):
        for panel, box in lay_panels(scene, *screen):
            width, height = kinds[panel.kind].minimum
            if box.width < width or box.height < height:
                size = f"{box.width:.1f} x {box.height:.1f}"
                yield (
                    panel,
                    f"too small: {size} scene units on a screen of {screen[0]:.0f}, at least {width:g} x {height:g}",
                )
