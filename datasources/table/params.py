"""What a sources file says about a table: `[source.params]`, and the preset that it may begin with."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from datasources._toolkit.limits import HttpLimits
from datasources.http_json.params import AffectedLevel
from svodka.domain import codec
from svodka.domain.errors import ProfileError
from svodka.profiles.model import SourceConfig

PRESETS = Path(__file__).parent / "presets"
Column = str | tuple[str, ...]
_MAX_DELIMITER_CHARS = 1
_FETCHING = frozenset({"preset", "page_rows", "settle_s", "expect_new_h", "max_files", "query", "http"})


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column holds what: its name, several names of which the first present one counts, `=constant`, or "".

    Attributes:
        id: Columns that together tell one row from another.
        started_at: Beginning of an incident, or arrival of an appeal.
        updated_at, closed_at, answered_at, due_at: Other times.
        status, kind, level: Words that the maps of the params translate.
        affected: How many consumers, houses or people it touches.
        title: Title of an incident.
        text, channel, topic, body_name, rating, repeat_of: Of appeals.
        area_name, address: The place in words.
        lat, lon: Coordinates, also with a decimal comma.
    """

    id: tuple[Column, ...] = ()
    started_at: Column = ""
    updated_at: Column = ""
    closed_at: Column = ""
    answered_at: Column = ""
    due_at: Column = ""
    status: Column = ""
    kind: Column = ""
    level: Column = ""
    affected: Column = ""
    title: Column = ""
    text: Column = ""
    channel: Column = ""
    topic: Column = ""
    body_name: Column = ""
    rating: Column = ""
    repeat_of: Column = ""
    area_name: Column = ""
    address: Column = ""
    lat: Column = ""
    lon: Column = ""


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one table.

    Attributes:
        preset: A mapping of datasources/table/presets/ to begin with; what stands beside it overrides it, key by key.
        fields: Which column holds what.
        id_from: `columns`: the id is what the columns of `fields.id` say, joined by "|"; `hash`: a digest of
            it, for exports without a number of their own.
        sheet: Name of the sheet, "" for the first in which the header is found.
        header_row: Number of the header row from 1; 0: found by the names of the columns.
        columns: Names of the columns, in order, of a table that may come without a header row; one that is there all
            the same counts.
        encoding: Of CSV: `utf-8`, `cp1251` …; "" finds out.
        delimiter: Of CSV; "" finds out.
        missing: What the absence of a row means: `nothing`, or `closed` (incidents, with
            close_after_missing_polls): each file names everything that is open.
        ended_column: Where no status is mapped: a row is closed or answered once this column holds something.
        skip: Words by column; a row that has one of them is no record (spam, drafts) and is passed over.
        total_words: First words of rows without id that are sums.
        statuses: Words of `fields.status` to our stages, without regard to case.
        status_default: Stage of a word that is not listed, "" sets such a row aside.
        kinds, levels: Words to kinds and levels of the profile.
        levels_by_affected: Level by the number touched, where no word gives it; the first that fits counts.
        time_formats: `strptime` forms of times that the toolkit does not know, as `%m/%d/%Y %H:%M`.
        page_rows: Rows of a page, each stored in one transaction.
        settle_s: For how many seconds a file of a folder must not have changed before it is read.
        expect_new_h: A folder whose newest file is older than so many hours is a source that does not answer; 0:
            never.
        max_files: More files than this in a folder are refused: move old ones away.
        query: Constant parameters of an address.
        http: Limits of one answer.
    """

    preset: str = ""
    fields: Fields = Fields()
    id_from: Literal["columns", "hash"] = "columns"
    sheet: str = ""
    header_row: int = 0
    columns: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    missing: Literal["nothing", "closed"] = "nothing"
    ended_column: Column = ""
    skip: dict[str, tuple[str, ...]] = {}
    total_words: tuple[str, ...] = ("итого", "всего", "total")
    statuses: dict[str, str] = {}
    status_default: str = ""
    kinds: dict[str, str] = {}
    levels: dict[str, str] = {}
    levels_by_affected: tuple[AffectedLevel, ...] = ()
    time_formats: tuple[str, ...] = ()
    page_rows: int = 500
    settle_s: float = 5.0
    expect_new_h: float = 0.0
    max_files: int = 1000
    query: dict[str, str] = {}
    http: HttpLimits = HttpLimits()

    def __post_init__(self) -> None:
        """Refuse what no table could be read by.

        Raises:
            ValueError: No id, no time, a delimiter of several characters, an unknown encoding, a limit that is none.
        """
        if not self.fields.id or not self.fields.started_at:
            message = "fields.id and fields.started_at must name columns"
            raise ValueError(message)
        if len(self.delimiter) > _MAX_DELIMITER_CHARS:
            message = "delimiter is one character"
            raise ValueError(message)
        try:
            "".encode(self.encoding or "utf-8")
        except LookupError as error:
            message = f"encoding {self.encoding!r} is unknown"
            raise ValueError(message) from error
        if min(self.page_rows, self.max_files) <= 0 or min(self.settle_s, self.expect_new_h, self.header_row) < 0:
            message = "page_rows and max_files are above 0, settle_s, expect_new_h and header_row not below"
            raise ValueError(message)


def mapping_digest(source: SourceConfig, params: Params) -> str:
    """Return what tells one mapping from another: all that decides what a row says, and not how it is fetched."""
    mapping = {name: getattr(params, name) for name in params.__struct_fields__ if name not in _FETCHING}
    told = codec.encode([mapping, source.records, source.time_zone])
    return hashlib.blake2b(told, digest_size=8).hexdigest()


def preset_names() -> tuple[str, ...]:
    """Return the names of the shipped mappings, in order."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def load_preset(name: str) -> dict[str, object]:
    """Return the params of a shipped mapping.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in preset_names():
        message = f"preset {name!r} is none of {', '.join(preset_names())}"
        raise ValueError(message)
    params: dict[str, object] = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))["params"]
    return params


def read_table_params(source: SourceConfig) -> Params:
    """Return a source's params, its preset underneath.

    Raises:
        ProfileError: A key is unknown, missing or of the wrong type; the message names source and key.
    """
    try:
        own = dict(source.params)
        preset = own.get("preset", "")
        base = load_preset(preset) if isinstance(preset, str) and preset else {}
        merged = {**base, **own}
        for key in ("fields", "statuses", "kinds", "levels", "skip"):
            below, above = base.get(key), own.get(key)
            if isinstance(below, dict) and isinstance(above, dict):
                merged[key] = {**below, **above}
        params = msgspec.convert(merged, Params)
    except (msgspec.ValidationError, ValueError) as error:
        message = f"source {source.id!r}, params of connector 'table': {error}."
        raise ProfileError(message) from error
    if params.missing == "closed" and source.records != "incidents":
        message = f"source {source.id!r}, params of connector 'table': missing = \"closed\" is for incidents."
        raise ProfileError(message)
    return params
