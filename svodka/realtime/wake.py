"""Tells all web processes that there is something new in the log, when it was not a poller that wrote it.

The relay of a poller finds it by itself within a second, and so does every gateway: this makes it sooner, and nothing
depends on it.
"""

from __future__ import annotations

import contextlib

import redis

from svodka.domain.codec import encode
from svodka.realtime.announcement import CHANNEL, Announcement
from svodka.realtime.relay import connect_redis

# No log has this epoch: the announcement brings nothing, and proves nothing about the relay; it only wakes.
_WAKE = encode(Announcement(epoch="", from_seq=0, to_seq=0))


class Waker:
    """Wakes by the broker.

    Args:
        redis_url: The broker.
    """

    def __init__(self, redis_url: str) -> None:
        self._client = connect_redis(redis_url)

    def wake(self) -> None:
        """Wake everybody who listens; a broker that is away is told of by those who listen."""
        with contextlib.suppress(redis.RedisError):
            self._client.publish(CHANNEL, _WAKE)
