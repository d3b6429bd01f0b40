"""Reads one JSON or GeoJSON address: the whole answer at every poll."""

from __future__ import annotations

from datetime import datetime

import msgspec

from datasources._toolkit.documents import parse_json
from datasources._toolkit.http import HttpClient
from datasources._toolkit.params import read_params, read_zone
from datasources.http_json.normalise import Normaliser, records_of
from datasources.http_json.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import ProfileError
from svodka.domain.records import AppealStatus, Completeness, IncidentStatus, PollResult
from svodka.profiles.model import Profile, SourceConfig


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A feed has no position; when it was last read is kept for people who look."""

    read_at: datetime
    v: int = 1


def connect(source: SourceConfig, clock: Clock) -> HttpJsonConnector:
    """Build the connector of one feed.

    Args:
        source: The source, its url complete.
        clock: The product's clock.

    Returns:
        The connector; it has asked nothing yet.

    Raises:
        ProfileError: The params are unusable.
    """
    params = read_params(source, Params)
    try:
        normaliser = Normaliser(params, records=source.records, zone=read_zone(source))
    except ValueError as error:
        stages = AppealStatus if source.records == "appeals" else IncidentStatus
        message = (
            f"source {source.id!r}, params of connector 'http_json': statuses: {error}; "
            f"stages of {source.records} are {', '.join(stages)}."
        )
        raise ProfileError(message) from error
    return HttpJsonConnector(source, params, normaliser, clock)


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that the maps lead to kinds and levels of the region; a slip would turn them into "other" unseen.

    Raises:
        ProfileError: One leads to nothing.
    """
    params = read_params(source, Params)
    kinds = {kind.id for kind in profile.incident_kinds}
    levels = {level.id for level in profile.levels}
    named_levels = [*params.levels.values(), *(step.level for step in params.levels_by_affected)]
    for key, names, known in (("kinds", params.kinds.values(), kinds), ("levels", named_levels, levels)):
        if unknown := sorted(set(names) - known):
            message = (
                f"source {source.id!r}, params of connector 'http_json': {key}: {unknown[0]!r} does not exist; "
                f"known are {', '.join(sorted(known))}."
            )
            raise ProfileError(message)


class HttpJsonConnector:
    """One JSON feed."""

    def __init__(self, source: SourceConfig, params: Params, normaliser: Normaliser, clock: Clock) -> None:
        self._source = source
        self._params = params
        self._normaliser = normaliser
        self._clock = clock
        self._http = HttpClient(params.http, clock)

    def poll(self, cursor: str | None) -> PollResult:  # noqa: ARG002 - the feed has no position
        """Read the whole feed (see `svodka.domain.records.Connector`)."""
        answer = self._http.fetch(self._source.url, self._params.query)
        items = records_of(parse_json(answer), self._params.records)
        records, rejected = self._normaliser.normalise_page(items)
        return PollResult(
            records=tuple(records),
            rejected=tuple(rejected),
            cursor=codec.encode_text(Cursor(read_at=answer.source_time_at or self._clock.now())),
            source_time_at=answer.source_time_at,
            completeness=Completeness.COMPLETE,
            lists_all_open=self._params.lists_all_open,
            read_n=len(items),
        )

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()
