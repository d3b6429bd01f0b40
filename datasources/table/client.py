"""Reads tables: every file of a watched folder once, oldest first, or one address at every poll.

A file is read when it has stood still between two looks; one that changes is read again. A damaged file holds up no
other: the rest is read, and then the source says which file it is until somebody mends it or takes it away.
"""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta
from typing import IO

import msgspec

from datasources._toolkit.cursors import read_cursor
from datasources._toolkit.folders import FILE_SCHEME, split_folder_url
from datasources._toolkit.http import HttpClient
from datasources._toolkit.params import check_kinds_and_levels, check_stages, read_zone
from datasources.table.cursor import Cursor, Part
from datasources.table.folder import Folder, Mark, Seen, choose_whole, digest_of, note_seen
from datasources.table.params import Params, mapping_digest, read_table_params
from datasources.table.reading import Page, Reading
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError
from svodka.domain.records import Completeness, PollResult
from svodka.profiles.model import Profile, SourceConfig

SCHEMES = ("http", "https", "file")
MAX_OPEN_ROWS = 20_000
_CLOSE_WAIT_S = 5.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Nothing was read: that is no list of what is open, as a table without rows would be.
_NOTHING = Page(records=(), rejected=(), is_last=True)


def connect(source: SourceConfig, clock: Clock) -> TableConnector:
    """Build the connector of one table source.

    Args:
        source: The source, its url complete.
        clock: The product's clock.

    Returns:
        The connector; it has read nothing yet.

    Raises:
        ProfileError: The params are unusable.
    """
    params = read_table_params(source)
    check_stages(source, params.statuses, params.status_default)
    return TableConnector(source, params, clock)


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that the maps lead to kinds and levels of the region.

    Raises:
        ProfileError: One leads to nothing.
    """
    params = read_table_params(source)
    levels = [*params.levels.values(), *(step.level for step in params.levels_by_affected)]
    check_kinds_and_levels(source, profile, kinds=params.kinds.values(), levels=levels)


class TableConnector:
    """One source of tables."""

    def __init__(self, source: SourceConfig, params: Params, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._clock = clock
        self._zone = read_zone(source)
        self._mapping = mapping_digest(source, params)
        self._http = HttpClient(params.http, clock)
        self._folder: Folder | None = None
        if source.url.startswith(FILE_SCHEME):
            self._folder = Folder(*split_folder_url(source.url), params.max_files)
        self._lists_all = params.missing == "closed"
        self._reading: Reading | None = None
        self._name = ""
        self._broken: dict[str, tuple[Seen, str]] = {}
        self._looks: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def poll(self, cursor: str | None) -> PollResult:
        """Read the next rows (see `svodka.domain.records.Connector`)."""
        position = read_cursor(cursor, Cursor) if cursor else Cursor(read_at=self._clock.now())
        if position.mapping != self._mapping:  # also the first time: nothing was read by this one
            position = msgspec.structs.replace(position, mapping=self._mapping, done={}, part=None)
        with self._lock:
            if self._folder is None:
                return self._poll_address(position)
            return self._poll_folder(self._folder, position)

    def close(self) -> None:
        """Give file and connection back."""
        self._http.close()
        if self._lock.acquire(timeout=_CLOSE_WAIT_S):
            self._drop()
            self._lock.release()

    def _poll_address(self, position: Cursor) -> PollResult:
        part = position.part
        if part is None or self._reading is None or not self._goes_on(part):
            self._drop()
            answer = self._http.fetch(self._source.url, self._params.query)
            read_at = answer.source_time_at or self._clock.now()
            digest = hashlib.blake2b(answer.body, digest_size=12).hexdigest()
            skip = part.rows if part is not None and part.digest == digest else 0
            self._begin(io.BytesIO(answer.body), "", digest, skip)
            position = msgspec.structs.replace(position, read_at=read_at, newest_at=answer.source_time_at)
        page = self._next_page()
        if page.is_last:
            self._drop()
        part = None if self._reading is None else self._part()
        return self._result(page, msgspec.structs.replace(position, part=part), is_complete=page.is_last)

    def _poll_folder(self, folder: Folder, position: Cursor) -> PollResult:
        now = self._clock.now()
        found = folder.look()
        done = {name: mark for name, mark in position.done.items() if name in found}
        # A poll that fails leaves the cursor as it was: without its looks nothing would ever have stood still beside
        # a damaged file.
        seen = self._looks = note_seen(found, {**position.seen, **self._looks}, done, now)
        self._broken = {
            name: held for name, held in self._broken.items() if name in seen and _same(seen[name], held[0])
        }
        position = msgspec.structs.replace(position, read_at=now, done=done, seen=seen)
        for name in self._order(position, now):
            try:
                page, position = self._read_file(folder, name, position)
            except SourceContractBrokenError as error:
                self._drop()
                self._broken[name] = (seen[name], str(error))
                continue
            waits = [other for other in choose_whole(position.seen, now, self._params.settle_s) if other != name]
            is_complete = page.is_last and not waits
            return self._result(page, position, is_complete=is_complete)
        self._say_what_is_wrong(position, now)
        return self._result(_NOTHING, msgspec.structs.replace(position, part=None), is_complete=True)

    def _order(self, position: Cursor, now: datetime) -> list[str]:
        """Return the files to try: the one that is being read, then the others, oldest first."""
        whole = choose_whole(position.seen, now, self._params.settle_s)
        begun = position.part.name if position.part is not None else ""
        return sorted((name for name in whole if name not in self._broken), key=lambda name: name != begun)

    def _read_file(self, folder: Folder, name: str, position: Cursor) -> tuple[Page, Cursor]:
        """Read the next page of a file.

        Returns:
            The page, _NOTHING where only the file's time of change is new, and the position behind it.

        Raises:
            SourceContractBrokenError: The file is damaged or no such table.
            SourceUnavailableError: It is gone.
        """
        part = position.part if position.part is not None and position.part.name == name else None
        mark = position.done.get(name)
        if part is None or not self._goes_on(part):
            self._drop()
            file = folder.open(name)
            try:
                digest = digest_of(file)
                if mark is not None and mark.digest == digest:
                    file.close()
                    return _NOTHING, self._finished(position, name, digest)
                self._begin(file, name, digest, part.rows if part is not None and part.digest == digest else 0)
            except BaseException:
                file.close()
                raise
        page = self._next_page()
        here = self._part()
        if not page.is_last:
            return page, msgspec.structs.replace(position, part=here)
        self._drop()
        # It is noted as it stood before: where it changed meanwhile, the next look finds another file.
        return page, self._finished(position, name, here.digest)

    def _finished(self, position: Cursor, name: str, digest: str) -> Cursor:
        seen = position.seen[name]
        changed_at = _EPOCH + timedelta(microseconds=seen.mtime_ns // 1000)
        return msgspec.structs.replace(
            position,
            part=None,
            done={**position.done, name: Mark(seen.size, seen.mtime_ns, digest)},
            seen={other: each for other, each in position.seen.items() if other != name},
            newest_at=max(position.newest_at or changed_at, changed_at),
        )

    def _say_what_is_wrong(self, position: Cursor, now: datetime) -> None:
        """Name a damaged file, or that no new one came, where nothing else is left to read.

        Raises:
            SourceContractBrokenError: A file cannot be read.
            SourceUnavailableError: The newest file is older than the source promises.
        """
        if self._broken:
            name, (_, why) = min(self._broken.items(), key=lambda each: each[0])
            message = f"file {name[:100]!r}: {why}" + (
                f" (other damaged files: {n})" if (n := len(self._broken) - 1) else ""
            )
            raise SourceContractBrokenError(message)
        limit_h, newest_at = self._params.expect_new_h, position.newest_at
        if limit_h and not position.seen and newest_at is not None and now - newest_at > timedelta(hours=limit_h):
            message = f"no file has come for {(now - newest_at).total_seconds() / 3600:.0f} h"
            raise SourceUnavailableError(message)

    def _begin(self, file: IO[bytes], name: str, digest: str, skip_rows: int) -> None:
        self._reading = Reading(
            file, self._params, digest=digest, records=self._source.records, zone=self._zone, skip_rows=skip_rows
        )
        self._name = name

    def _goes_on(self, part: Part) -> bool:
        """Whether what is open stands exactly where the cursor does: a page that was not stored is read again."""
        reading = self._reading
        return reading is not None and (self._name, reading.digest, reading.rows_done) == (
            part.name,
            part.digest,
            part.rows,
        )

    def _next_page(self) -> Page:
        """Read a page, or the whole table where it is a list of what is open.

        Returns:
            The page.

        Raises:
            SourceContractBrokenError: The table is damaged, or too long to be such a list.
        """
        if self._reading is None:
            message = "no table is open"
            raise SourceContractBrokenError(message)
        page = self._reading.next_page(MAX_OPEN_ROWS if self._lists_all else self._params.page_rows)
        if self._lists_all and not page.is_last:
            message = f'the table has more than {MAX_OPEN_ROWS} rows: missing = "closed" is for lists of what is open'
            raise SourceContractBrokenError(message)
        return page

    def _part(self) -> Part:
        reading = self._reading
        return Part(name=self._name, digest=reading.digest if reading else "", rows=reading.rows_done if reading else 0)

    def _drop(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()

    def _result(self, page: Page, position: Cursor, *, is_complete: bool) -> PollResult:
        return PollResult(
            records=page.records,
            rejected=page.rejected,
            cursor=codec.encode_text(position),
            source_time_at=position.newest_at,
            completeness=Completeness.COMPLETE if is_complete else Completeness.PARTIAL,
            lists_all_open=self._lists_all and is_complete and page is not _NOTHING,
            read_n=len(page.records) + len(page.rejected) + sum(page.skipped.values()),
            skipped=page.skipped,
            fields=page.fields,
            fields_are_header=True,
        )


def _same(seen: Seen, held: Seen) -> bool:
    return (seen.size, seen.mtime_ns) == (held.size, held.mtime_ns)
