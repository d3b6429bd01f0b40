"""`python app.py briefing verify FILE.zip`: whether a pack is whole and unchanged. Needs no database."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from svodka.domain.errors import StartError
from svodka.reports.pack import PackUnreadableError, Verdict, verify_pack
from svodka.settings import Settings

_CHANGED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    words = parser.add_subparsers(dest="what", required=True)
    verify = words.add_parser("verify", help="compare the files of a pack with its manifest")
    verify.add_argument("file", type=Path, help="the ZIP")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Check a pack.

    Returns:
        0 where it is whole and unchanged, 1 where it is not.

    Raises:
        StartError: There is no such file, or it is no pack.
    """
    del settings
    try:
        verdict = verify_pack(args.file.read_bytes())
    except (OSError, PackUnreadableError) as error:
        message = f"{args.file} cannot be checked: {error}."
        raise StartError(message) from error
    sys.stdout.write("\n".join(_lines(verdict)) + "\n")
    return 0 if verdict.is_whole else _CHANGED


def _lines(verdict: Verdict) -> list[str]:
    manifest = verdict.manifest
    as_of = "no data" if manifest.as_of is None else f"{manifest.as_of:%Y-%m-%d %H:%M:%S}Z"
    lines = [f"Snapshot {manifest.snapshot} of {manifest.at:%Y-%m-%d %H:%M:%S}Z, data as of {as_of}."]
    for word, names in (("changed", verdict.changed), ("missing", verdict.missing), ("not of it", verdict.unknown)):
        lines += [f"{word}: {name}" for name in names]
    if manifest.failed:
        lines.append(f"Asked for and not made: {', '.join(manifest.failed)}.")
    if verdict.is_whole:
        lines.append(f"Whole: {len(manifest.files)} files are as they were made.")
    return lines
