"""`python app.py link create|list|revoke`: access links of walls and operators.

A link's token is shown once, when it is made; the database keeps only its hash.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from commands.checks import ensure_home
from svodka.domain.clock import SystemClock
from svodka.domain.errors import StartError
from svodka.domain.masking import mask
from svodka.observability.logs import configure_logs
from svodka.security.links import LinkBook
from svodka.security.principals import Role
from svodka.settings import Settings
from svodka.storage.database import open_database
from svodka.storage.links import StoredLink
from svodka.storage.migrate import migrate

_HOURS_A_DAY = 24
_LONGEST_DAYS = 3650


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    words = parser.add_subparsers(dest="what", required=True)
    create = words.add_parser("create", help="make a link and show it, this once")
    create.add_argument("--role", choices=[Role.WALL.value, Role.OPERATOR.value], required=True)
    create.add_argument("--label", required=True, help="whose it is, for example the room of the wall")
    create.add_argument("--once", action="store_true", help="it opens one session only")
    create.add_argument("--days", type=_days, help="days within which it can be opened (default: for ever)")
    words.add_parser("list", help="show all links, without their tokens")
    revoke = words.add_parser("revoke", help="end a link and its screens, within five seconds")
    revoke.add_argument("id", help="the first column of `link list`")


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= _LONGEST_DAYS:
        message = f"{text} is not between 0 and {_LONGEST_DAYS}"
        raise argparse.ArgumentTypeError(message)
    return days


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Do one of the three.

    Returns:
        0.

    Raises:
        StartError: The database cannot be used, or there is no such link.
    """
    configure_logs(settings.log_level, "link", SystemClock().now, mask)
    if not settings.database_url:
        ensure_home(settings.home)
    database = open_database(settings.sqlalchemy_url)
    try:
        migrate(database)
        links = LinkBook(database)
        if args.what == "create":
            valid_h = None if args.days is None else args.days * _HOURS_A_DAY
            link_id, token = links.create(Role(args.role), args.label, one_time=args.once, valid_h=valid_h)
            _say(f"{link_id}  {settings.public_urls[0]}/link/{token}")
        elif args.what == "list":
            now = SystemClock().now()
            for link in links.all():
                _say(_line(link, now))
        elif links.revoke(args.id):
            _say(f"Link {args.id} is revoked; its screens end within five seconds.")
        else:
            message = f"There is no link {args.id!r} in force; `link list` shows all."
            raise StartError(message)
    finally:
        database.close()
    return 0


def _line(link: StoredLink, now: datetime) -> str:
    used = f"used {link.used_at:%Y-%m-%d %H:%M}Z" if link.used_at else "not used"
    uses = "once" if link.one_time else "lasting"
    return f"{link.id}  {link.role:8}  {uses:7}  {_state(link, now)}, {used}  {link.label}"


def _state(link: StoredLink, now: datetime) -> str:
    """Say whether a link still opens anything; the sessions it has opened may go on after its last day."""
    if link.revoked_at is not None:
        return f"revoked {link.revoked_at:%Y-%m-%d %H:%M}Z"
    if link.one_time and link.used_at is not None:
        return "used up"
    if link.expires_at is None:
        return "in force"
    return f"{'expired' if link.expires_at <= now else 'in force until'} {link.expires_at:%Y-%m-%d %H:%M}Z"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
