"""`python app.py quarantine`: which records could not be used, and why.

For the operator of the machine. What a source said is masked, of an id that may be a telephone number only the ends
are shown, and nothing holds control characters that a terminal would obey. How it was written stands in the database.
"""

from __future__ import annotations

import argparse
import sys

from svodka.domain.clock import SystemClock
from svodka.domain.errors import StartError
from svodka.domain.masking import mask, mask_id
from svodka.observability.logs import configure_logs
from svodka.settings import Settings
from svodka.storage.database import open_database
from svodka.storage.migrate import migrate
from svodka.storage.quarantine import Quarantined, load_quarantine
from svodka.storage.sources import load_sources

_LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("source", nargs="?", default="", help="id of a source (default: all)")
    parser.add_argument("--limit", type=int, default=_LIMIT, help=f"at most so many, the newest (default {_LIMIT})")
    parser.add_argument("--raw", action="store_true", help="also what each record says, without personal data")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Print the records, the one seen last first.

    Returns:
        0.

    Raises:
        StartError: The database cannot be used, or no such source was ever polled.
    """
    configure_logs(settings.log_level, "quarantine", SystemClock().now, mask)
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        with database.read() as connection:
            polled = load_sources(connection)
            records = load_quarantine(connection, args.source, max(args.limit, 0))
    finally:
        database.close()
    if args.source and args.source not in polled:
        message = f"No source {args.source!r} was ever polled; known are: {', '.join(sorted(polled)) or 'none'}."
        raise StartError(message)
    total = sum(health.quarantined_total for name, health in polled.items() if args.source in {"", name})
    _say(f"{total} records in quarantine since the beginning, {len(records)} shown.")
    for record in records:
        _say(_line(record))
        if args.raw:
            _say(f"    {_shown(record.raw)}")
    return 0


def _line(record: Quarantined) -> str:
    foreign_id = _printable(mask_id(record.foreign_id or "without id"))
    detail = f" ({_shown(record.detail)})" if record.detail else ""
    return (
        f"{record.last_seen_at:%Y-%m-%d %H:%M}Z  {record.source_id}  {foreign_id}  "
        f"{record.reason}{detail}  read {record.seen_n} times"
    )


def _shown(told: str) -> str:
    return _printable(mask(told))


def _printable(told: str) -> str:
    return "".join(character if character.isprintable() else " " for character in told)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
