"""One round of the gateway inside its transaction: what several views and positions need is read and made once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import msgspec

from svodka.domain.changes import Change, ChangeKind, Frame, Missed, Snapshot
from svodka.domain.clock import Clock
from svodka.domain.codec import encode
from svodka.profiles.model import Profile
from svodka.readmodels.pages import View
from svodka.readmodels.registry import READ_MODELS, TABLE_LIMITS, build_snapshot, build_values
from svodka.realtime.thinning import Thinned, thin
from svodka.storage.change_log import load_changed_at, load_changes
from svodka.storage.database import Connection
from svodka.storage.log_state import LogState
from svodka.storage.queries.ended import Ended, load_ended
from svodka.storage.queries.open_now import count_open_incidents
from svodka.storage.queries.rows import load_newest_appeals, load_open_incidents

MAX_FRAME_CHANGES = 5000
MAX_MISSED_ROWS = 20
LONGEST_ABSENCE = timedelta(days=7)
# What was learnt at an instant, inside its transaction, may have been committed, and so shown, this much later; and the
# clock of the machine that learnt it may be behind.
_COMMIT_S = 5.0
_CLOCKS_APART_S = 5.0  # real seconds that two machines of one installation may differ by


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A range of the log for one view.

    Attributes:
        thinned: What remains of its rows.
        kinds: What changed in it.
    """

    thinned: Thinned
    kinds: frozenset[ChangeKind]


