"""`python app.py mapping guess FILE` and `mapping check FILE --sources F --source ID`: from a table to a source.

The proposal goes to standard output, so that it can be written into a file; what people read goes to standard error.
The preview shows what rows say, without personal data. Words of the status column that nobody knows stand in the
proposal as they are: they are what the operator has to map.
"""

from __future__ import annotations

import argparse
import glob
import re
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

import msgspec

from commands.terms import Terms
from datasources.registry import check_against
from datasources.table.guess import Guess, guess_mapping
from datasources.table.preview import Preview, preview
from svodka.domain.errors import SourceContractBrokenError, StartError
from svodka.domain.masking import mask, mask_id
from svodka.domain.records import AppealRecord, Record
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile
from svodka.settings import Settings

_SHOWN_CHARS = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    words = parser.add_subparsers(dest="word", required=True)
    guess = words.add_parser("guess", help="propose a [[source]] block for a table and show what it would make of it")
    guess.add_argument("file", type=Path, help="XLSX, CSV or TSV")
    guess.add_argument("--records", choices=("appeals", "incidents"), default="appeals", help="what a row is")
    check = words.add_parser("check", help="show what a source of a sources file would make of a table")
    check.add_argument("file", type=Path, help="XLSX, CSV or TSV")
    check.add_argument("--sources", type=Path, help="sources file (default: SVODKA_SOURCES)")
    check.add_argument("--source", default="", help="id of the source (default: the only one with connector 'table')")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Propose or check.

    Returns:
        0; 1 where a row would be set aside.

    Raises:
        StartError: The file cannot be read, or there is no such source.
    """
    try:
        with args.file.open("rb") as file:
            shown = _guess(args, settings, file) if args.word == "guess" else _check(args, settings, file)
    except OSError as error:
        message = f"{args.file} cannot be read: {error.strerror}."
        raise StartError(message) from error
    except SourceContractBrokenError as error:
        message = f"{args.file}: {error}."
        raise StartError(message) from error
    return 1 if shown.rejected else 0


def _guess(args: argparse.Namespace, settings: Settings, file: IO[bytes]) -> Preview:
    profile = load_profile(settings.profile)
    guess = guess_mapping(file, args.records, _day_of(args.file, profile))
    block = render_source(guess, profile, args.file, args.records)
    source = msgspec.convert(tomllib.loads(block)["source"][0], SourceConfig)
    terms = Terms(source, profile, settings)
    shown = preview(file, source, terms.add)
    sys.stdout.write(block)
    for note in guess.notes:
        _say(f"! {note}")
    _show(shown, terms)
    return shown


def _day_of(file: Path, profile: Profile) -> str:
    return f"{datetime.fromtimestamp(file.stat().st_mtime, profile.zone):%Y-%m-%d}"


def _check(args: argparse.Namespace, settings: Settings, file: IO[bytes]) -> Preview:
    path = args.sources or settings.sources
    profile = load_profile(settings.profile, str(path or ""))
    tables = [source for source in profile.sources if source.connector == "table" and args.source in {"", source.id}]
    if len(tables) != 1:
        ids = ", ".join(source.id for source in profile.sources if source.connector == "table") or "none"
        message = f"name one source with --source; those with connector 'table' are: {ids}."
        raise StartError(message)
    check_against(tables[0], profile)
    terms = Terms(tables[0], profile, settings)
    shown = preview(file, tables[0], terms.add)
    _show(shown, terms)
    return shown


def render_source(guess: Guess, profile: Profile, file: Path, records: str) -> str:
    """Return a proposal as a sources file, with what a person must decide marked by `# ?`."""
    name = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:32] or "table"
    url = "file://" + quote(f"{file.resolve().parent}/{_pattern(file)}", safe="/*")
    lines = [
        "[provenance]",
        'source = "?"                       # ? the agreement or order by which this table is given',
        'date = "?"                         # ? its date',
        "",
        "[[source]]",
        f"id = {_quoted(name)}",
        f"name = {_quoted(file.stem[:16])}",
        'connector = "table"',
        f"records = {_quoted(records)}",
    ]
    if records == "appeals":
        known = ", ".join(channel.id for channel in profile.channels)
        lines.append(f"channel = {_quoted(profile.channels[0].id)}                     # ? one of {known}")
    lines += [
        f"url = {_quoted(url)}   # ? the folder must lie below one of SVODKA_FOLDERS",
        "interval_s = 60",
        "ageing_s = 300",
        "stale_s = 3600",
        "dead_s = 86400",
        f"time_zone = {_quoted(profile.time_zone)}   # ? the zone of the table's times",
        "[source.params]",
        "# expect_new_h = 26                # ? at least so often a new file comes; without it silence is not noticed",
        *_params(guess),
    ]
    return "\n".join(lines) + "\n"


def _pattern(file: Path) -> str:
    """Return the names that this file's successors will have: other figures, or something appended."""
    stem = re.sub(r"\d[\d._ -]*", "*", glob.escape(file.stem))
    return f"{stem if '*' in stem else stem + '*'}{glob.escape(file.suffix)}"


