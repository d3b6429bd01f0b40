"""Turning `[source.params]` of a sources file into the typed parameters of a connector."""

from __future__ import annotations

from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from svodka.domain.errors import ProfileError
from svodka.profiles.model import SourceConfig

P = TypeVar("P", bound=msgspec.Struct)


def read_params(source: SourceConfig, kind: type[P]) -> P:
    """Return a source's params as `kind`, which forbids unknown keys.

    Raises:
        ProfileError: A key is unknown, missing or of the wrong type; the message names source and key.
    """
    try:
        return msgspec.convert(source.params, kind)
    except (msgspec.ValidationError, ValueError) as error:
        message = f"source {source.id!r}, params of connector {source.connector!r}: {error}."
        raise ProfileError(message) from error


def read_zone(source: SourceConfig) -> ZoneInfo | None:
    """Return the zone of a source's times that carry none.

    Raises:
        ProfileError: There is no such zone.
    """
    if source.time_zone is None:
        return None
    try:
        return ZoneInfo(source.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"source {source.id!r}: time_zone {source.time_zone!r} is not an IANA zone."
        raise ProfileError(message) from error
