"""One round of the gateway inside its transaction: what several views and positions need is read and made once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from svodka.domain.changes import Change, Frame, Missed
from svodka.domain.clock import Clock
from svodka.domain.codec import encode
from svodka.domain.hours import hour_start
from svodka.profiles.model import Profile
from svodka.readmodels.keys import Extent, Key
from svodka.readmodels.moment import Moment
from svodka.readmodels.registry import TABLE_LIMITS, Rows, assemble_snapshot, compute_value, load_rows
from svodka.readmodels.view import View
from svodka.realtime.thinning import Thinned, thin
from svodka.realtime.touched import Passed, Touched, find_touched
from svodka.storage.change_log import load_changed_at, load_changes
from svodka.storage.database import Connection
from svodka.storage.log_state import LogState
from svodka.storage.queries import ticks
from svodka.storage.queries.ended import Ended, load_ended

MAX_FRAME_CHANGES = 5000
_HOUR = timedelta(hours=1)
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
        touched: What changed in it.
    """

    thinned: Thinned
    touched: Touched


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
        self._moment = Moment(connection, profile, self.now)
        self._sectors = {kind.id: kind.sector for kind in profile.incident_kinds}
        self._changes: dict[int, list[Change] | None] = {}
        self._touched: dict[int, Touched] = {}
        self._thinned: dict[tuple[int, frozenset[str], Extent], Thinned | None] = {}
        self._values: dict[Key, bytes] = {}
        self._rows: dict[tuple[str, Extent], Rows] = {}
        self._ended: tuple[datetime, list[Ended]] | None = None

    def find_piece(self, view: View, after: int) -> Piece | None:
        """Return what a view needs of the range (after, head], None when only a snapshot will do.

        That is so when it is too long, the log no longer has all of it, a page cannot hold all incidents, or a row
        left the view and an older one takes its place.
        """
        thinned = self._thin(after, view.tables, view.extent)
        if thinned is None or self._is_cut(view, thinned):
            return None
        return Piece(thinned=thinned, touched=self._find_touched(after))

    @property
    def history_from(self) -> datetime | None:
        """Where the history begins."""
        return self._moment.history_from

    def find_passed(self, since: datetime | None) -> Passed | None:
        """Return what time alone has done since an instant; None: it may have done anything."""
        if since is None or since > self.now or hour_start(since, self._profile.zone) != self._moment.windows.hour_at:
            return None
        terms = ticks.find_ended_terms(self._connection, since, self.now)
        return Passed(terms=terms, feed=ticks.find_passed_feed(self._connection, since, self.now, _HOUR))

    def find_value(self, key: Key) -> bytes:
        """Return the JSON of a value; it is computed once for all views."""
        if key not in self._values:
            self._values[key] = encode(compute_value(self._moment, key))
        return self._values[key]

    def find_values(self, keys: Iterable[Key], touched: Touched) -> dict[Key, bytes]:
        """Return the JSON of those values that what was touched concerns."""
        return {key: self.find_value(key) for key in keys if touched.concerns(key)}

    def make_frame(self, view: View, after: int, piece: Piece, values: Mapping[Key, bytes]) -> bytes:
        """Return the frame (after, head] for a view, as JSON; of the values it takes those that the view holds."""
        frame = Frame(
            epoch=self._epoch,
            from_seq=after,
            to_seq=self._head,
            at=self.now,
            rows=piece.thinned.rows,
            values={str(key): msgspec.Raw(value) for key, value in values.items() if key in view.keys},
        )
        return encode(frame)

    def make_nothing(self) -> bytes:
        """Return the frame that says: you have everything."""
        return encode(Frame(epoch=self._epoch, from_seq=self._head, to_seq=self._head, at=self.now, rows=(), values={}))

    def make_snapshot(self, view: View) -> tuple[bytes, dict[Key, bytes]]:
        """Return the state of a view as JSON, and its values."""
        values = {key: self.find_value(key) for key in view.keys}
        snapshot = assemble_snapshot(
            view,
            (self._epoch, self._head),
            (self.now, self._clock.rate),
            rows_of=lambda table: self._find_rows(table, view.extent),
            value_of=lambda key: msgspec.Raw(values[key]),
        )
        return encode(snapshot), values

    def make_missed(self, extent: Extent, since: datetime, ids: Collection[int] | None = None) -> bytes | None:
        """Return what began and ended in an area or a sector since an instant, as JSON; None where nothing did.

        Args:
            extent: Whose incidents.
            since: Until when everything that was known had been shown; a week back at most is told.
            ids: Only these incidents; None: all.
        """
        since = max(since, self.now - LONGEST_ABSENCE)
        known_since = since - timedelta(seconds=_COMMIT_S * max(self._clock.rate, 1.0))
        missed = [
            ended.row
            for ended in self._find_ended(known_since)
            if extent.holds(ended.row.area, self._sectors.get(ended.row.kind))
            and (ids is None or ended.row.id in ids)
            and ended.is_missed(known_since)
        ]
        if not missed:
            return None
        told = Missed(since=since, until=self.now, n=len(missed), incidents=tuple(missed[:MAX_MISSED_ROWS]))
        return encode(told)

    def _thin(self, after: int, tables: frozenset[str], extent: Extent) -> Thinned | None:
        place = (after, tables, extent)
        if place not in self._thinned:
            changes = self._find_changes(after)
            self._thinned[place] = (
                None
                if changes is None
                else thin(changes, tables=tables, extent=extent, sectors=self._sectors, limits=TABLE_LIMITS)
            )
        return self._thinned[place]

    def _find_touched(self, after: int) -> Touched:
        if after not in self._touched:
            self._touched[after] = find_touched(self._find_changes(after) or (), self.now)
        return self._touched[after]

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
        extent = view.extent
        counts = self._moment.open_incidents
        open_n = sum(part.n for part in counts if extent.holds(part.area, self._sectors.get(part.kind)))
        return open_n + gone_n > TABLE_LIMITS["incidents"]

    def _find_ended(self, since: datetime) -> list[Ended]:
        if self._ended is None or since < self._ended[0]:
            self._ended = (since, load_ended(self._connection, since))
        return self._ended[1]

    def _find_rows(self, table: str, extent: Extent) -> Rows:
        place = (table, extent)
        if place not in self._rows:
            self._rows[place] = load_rows(self._moment, table, extent)
        return self._rows[place]


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
