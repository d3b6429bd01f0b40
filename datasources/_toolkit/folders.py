"""Addresses of watched folders: `file:///folder/`, `file:///folder/*.xlsx` or one file; no path leads out of them."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

FILE_SCHEME = "file://"


def split_folder_url(url: str) -> tuple[Path, str]:
    """Return the folder that an address watches and the pattern of its files' names, "" for every table.

    Args:
        url: `file://` and an absolute path; only the last part of it may be a pattern (`*`, `?`, `[…]`).

    Raises:
        ValueError: It is no such address.
    """
    path = unquote(url.removeprefix(FILE_SCHEME), errors="strict")
    if not url.startswith(FILE_SCHEME) or not path.startswith("/") or "\0" in path:
        message = "a folder is written as file:///absolute/path"
        raise ValueError(message)
    whole = Path(path)
    if ".." in whole.parts or glob.has_magic(str(whole.parent)):
        message = "a folder has no .. and no pattern but in the last part"
        raise ValueError(message)
    if path.endswith("/"):
        return whole, ""
    if glob.has_magic(whole.name):
        return whole.parent, whole.name
    return (whole, "") if whole.is_dir() else (whole.parent, glob.escape(whole.name))


def is_allowed(folder: Path, allowed: Sequence[Path]) -> bool:
    """Return whether a folder, with its symbolic links followed, is one of the allowed ones or lies below one."""
    real = folder.resolve()
    return any(real.is_relative_to(each.resolve()) for each in allowed)