class Round:
    """What the database says at one number of one log.

    Args:
        connection: The read transaction.
        profile: The region.
        clock: The product's clock.
        state: Where the log stands, read in this transaction.
        heard: Changes of this log heard over pub/sub, by number; holes are filled from the log.
    """

    def __init__(
        self,
        connection: Connection,
        profile: Profile,
        clock: Clock,
        *,
        state: LogState,
        heard: Mapping[int, Change],
    ) -> None:
        self._connection, self._profile, self._clock = connection, profile, clock
        self._epoch, self._head, self._heard = state.epoch, state.head, heard
        newest = heard.get(state.head)
        changed_at = newest.at if newest is not None else load_changed_at(connection, state.head)
        self.now = find_now(clock, changed_at, state.tick_at)
        self._changes: dict[int, list[Change] | None] = {}
        self._values: dict[str, bytes] = {}
        self._kinds_done: frozenset[ChangeKind] = frozenset()
        self._whole: Snapshot | None = None
        self._ended: tuple[datetime, list[Ended]] | None = None

    def find_piece(self, view: View, after: int) -> Piece | None:
        """Return what a view needs of the range (after, head], None when only a snapshot will do.

        That is so when it is too long, the log no longer has all of it, a page cannot hold all incidents, or a row
        left the view and an older one takes its place.
        """
        changes = self._find_changes(after)
        if changes is None:
            return None
        thinned = thin(changes, tables=view.tables, area=view.area, limits=TABLE_LIMITS)
        if thinned is None or self._is_cut(view, thinned):
            return None
        return Piece(thinned=thinned, kinds=frozenset(kind for change in changes for kind in change.kinds(self.now)))

    def find_values(self, kinds: Collection[ChangeKind]) -> dict[str, bytes]:
        """Return the JSON of every value that these kinds of change concern, by stem."""
        missing = frozenset(kinds) - self._kinds_done
        if missing:
            found = build_values(self._connection, self._profile, self.now, missing)
            self._values |= {stem: encode(value) for stem, value in found.items()}
            self._kinds_done |= missing
        concerned = {model.stem for model in READ_MODELS if not model.kinds.isdisjoint(kinds)}
        return {stem: value for stem, value in self._values.items() if stem in concerned}

    def make_frame(self, view: View, after: int, piece: Piece, values: Mapping[str, bytes]) -> bytes:
        """Return the frame (after, head] for a view, as JSON; of the values it takes those that the view holds."""
        frame = Frame(
            epoch=self._epoch,
            from_seq=after,
            to_seq=self._head,
            at=self.now,
            rows=piece.thinned.rows,
            values={stem: msgspec.Raw(value) for stem, value in values.items() if stem in view.stems},
        )
        return encode(frame)

    def make_nothing(self) -> bytes:
        """Return the frame that says: you have everything."""
        return encode(Frame(epoch=self._epoch, from_seq=self._head, to_seq=self._head, at=self.now, rows=(), values={}))

    def make_snapshot(self, view: View) -> tuple[bytes, dict[str, bytes]]:
        """Return the state of a view as JSON, and its values by stem."""
        whole = self._whole
        if whole is None:
            whole = self._whole = build_snapshot(
                self._connection, self._profile, self._clock, self._epoch, self._head, now=self.now
            )
        values = {stem: encode(value) for stem, value in whole.values.items() if stem in view.stems}
        tables = whole.tables if view.area is None else self._load_area(view.area)
        snapshot = msgspec.structs.replace(
            whole,
            tables={name: rows for name, rows in tables.items() if name in view.tables},
            limits={name: limit for name, limit in whole.limits.items() if name in view.tables},
            values={stem: msgspec.Raw(value) for stem, value in values.items()},
        )
        return encode(snapshot), values

    def make_missed(self, area: str | None, since: datetime, ids: Collection[int] | None = None) -> bytes | None:
        """Return what began and ended in an area since an instant, as JSON; None where nothing did.

        Args:
            area: Slug of the only area; None: the whole region.
            since: Until when everything that was known had been shown; a week back at most is told.
            ids: Only these incidents; None: all.
        """
        since = max(since, self.now - LONGEST_ABSENCE)
        known_since = since - timedelta(seconds=_COMMIT_S * max(self._clock.rate, 1.0))
        missed = [
            ended.row
            for ended in self._find_ended(known_since)
            if (area is None or ended.row.area == area)
            and (ids is None or ended.row.id in ids)
            and ended.is_missed(known_since)
        ]
        if not missed:
            return None
        told = Missed(since=since, until=self.now, n=len(missed), incidents=tuple(missed[:MAX_MISSED_ROWS]))
        return encode(told)

    def _find_changes(self, after: int) -> list[Change] | None:
        if after not in self._changes:
            self._changes[after] = self._load_changes(after)
        return self._changes[after]

    def _load_changes(self, after: int) -> list[Change] | None:
        n = self._head - after
        if not 0 <= n <= MAX_FRAME_CHANGES:
            return None
        changes = [self._heard[seq] for seq in range(after + 1, self._head + 1) if seq in self._heard]
        if len(changes) != n:
            changes = load_changes(self._connection, after, self._head)
        return changes if len(changes) == n else None

    def _is_cut(self, view: View, thinned: Thinned) -> bool:
        """Return whether the page holds, before these changes or after, only the gravest of the open incidents.

        Which one comes in when another goes is known to the database alone.
        """
        of_incidents = [row for row in thinned.rows if row.table == "incidents"]
        if not of_incidents:
            return False
        gone_n = sum(row.op == "del" for row in of_incidents)
        counts = count_open_incidents(self._connection)
        open_n = sum(n for area, _, n in counts if view.area is None or area == view.area)
        return open_n + gone_n > TABLE_LIMITS["incidents"]

    def _find_ended(self, since: datetime) -> list[Ended]:
        if self._ended is None or since < self._ended[0]:
            self._ended = (since, load_ended(self._connection, since))
        return self._ended[1]

    def _load_area(self, area: str) -> Mapping[str, tuple[msgspec.Struct, ...]]:
        ranks = {level.id: level.rank for level in self._profile.levels}
        return {
            "appeals": load_newest_appeals(self._connection, TABLE_LIMITS["appeals"], area),
            "incidents": load_open_incidents(self._connection, ranks=ranks, limit=TABLE_LIMITS["incidents"], area=area),
        }


def find_now(clock: Clock, *told: datetime | None) -> datetime:
    """Return the instant that the values at a number of the log are computed for, never older than what they tell of.

    The newest change and the newest TICK may come from a machine whose clock is ahead of this one's. What a TICK says
    has happened would be computed as not yet happened, and no other TICK would repeat it. An instant further ahead
    than two clocks may be apart is no such case: the clock was set back (or a replay begins anew), which the ticker
    tells as a change of its own, and then the clock is right.

    Args:
        clock: This process's clock.
        told: When the newest change and the newest TICK were written; None where there is none.
    """
    now = clock.now()
    latest = now + timedelta(seconds=_CLOCKS_APART_S * max(clock.rate, 1.0))
    return max([now, *(at for at in told if at is not None and at <= latest)])
