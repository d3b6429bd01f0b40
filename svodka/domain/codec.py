"""The only place where JSON is written and read.

msgspec: typed, strict, and several times faster than the standard library. Datetimes become RFC 3339
text in UTC; non-finite numbers become null, as JSON has none.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
DecodeError = msgspec.DecodeError
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def encode(value: object) -> bytes:
    """Return `value` as JSON, keys in a fixed order."""
    return _encoder.encode(value)


def encode_text(value: object) -> str:
    """Return `value` as JSON text."""
    return _encoder.encode(value).decode()


def decode(data: bytes | str) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return the plain Python value of a JSON document.

    Raises:
        DecodeError: `data` is no JSON document.
    """
    return _decoder.decode(data)


def decode_as(data: bytes | str, kind: type[T]) -> T:
    """Return a JSON document as a value of `kind`, refusing unknown fields where the kind does."""
    return msgspec.json.decode(data, type=kind)
