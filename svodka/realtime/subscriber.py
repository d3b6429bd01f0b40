"""Hears the relay: keeps one subscription to the broker and comes back after every interruption."""

from __future__ import annotations

from collections.abc import Callable

import redis
import structlog
from redis.client import PubSub

from svodka.domain.clock import monotonic_s
from svodka.domain.codec import DecodeError, decode_as
from svodka.realtime.announcement import CHANNEL, Announcement
from svodka.realtime.loops import Loop
from svodka.realtime.relay import connect_redis

_HEAR_S = 0.5
_PAUSE_S = 0.5
_ASK_AFTER_S = 1.5  # of silence: is the broker still there?
_AWAY_AFTER_S = 4.0  # of silence: it hangs, though its connection stands


class Subscriber(Loop):
    """Hands every announcement to the gateway.

    Args:
        redis_url: The broker.
        on_announcement: Called with each announcement, in this thread; must be quick.
    """

    def __init__(self, redis_url: str, on_announcement: Callable[[Announcement], None]) -> None:
        super().__init__("subscriber", 0.0)
        self._client = connect_redis(redis_url)
        self._on_announcement = on_announcement
        self._subscription: PubSub | None = None
        self._away = False
        self._heard_s = self._asked_s = 0.0
        self._hear_log = structlog.get_logger().bind(part="subscriber")

    @property
    def is_connected(self) -> bool:
        """Whether announcements can arrive now."""
        return self._subscription is not None

    def step(self) -> None:
        """Hear one message, or find out that there is no broker and wait a moment."""
        try:
            self._hear()
        except (redis.RedisError, OSError):
            self._drop()
            if not self._away:
                self._hear_log.warning("broker_away", exc_info=True)
            self._away = True
            self.wait(_PAUSE_S)

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        self._client.close()

    def _hear(self) -> None:
        if self._subscription is None:
            subscription = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call] # redis-py leaves it untyped
            subscription.subscribe(CHANNEL)
            self._subscription = subscription
            self._heard_s = self._asked_s = monotonic_s()
            if self._away:
                self._hear_log.info("broker_back")
            self._away = False
        message = self._subscription.get_message(timeout=_HEAR_S)
        if message is None:
            self._ask(self._subscription)
            return
        self._heard_s = monotonic_s()
        if message.get("type") != "message":
            return
        try:
            announcement = decode_as(message["data"], Announcement)
        except DecodeError:
            self._hear_log.warning("announcement_unreadable")  # the log brings what it would have brought
            return
        self._on_announcement(announcement)

    def _ask(self, subscription: PubSub) -> None:
        """Ask a silent broker for a sign of life; one that gives none is away, however open its connection."""
        now_s = monotonic_s()
        if now_s - self._heard_s > _AWAY_AFTER_S:
            message = "the broker has been silent"
            raise TimeoutError(message)
        if now_s - max(self._heard_s, self._asked_s) > _ASK_AFTER_S:
            self._asked_s = now_s
            subscription.ping()

    def _drop(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
        self._subscription = None
