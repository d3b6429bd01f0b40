"""Whether what a scene shows can be read in a room, and its signs told apart. Pure, but for the token file.

Three questions: are letters large enough from where people sit; does a panel with text lie across a seam between two
displays; and can every two signs that may stand side by side be told apart, also with a colour deficiency. Where the
colours of two signs come too near, their shapes must differ (words stand beside all of them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import msgspec

from svodka.profiles.model import Level
from svodka.scenes.colour import DEFICIENCIES, Deficiency, difference
from svodka.scenes.kinds import PanelKind
from svodka.scenes.model import Scene
from svodka.scenes.placing import Box, lay_panels
from svodka.scenes.room import (
    ESSENTIAL_PX,
    MIN_CAPITAL_ARCMIN,
    MIN_LOWER_CASE_ARCMIN,
    SECONDARY_PX,
    VIRTUAL_PX,
    Room,
    arcmin_of,
    letter_heights,
)
from svodka.scenes.tokens import Tokens

# Two colours farther apart than this are told apart by colour alone.
MIN_DIFFERENCE = 10.0


class ClassHeights(msgspec.Struct, frozen=True, kw_only=True):
    """How high a class of text is in a room.

    Attributes:
        name: `essential` or `secondary`.
        seat_m: From where it must be read.
        capital_mm: Height of a capital on the glass.
        capital_arcmin: The same as seen from there.
        lower_case_arcmin: Height of a lower-case letter as seen from there.
    """

    name: str
    seat_m: float
    capital_mm: float
    capital_arcmin: float
    lower_case_arcmin: float

    @property
    def is_readable(self) -> bool:
        """Whether both heights reach what is asked."""
        return self.capital_arcmin >= MIN_CAPITAL_ARCMIN and self.lower_case_arcmin >= MIN_LOWER_CASE_ARCMIN


class Status(msgspec.Struct, frozen=True):
    """A sign that says something: its name, the token of its colour, its shape."""

    name: str
    token: str
    shape: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two signs side by side.

    Attributes:
        one: The first.
        other: The second.
        seen: Difference of their colours (CIEDE2000): without a deficiency under `""`, else by its name.
    """

    one: Status
    other: Status
    seen: dict[str, float]

    @property
    def least(self) -> float:
        """The smallest difference."""
        return min(self.seen.values())

    @property
    def told_by(self) -> str:
        """What tells them apart for everybody: `colour`, `shape`, or `nothing`."""
        if self.least >= MIN_DIFFERENCE:
            return "colour"
        return "shape" if self.one.shape != self.other.shape else "nothing"


# Signs of the wall beside those of incidents' levels (assets/css/panels.css gives them their shapes).
STATES: tuple[Status, ...] = (
    Status("late", "tone-late", "hourglass"),
    Status("target missed", "tone-warning", "arrow"),
    Status("source stale or dead", "tone-warning", "cross"),
    Status("source ageing", "grey-200", "hourglass"),
    Status("source fresh", "grey-300", "circle"),
)


def measure_classes(room: Room) -> tuple[ClassHeights, ClassHeights]:
    """Return how high essential and secondary text are in a room."""
    return (
        height_of("essential", ESSENTIAL_PX, room, room.farthest_seat_m),
        height_of("secondary", SECONDARY_PX, room, room.first_row_m),
    )


def height_of(name: str, type_px: float, room: Room, seat_m: float) -> ClassHeights:
    """Return how high text of a size in virtual pixels is, seen from a seat."""
    capital, lower = (share * type_px * room.virtual_px_mm for share in letter_heights())
    return ClassHeights(
        name=name,
        seat_m=seat_m,
        capital_mm=capital,
        capital_arcmin=arcmin_of(capital, seat_m),
        lower_case_arcmin=arcmin_of(lower, seat_m),
    )


def find_unreadable(room: Room) -> list[str]:
    """Return a sentence for each class of text that is too small in a room."""
    return [
        f"{heights.name} text is too small: capitals of {heights.capital_arcmin:.1f} minutes of arc from"
        f" {heights.seat_m:g} m, at least {MIN_CAPITAL_ARCMIN:g} are needed: let virtual_height be"
        f" {int(room.readable_height)} or less, or 0"
        for heights in measure_classes(room)
        if not heights.is_readable
    ]


def find_room_faults(scene: Scene, room: Room, kinds: Mapping[str, PanelKind]) -> list[str]:
    """Return what is wrong with a scene in a room: panels that get too small there, and panels across a seam.

    Args:
        scene: A scene without faults of its own.
        room: Where it is shown.
        kinds: Kinds of panel by name.
    """
    faults = []
    for panel, box in lay_panels(scene, room.width / VIRTUAL_PX, room.height / VIRTUAL_PX):
        kind = kinds[panel.kind]
        width, height = kind.minimum
        if box.width < width or box.height < height:
            size = f"{box.width:.1f} x {box.height:.1f}"
            faults.append(f"{kind.kind} gets {size} scene units here, at least {width:g} x {height:g} are needed")
        if not kind.may_cross_bezel:
            faults += [
                f"{kind.kind} lies across {seam}; let a gap of the grid lie there" for seam in _crossed(room, box)
            ]
    return faults


def _crossed(room: Room, box: Box) -> Iterator[str]:
    half = room.bezels.px / 2
    for name, seams, first, size in (
        ("the upright seam at", room.bezels.x, box.x, box.width),
        ("the level seam at", room.bezels.y, box.y, box.height),
    ):
        for seam in seams:
            if first * VIRTUAL_PX < seam + half and (first + size) * VIRTUAL_PX > seam - half:
                end = f"{first:.1f} to {first + size:.1f} scene units"
                yield f"{name} {seam / VIRTUAL_PX:.1f} (from {end})"


def compare_statuses(tokens: Tokens, levels: Iterable[Level]) -> list[Pair]:
    """Return every pair of signs that may stand side by side, in one theme.

    Args:
        tokens: Of the theme.
        levels: Of incidents, each with its shape and tone.
    """
    statuses = (*(Status(level.id, f"tone-{level.tone}", level.shape) for level in levels), *STATES)
    return [_pair(one, other, tokens) for one, other in combinations(statuses, 2)]


def _pair(one: Status, other: Status, tokens: Tokens) -> Pair:
    colours = tokens.colour(one.token), tokens.colour(other.token)
    visions: tuple[Deficiency | None, ...] = (None, *DEFICIENCIES)
    return Pair(one=one, other=other, seen={vision or "": difference(*colours, vision) for vision in visions})
