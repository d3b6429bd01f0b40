"""Text inside a PNG: writes and reads iTXt chunks without touching a pixel.

Pure: bytes in, bytes out. Source: PNG specification, third edition (W3C), 11.3.3.4 iTXt.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = 8  # length and type
_CRC = 4


def write_text(png: bytes, key: str, text: str) -> bytes:
    """Return `png` with `text` in an iTXt chunk right after its header.

    Args:
        png: A whole PNG file.
        key: Keyword, 1..79 Latin-1 characters.
        text: Any text; compressed.

    Returns:
        The new file; its picture is the same.

    Raises:
        ValueError: `png` is no PNG.
    """
    if not png.startswith(_SIGNATURE):
        message = "not a PNG"
        raise ValueError(message)
    after_header = len(_SIGNATURE) + _HEAD + int.from_bytes(png[8:12], "big") + _CRC
    # keyword, zero, compressed, method, language (none), translated keyword (none), text
    body = key.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode())
    typed = b"iTXt" + body
    chunk = len(body).to_bytes(4, "big") + typed + zlib.crc32(typed).to_bytes(4, "big")
    return png[:after_header] + chunk + png[after_header:]


def read_text(png: bytes, key: str) -> str | None:
    """Return the text under `key`, or None where the PNG holds none.

    Raises:
        ValueError: `png` is no PNG.
    """
    for kind, body in _chunks(png):
        keyword, _, rest = body.partition(b"\0")
        if kind != b"iTXt" or keyword != key.encode("latin-1"):
            continue
        is_compressed = rest[0] == 1
        _language, _, rest = rest[2:].partition(b"\0")
        _translated, _, text = rest.partition(b"\0")
        return (zlib.decompress(text) if is_compressed else text).decode()
    return None


def read_size(png: bytes) -> tuple[int, int]:
    """Return width and height in pixels.

    Raises:
        ValueError: `png` is no PNG.
    """
    _kind, header = next(_chunks(png))
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not png.startswith(_SIGNATURE):
        message = "not a PNG"
        raise ValueError(message)
    at = len(_SIGNATURE)
    while at + _HEAD <= len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + _HEAD : at + _HEAD + size]
        at += _HEAD + size + _CRC
