"""Svodka's one executable: `python app.py [word] [options]`; without a word it runs everything.

The words live in commands/, one module each, and are imported only when asked for: `web` must patch the
standard library for gevent before anything else is imported.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from svodka.settings import UnusableSettingError, read_settings
from svodka.settings.crash import arm_crash

WORDS = {
    "run": "run everything on this machine (what happens without a word)",
    "web": "run one web process",
    "poll": "run one poller process",
    "simulate": "serve simulated or recorded feedback systems",
    "replay": "take a recording through connector and storage, as fast as it goes",
    "geodata": "prepare the map from official borders or schematically",
    "sources": "show how every source stands, or the passport of one",
    "quarantine": "show records that could not be used, and why",
    "mapping": "propose or check the mapping of a table (XLSX, CSV)",
    "scenes": "list the scenes of the walls, or say what is wrong with their files",
    "check": "ask a source once and show what would be stored",
    "walls": "show what the walls will show, or check their file",
    "briefing": "check that the files of a briefing are whole and unchanged",
    "link": "create, list and revoke access links",
}
EPILOG = "Port, home, database and the rest are environment variables, described in docs/settings.md."


def main(argv: list[str]) -> int:
    """Run the word that `argv` names and return the process's exit code."""
    if argv and argv[0] in {"-h", "--help"}:
        print(__doc__, *(f"  {word:10} {meaning}" for word, meaning in WORDS.items()), "", EPILOG, sep="\n")  # noqa: T201
        return 0
    word, rest = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("run", argv)
    if word not in WORDS:
        print(f"app.py: unknown word {word!r}; known are {', '.join(WORDS)}.", file=sys.stderr)  # noqa: T201
        return 2
    module = importlib.import_module(f"commands.{word}")
    from svodka.domain.errors import ProfileError, StartError  # noqa: PLC0415 - only after the word's own imports

    parser = argparse.ArgumentParser(prog=f"app.py {word}", description=WORDS[word], epilog=EPILOG)
    module.add_arguments(parser)
    args = parser.parse_args(rest)
    os.umask(0o077)  # what people wrote, keys and tokens are for the owner of the process
    try:
        arm_crash((settings := read_settings()).crash_at)
        return int(module.run(args, settings))
    except (UnusableSettingError, StartError, ProfileError) as error:
        print(f"svodka {word}: {error}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:  # Ctrl-C before a word has said what a signal means to it
        sys.exit(130)