def _params(guess: Guess) -> list[str]:
    lines = [f"sheet = {_quoted(guess.sheet)}"] if guess.sheet else []
    if guess.preset:
        return [f"preset = {_quoted(guess.preset)}", *lines]
    if guess.id_from != "columns":
        lines.append(f"id_from = {_quoted(guess.id_from)}")
    if guess.time_formats:
        lines.append(f"time_formats = {_list(guess.time_formats)}")
    if "status" not in guess.fields:
        lines.append('status_default = "new"              # ? no column holds a status')
    doubt = "   # ? it only counts the rows: is there another number?" if guess.id_counts_rows else ""
    lines += ["[source.params.fields]", f"id = {_list(guess.id_columns)}{doubt}"]
    lines += [f"{field} = {_quoted(column)}" for field, column in guess.fields.items()]
    if guess.statuses or guess.unknown_statuses:
        lines.append("[source.params.statuses]")
        lines += [f"{_quoted(word)} = {_quoted(stage)}" for word, stage in guess.statuses.items()]
        lines += [f'# ? {_quoted(word[:_SHOWN_CHARS])} = ""   # {n} rows' for word, n in guess.unknown_statuses.items()]
    return lines


def _show(shown: Preview, terms: Terms) -> None:
    sheet = f" of sheet {shown.sheet!r}" if shown.sheet else ""
    _say(f"header: row {shown.header_row}{sheet}")
    more = " (the file goes on)" if shown.more else ""
    set_aside = sum(shown.rejected.values())
    _say(
        f"rows: {shown.read_n} read{more}, {shown.stored_n} stored, {set_aside} set aside, {shown.passed_n} passed over"
    )
    for reason, n in shown.rejected.most_common():
        _say(f"  set aside {n}: {reason}")
    for word, n in shown.unknown_statuses.most_common():
        _say(f"  status without a stage: {mask(word)!r} in {n} rows")
    for title, names in (("columns not used", shown.unused), ("fields without their column", shown.absent)):
        if names:
            _say(f"{title}: {', '.join(names)}")
    for line in terms.lines():
        _say(line)
    for number, record in enumerate(shown.samples, start=1):
        _say(f"row {number}: {_line(record)}")


def _line(record: Record) -> str:
    told = msgspec.to_builtins(record, str_keys=True)
    empty = type(record)(**{name: getattr(record, name) for name in _needed(record)})
    default = msgspec.to_builtins(empty, str_keys=True)
    kept = {name: value for name, value in told.items() if name in _needed(record) or value != default[name]}
    return "  ".join(f"{name}={_shown(name, value)}" for name, value in kept.items())


def _shown(name: str, value: object) -> str:
    if not isinstance(value, str) or name.endswith("_at"):
        return str(value)[:_SHOWN_CHARS]
    masked = (mask_id(value) if name == "foreign_id" else mask(value))[:_SHOWN_CHARS]
    return "".join(character if character.isprintable() else " " for character in masked)


def _needed(record: Record) -> tuple[str, ...]:
    return ("foreign_id", "received_at" if isinstance(record, AppealRecord) else "started_at", "status")


def _quoted(text: str) -> str:
    """Return text as a TOML string, control characters escaped."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(_quoted(text) for text in texts)}]"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
