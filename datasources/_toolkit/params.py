"""Turning `[source.params]` of a sources file into the typed parameters of a connector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from svodka.domain.errors import ProfileError
from svodka.domain.records import AppealStatus, IncidentStatus
from svodka.profiles.model import Profile, SourceConfig

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


def check_brings(source: SourceConfig, records: Literal["appeals", "incidents"]) -> None:
    """See that a source is one of what its connector brings.

    Raises:
        ProfileError: It is one of the other.
    """
    if source.records != records:
        message = f"source {source.id!r}: connector {source.connector!r} brings {records}, not {source.records}."
        raise ProfileError(message)


def check_stages(source: SourceConfig, statuses: Mapping[str, str], default: str = "") -> None:
    """See that words of a source lead to stages of what it brings.

    Args:
        source: The source.
        statuses: Stage by word.
        default: Stage of other words, "" for none.

    Raises:
        ProfileError: One does not; the message names source, word and the stages there are.
    """
    stages: type[AppealStatus | IncidentStatus] = AppealStatus if source.records == "appeals" else IncidentStatus
    for word, stage in {**statuses, **({"status_default": default} if default else {})}.items():
        if stage not in set(stages):
            message = (
                f"source {source.id!r}, params of connector {source.connector!r}: statuses: {word!r} leads to "
                f"{stage!r}; stages of {source.records} are {', '.join(stages)}."
            )
            raise ProfileError(message)


def check_kinds_and_levels(
    source: SourceConfig, profile: Profile, *, kinds: Iterable[str], levels: Iterable[str]
) -> None:
    """See that what a source's maps lead to exists in the region; a slip would turn it into "other" unseen.

    Raises:
        ProfileError: Something does not; the message names source, key and what exists.
    """
    for key, named, known in (
        ("kinds", kinds, {kind.id for kind in profile.incident_kinds}),
        ("levels", levels, {level.id for level in profile.levels}),
    ):
        if unknown := sorted(set(named) - known):
            message = (
                f"source {source.id!r}, params of connector {source.connector!r}: {key}: {unknown[0]!r} does not "
                f"exist; known are {', '.join(sorted(known))}."
            )
            raise ProfileError(message)
