"""What a mapping makes of a file, for people: how rows would be stored, what was set aside and why. Stores nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import IO

import msgspec

from datasources._toolkit.fields import pick_text
from datasources._toolkit.params import read_zone
from datasources.table.normalise import Normaliser, Skip
from datasources.table.params import Params, read_table_params
from datasources.table.sheet import open_table
from svodka.domain.records import Record, Rejected
from svodka.profiles.model import SourceConfig

MAX_ROWS = 20_000
_WORDS_SHOWN = 40
_SAMPLES = 5


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file.

    Attributes:
        header_row, sheet: Where the header was found.
        columns: Column by field of the mapping, only those that are there.
        unused: Columns that no field uses.
        absent: Fields of the mapping whose column is not there.
        read_n: Rows read, at most MAX_ROWS.
        passed_n: Of them, rows that are empty, sums, or to be passed over.
        stored_n: Of them, rows that would be stored.
        samples: The first records as they would be stored.
        rejected: How often a row was set aside, by reason and field.
        unknown_statuses: Words of the status column without a stage, by count.
        more: The file goes on behind the rows read.
    """

    header_row: int
    sheet: str
    columns: dict[str, str]
    unused: tuple[str, ...]
    absent: tuple[str, ...]
    read_n: int
    passed_n: int
    stored_n: int
    samples: tuple[Record, ...]
    rejected: Counter[str]
    unknown_statuses: Counter[str]
    more: bool


def preview(file: IO[bytes], source: SourceConfig, each: Callable[[Record], None] = lambda _: None) -> Preview:
    """Read a file as a source would.

    Args:
        file: The table.
        source: The source with its mapping.
        each: Called with every record that would be stored.

    Returns:
        What came of its first MAX_ROWS rows.

    Raises:
        ProfileError: The mapping is unusable.
        SourceContractBrokenError: The file is no table with these columns.
    """
    params = read_table_params(source)
    table = open_table(file, params)
    normaliser = Normaliser(params, table, records=source.records, zone=read_zone(source))
    samples: list[Record] = []
    rejected: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    read_n = passed_n = stored_n = 0
    for number, cells in islice(table.rows, MAX_ROWS):
        read_n += 1
        made = normaliser.normalise(number, cells)
        if isinstance(made, Skip):
            passed_n += 1
        elif isinstance(made, Rejected):
            rejected[f"{made.reason.value} ({made.detail.rpartition(', row ')[0]})"] += 1
        else:
            stored_n += 1
            each(made)
            samples += [made] if len(samples) < _SAMPLES else []
        if not isinstance(made, Skip) and (word := _unknown_word(normaliser.as_object(cells), normaliser, params)):
            unknown[word] += 1
    used = {column for column in normaliser.columns.values() if column} | set(normaliser.id_columns)
    return Preview(
        header_row=table.header_row,
        sheet=table.sheet,
        columns={field: column for field, column in normaliser.columns.items() if column},
        unused=tuple(name for name in table.header if name and name not in used),
        absent=tuple(
            field for field, column in normaliser.columns.items() if getattr(params.fields, field) and not column
        ),
        read_n=read_n,
        passed_n=passed_n,
        stored_n=stored_n,
        samples=tuple(samples),
        rejected=rejected,
        unknown_statuses=Counter(dict(unknown.most_common(_WORDS_SHOWN))),
        more=next(table.rows, None) is not None,
    )


def _unknown_word(row: dict[str, object], normaliser: Normaliser, params: Params) -> str:
    column = normaliser.columns["status"]
    if not column or isinstance(row.get(column), dict | bool):
        return ""
    word = pick_text(row, column, max_chars=60) or ""
    return "" if word.casefold() in {known.casefold() for known in params.statuses} else word
