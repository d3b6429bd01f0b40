"""Secrets of a source, read from files that nobody else may read, each time they are needed.

Messages name the key and the file, never what stands in it.
"""

from __future__ import annotations

import base64
import stat
from pathlib import Path

from datasources._toolkit.limits import HttpLimits
from svodka.domain.errors import SourceContractBrokenError

_MAX_CHARS = 16_384
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(path: str, *, key: str, table: str = "http.") -> str:
    """Return what a secret file says, without the white space around it.

    Args:
        path: The file.
        key: Which key of the sources file names it, for the message.
        table: In which table of the params it stands, with a dot; "" for the params themselves.

    Raises:
        SourceContractBrokenError: It cannot be read, is open to others, is empty or cannot stand in a header.
    """
    check_private(path, key=key, table=table)
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_MAX_CHARS + 1).strip()
    except (OSError, ValueError) as error:
        message = f"{table}{key}: {path} cannot be read"
        raise SourceContractBrokenError(message) from error
    if not text or len(text) > _MAX_CHARS or not text.isprintable():
        message = f"{table}{key}: {path} does not hold one line of text"
        raise SourceContractBrokenError(message)
    return text


def check_private(path: str, *, key: str, table: str = "http.") -> None:
    """See that a file is there and is its owner's alone.

    Raises:
        SourceContractBrokenError: It is not.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError) as error:
        message = f"{table}{key}: {path} cannot be read"
        raise SourceContractBrokenError(message) from error
    if not stat.S_ISREG(mode):
        message = f"{table}{key}: {path} is no file"
        raise SourceContractBrokenError(message)
    if mode & _OTHERS:
        message = f"{table}{key}: {path} may be read by others: give it mode 0600"
        raise SourceContractBrokenError(message)


def secret_headers(limits: HttpLimits) -> dict[str, bytes]:
    """Return the headers that carry a source's fixed secrets; a token of OAuth is none of them.

    Raises:
        SourceContractBrokenError: A file cannot be used.
    """
    headers = {
        name: read_secret(path, key=f"header_files.{name}").encode() for name, path in limits.header_files.items()
    }
    if limits.authorization_file:
        headers["Authorization"] = read_secret(limits.authorization_file, key="authorization_file").encode()
    if limits.bearer_file:
        headers["Authorization"] = b"Bearer " + read_secret(limits.bearer_file, key="bearer_file").encode()
    if limits.basic_file:
        headers["Authorization"] = basic(read_secret(limits.basic_file, key="basic_file"))
    return headers


def basic(pair: str) -> bytes:
    """Return the value of a Basic header for `user:password`.

    Source: RFC 7617, UTF-8.
    """
    return b"Basic " + base64.b64encode(pair.encode())
