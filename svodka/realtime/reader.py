"""Reads, in one transaction, everything that a round of the gateway sends: so all of it belongs to one `seq`.

This is the heavy half of the gateway; it runs in a thread of its own beside the greenlets that push.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from svodka.domain.changes import Change, ChangeKind
from svodka.domain.clock import Clock
from svodka.profiles.model import Profile
from svodka.readmodels.keys import Extent, Key
from svodka.readmodels.pages import find_scene
from svodka.readmodels.view import View
from svodka.realtime.round import MAX_FRAME_CHANGES, Piece, Round
from svodka.realtime.touched import Passed
from svodka.settings.crash import crash_here
from svodka.storage.database import Database
from svodka.storage.log_state import load_log_state

MAX_CATCH_UPS = 8


class Position(msgspec.Struct, frozen=True):
    """Where a browser that asked stands: at a number of a log, or (None) nowhere yet."""

    view: View
    epoch: str | None = None
    seq: int | None = None


class Absence(msgspec.Struct, frozen=True):
    """What a browser that asked did not see: everything since an instant, in the region or a part of it."""

    extent: Extent
    since: datetime


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a round needs.

    Attributes:
        epoch: The log the browsers stand in; "" before the first round.
        tip: The number they stand at.
        at: The instant of the round that led them there; None before the first.
        heard: Changes heard over pub/sub, by number; holes are filled from the log.
        views: What is watched now.
        positions: Where browsers that asked stand.
        absences: What they did not see.
        start_anew: Do not read rows; send a snapshot to all.
    """

    epoch: str
    tip: int
    heard: Mapping[int, Change]
    at: datetime | None = None
    views: frozenset[View] = frozenset()
    positions: frozenset[Position] = frozenset()
    absences: frozenset[Absence] = frozenset()
    start_anew: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a round found; all texts are JSON at `head`.

    Attributes:
        epoch: The log's name now.
        head: Its newest number.
        at: The product's instant of this reading.
        heartbeat_seq: Number of the newest heartbeat line; 0 where there is none.
        jumped: The way from tip to head is too long, or leads into another log: all browsers get the snapshot.
        frames: From the order's tip to head, by view; none where nothing changed. A watched view without one, though
            something changed, needs its snapshot.
        snapshots: By view, where one is needed.
        catch_ups: A frame to head by position; a position that is not here needs the snapshot.
        missed: What began and ended, by absence; none where nothing did.
        missed_by_all: The same for those who watch, by what they watch: after a jump, or within this very frame.
    """

    epoch: str
    head: int
    at: datetime
    heartbeat_seq: int = 0
    jumped: bool = False
    frames: dict[View, bytes] = {}
    snapshots: dict[View, bytes] = {}
    catch_ups: dict[Position, bytes] = {}
    missed: dict[Absence, bytes] = {}
    missed_by_all: dict[Extent, bytes] = {}


class LogReader:
    """Reads the log and the read models of one database.

    It remembers one thing between two rounds: the bytes of the values that everybody has who stands at the tip and
    whose view holds them; and until when it knows what time has done to them.

    Args:
        database: Where the log and the facts are.
        profile: The region.
        clock: The product's clock.
        find_scene: The view of a scene by its reference; raises KeyError for a scene that there is not.
    """

    def __init__(
        self, database: Database, profile: Profile, clock: Clock, find_scene: Callable[[str], View] = find_scene
    ) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock
        self._find_scene = find_scene
        self._had: dict[Key, bytes] = {}
        self._timed_at: datetime | None = None
        self._history_from: datetime | None = None
        self._had_at: tuple[str, int] | None = None

    def read(self, order: Order) -> Reading:
        """Return what the round has to send.

        Raises:
            StorageUnavailableError: The database does not answer, or its numbers are not counted yet as this program
                counts; the next round tries again.
        """
        if self._had_at != (order.epoch, order.tip):
            self._had = {}
        self._had_at = None  # until this round has gone well
        with self._database.read() as connection:
            state = load_log_state(connection)
            state.ensure_counted(self._profile.zone)
            epoch, head = state.epoch, state.head
            heard = order.heard if epoch == order.epoch else {}  # of another log
            found = Round(connection, self._profile, self._clock, state=state, heard=heard)
            same_log = epoch == order.epoch and head >= order.tip
            jumped = order.start_anew or not same_log or head - order.tip > MAX_FRAME_CHANGES
            pieces: dict[View, Piece] = {}
            if not jumped and head > order.tip:
                pieces = _find_pieces(found, order)
            left_out = order.views - pieces.keys() if jumped or head > order.tip else frozenset()
            reading = Reading(
                epoch=epoch,
                head=head,
                at=found.now,
                heartbeat_seq=state.heartbeat_seq,
                jumped=jumped,
                frames=self._make_frames(found, order, pieces),
                catch_ups=self._make_catch_ups(found, epoch, head, order.positions),
                missed=_find_missed(found, order.absences),
                missed_by_all=_find_missed_by_all(found, order, left_out, pieces),
            )
            needing = {position.view for position in order.positions if position not in reading.catch_ups} | left_out
            snapshots = self._make_snapshots(found, needing, is_for_all=jumped)
        self._had_at = (epoch, head)
        return msgspec.structs.replace(reading, snapshots=snapshots)

    def read_moment(self, references: Iterable[str]) -> dict[str, bytes]:
        """Return a snapshot of each scene as JSON, all of this one moment.

        Args:
            references: Of the scenes.

        Raises:
            StorageUnavailableError: The database does not answer, or its numbers are not counted yet.
            KeyError: There is no such scene.
        """
        views = {reference: self._find_scene(reference) for reference in references}
        with self._database.read() as connection:
            state = load_log_state(connection)
            state.ensure_counted(self._profile.zone)
            found = Round(connection, self._profile, self._clock, state=state, heard={})
            return {reference: found.make_snapshot(view)[0] for reference, view in views.items()}

    def _make_frames(self, found: Round, order: Order, pieces: Mapping[View, Piece]) -> dict[View, bytes]:
        """Return the frames; a value whose bytes everybody has already is left out."""
        news: dict[Key, bytes] = {}
        if pieces:
            touched = next(iter(pieces.values())).touched  # of the one range that all frames cover
            keys = frozenset[Key]().union(*(view.keys for view in pieces))
            passed = self._note_time(found, keys) if ChangeKind.TICK in touched.kinds else None
            for key in sorted(keys, key=str):
                had = self._had.get(key)
                if touched.concerns(key, None if had is None else passed):
                    value = found.find_value(key)
                    if value != had:
                        news[key] = value
            self._had |= news
        return {view: found.make_frame(view, order.tip, piece, news) for view, piece in pieces.items()}

    def _note_time(self, found: Round, keys: frozenset[Key]) -> Passed | None:
        """Return what time alone has done to the values that everybody has, since this was asked last."""
        history_from = found.history_from
        passed = found.find_passed(self._timed_at) if history_from == self._history_from else None
        self._timed_at, self._history_from = found.now, history_from
        self._had = {key: value for key, value in self._had.items() if key in keys}  # nobody looks after the others
        return passed

    def _make_catch_ups(
        self, found: Round, epoch: str, head: int, positions: frozenset[Position]
    ) -> dict[Position, bytes]:
        """Return one frame each for the newest positions; the others are better served by the one snapshot."""
        made: dict[Position, bytes] = {}
        known = [
            (position.seq, position) for position in positions if position.epoch == epoch and position.seq is not None
        ]
        for seq, position in sorted(known, key=lambda pair: pair[0], reverse=True):
            if seq == head:
                made[position] = found.make_nothing()
            elif len(made) < MAX_CATCH_UPS and (piece := found.find_piece(position.view, seq)) is not None:
                values = found.find_values(position.view.keys, piece.touched)
                made[position] = found.make_frame(position.view, seq, piece, values)
        if made:
            # Their other values come from other frames, of another process perhaps, and may be of a moment before.
            self._had = {}
        return made

    def _make_snapshots(self, found: Round, views: set[View], *, is_for_all: bool) -> dict[View, bytes]:
        made: dict[View, bytes] = {}
        if views:
            crash_here("snapshot_before")
        if is_for_all:
            self._had = {}
        for view in views:
            made[view], values = found.make_snapshot(view)
            if is_for_all:
                self._had |= values
            else:  # time has passed since the frames: what everybody has is only what has stayed the same
                self._had = {key: value for key, value in self._had.items() if values.get(key, value) == value}
        if views:
            crash_here("snapshot_after")
        return made


def _find_pieces(found: Round, order: Order) -> dict[View, Piece]:
    pieces = {view: found.find_piece(view, order.tip) for view in order.views}
    return {view: piece for view, piece in pieces.items() if piece is not None}


def _find_missed(found: Round, absences: frozenset[Absence]) -> dict[Absence, bytes]:
    oldest_first = sorted(absences, key=lambda absence: absence.since)  # one question to the database serves them all
    told = {absence: found.make_missed(absence.extent, absence.since) for absence in oldest_first}
    return {absence: text for absence, text in told.items() if text is not None}


def _find_missed_by_all(
    found: Round, order: Order, left_out: frozenset[View], pieces: Mapping[View, Piece]
) -> dict[Extent, bytes]:
    """Return what no frame showed to those who watch: all of it after a snapshot, else what passed within a frame."""
    if order.at is None:
        return {}
    told: dict[Extent, bytes | None] = {}
    for view, piece in pieces.items():
        if piece.thinned.passed_ids:
            told[view.extent] = found.make_missed(view.extent, order.at, piece.thinned.passed_ids)
    for extent in {view.extent for view in left_out}:
        told[extent] = found.make_missed(extent, order.at)
    return {extent: text for extent, text in told.items() if text is not None}
