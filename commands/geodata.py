"""`python app.py geodata`: prepare the map from official borders, or schematically where there are none."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from commands.checks import ensure_home
from svodka.domain.clock import clock_from_spec
from svodka.domain.errors import StartError
from svodka.geography.geometry import FOLDER, Manifest, read_manifest, save_geometry, save_schematic
from svodka.geography.official import Borders, read_borders
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.settings import Settings

VENDOR = Path(__file__).resolve().parent.parent / "assets" / "vendor"
_UNMATCHED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the word."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--borders", metavar="FILE", help="GeoJSON, Shapefile or GeoPackage with one shape per municipality"
    )
    what.add_argument("--schematic", action="store_true", help="make schematic areas, replacing what is there")
    parser.add_argument("--attribution", action="append", default=[], metavar="TEXT", help="line to show with the map")
    parser.add_argument("--name-field", default="", metavar="F", help="field of FILE that holds the names")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prepare the map, or say what is prepared.

    Args:
        args: The options.
        settings: Home, profile and clock.

    Returns:
        0; 1 where an area has no border in the file, and then nothing is written.

    Raises:
        StartError: A file cannot be read or written, or official borders come without an attribution.
    """
    profile = load_profile(settings.profile, settings.sources)
    if args.borders:
        if not args.attribution:
            message = "Official borders need the line that names their source: --attribution TEXT."
            raise StartError(message)
        return _import(args, settings, profile)
    if args.schematic:
        ensure_home(settings.home)
        manifest = save_schematic(settings.home, profile, VENDOR, created_at=clock_from_spec(settings.clock).now())
        _print_manifest(settings, manifest)
        return 0
    known = read_manifest(settings.home)
    if known is None:
        _print(f"No map in {settings.home / FOLDER} yet; use --schematic or --borders FILE --attribution TEXT.")
    else:
        _print_manifest(settings, known)
    return 0


def _import(args: argparse.Namespace, settings: Settings, profile: Profile) -> int:
    borders = read_borders(Path(args.borders), profile, name_field=args.name_field)
    _print_table(borders, profile)
    if borders.unmatched_areas:
        _print(f"{len(borders.unmatched_areas)} areas have no border in the file; nothing was written.", is_error=True)
        return _UNMATCHED
    ensure_home(settings.home)
    manifest = save_geometry(
        settings.home,
        profile,
        borders.shapes,
        kind="official",
        attribution=tuple(args.attribution),
        created_at=clock_from_spec(settings.clock).now(),
        matched=borders.matched,
        unmatched_names=borders.unmatched_names,
    )
    _print(f"{borders.vertices_before} vertices became {borders.vertices_after}.")
    _print_manifest(settings, manifest)
    _print("Restart the web and poll processes: they read the map when they start.")
    return 0


def _print_table(borders: Borders, profile: Profile) -> None:
    width = max(len(area.name) for area in profile.areas)
    _print(f"Matched by the field {borders.name_field!r}: {len(borders.matched)} of {len(profile.areas)} areas.")
    for area in profile.areas:
        _print(f"  {area.name:{width}}  {borders.matched.get(area.id, '-- no border --')}")
    for name in borders.unmatched_names:
        _print(f"  {'-- no area --':{width}}  {name}")


def _print_manifest(settings: Settings, manifest: Manifest) -> None:
    _print(
        f"{settings.home / FOLDER}: {manifest.kind} map of {len(manifest.areas)} areas, "
        f"attribution: {'; '.join(manifest.attribution) or 'none'}."
    )


def _print(line: str, *, is_error: bool = False) -> None:
    print(line, file=sys.stderr if is_error else sys.stdout)
