"""A lock that one process at a time can hold, kept by the kernel: it ends with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class LockFile:
    """A lock on a file.

    Args:
        path: The file; made when taken, removed when given back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def handle(self) -> int | None:
        """The open file that carries the lock; a child that inherits it keeps the lock alive. None: not held."""
        return self._handle

    def take(self) -> bool:
        """Take the lock without waiting; return whether it is ours now."""
        if self._handle is not None:
            return True
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            if self._is_current(handle):
                self._handle = handle
                return True
            os.close(handle)  # the holder before us removed this file between our open and our lock: take the new one

    def give_back(self) -> None:
        """Remove the file and the lock; the file first, so that nobody locks a file that is about to go."""
        if self._handle is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def _is_current(self, handle: int) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(handle)
        return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)
