"""Reads, in one transaction, everything that a round of the gateway sends: so all of it belongs to one `seq`.

This is the heavy half of the gateway; it runs in a thread of its own beside the greenlets that push.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from svodka.domain.changes import Change, ChangeKind, Frame, RowChange
from svodka.domain.clock import Clock
from svodka.domain.codec import encode_text
from svodka.profiles.model import Profile
from svodka.readmodels.registry import TABLE_LIMITS, build_snapshot, build_values
from svodka.storage.change_log import load_changes, load_head
from svodka.storage.database import Connection, Database
from svodka.storage.migrate import load_epoch
from svodka.storage.queries.open_now import count_open_incidents

MAX_FRAME_CHANGES = 2000
MAX_CATCH_UPS = 8


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a round needs.

    Attributes:
        epoch: The log the browsers stand in; "" before the first round.
        tip: The number they stand at.
        heard: Changes heard over pub/sub, by number; holes are filled from the log.
        watched: Whether anybody is there to get a frame.
        positions: Where browsers that asked stand, in this epoch.
        snapshot: Whether somebody needs a snapshot, or rounds have failed and only a snapshot is safe.
        start_anew: Do not read rows; send a snapshot to all.
    """

    epoch: str
    tip: int
    heard: Mapping[int, Change]
    watched: bool
    positions: frozenset[int] = frozenset()
    snapshot: bool = False
    start_anew: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a round found; all texts are JSON at `head`.

    Attributes:
        epoch: The log's name now.
        head: Its newest number.
        frame: From the order's tip to head; None where nothing changed or nobody watches.
        jumped: The way from tip to head is too long, or leads into another log: all browsers need the snapshot.
        snapshot: Where one is needed.
        catch_ups: A frame to head by position; a position that is neither here nor head itself needs the snapshot.
    """

    epoch: str
    head: int
    frame: str | None = None
    jumped: bool = False
    snapshot: str | None = None
    catch_ups: dict[int, str] = {}


class LogReader:
    """Reads the log and the read models of one database."""

    def __init__(self, database: Database, profile: Profile, clock: Clock) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock

    def read(self, order: Order) -> Reading:
        """Return what the round has to send.

        Raises:
            StorageUnavailableError: The database does not answer; the next round tries again.
        """
        with self._database.read() as connection:
            epoch, head = load_epoch(connection), load_head(connection)
            same_log = epoch == order.epoch and head >= order.tip
            jumped = order.start_anew or not same_log or head - order.tip > MAX_FRAME_CHANGES
            frame: str | None = None
            if not jumped and head > order.tip and order.watched:
                frame = self._frame(connection, epoch, order.tip, head, order.heard)
                jumped = frame is None
            asking = order.positions - {head}
            catch_ups = self._catch_ups(connection, epoch, head, asking) if not jumped else {}
            wanted = order.snapshot or (jumped and order.watched) or len(catch_ups) < len(asking)
            snapshot = self._snapshot(connection, epoch, head) if wanted else None
        return Reading(epoch=epoch, head=head, frame=frame, jumped=jumped, snapshot=snapshot, catch_ups=catch_ups)

    def read_snapshot(self) -> str:
        """Return a snapshot of this moment as JSON.

        Raises:
            StorageUnavailableError: The database does not answer.
        """
        with self._database.read() as connection:
            return self._snapshot(connection, load_epoch(connection), load_head(connection))

    def _snapshot(self, connection: Connection, epoch: str, head: int) -> str:
        return encode_text(build_snapshot(connection, self._profile, self._clock, epoch, head))

    def _catch_ups(self, connection: Connection, epoch: str, head: int, asking: frozenset[int]) -> dict[int, str]:
        """Return one frame each for the newest positions; the others are better served by the one snapshot."""
        found = {}
        for position in sorted((p for p in asking if p < head), reverse=True)[:MAX_CATCH_UPS]:
            text = self._frame(connection, epoch, position, head, {})
            if text is not None:
                found[position] = text
        return found

    def _frame(
        self, connection: Connection, epoch: str, after: int, head: int, heard: Mapping[int, Change]
    ) -> str | None:
        """Return the frame (after, head] as JSON, None when only a snapshot will do.

        That is so when it is too long, the log no longer has all of it, or the page cannot hold all incidents.
        """
        if head - after > MAX_FRAME_CHANGES:
            return None
        changes = [heard[seq] for seq in range(after + 1, head + 1) if seq in heard]
        if len(changes) != head - after:
            changes = load_changes(connection, after, head)
        if len(changes) != head - after:
            return None
        if _is_cut(connection, changes):
            return None
        now = self._clock.now()
        kinds = {change.kind for change in changes}
        values: dict[str, object] = dict(build_values(connection, self._profile, now, kinds))
        frame = Frame(epoch=epoch, from_seq=after, to_seq=head, at=now, rows=_rows(changes), values=values)
        return encode_text(frame)


def _is_cut(connection: Connection, changes: Iterable[Change]) -> bool:
    """Return whether the page holds, before these changes or after them, only the gravest of the open incidents.

    Which one comes in when another goes is known to the database alone.
    """
    of_incidents = [change for change in changes if change.kind is ChangeKind.INCIDENT]
    if not of_incidents:
        return False
    gone_n = sum(change.op == "del" for change in of_incidents)
    return sum(n for _, _, n in count_open_incidents(connection)) + gone_n > TABLE_LIMITS["incidents"]


def _rows(changes: Iterable[Change]) -> tuple[RowChange, ...]:
    rows = []
    for change in changes:
        if change.op is None:
            continue
        if change.kind is ChangeKind.APPEAL:
            rows.append(RowChange(table="appeals", op=change.op, key=change.key, row=change.appeal))
        elif change.kind is ChangeKind.INCIDENT:
            rows.append(RowChange(table="incidents", op=change.op, key=change.key, row=change.incident))
    return tuple(rows)
