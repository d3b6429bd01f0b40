"""Where the panels of a scene stand on a screen, in scene units of 10 px. Pure.

The same numbers stand in assets/css/scene.css; a browser test holds them together.
"""

from __future__ import annotations

import msgspec

from svodka.scenes.model import GAP, Grid, Place, Scene, ScenePanel, Tracks

SCREEN = (192.0, 108.0)
# What stands around the grid: margins of the screen, the head and the gap below it.
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM, HEAD, HEAD_GAP = 2.0, 1.4, 1.6, 7.6, 1.2


class Box(msgspec.Struct, frozen=True):
    """A rectangle on the screen: upper left corner and size."""

    x: float
    y: float
    width: float
    height: float


def place_of(panel: ScenePanel, *, is_wide: bool) -> tuple[Place, Place] | None:
    """Return where a panel stands and what it spans; None where it does not stand on such a screen."""
    at, span = (panel.wide_at, panel.wide_span) if is_wide else (panel.at, panel.span)
    return None if at is None else (at, span)


def lay_tracks(tracks: Tracks, room: float) -> list[tuple[float, float]]:
    """Return start and size of each track; shares get nothing, never less, where the fixed ones need all the room."""
    fixed = sum(track for track in tracks if isinstance(track, float | int))
    shares = sum(_share(track) for track in tracks)
    free = max(0.0, room - fixed - GAP * (len(tracks) - 1))
    laid, at = [], 0.0
    for track in tracks:
        size = free * _share(track) / shares if isinstance(track, str) else float(track)
        laid.append((at, size))
        at += size + GAP
    return laid


def lay_panels(scene: Scene, width: float = SCREEN[0], height: float = SCREEN[1]) -> list[tuple[ScenePanel, Box]]:
    """Return the panels that stand on a screen of that size, each with its place on it.

    Args:
        scene: A scene whose panels lie inside its grid.
        width: Of the screen, scene units.
        height: Of the screen, scene units.
    """
    is_wide = scene.is_wide_at(width, height)
    grid = scene.wide if is_wide and scene.wide is not None else scene.grid
    columns, rows = _lay_grid(grid, width, height)
    laid = []
    for panel in scene.panels:
        place = place_of(panel, is_wide=is_wide)
        if place is not None:
            (column, row), (across, down) = place
            x, y = columns[column - 1][0], rows[row - 1][0]
            right, bottom = (sum(track[end]) for track, end in ((columns, column + across - 2), (rows, row + down - 2)))
            top = MARGIN_TOP + HEAD + HEAD_GAP
            laid.append((panel, Box(MARGIN_X + x, top + y, right - x, bottom - y)))
    return laid


def _lay_grid(grid: Grid, width: float, height: float) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    room_y = height - MARGIN_TOP - HEAD - HEAD_GAP - MARGIN_BOTTOM
    return lay_tracks(grid.columns, width - 2 * MARGIN_X), lay_tracks(grid.rows, room_y)


def _share(track: float | str) -> float:
    return float(track.removesuffix("fr")) if isinstance(track, str) else 0.0
