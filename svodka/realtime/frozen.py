"""Frozen moments: snapshots kept for two minutes under unguessable tokens, for pictures."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable

from svodka.domain.clock import monotonic_s

KEPT_S = 120.0
MAX_KEPT = 16


class FrozenMoments:
    """Keeps the newest moments, a bounded number of them, for a bounded time.

    Args:
        now_s: A monotonic clock; a test passes its own.
    """

    def __init__(self, now_s: Callable[[], float] = monotonic_s) -> None:
        self._now_s = now_s
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def keep(self, snapshot: str) -> str:
        """Keep a snapshot (JSON text) and return its token."""
        token = secrets.token_urlsafe(32)
        self._kept[token] = (self._now_s() + KEPT_S, snapshot)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return token

    def get(self, token: str) -> str | None:
        """Return the snapshot of a token, None when there is none or its time is over."""
        ends_s, snapshot = self._kept.get(token, (float("-inf"), ""))
        if ends_s <= self._now_s():
            self._kept.pop(token, None)
            return None
        return snapshot

    def holds(self, token: str) -> bool:
        """Whether a token names a moment that still stands."""
        return self.get(token) is not None
