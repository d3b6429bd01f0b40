"""A watched folder: which files are whole and not yet read, oldest first. Never follows a link out of it."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import msgspec

from svodka.domain.errors import SourceContractBrokenError, SourceUnavailableError

SUFFIXES = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".xls")
_CHUNK = 1024 * 1024
_HIDDEN = (".", "~$")  # what editors and copying programs put beside a file


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """One file as it stood: size in bytes, time of change, and since when it has stood so."""

    size: int
    mtime_ns: int
    since_at: datetime


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """One file that was read: size, time of change, and a digest of what it held."""

    size: int
    mtime_ns: int
    digest: str


class Folder:
    """Looks into one folder.

    Args:
        path: The folder.
        pattern: Of the files' names, "" for every table.
        max_files: More are refused.
    """

    def __init__(self, path: Path, pattern: str, max_files: int) -> None:
        self._path = path.resolve()
        self._pattern = pattern
        self._max_files = max_files

    def look(self) -> dict[str, os.stat_result]:
        """Return what stands in the folder: regular files that match, by name.

        Raises:
            SourceUnavailableError: The folder cannot be looked into.
            SourceContractBrokenError: It holds too many.
        """
        found: dict[str, os.stat_result] = {}
        try:
            if self._path.resolve() != self._path:
                message = f"folder {self._path} has become a link elsewhere"
                raise SourceContractBrokenError(message)
            with os.scandir(self._path) as entries:
                for entry in entries:
                    if not self._matches(entry.name) or not entry.is_file(follow_symlinks=False):
                        continue
                    found[entry.name] = entry.stat(follow_symlinks=False)
                    if len(found) > self._max_files:
                        message = f"more than {self._max_files} files match: move those away that were read"
                        raise SourceContractBrokenError(message)
        except OSError as error:
            message = f"folder {self._path} cannot be looked into: {error.strerror}"
            raise SourceUnavailableError(message) from error
        return found

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the folder, no link and nothing but a file.

        Returns:
            The file, to be closed by the caller.

        Raises:
            SourceUnavailableError: It is gone or cannot be read.
            SourceContractBrokenError: It is no file of this folder.
        """
        if Path(name).name != name or not self._matches(name):
            message = "a file outside the folder was asked for"
            raise SourceContractBrokenError(message)
        try:
            handle = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            message = f"file {name!r} cannot be opened: {error.strerror}"
            raise SourceUnavailableError(message) from error
        file = os.fdopen(handle, "rb")
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            file.close()
            message = f"{name!r} is no file"
            raise SourceContractBrokenError(message)
        return file

    def _matches(self, name: str) -> bool:
        if name.startswith(_HIDDEN):
            return False
        return fnmatch.fnmatchcase(name, self._pattern) if self._pattern else name.lower().endswith(SUFFIXES)


def note_seen(
    found: Mapping[str, os.stat_result], seen: Mapping[str, Seen], done: Mapping[str, Mark], now: datetime
) -> dict[str, Seen]:
    """Return what stands in the folder and was not read, each with the instant since when it has not changed."""
    noted: dict[str, Seen] = {}
    for name, status in found.items():
        mark, before = done.get(name), seen.get(name)
        size, changed = status.st_size, status.st_mtime_ns
        if mark is not None and (mark.size, mark.mtime_ns) == (size, changed):
            continue
        same = before is not None and (before.size, before.mtime_ns) == (size, changed)
        noted[name] = before if before is not None and same else Seen(size, changed, now)
    return noted


def choose_whole(seen: Mapping[str, Seen], now: datetime, settle_s: float) -> list[str]:
    """Return the files that have stood still since an earlier look, oldest first."""
    settled = timedelta(seconds=settle_s)
    whole = [name for name, each in seen.items() if each.since_at < now and now - each.since_at >= settled]
    return sorted(whole, key=lambda name: (seen[name].mtime_ns, name))


def digest_of(file: IO[bytes]) -> str:
    """Return a digest of a whole file."""
    digest = hashlib.blake2b(digest_size=12)
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
