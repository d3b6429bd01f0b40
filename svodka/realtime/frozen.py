"""Frozen moments: snapshots of scenes kept for minutes under unguessable tokens, for pictures."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping

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
        self._kept: OrderedDict[str, tuple[float, dict[str, bytes]]] = OrderedDict()

    def keep(self, snapshots: Mapping[str, bytes], kept_s: float = KEPT_S) -> str:
        """Keep the snapshots of a moment (JSON by the scene's reference) for so many seconds.

        Returns:
            Its token. Of too many moments the one goes whose time ends first: pictures come in crowds, packs take time.
        """
        token = secrets.token_urlsafe(32)
        self._kept[token] = (self._now_s() + kept_s, dict(snapshots))
        while len(self._kept) > MAX_KEPT:
            del self._kept[min(self._kept, key=lambda each: self._kept[each][0])]
        return token

    def get(self, token: str, scene: str | None = None) -> bytes | None:
        """Return a moment's snapshot of a scene (None: of its first); None where there is none or its time is over."""
        snapshots = self._find(token)
        return snapshots.get(next(iter(snapshots), "") if scene is None else scene)

    def holds(self, token: str) -> bool:
        """Whether a token names a moment that still stands."""
        return bool(self._find(token))

    def _find(self, token: str) -> dict[str, bytes]:
        ends_s, snapshots = self._kept.get(token, (float("-inf"), {}))
        if ends_s <= self._now_s():
            self._kept.pop(token, None)
            return {}
        return snapshots
