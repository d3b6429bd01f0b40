"""Carries out what operators wish of sources, in the poller that holds the source's lease.

The database is looked at twice a second. What a wish changes is stored in the transaction that takes it; the poll that
follows is only hurried, and would come by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from svodka.domain.clock import Clock
from svodka.domain.errors import StorageUnavailableError
from svodka.profiles.model import SourceConfig
from svodka.storage.database import Connection, Database
from svodka.storage.quarantine import load_oldest
from svodka.storage.sources import load_source, load_sources
from svodka.storage.wishes import Wish, WishKind, begin_anew, end_poll, load_waiting, take_wish

LOOK_EVERY_S = 0.5


class WishKeeper:
    """Looks for wishes and does them.

    Args:
        database: Where they are.
        sources: Those that are polled.
        clock: The product's clock.
        holds: Whether this process polls a source.
        begins_at: Whether a source can be asked from an instant.
        poll_now: Has a source polled at once.
        anew_from: From which position a source is read anew, by the one so far.
    """

    def __init__(
        self,
        database: Database,
        sources: Sequence[SourceConfig],
        clock: Clock,
        *,
        holds: Callable[[str], bool],
        begins_at: Callable[[str], bool],
        poll_now: Callable[[str], None],
        anew_from: Callable[[SourceConfig, str | None], str | None],
    ) -> None:
        self._database = database
        self._sources = {source.id: source for source in sources}
        self._clock = clock
        self._holds = holds
        self._begins_at = begins_at
        self._poll_now = poll_now
        self._anew_from = anew_from
        self._log = structlog.get_logger().bind(part="wishes")

    def look(self) -> None:
        """Do every wish that waits for this process."""
        try:
            with self._database.read() as connection:
                waiting = load_waiting(connection)
                health = load_sources(connection) if waiting else {}
            for wish in waiting:
                known = health.get(wish.source_id)
                is_paused = known is not None and known.paused_at is not None  # then it waits: nothing would be asked
                if wish.source_id in self._sources and not is_paused and self._holds(wish.source_id):
                    self._do(wish)
        except StorageUnavailableError:
            return  # told once by the database; wishes wait

    def _do(self, wish: Wish) -> None:
        with self._database.write() as connection:
            now = self._clock.now()
            if not take_wish(connection, wish, now):
                return  # another poller was quicker
            if wish.kind is WishKind.POLL:
                end_poll(connection, wish, now)
            else:
                self._begin_anew(connection, wish, now)
        self._log.info("wish_taken", source=wish.source_id, wish=wish.kind.value, id=wish.id)
        self._poll_now(wish.source_id)

    def _begin_anew(self, connection: Connection, wish: Wish, now: datetime) -> None:
        is_whole = not self._begins_at(wish.source_id)
        from_at = wish.from_at or self._before_quarantine(connection, wish.source_id, now)
        if is_whole:  # what it shows may reach back further or less far: nothing is claimed
            covered = load_source(connection, wish.source_id).covered_from_at
            from_at = covered or now
        keep = partial(self._anew_from, self._sources[wish.source_id])
        begin_anew(connection, wish, min(from_at, now), is_whole=is_whole, anew_from=keep)

    def _before_quarantine(self, connection: Connection, source_id: str, now: datetime) -> datetime:
        """Return an instant before every change that quarantine holds.

        A record is seen soon after it changed; only the first reading sees older ones, as far back as it reaches.
        """
        oldest_at = load_oldest(connection, source_id) or now
        return oldest_at - timedelta(hours=self._sources[source_id].backfill_h)
