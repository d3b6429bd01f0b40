"""One table while it is read, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import IO, Literal
from zoneinfo import ZoneInfo

import msgspec

from datasources.table.normalise import Normaliser, Skip
from datasources.table.params import Params
from datasources.table.sheet import open_table
from datasources.table.workbook import Row
from svodka.domain.records import Record, Rejected


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows.

    Attributes:
        records: What could be read.
        rejected: What could not.
        is_last: No row follows.
        skipped: How many rows were passed over, by why.
        fields: The names of the columns, where the table has a header.
    """

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    is_last: bool
    skipped: dict[str, int] = {}
    fields: frozenset[str] = frozenset()


class Reading:
    """A table that was opened.

    Args:
        file: Its bytes; closed by `close`.
        digest: What tells this content from another.
        skip_rows: Rows below the header that were read before.

    Raises:
        SourceContractBrokenError: It is no table of the promised form.
    """

    def __init__(
        self,
        file: IO[bytes],
        params: Params,
        *,
        digest: str,
        records: Literal["appeals", "incidents"],
        zone: ZoneInfo | None,
        skip_rows: int = 0,
    ) -> None:
        self.digest = digest
        self.rows_done = skip_rows
        self._file = file
        table = open_table(file, params)
        self.table = table
        self.normaliser = Normaliser(params, table, records=records, zone=zone)
        self._rows: Iterator[Row] = islice(table.rows, skip_rows, None)
        self._ahead = next(self._rows, None)

    def next_page(self, rows_n: int) -> Page:
        """Read at most so many rows.

        Returns:
            What they say.

        Raises:
            SourceContractBrokenError: What follows is damaged or cut off.
        """
        records: list[Record] = []
        rejected: list[Rejected] = []
        skipped: Counter[str] = Counter()
        done = 0
        while self._ahead is not None and done < rows_n:
            number, cells = self._ahead
            made = self.normaliser.normalise(number, cells)
            if isinstance(made, Rejected):
                rejected.append(made)
            elif isinstance(made, Skip):
                skipped[made.value] += 1
            else:
                records.append(made)
            self._ahead = next(self._rows, None)
            done += 1
        self.rows_done += done
        return Page(
            records=tuple(records),
            rejected=tuple(rejected),
            is_last=self._ahead is None,
            skipped=dict(skipped),
            fields=frozenset(name for name in self.table.header if name) if self.table.header_row else frozenset(),
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()
