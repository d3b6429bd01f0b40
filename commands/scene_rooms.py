"""What `python app.py scenes lint` says about rooms: heights of letters, scenes that do not fit, signs side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from svodka.profiles.model import Level
from svodka.scenes.kinds import PanelKind
from svodka.scenes.legibility import (
    MIN_DIFFERENCE,
    Pair,
    compare_statuses,
    find_room_faults,
    find_unreadable,
    measure_classes,
)
from svodka.scenes.model import Scene
from svodka.scenes.room import MIN_CAPITAL_ARCMIN, MIN_LOWER_CASE_ARCMIN, Room
from svodka.scenes.tokens import THEMES, load_tokens


def describe_room(name: str, room: Room) -> Iterator[str]:
    """Yield lines about a room: its scene and how high each class of text is."""
    yield f"{name}: {room.title_en}, a scene of {room.width:.0f} x {room.height} virtual pixels"
    yield "  text       from   capitals              lower case"
    for text in measure_classes(room):
        yield (
            f"  {text.name:9} {text.seat_m:4g} m  {text.capital_mm:5.1f} mm"
            f"  {text.capital_arcmin:4.1f}' (>= {MIN_CAPITAL_ARCMIN:g})"
            f"  {text.lower_case_arcmin:4.1f}' (>= {MIN_LOWER_CASE_ARCMIN:g}, AVIXA)"
        )


def find_faults_in(name: str, room: Room, scenes: Iterable[Scene], kinds: Mapping[str, PanelKind]) -> Iterator[str]:
    """Yield a line for each fault of a room and of each scene in it."""
    yield from (f"{name}: {said}" for said in find_unreadable(room))
    for scene in scenes:
        yield from (f"{name}: {scene.id}: {said}" for said in find_room_faults(scene, room, kinds))


def describe_scenes(
    rooms: Mapping[str, Room], scenes: Iterable[Scene], kinds: Mapping[str, PanelKind]
) -> Iterator[str]:
    """Yield a table: each scene in each room, with the heights of its letters and how many faults it has there."""
    yield f"{'scenes':12}" + "".join(f"{name:>32}" for name in rooms)
    for scene in scenes:
        cells = []
        for room in rooms.values():
            heights = " ".join(f"{text.capital_arcmin:.1f}'" for text in measure_classes(room))
            faults_n = len(find_room_faults(scene, room, kinds))
            cells.append(f"{heights}, {f'{faults_n} faults' if faults_n else 'fits'}")
        yield f"{scene.id:12}" + "".join(f"{cell:>32}" for cell in cells)


def compare_signs(levels: Iterable[Level]) -> tuple[list[str], list[str]]:
    """Return a table of how different signs look side by side in every theme, and a line for each fault.

    Args:
        levels: Of incidents.
    """
    levels = tuple(levels)
    table = [f"signs: CIEDE2000 of their colours; {MIN_DIFFERENCE:g} and more are told apart by colour alone"]
    table.append(f"  {'':60}  usual  protan  deutan  tritan  told by")
    faults = []
    for theme in THEMES:
        for low in (False, True):
            mode = f"{theme}, low vision" if low else theme
            pairs = compare_statuses(load_tokens(theme, low_vision=low), levels)
            table += [mode, *(f"  {_pair(pair)}" for pair in pairs)]
            faults += [f"{mode}: {_names(pair)} look alike" for pair in pairs if pair.told_by == "nothing"]
    return table, faults


def _names(pair: Pair) -> str:
    return f"{pair.one.name} ({pair.one.shape}), {pair.other.name} ({pair.other.shape})"


def _pair(pair: Pair) -> str:
    return f"{_names(pair):60}" + "".join(f"{seen:7.1f} " for seen in pair.seen.values()) + f" {pair.told_by}"
