"""Reading the position that a connector left in the database."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from svodka.domain import codec
from svodka.domain.errors import SourceContractBrokenError

C = TypeVar("C", bound=msgspec.Struct)


def read_cursor(text: str, kind: type[C]) -> C:
    """Return a stored position as `kind`.

    Raises:
        SourceContractBrokenError: It is another connector's.
    """
    try:
        return codec.decode_as(text, kind)
    except codec.DecodeError as error:
        message = "the stored cursor is not of this connector: was the source's connector changed under its id?"
        raise SourceContractBrokenError(message) from error
