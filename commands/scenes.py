"""`python app.py scenes`: which scenes there are, and what is wrong with their files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commands.scene_rooms import compare_signs, describe_room, describe_scenes, find_faults_in
from svodka.domain.clock import SystemClock
from svodka.domain.masking import mask
from svodka.observability.logs import configure_logs
from svodka.profiles.reader import load_profile
from svodka.scenes.book import SceneBook, scene_folders
from svodka.scenes.room import find_room, load_room
from svodka.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("what", choices=("list", "lint"), help="list: all scenes; lint: what is wrong with their files")
    parser.add_argument(
        "--room",
        action="append",
        default=[],
        metavar="ROOM",
        help="with lint: also whether they can be read there (a room of the profile, or a file); may be given again",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print the scenes, or what lint finds: figures of the rooms, then one line for each fault.

    Returns:
        0; 1 where lint found a fault.

    Raises:
        ProfileError: There is no such room, or its file cannot be used.
    """
    configure_logs("error", "scenes", SystemClock().now, mask)  # what the log would say is said here
    profile = load_profile(settings.profile, settings.sources)
    book = SceneBook(profile, scene_folders(profile, settings.scenes))
    if args.what == "list":
        sys.stdout.writelines(f"{_line(book, name)}\n" for name in book.scenes)
        return 0
    figures, faults = _judge_rooms(book, args.room)
    faults = [*map(str, book.faults), *faults]
    sys.stdout.writelines(f"{line}\n" for line in (*figures, *(faults or [f"{len(book.scenes)} scenes, no fault"])))
    return 1 if faults else 0


def _judge_rooms(book: SceneBook, names: list[str]) -> tuple[list[str], list[str]]:
    """Return figures and faults of every scene in these rooms; nothing where no room is named."""
    figures: list[str] = []
    faults: list[str] = []
    rooms = {name: load_room(find_room(name, Path(book.profile.folder))) for name in names}
    for name, room in rooms.items():
        figures += describe_room(name, room)
        faults += find_faults_in(name, room, book.scenes.values(), book.kinds)
    if names:
        figures += describe_scenes(rooms, book.scenes.values(), book.kinds)
        table, alike = compare_signs(book.profile.levels)
        figures, faults = figures + table, faults + alike
    return figures, faults


def _line(book: SceneBook, name: str) -> str:
    scene = book.scenes[name]
    takes = f"{name}:<{scene.takes}>" if scene.takes else name
    return f"{takes:24} {scene.title:24} {len(scene.panels)} panels"
