"""Reads the deliveries of one system that pushes; who may deliver is checked before (`svodka.ingest.intake`)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from datasources._toolkit.credentials import read_secret
from datasources._toolkit.fields import names_of
from datasources._toolkit.params import check_kinds_and_levels, check_stages, read_params, read_zone
from datasources.http_json.normalise import Normaliser
from datasources.webhook.normalise import is_taken, open_body
from datasources.webhook.params import Params
from svodka.domain import codec
from svodka.domain.clock import Clock
from svodka.domain.errors import SourceContractBrokenError
from svodka.domain.push import Delivery, PushLimits
from svodka.domain.records import Completeness, PollResult
from svodka.profiles.model import Profile, SourceConfig

PUSHED = True
_MIN_SECRET_CHARS = 32


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a source that pushes stands: the sender's time of the last delivery. Nothing goes on from it."""

    sent_at: datetime
    v: int = 1


def connect(source: SourceConfig, clock: Clock) -> WebhookReceiver:
    """Build the receiver of one source.

    Args:
        source: The source; it has no url.
        clock: Not needed: the sender's time is what counts here.

    Returns:
        The receiver; no file has been read.

    Raises:
        ProfileError: The params are unusable.
    """
    del clock
    params = read_params(source, Params)
    check_stages(source, params.field_map.statuses, params.field_map.status_default)
    normaliser = Normaliser(params.field_map, records=source.records, zone=read_zone(source))
    return WebhookReceiver(params, normaliser)


def check_against(source: SourceConfig, profile: Profile) -> None:
    """See that the maps lead to kinds and levels of the region.

    Raises:
        ProfileError: One leads to nothing.
    """
    params = read_params(source, Params)
    levels = [*params.levels.values(), *(step.level for step in params.levels_by_affected)]
    check_kinds_and_levels(source, profile, kinds=params.kinds.values(), levels=levels)


class WebhookReceiver:
    """One source (see `svodka.domain.push.Receiver`)."""

    def __init__(self, params: Params, normaliser: Normaliser) -> None:
        self._params = params
        self._normaliser = normaliser

    @property
    def limits(self) -> PushLimits:
        """What the source may send."""
        return PushLimits(
            max_bytes=self._params.max_bytes,
            per_minute=self._params.per_minute,
            replay_window_s=self._params.replay_window_s,
        )

    def load_secrets(self) -> tuple[bytes, ...]:
        """Return the secrets that sign now; the files are read each time, so a change needs no restart."""
        secrets = [_load_secret(self._params.secret_file, "secret_file")]
        if self._params.previous_secret_file:
            secrets.append(_load_secret(self._params.previous_secret_file, "previous_secret_file"))
        return tuple(secrets)

    def takes(self, content_type: str) -> bool:
        """Return whether bodies of that media type are read."""
        return is_taken(content_type, self._params)

    def read(self, delivery: Delivery) -> PollResult:
        """Return what a delivery says; without a body it says that the sender lives and has nothing new."""
        sent_at = datetime.fromtimestamp(int(delivery.timestamp), UTC)
        items = open_body(delivery, self._params) if delivery.body else []
        records, rejected = self._normaliser.normalise_page(items)
        return PollResult(
            records=tuple(records),
            rejected=tuple(rejected),
            cursor=codec.encode_text(Cursor(sent_at=sent_at)),
            source_time_at=sent_at,
            completeness=Completeness.PARTIAL if delivery.more else Completeness.COMPLETE,
            lists_all_open=self._params.lists_all_open and bool(delivery.body) and not delivery.more,
            read_n=len(items),
            fields=names_of(items, within="properties"),
        )


def _load_secret(path: str, key: str) -> bytes:
    secret = read_secret(path, key=key, table="")
    if len(secret) < _MIN_SECRET_CHARS:
        message = f"{key}: {path} holds fewer than {_MIN_SECRET_CHARS} characters"
        raise SourceContractBrokenError(message)
    return secret.encode()
