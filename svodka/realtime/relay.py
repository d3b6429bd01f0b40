"""The relay: reads the change log behind the pollers and publishes what is new on Redis pub/sub.

It holds nothing that could be lost: where it stands is only a place in the log. While Redis is away the gateways
go on with their own look at the log, and the relay tries again with each round.
"""

from __future__ import annotations

import redis
import structlog

from svodka.domain.codec import encode
from svodka.domain.errors import StartError
from svodka.realtime.announcement import CHANNEL, MAX_ANNOUNCED, Announcement
from svodka.realtime.loops import Loop
from svodka.settings.crash import crash_here
from svodka.storage.change_log import load_changes
from svodka.storage.database import Database
from svodka.storage.log_state import load_log_state

_LOOK_S = 1.0
_TIMEOUT_S = 2.0
# After an announcement the next one waits so long: no gateway makes its next frame sooner (`svodka.realtime.pace`).
_SPACING_S = 0.02


class Relay(Loop):
    """Publishes the log of one database; one per poll process.

    Args:
        database: Whose log.
        redis_url: Where to; empty: there is no broker and nothing is published.

    Attributes:
        published_n: Announcements given to the broker.
        refused_n: Announcements that it did not take.
    """

    def __init__(self, database: Database, redis_url: str) -> None:
        super().__init__("relay", _LOOK_S)
        self._database = database
        self._redis = connect_redis(redis_url) if redis_url else None
        self._epoch = ""
        self._published = 0
        self.published_n = self.refused_n = 0
        self._away = False
        self._relay_log = structlog.get_logger().bind(part="relay")

    def step(self) -> None:
        """Publish what the log has that has not been published."""
        if self._redis is None:
            return
        announcement = self._read()
        if announcement is None:
            return
        crash_here("publish_before")
        try:
            self._redis.publish(CHANNEL, encode(announcement))
        except redis.RedisError:
            self.refused_n += 1
            if not self._away:
                self._relay_log.warning("broker_away", exc_info=True)
            self._away = True
            return
        crash_here("publish_after")
        if self._away:
            self._relay_log.info("broker_back", seq=announcement.to_seq)
        self._away = False
        self._published = announcement.to_seq
        self.published_n += 1
        self.wait(_SPACING_S)

    @property
    def seq(self) -> int | None:
        """Number of the newest change that was published; None while there is no broker or no log."""
        return self._published if self._redis is not None and self._epoch else None

    def close(self) -> None:
        """Close the connection to Redis."""
        if self._redis is not None:
            self._redis.close()

    def _read(self) -> Announcement | None:
        with self._database.read() as connection:
            state = load_log_state(connection)
            epoch, head = state.epoch, state.head
            if epoch != self._epoch:
                self._epoch, self._published = epoch, head  # a new log: gateways find its beginning themselves
                return None
            if head <= self._published:
                return None
            changes = load_changes(connection, self._published, head) if self._is_small(head) else []
        return Announcement(epoch=epoch, from_seq=self._published, to_seq=head, changes=tuple(changes))

    def _is_small(self, head: int) -> bool:
        return head - self._published <= MAX_ANNOUNCED


def connect_redis(url: str) -> redis.Redis:
    """Return a client of the broker; it connects with the first command.

    Args:
        url: redis://, rediss:// or unix:// URL.

    Raises:
        StartError: It is none; the message does not repeat it, for it may hold a password.
    """
    try:
        return redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=None, health_check_interval=0
        )
    except ValueError as error:
        message = "SVODKA_REDIS_URL is not an address such as redis://host:6379/0, rediss://host or unix:///path."
        raise StartError(message) from error
