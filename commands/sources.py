"""`python app.py sources`: how every source stands, or the passport of one; the figures of the page «Источники»."""

from __future__ import annotations

import argparse
import sys

from svodka.domain.clock import SystemClock, clock_from_spec
from svodka.domain.errors import StartError
from svodka.domain.masking import mask
from svodka.observability.logs import configure_logs
from svodka.profiles.model import Profile
from svodka.profiles.reader import load_profile
from svodka.readmodels.passports import Passport, SourceLine, load_lines, load_passport
from svodka.settings import Settings
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("source", nargs="?", default="", help="id of a source: all about it")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print the list, what needs a person most first, or one passport.

    Returns:
        0.

    Raises:
        StartError: The database cannot be used, or the sources file has no such source.
    """
    configure_logs(settings.log_level, "sources", SystemClock().now, mask)
    profile = load_profile(settings.profile, settings.sources)
    clock = clock_from_spec(settings.clock)
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        with database.read() as connection:
            now = clock.now()
            lines = load_lines(connection, profile, now)
            passport = load_passport(connection, profile, args.source, now) if args.source else None
    finally:
        database.close()
    if args.source and passport is None:
        known = ", ".join(sorted(source.id for source in profile.sources)) or "none"
        message = f"The sources file has no source {args.source!r}; known are: {known}."
        raise StartError(message)
    said = [_line(line) for line in lines] if passport is None else _passport(passport, profile)
    sys.stdout.write("\n".join(said) + "\n")
    return 0


def _line(line: SourceLine) -> str:
    at = line.health.last_complete_at
    return (
        f"{line.source.id:24} {line.standing.value:8} {f'{at:%Y-%m-%d %H:%M:%S}Z' if at else 'never':20}  "
        f"read {line.health.read_total}  stored {line.health.records_total}  "
        f"quarantine {line.quarantined_n}  notices {line.notices_n}"
    )


def _passport(passport: Passport, profile: Profile) -> list[str]:
    line, source, health = passport.line, passport.line.source, passport.line.health
    said = [
        _line(line),
        *(f"  {name}: {getattr(source, name) or 'not given'}" for name in ("owner", "legal_basis", "contact")),
        f"  connector: {source.connector}, {source.records}, channel {source.channel or 'none'}, {profile.name}",
        f"  covered from: {health.covered_from_at or 'nothing yet'}",
        f"  clock ahead: {'not told' if line.clock_ahead_s is None else f'{line.clock_ahead_s:.0f} s'}",
        f"  reversals: {passport.reversals_n}",
    ]
    if health.paused_at is not None:
        said.append(f"  paused since {health.paused_at:%Y-%m-%d %H:%M}Z by {health.paused_by}")
    if health.error_kind:
        said.append(f"  {health.failures_n} failures in a row, {health.error_kind}: {passport.error_text}")
    for reason, n in line.quarantined.items():
        said.append(f"  quarantine: {reason.value} {n}")
        said += [f"    {example}" for example in passport.examples.get(reason, ())]
    said += [f"  notice: {one.kind.value} {one.subject} {one.detail} x{one.n}" for one in passport.notices]
    return said
