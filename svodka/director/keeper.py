"""Keeps where the walls stand: state, what walls are told, journal and line of the log in one transaction.

Two kinds of processes use it alike, each with the wall's row locked: a poller under a lease brings walls forward with
time, a web process has them do what an operator commands.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import structlog

from svodka.director.care import next_shift
from svodka.director.commands import Answer, Command, command
from svodka.director.facts import Facts, Scenes
from svodka.director.machine import Machine
from svodka.director.observed import ObservedFacts, deepest_rank
from svodka.director.plan import Plan
from svodka.director.preview import Shown, look_ahead
from svodka.director.stage import Stage, make_stage
from svodka.director.state import State
from svodka.domain.clock import Clock
from svodka.domain.codec import DecodeError, decode_as, encode_text
from svodka.profiles.model import Profile
from svodka.storage.change_log import load_head
from svodka.storage.database import Connection, Database
from svodka.storage.journal import JournalEntry, save_entry
from svodka.storage.walls import WallRow, load_incident, load_walls, lock_wall, save_wall


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A wall at this moment: its machine and state, and what it was last told."""

    machine: Machine
    state: State
    facts: Facts


class Keeper:
    """The walls of an installation.

    Args:
        plan: What is to be shown when.
        profile: The region.
        clock: The product's clock.
        scenes: Which there are.
    """

    def __init__(self, plan: Plan, profile: Profile, clock: Clock, scenes: Scenes) -> None:
        self.plan, self._profile, self._clock, self._scenes = plan, profile, clock, scenes
        self.machines = {wall.id: Machine(plan, wall) for wall in plan.walls.values()}
        self._rank = deepest_rank(plan)
        self._head = -1
        self._due: datetime | None = None
        self._log = structlog.get_logger().bind(part="director")

    def advance(self, database: Database) -> bool:
        """Bring all walls forward; asked a few times a second by whoever holds the lease.

        Nothing is read but the head of the log while nothing was written and nothing is due.

        Returns:
            Whether any wall was told something.

        Raises:
            StorageUnavailableError: The database cannot be reached; the next call makes up for it.
        """
        now = self._clock.now()
        with database.read() as connection:
            head = load_head(connection)
            if head == self._head and self._due is not None and now < self._due:
                return False
            rows = load_walls(connection)
            facts = self._observe(connection, now)
            states = {wall: self._bring(wall, rows.get(wall), now, facts) for wall in self.machines}
            changed = [wall for wall, state in states.items() if self._is_news(wall, rows.get(wall), state)]
        for wall in changed:
            with database.write() as connection:
                row = lock_wall(connection, wall, now)
                facts = self._observe(connection, now)
                states[wall] = state = self._bring(wall, row, now, facts)
                self._save(connection, row, state, facts)
        self._head = head
        self._due = min((self._next_at(wall, state) for wall, state in states.items()), default=None)
        return bool(changed)

    def act(self, database: Database, entry: JournalEntry, wall: str, order: Command, rev: int | None = None) -> Answer:
        """Have a wall do what an operator commands.

        Args:
            database: Where walls are kept.
            entry: Who, for the journal; its detail becomes the command.
            wall: Id of the wall.
            order: What to do.
            rev: `Stage.rev` that the operator saw; None: it does not matter.

        Returns:
            What became of it; only what was done stands in the journal.

        Raises:
            StorageUnavailableError: The database cannot be reached: nothing was done.
        """
        machine = self.machines.get(wall)
        if machine is None:
            return Answer.NO_WALL
        now = self._clock.now()
        with database.write() as connection:
            row = lock_wall(connection, wall, now)
            facts = self._observe(connection, now)
            state = self._bring(wall, row, now, facts)
            state, answer = command(machine, state, order, now, facts, rev=rev, by=entry.link_id)
            if answer is Answer.DONE:
                save_entry(connection, msgspec.structs.replace(entry, detail=encode_text(order)[:500]))
            self._save(connection, row, state, facts)
        return answer

    def look(self, database: Database) -> dict[str, Standing]:
        """Return how all walls stand now, without writing anything: for looking ahead.

        Raises:
            StorageUnavailableError: The database cannot be reached.
        """
        now = self._clock.now()
        with database.read() as connection:
            rows = load_walls(connection)
            facts = self._observe(connection, now).load()
        return {
            wall: Standing(machine=machine, state=self._bring(wall, rows.get(wall), now, facts), facts=facts)
            for wall, machine in self.machines.items()
        }

    def load_stages(self, database: Database) -> dict[str, Stage]:
        """Return what every wall was last told, by id; walls that nobody has brought forward yet are left out.

        Raises:
            StorageUnavailableError: The database cannot be reached.
        """
        with database.read() as connection:
            rows = load_walls(connection)
        return {wall: decode_as(row.stage, Stage) for wall, row in rows.items() if wall in self.machines}

    def load_taker(self, database: Database, stage: Stage) -> tuple[str, str, str | None] | None:
        """Return (level, kind, area) of the incident that has taken a wall over; None where none has.

        Raises:
            StorageUnavailableError: The database cannot be reached.
        """
        if stage.taken_by is None:
            return None
        with database.read() as connection:
            return load_incident(connection, stage.taken_by)

    def look_ahead(self, database: Database, wall: str, span: timedelta) -> list[Shown]:
        """Return what a wall will show in the next hours, if nothing happens and nobody does anything.

        Raises:
            KeyError: There is no such wall.
            StorageUnavailableError: The database cannot be reached.
        """
        standing = self.look(database)[wall]
        return list(look_ahead(standing.machine, standing.state, standing.facts, span))

    def _observe(self, connection: Connection, now: datetime) -> ObservedFacts:
        return ObservedFacts(connection, self._profile, now, rank=self._rank, scenes=self._scenes)

    def _bring(self, wall: str, row: WallRow | None, now: datetime, facts: Facts) -> State:
        machine, state = self.machines[wall], None if row is None else self._read(row)
        return machine.begin(now, facts) if state is None else machine.advance(state, now, facts)

    def _read(self, row: WallRow) -> State | None:
        """Return a stored state; None where there is none, or one of a version that kept it otherwise."""
        if not row.state:
            return None
        try:
            return decode_as(row.state, State)
        except DecodeError:
            self._log.warning("wall_state_unreadable", wall=row.wall)
            return None

    def _is_news(self, wall: str, row: WallRow | None, state: State) -> bool:
        """Whether a state must be stored: something was due, something else is shown, or incidents are news.

        What follows next may turn with conditions that nobody has asked yet: it is told anew with the next minute.

        Returns:
            Whether it must.
        """
        old = None if row is None else self._read(row)
        return (
            old is None
            or state.rev != old.rev
            or (state.announced, state.waiting) != (old.announced, old.waiting)
            or state.at >= self._next_at(wall, old)
        )

    def _save(self, connection: Connection, row: WallRow, state: State, facts: Facts) -> None:
        stage = self._tell(row.wall, state, facts)
        is_told = stage != row.stage
        save_wall(connection, WallRow(wall=row.wall, state=encode_text(state), stage=stage), state.at, is_told=is_told)

    def _tell(self, wall: str, state: State, facts: Facts) -> str:
        return encode_text(make_stage(self.machines[wall], state, facts))

    def _next_at(self, wall: str, state: State) -> datetime:
        return min(self.machines[wall].next_due(state), next_shift(state.at))
