"""A small disk that can be filled and made read-only: a tmpfs of its own where mounting is allowed."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path


class SmallDisk:
    """A folder on a small file system; where none may be mounted an ordinary folder that cannot be filled.

    Args:
        folder: Where it stands.
        size_mb: How much it holds.
    """

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.is_mounted = self._mount("-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "svodka-faults", str(folder))
        self._ballast = folder / ".ballast"

    @staticmethod
    def _mount(*words: str) -> bool:
        try:
            return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0
        except OSError:
            return False

    def fill(self) -> bool:
        """Leave no room; return whether that is possible here."""
        if not self.is_mounted:
            return False
        free = os.statvfs(self.folder)
        with self._ballast.open("ab") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize)
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        return True

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def set_read_only(self, value: bool) -> bool:
        """Refuse all writing; not possible while a file is open for writing. Return whether it is so now."""
        return self.is_mounted and self._mount("-o", f"remount,{'ro' if value else 'rw'}", str(self.folder))

    def close(self) -> None:
        """Take it away with everything in it."""
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)
