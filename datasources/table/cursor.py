"""Where the reading of tables stands."""

from __future__ import annotations

from datetime import datetime

import msgspec

from datasources.table.folder import Mark, Seen


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table that is not read to its end: name in the folder ("" for an address), digest, rows done."""

    name: str
    digest: str
    rows: int


class Cursor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Position of one source.

    Attributes:
        read_at: When a table was last looked for.
        part: The table that is being read.
        done: Files of the folder that were read, by name.
        seen: Files that were not, by name.
        mapping: Digest of the mapping by which `done` and `part` were read; another one reads all files again.
        newest_at: Time of change of the newest file read; None before the first.
    """

    read_at: datetime
    part: Part | None = None
    done: dict[str, Mark] = {}
    seen: dict[str, Seen] = {}
    mapping: str = ""
    newest_at: datetime | None = None
    v: int = 1
