"""`python app.py check [--source ID]`: asks a source once and shows what Svodka would make of the answer.

Stores nothing and keeps no position. What citizens wrote is masked; errors say what a person can do.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import msgspec

from commands.terms import Terms
from datasources._toolkit.folders import FILE_SCHEME
from datasources.registry import build_connector, check_against, confirms
from svodka.domain.clock import Clock, clock_from_spec
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError, StartError
from svodka.domain.masking import mask, mask_id
from svodka.domain.records import Completeness, PollResult, Record
from svodka.profiles.model import Profile, SourceConfig
from svodka.profiles.reader import load_profile
from svodka.settings import Settings

_SAMPLES, _SHOWN_CHARS, _NAMES_SHOWN = 3, 60, 10
_RAW_CHARS = 300
_MAX_PAGES = 200
_CLOCK_NEAR_S = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--sources", type=Path, help="sources file (default: SVODKA_SOURCES)")
    parser.add_argument("--source", default="", help="id of the source (default: the only one)")
    parser.add_argument("--pages", type=int, default=1, help="at most so many pages (default 1)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Ask and show.

    Returns:
        0; 1 where a record would be set aside or the source fails.

    Raises:
        StartError: There is no such source.
    """
    path = args.sources or settings.sources
    profile = load_profile(settings.profile, str(path or ""))
    source = _choose(profile, args.source)
    check_against(source, profile)
    clock = clock_from_spec(settings.clock)
    try:
        results = _ask(source, settings, clock, max(1, min(args.pages, _MAX_PAGES)))
    except (SourceContractBrokenError, SourceUnavailableError) as error:
        kind = "a person must look" if isinstance(error, SourceContractBrokenError) else "may pass by itself"
        _say(f"source {source.id}: {error} ({kind}; docs/connecting.md, “When it does not work”)")
        return 1
    _show(results, clock)
    records = [record for result in results for record in result.records]
    terms = Terms(source, profile, settings)
    for record in records:
        terms.add(record)
    for line in terms.lines():
        _say(line)
    for record in records[:_SAMPLES]:
        _say(f"  {_line(record)}")
    return 1 if any(result.rejected for result in results) else 0


def _choose(profile: Profile, source_id: str) -> SourceConfig:
    polled = [source for source in profile.sources if source.url]
    found = [source for source in polled if source_id in {"", source.id}]
    if any(source.id == source_id and not source.url for source in profile.sources):
        message = (
            f"{source_id} is not asked: its records come by themselves (docs/push.md) or from the page «Регистрация»."
        )
        raise StartError(message)
    if len(found) != 1:
        ids = ", ".join(source.id for source in polled) or "none"
        message = f"name one source with --source; those that can be asked are: {ids}."
        raise StartError(message)
    if found[0].url.startswith(FILE_SCHEME):
        word = f"python app.py mapping check FILE --source {found[0].id}"
        message = f"{found[0].id} watches a folder: `{word}` shows what would come of a file."
        raise StartError(message)
    return found[0]


def _ask(source: SourceConfig, settings: Settings, clock: Clock, pages_n: int) -> list[PollResult]:
    """Return the pages of one cycle, or of its beginning; only one where a second question would confirm the first."""
    pages_n = 1 if confirms(source) else pages_n
    connector = build_connector(source, clock, simulator_url=settings.simulator_url, folders=settings.folders)
    results: list[PollResult] = []
    cursor = None
    try:
        while len(results) < pages_n and (not results or results[-1].completeness is Completeness.PARTIAL):
            results.append(connector.poll(cursor))
            cursor = results[-1].cursor
    finally:
        connector.close()
    return results


def _show(results: list[PollResult], clock: Clock) -> None:
    last = results[-1]
    rejected = Counter(f"{r.reason.value} {r.detail}".strip() for result in results for r in result.rejected)
    skipped = Counter[str]()
    for result in results:
        skipped.update(result.skipped)
    stored_n = sum(len(result.records) for result in results)
    more = "; more pages wait (--pages)" if last.completeness is Completeness.PARTIAL else ""
    _say(
        f"read {sum(r.read_n for r in results)} in {len(results)} page(s){more}: {stored_n} would be stored, "
        f"{rejected.total()} set aside, {skipped.total()} passed over"
    )
    for title, counts in (("set aside", rejected), ("passed over", skipped)):
        for why, n in counts.most_common(_NAMES_SHOWN):
            _say(f"  {title} {n}: {mask(why)}")
    for example in {each.reason: each for result in results for each in result.rejected}.values():
        _say(f"  for example ({example.reason.value}): {_shown('raw', example.raw)}")
    if last.source_time_at is not None:
        ahead_s = (last.source_time_at - clock.now()).total_seconds()
        if abs(ahead_s) > _CLOCK_NEAR_S:
            _say(f"  the source's clock differs from ours by {ahead_s:+.0f} s")


def _line(record: Record) -> str:
    told = msgspec.to_builtins(record)
    shown = {name: _shown(name, value) for name, value in told.items() if value or (value == 0 and value is not False)}
    return "  ".join(f"{name}={value}" for name, value in shown.items())


def _shown(name: str, value: object) -> str:
    text = mask_id(str(value)) if name in {"foreign_id", "repeat_of"} else mask(str(value))
    limit = _RAW_CHARS if name == "raw" else _SHOWN_CHARS
    return "".join(character if character.isprintable() else " " for character in text)[:limit]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
