"""`python app.py walls`: what the walls will show (`preview`), and whether their file can be used (`check`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import timedelta

from commands.checks import ensure_home
from commands.directing import KnownScenes, build_keeper, find_faults
from svodka.director.plan import Plan, Wall
from svodka.director.preview import Shown
from svodka.domain.clock import SystemClock, clock_from_spec
from svodka.domain.errors import StartError
from svodka.domain.masking import mask
from svodka.observability.logs import configure_logs
from svodka.profiles.reader import load_profile
from svodka.scenes.book import SceneBook, scene_folders
from svodka.settings import Settings
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate

_MAX_H = 168


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("what", choices=("preview", "check"), help="what will be shown, or what is wrong with the file")
    parser.add_argument("--wall", default="", help="only this wall")
    parser.add_argument("--hours", type=float, default=24, help="how far preview looks (default 24)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print what is asked.

    Returns:
        0; 1 where `check` found something.

    Raises:
        StartError: The database cannot be used, there is no such wall, or the hours are none.
    """
    configure_logs(settings.log_level, "walls", SystemClock().now, mask)
    profile = load_profile(settings.profile, settings.sources)
    book = SceneBook(profile, scene_folders(profile, settings.scenes))
    keeper = build_keeper(profile, clock_from_spec(settings.clock), settings, book)
    if args.what == "check":
        faults = list(find_faults(keeper.plan, KnownScenes(book)))
        sys.stdout.writelines(f"{fault}\n" for fault in faults or ["Nothing is wrong."])
        return 1 if faults else 0
    walls = [wall for wall in keeper.plan.walls.values() if args.wall in {"", wall.id}]
    if not walls or not 0 < args.hours <= _MAX_H:
        known = ", ".join(keeper.plan.walls)
        message = f"Known walls are {known}; --hours is a number above 0, at most {_MAX_H}."
        raise StartError(message)
    ensure_home(settings.home)
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        for wall in walls:
            shown = keeper.look_ahead(database, wall.id, timedelta(hours=args.hours))
            sys.stdout.writelines(f"{line}\n" for line in _say(wall, shown, keeper.plan))
    finally:
        database.close()
    return 0


def _say(wall: Wall, shown: list[Shown], plan: Plan) -> Iterator[str]:
    yield f"{wall.id}: {wall.name}, {wall.screens_n} screens; if nothing happens and nobody does anything"
    for each in shown:
        from_at, to_at = (at.astimezone(plan.zone) for at in (each.from_at, each.to_at))
        length_s = round((each.to_at - each.from_at).total_seconds())
        screens = " | ".join(each.screens)
        yield f"{from_at:%d.%m %H:%M:%S} - {to_at:%H:%M:%S} {length_s:6} s  {each.playlist:16} {screens}"
