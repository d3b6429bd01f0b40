"""What a sources file says about a system that pushes: `[source.params]`."""

from __future__ import annotations

from typing import Literal

import msgspec

from datasources._toolkit.limits import MIB
from datasources.http_json.params import AffectedLevel, Fields, Variant
from datasources.http_json.params import Params as MapParams

MAX_BODY_BYTES = 4 * MIB
_MAX_RECORDS = 10_000
_MAX_PER_MINUTE = 6000
_MAX_WINDOW_S = 3600.0
_MAPPED = (
    "fields",
    "format",
    "records",
    "statuses",
    "status_default",
    "kinds",
    "levels",
    "levels_by_affected",
    "variants",
    "time_formats",
)


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of one system that pushes.

    Attributes:
        secret_file: Secret file (mode 0600) with what the sender signs with, at least 32 characters.
        previous_secret_file: The secret before, while senders change over; "" for none.
        replay_window_s: How far the sender's clock may differ from ours, either way.
        max_bytes: Largest body of a delivery.
        max_records: Most records of a delivery.
        per_minute: Most deliveries in a minute.
        lists_all_open: Every delivery that has a body names everything that is open now, so what is absent may have
            ended (with `close_after_missing_polls`).
        fields, format, records, statuses, status_default, kinds, levels, levels_by_affected, variants, time_formats: As
            for the connector http_json: where a record says what, and what its words mean.
    """

    fields: Fields
    secret_file: str
    previous_secret_file: str = ""
    replay_window_s: float = 300.0
    max_bytes: int = MIB
    max_records: int = 1000
    per_minute: int = 120
    lists_all_open: bool = False
    format: Literal["json", "xml"] = "json"
    records: str = ""
    statuses: dict[str, str] = {}
    status_default: str = ""
    kinds: dict[str, str] = {}
    levels: dict[str, str] = {}
    levels_by_affected: tuple[AffectedLevel, ...] = ()
    variants: tuple[Variant, ...] = ()
    time_formats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing or everything in.

        Raises:
            ValueError: One of those.
        """
        if not self.secret_file:
            message = "secret_file names no file"
            raise ValueError(message)
        for name, largest in (
            ("replay_window_s", _MAX_WINDOW_S),
            ("max_bytes", MAX_BODY_BYTES),
            ("max_records", _MAX_RECORDS),
            ("per_minute", _MAX_PER_MINUTE),
        ):
            if not 1 <= getattr(self, name) <= largest:
                message = f"{name} must lie between 1 and {largest:g}"
                raise ValueError(message)

    @property
    def field_map(self) -> MapParams:
        """The part that http_json reads by."""
        return MapParams(**{name: getattr(self, name) for name in _MAPPED})
