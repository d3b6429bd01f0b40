"""`app.py simulate`: feedback systems to poll, on loopback, from a generated day or from recordings."""

from __future__ import annotations

import argparse
import signal
import threading
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.front import Site
from simulator.history import DEFAULT_SEED, History
from simulator.inbox import InboxWriter
from simulator.moving import PlaceMover
from simulator.pushing import Sender, load_secret
from simulator.region import Region
from simulator.replay import Recording, ReplaySite
from simulator.server import SimulatorServer
from simulator.simulation import load_simulation
from simulator.systems import RegionSite
from svodka.domain.clock import Clock, ManualClock, ScaledClock, SystemClock, clock_from_spec
from svodka.domain.errors import StartError
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.settings import Settings

_MAX_SPEED = 100_000.0
_ALL_AT_ONCE = "max"
_PREPARED_DAYS = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0: any free one")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--day", action="store_true", help="a generated region, this day and those around it")
    what.add_argument("--replay", nargs="+", metavar="PATH", help="recordings, their beginning moved to now")
    parser.add_argument("--speed", default="1", help="seconds of simulated time per second, or max (default 1)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed, another region's days")
    parser.add_argument("--move-places", action="store_true", help="move recorded places onto the profile's map")
    parser.add_argument("--folder", type=Path, help="with --day: also put tables into this folder, as people do")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two tables (default 20)")
    parser.add_argument("--push", metavar="URL", help="with --day: also push to http://…/ingest/<source>")
    parser.add_argument("--push-secret", type=Path, metavar="FILE", help="what is signed with")
    parser.add_argument("--push-system", metavar="ID", help="whose appeals (default: the first system's)")
    parser.add_argument("--push-every", type=float, default=5.0, help="seconds between two deliveries (default 5)")
    parser.add_argument("--push-rough", action="store_true", help="with bad manners")
    parser.add_argument("--time-zone", default="UTC", help="zone of recorded times that name none (default UTC)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        args: What `add_arguments` declared.
        settings: Profile and clock.

    Returns:
        0.

    Raises:
        StartError: The port is in use, or a recording or an option cannot be used.
    """
    speed = _read_speed(args.speed)
    clock = choose_clock(settings.clock, speed)
    history, inbox, sender = None, None, None
    if args.day:
        profile = load_profile(settings.profile)
        history = History(Region(profile, load_simulation(profile), args.seed))
        site: Site = (region := RegionSite(history))
        inbox = _inbox(args, region, clock)
        sender = _sender(args, region, history, clock)
        if speed is None and isinstance(clock, ManualClock):
            clock.set(_end_of_day(profile, clock.now()))
    else:
        recording = Recording([Path(path) for path in args.replay], zone=_read_zone(args.time_zone))
        mover = PlaceMover(load_profile(settings.profile)) if args.move_places else None
        stepping = clock if isinstance(clock, ManualClock) else None
        site = ReplaySite(recording, starts_at=clock.now(), mover=mover, stepping=stepping)
    server = SimulatorServer(site, clock, port=args.port)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    address = server.start()
    print(address, flush=True)  # noqa: T201 - for whoever started it with port 0
    if history is not None:
        for _ in history.prepare(clock.now(), days_n=_PREPARED_DAYS):
            if ended.is_set():
                break
    helpers = [each for each in (inbox, sender) if each is not None]
    for each in helpers:
        each.start()
    ended.wait()
    for each in helpers:
        each.stop()
    server.stop()
    return 0


def _inbox(args: argparse.Namespace, region: RegionSite, clock: Clock) -> InboxWriter | None:
    if args.every <= 0:
        message = f"--every {args.every:g} is no number of seconds above 0."
        raise StartError(message)
    return None if args.folder is None else InboxWriter(args.folder, region.tables, clock, every_s=args.every)


def _sender(args: argparse.Namespace, region: RegionSite, history: History, clock: Clock) -> Sender | None:
    if args.push is None:
        return None
    if args.push_secret is None or args.push_every <= 0:
        message = "--push needs --push-secret FILE, and --push-every a number of seconds above 0."
        raise StartError(message)
    systems = [system.id for system in history.region.simulation.systems]
    system = args.push_system or systems[0]
    if system not in systems:
        message = f"--push-system {system} is none of {', '.join(systems)}."
        raise StartError(message)
    return Sender(
        region,
        system,
        url=args.push,
        secret=load_secret(args.push_secret),
        clock=clock,
        real_clock=SystemClock(),
        since=clock.now() - timedelta(days=1),
        every_s=args.push_every,
        is_rough=args.push_rough,
    )


def choose_clock(spec: str, speed: float | None) -> Clock:
    """Return the clock to serve by.

    Args:
        spec: `SVODKA_CLOCK`; where it is not the system's, it wins, so that all processes share one time.
        speed: Seconds per second; None: as fast as it goes.
    """
    if spec != "system":
        return clock_from_spec(spec)
    now = SystemClock().now()
    if speed is None:
        return ManualClock(now)
    return SystemClock() if speed == 1 else ScaledClock(origin=now, real_origin=now, rate=speed)


def _read_speed(text: str) -> float | None:
    if text == _ALL_AT_ONCE:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= _MAX_SPEED:
        message = f"--speed {text} is neither a number above 0 nor max."
        raise StartError(message)
    return speed


def _read_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        message = f"--time-zone {name} is not the name of a zone."
        raise StartError(message) from error


def _end_of_day(profile: Profile, now: datetime) -> datetime:
    tomorrow = now.astimezone(profile.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=profile.zone).astimezone(UTC) - timedelta(seconds=1)
