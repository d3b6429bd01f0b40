"""What a system that pushes hands over, and the contract of the part that reads it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from svodka.domain.records import PollResult


class PushLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one source that pushes.

    Attributes:
        max_bytes: Largest body.
        per_minute: Most deliveries in a minute, over all processes.
        replay_window_s: How far the sender's clock may differ from ours, either way.
    """

    max_bytes: int
    per_minute: int
    replay_window_s: float


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a sender, read whole.

    Attributes:
        source_id: Where it wants to deliver.
        timestamp: The sender's time as its header says it, seconds since 1970.
        signature: The sender's proof.
        delivery_id: The sender's own name for this delivery, "" where it gives none.
        more: The sender says that more waits, so this is not the whole picture yet.
        content_type: Media type in lower case, without parameters.
        charset: Of the body, "" where none is named.
        body: The body as it was sent; empty: a sign of life.
    """

    source_id: str
    timestamp: str
    signature: str
    delivery_id: str = ""
    more: bool = False
    content_type: str = ""
    charset: str = ""
    body: bytes = b""


class Receiver(Protocol):
    """One source that pushes. It normalises; who may deliver, how often and how much is decided elsewhere."""

    @property
    def limits(self) -> PushLimits:
        """What this source may send."""
        ...

    def load_secrets(self) -> tuple[bytes, ...]:
        """Return the secrets that sign now, one or two.

        Raises:
            SourceContractBrokenError: A secret file cannot be used; the message names key and file.
        """
        ...

    def takes(self, content_type: str) -> bool:
        """Return whether bodies of that media type are read."""
        ...

    def read(self, delivery: Delivery) -> PollResult:
        """Return what a delivery says; its cursor is the sender's time.

        Raises:
            SourceContractBrokenError: The body as a whole is not what was agreed.
        """
        ...
