"""Who delivers: a system that pushes is known by the signature of each delivery, and by nothing else.

Whoever asks for a source that is not there is treated as one who signed wrongly, to the same computation: what is
connected here is nobody's business.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
import structlog

from svodka.domain.clock import monotonic_s
from svodka.domain.errors import SourceContractBrokenError
from svodka.domain.push import Delivery, Receiver
from svodka.security.principals import NOBODY, Principal, Role
from svodka.security.signatures import is_signed_by

_TOLD_EVERY_S = 60.0


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who delivers.

    Attributes:
        principal: The source, or nobody.
        clock_off_s: How far the sender's clock is from ours in seconds where that is too far; None: near enough.
    """

    principal: Principal
    clock_off_s: float | None = None


class Senders:
    """The systems that may push here.

    Args:
        receivers: By the source's id.
        now_s: A monotonic clock; a test passes its own.
    """

    def __init__(self, receivers: Mapping[str, Receiver], now_s: Callable[[], float] = monotonic_s) -> None:
        self._receivers = receivers
        self._now_s = now_s
        self._nobodys = (secrets.token_bytes(32),)
        self._told_s = float("-inf")
        self._untold_n = 0
        self._log = structlog.get_logger().bind(part="intake")

    def find_sender(self, delivery: Delivery, now: datetime) -> Sender:
        """Return whose delivery it is.

        Args:
            delivery: Read whole, its timestamp a number.
            now: Real time.
        """
        receiver = self._receivers.get(delivery.source_id)
        keys, fault = self._load_secrets(receiver)
        fits = is_signed_by(keys, delivery.timestamp, delivery.body, delivery.signature)
        if receiver is None or keys is self._nobodys or not fits:
            self._tell(delivery.source_id if receiver is not None else "", fault)
            return Sender(principal=NOBODY)
        off_s = int(delivery.timestamp) - now.timestamp()  # twelve figures are more than any calendar has
        is_near = abs(off_s) <= receiver.limits.replay_window_s
        return Sender(
            principal=Principal(role=Role.SOURCE, source=delivery.source_id), clock_off_s=None if is_near else off_s
        )

    def _load_secrets(self, receiver: Receiver | None) -> tuple[tuple[bytes, ...], str]:
        if receiver is None:
            return self._nobodys, ""
        try:
            return receiver.load_secrets(), ""
        except SourceContractBrokenError as error:
            return self._nobodys, str(error)

    def _tell(self, source: str, fault: str) -> None:
        """Say it once a minute at most: strangers must not fill the log."""
        self._untold_n += 1
        if self._now_s() - self._told_s < _TOLD_EVERY_S:
            return
        self._log.warning("delivery_not_signed", source=source or None, secret=fault or None, n=self._untold_n)
        self._told_s, self._untold_n = self._now_s(), 0
